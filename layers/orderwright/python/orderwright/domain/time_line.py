"""The time line of a model: one line for each thing that happened to it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, NamedTuple, Self

from orderwright.domain.base import Instant, Model, changed


class LogEntry(Model):
    """One line of the time line: when, who (a function or operator), what happened, why, and the correlation id."""

    at: Instant
    who: str
    what: str
    why: str = ""
    correlation: str = ""


def log_entry(now: datetime, who: str, what: str, why: str = "", correlation: str = "") -> LogEntry:
    """One line of the time line; texts are bounded so that an item stays small.

    Sixteen characters of the correlation are enough to find the run in the functions' logs.
    """
    return LogEntry(at=now, who=who, what=what[:200], why=why[:300], correlation=correlation[:16])


class Stamp(NamedTuple):
    """What each line of one run begins with: when, who, and the correlation id."""

    now: datetime
    who: str
    correlation: str = ""

    def line(self, what: str, why: str = "") -> LogEntry:
        """One line of a time line."""
        return log_entry(self.now, self.who, what, why, self.correlation)


class Logged(Model):
    """A model with a time line. `aws/writes.py` moves old lines into items of their own."""

    log: tuple[LogEntry, ...] = ()
    LOG_LINES: ClassVar[int] = 0
    """How many lines are kept of a model that changes often: a longer log would multiply the cost of each write. 0: all."""

    def without_oldest(self, lines: int) -> Self:
        """The first lines stand in an item of their own."""
        return changed(self, log=self.log[lines:])

    def noted(self, *entries: LogEntry) -> Self:
        """With these lines at the end of its time line."""
        return changed(self, log=(*self.log, *entries)[-self.LOG_LINES :])


class Claimable(Logged):
    """Something that is done outside at most once: who is at it, and until when that may still come through."""

    owner: str = ""
    settle_until: Instant | None = None

    def unsettled(self, now: datetime) -> bool:
        """May somebody's call still come through?"""
        return self.settle_until is not None and now < self.settle_until

    def claimed(self, owner: str, until: datetime) -> Self:
        """A worker is at it."""
        return changed(self, owner=owner, settle_until=until)
