"""How a vendor slows its callers down: calls within a window, points that are refilled, points per day. See api.gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

Clock = Callable[[], datetime]


@dataclass
class Window:
    """At most `limit` calls within `seconds`; None has no limit."""

    clock: Clock
    limit: int | None
    seconds: float = 1
    taken: list[datetime] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Calls that still fit in."""
        now = self.clock()
        self.taken = [at for at in self.taken if (now - at).total_seconds() < self.seconds]
        return 1 if self.limit is None else max(self.limit - len(self.taken), 0)

    def take(self) -> bool:
        """Count one call; False where there is no room for it."""
        if self.limit is None:
            return True
        if not self.left:
            return False
        self.taken.append(self.clock())
        return True


@dataclass
class Daily:
    """Points per UTC day."""

    clock: Clock
    day: date = field(init=False)
    used: int = 0

    def __post_init__(self) -> None:
        self.day = self.clock().date()

    def take(self, points: int, total: int) -> bool:
        """Spend from today's `total`; False where too few are left."""
        today = self.clock().date()
        if today != self.day:
            self.day, self.used = today, 0
        if self.used + points > total:
            return False
        self.used += points
        return True


@dataclass
class Bucket:
    """Points of one caller: full at the start, refilled evenly by `restore` a second."""

    clock: Clock
    size: int
    restore: int
    level: float = field(init=False)
    at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.level, self.at = float(self.size), self.clock()

    def take(self, points: int) -> bool:
        """Pay in advance; False where too few points are left."""
        now = self.clock()
        self.level = min(float(self.size), self.level + max((now - self.at).total_seconds(), 0.0) * self.restore)
        self.at = now
        if points > self.level:
            return False
        self.level -= points
        return True

    def give_back(self, points: int) -> None:
        """Return what a request did not use."""
        self.level = min(float(self.size), self.level + points)
