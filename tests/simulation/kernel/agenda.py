"""Virtual time and everything that is still to happen in it, in one order that depends on nothing but the seed."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

Action = Callable[[], None]


@dataclass
class Clock:
    """Virtual time. Only the agenda, or a call in a run without overlap, moves it."""

    at: datetime

    def now(self) -> datetime:
        """The virtual instant."""
        return self.at


@dataclass
class SkewedClock:
    """A machine whose clock is wrong by `skew`."""

    true: Clock
    skew: timedelta

    def now(self) -> datetime:
        """What that machine believes."""
        return self.true.at + self.skew


@dataclass
class Agenda:
    """What is to happen, soonest first; what was added first goes first among equals."""

    clock: Clock
    waiting: list[tuple[datetime, int, str, Action]] = field(default_factory=list)
    added: int = 0

    def at(self, when: datetime, label: str, action: Action) -> None:
        """Run `action` at `when`, or as soon as possible if that is past."""
        self.added += 1
        heapq.heappush(self.waiting, (max(when, self.clock.at), self.added, label, action))

    def after(self, seconds: float, label: str, action: Action) -> None:
        """Run `action` some seconds from now."""
        self.at(self.clock.at + timedelta(seconds=seconds), label, action)

    def next_at(self) -> datetime | None:
        """When the next thing happens."""
        return self.waiting[0][0] if self.waiting else None

    def step(self) -> str:
        """Let the next thing happen and give its label. Raises IndexError when there is none."""
        when, _, label, action = heapq.heappop(self.waiting)
        self.clock.at = max(self.clock.at, when)
        action()
        return label
