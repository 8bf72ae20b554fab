"""Numbers from samples."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that at least `percent` of all samples do not exceed (nearest rank: never a value nobody saw).

    Raises ValueError for no samples, or a percent outside of 0 to 100.
    """
    if not samples:
        raise ValueError("no samples: nothing was measured")
    if not 0 <= percent <= 100:
        raise ValueError(f"percent must be 0 to 100, not {percent}")
    rank = max(1, math.ceil(len(samples) * percent / 100))
    return sorted(samples)[rank - 1]


def median(samples: Sequence[float]) -> float:
    """The middle sample."""
    return percentile(samples, 50)
