"""One change of a price, as it is kept with its reason (Catalogue, a partition of its own for each SKU)."""

from __future__ import annotations

from pydantic import Field

from orderwright.domain.base import Instant, Model
from orderwright.domain.money import Money


class PriceChange(Model):
    """What a store is to show from `at` on. `pending`: a price that waits for approval since then."""

    sku: str
    store: str
    at: Instant
    before: Money | None = None
    after: Money | None = None
    pending: Money | None = None
    floor: Money | None = None
    rule: str = ""
    why: str = Field(default="", max_length=300)


def shortened(steps: str, most: int = 300) -> str:
    """The first step and as many of the last ones as there is room for: these decided."""
    if len(steps) <= most:
        return steps
    first, *rest = steps.split("; ")
    kept: list[str] = []
    room = most - len(first) - len("; ...")
    for step in reversed(rest):
        room -= len(step) + 2
        if room < 0:
            break
        kept.insert(0, step)
    return "; ".join([first, "...", *kept])[:most]
