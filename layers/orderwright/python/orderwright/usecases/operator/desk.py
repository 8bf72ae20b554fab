"""Who acts, on what, and how an action is tried: read, decide, one commit; from the start when somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from orderwright.domain.time_line import LogEntry, log_entry
from orderwright.ports.connection import Clock
from orderwright.storage import Storage, retry_on_conflict

T = TypeVar("T")


class Refused(Exception):
    """The action is not possible as things are. `code` is stable; `fix` says what the operator can do instead."""

    def __init__(self, code: str, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fix = fix


@dataclass(frozen=True)
class Desk:
    """An operator at work. `name` is who, `why` their reason in their own words, `correlation` ties the entries together."""

    storage: Storage
    clock: Clock
    name: str
    why: str = ""
    correlation: str = ""

    @property
    def who(self) -> str:
        """As it stands in the time line."""
        return f"operator {self.name}"[:80]

    def now(self) -> datetime:
        """The current instant."""
        return self.clock.now()

    def entry(self, what: str) -> LogEntry:
        """A line of the time line with this operator's name and reason."""
        return log_entry(self.now(), self.who, what, self.why, self.correlation)


def decided(decide: Callable[[], T]) -> T:
    """Run an action until nobody interferes. Raises Refused when others keep writing."""
    busy = Refused("BUSY", "others keep changing this at the same moment", "run the command again")
    return retry_on_conflict(decide, "the action", lambda _: busy)
