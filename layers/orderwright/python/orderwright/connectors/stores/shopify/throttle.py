"""Shopify's cost bucket, as the answers describe it (extensions.cost.throttleStatus): points that come back by the second."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any


def _points(value: object) -> float | None:
    """A number of points. Cost is an estimate of the vendor's, not money: a float is right here."""
    try:
        points = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return points if 0 <= points < 1e9 else None


class Throttle:
    """What is known of the bucket. Before the first answer nothing is known and nothing is held back."""

    def __init__(self) -> None:
        self.maximum = 0.0
        self.available = 0.0
        self.restore_rate = 0.0
        self.learned_at: datetime | None = None

    def learn(self, cost: Mapping[str, Any] | None, now: datetime) -> float:
        """Take over `extensions.cost` of an answer; gives the cost of that request in points (0 when not told)."""
        if not isinstance(cost, Mapping):
            return 0.0
        state = cost.get("throttleStatus")
        if isinstance(state, Mapping):
            maximum, available, rate = (
                _points(state.get(name)) for name in ("maximumAvailable", "currentlyAvailable", "restoreRate")
            )
            if maximum and available is not None and rate:
                self.maximum, self.available, self.restore_rate = maximum, available, rate
                self.learned_at = now
        return _points(cost.get("requestedQueryCost")) or 0.0

    def delay_for(self, cost: float, now: datetime) -> timedelta:
        """How long to wait until a request of this cost fits; a cost beyond the bucket waits for a full one."""
        if self.learned_at is None:
            return timedelta(0)
        elapsed = max((now - self.learned_at).total_seconds(), 0.0)
        available = min(self.maximum, self.available + elapsed * self.restore_rate)
        missing = min(cost, self.maximum) - available
        return timedelta(seconds=max(missing, 0.0) / self.restore_rate)
