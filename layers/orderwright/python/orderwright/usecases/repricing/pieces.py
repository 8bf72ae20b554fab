"""A night's work in pieces: one worker at a time, and each goes on where the one before it stopped, or was killed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from orderwright.domain.repricing.night import NightWork
from orderwright.domain.scoring.work import ScoreWork
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict
from orderwright.ports.connection import Clock
from orderwright.records import SCORE_WORK, Key
from orderwright.storage import Due, Fact, Put, Storage, held_or

# Longer than the function may run.
CLAIM = timedelta(minutes=6)
Parts = Callable[[str, date], Iterable[str]]
"""Does what is behind a position ("": all) of a day, part by part; gives each position that it has come to."""


@dataclass(frozen=True)
class Night:
    """One worker."""

    storage: Storage
    clock: Clock
    timing: Timing
    correlation: str

    def run(self, key: Key, wake: str, parts: Parts, *then: Fact) -> None:
        """All of the last day that was counted, or a piece of it; `then`: once all is done. Somebody else is at it: nothing."""
        with suppress(Conflict):
            self._run(key, wake, parts, then)

    def _run(self, key: Key, wake: str, parts: Parts, then: tuple[Fact, ...]) -> None:
        begin, day = self.clock.now(), self._counted()
        if day is None:
            return
        held = held_or(self.storage, key, NightWork(day=day, claimed_until=begin))
        if held.model.is_over(day) or begin < held.model.claimed_until:
            return
        work = held.model.begun(day, begin + CLAIM)
        self._put(Put(key, work, held.version, due=Due(work.claimed_until, wake)))
        for position in parts(work.position, day):
            work, now = work.came_to(position), self.clock.now()
            if now - begin >= self.timing.function_timeout:
                self._put(Put(key, work.put_down(now), held.version + 1, due=Due(now, wake)))
                return
        self._put(Put(key, work.put_down(self.clock.now(), done=True), held.version + 1, then))

    def _put(self, put: Put) -> None:
        self.storage.commit([put], correlation=self.correlation)

    def _counted(self) -> date | None:
        """The last day of which all is counted: not by the clock, which may pass midnight meanwhile."""
        work = self.storage.get(SCORE_WORK, ScoreWork)
        return work.model.day - timedelta(days=1) if work else None
