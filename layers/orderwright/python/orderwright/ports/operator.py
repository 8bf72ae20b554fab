"""What operators' actions ask of the outside, beside the tables: secrets, dead letters, messages that are sent later, checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

from orderwright.messages import Message


class Secrets(Protocol):
    """What is kept secretly for each connection, by the connection's id and a name such as "secrets" or "token"."""

    def read(self, connection: str, name: str, *, fresh: bool = False) -> dict[str, Any] | None:
        """One entry, None when there is none. `fresh`: not from the cache."""

    def write(self, connection: str, name: str, value: dict[str, Any]) -> None:
        """Keep one entry."""


class DeadLetter(NamedTuple):
    """One message; `message` is None when it cannot be read, and `note` says what it is then. Never a body."""

    id: str
    sent_at_ms: int
    receipt: str
    body: str
    group: str
    message: Message | None
    note: str


class DeadLetters(Protocol):
    """The messages that functions failed on too often, by the function's name."""

    dead: Mapping[str, str]
    sources: Mapping[str, str]

    def counts(self) -> dict[str, int]:
        """How many each function has, about."""

    def look(self, function: str, limit: int) -> list[DeadLetter]:
        """Up to `limit` messages, put back at once for the next look."""

    def redrive(self, function: str, limit: int, wanted: str = "") -> list[DeadLetter]:
        """Send them (or the one with the id `wanted`) to their function again; gives those that went."""


SendLater = Callable[[Iterable[Message], timedelta], int]
"""Sends messages, to be delivered after a while; gives their number. Raises SendRefused."""

OK, WRONG, UNKNOWN = "ok", "wrong", "not known here"


class Check(NamedTuple):
    """What a look at a running stack found, and what to do. `state` is OK, WRONG, or UNKNOWN where it cannot be looked at."""

    name: str
    state: str
    told: str
    fix: str = ""


def judged(name: str, wrong: Sequence[tuple[str, str]], good: str) -> list[Check]:
    """A check for each (what is wrong, its fix), or the one that says what is good."""
    return [Check(name, WRONG, *one) for one in wrong] or [Check(name, OK, good)]


Probe = Callable[[], list[Check]]
"""Looks, and changes nothing."""
