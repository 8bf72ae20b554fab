"""Promise P6 from the trace: the order is read again in the store right before it is paid for, and the answer counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tests.simulation.judge.evidence import Book
from tests.simulation.judge.words import ORDER_NAME
from tests.simulation.kernel.workers import ENDS, FAILS
from tests.support.shop import STORE

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

PLACING = "place_purchase_order#"
STARTS = re.compile(rf"starts: \S+ {STORE}#(\d+) PO#")
_CANCELS = re.compile(r"(\*\*\* )?cancels #\d+$")


@dataclass
class Looks:
    """How far the trace was read; for each placing worker its order, and its last look at the store since it paid last.

    `cancelled` are orders by number, in the trace's own order: a cancellation that stands before a look was seen by it.
    `commits` is the call with which an order is bought, `reads` one that reads an order in the store.
    """

    commits: re.Pattern[str]
    reads: re.Pattern[str]
    lines: int = 0
    working: dict[str, str] = field(default_factory=dict)
    looked: dict[str, bool] = field(default_factory=dict)
    """Worker -> whether the store had said cancelled by then."""
    cancelled: dict[str, datetime] = field(default_factory=dict)

    def look(self, sim: Sim, book: Book) -> Iterator[str]:
        """Each payment that a worker asks for since the last look."""
        trace = sim.trace
        if trace.end == self.lines:
            return
        fresh, self.lines = trace.since(self.lines), trace.end
        for at, who, what in fresh:
            if who.startswith(PLACING):
                yield from self._placing(who, what, book)
            elif who == "a customer" and _CANCELS.match(what):
                self._cancels(at, what, book)

    def _cancels(self, at: datetime, what: str, book: Book) -> None:
        found = ORDER_NAME.search(what)
        dealing = book.by_name.get(found.group()) if found else None
        if dealing is not None:
            self.cancelled[dealing.number] = at

    def _placing(self, who: str, what: str, book: Book) -> Iterator[str]:
        if self.commits.fullmatch(what):
            number = self.working.get(who, "")
            name = book.by_number[number].name if number in book.by_number else f"order {number}"
            said_cancelled = self.looked.pop(who, None)
            if said_cancelled is None:
                yield f"P6: a worker pays for {name} without reading the order again in the store"
            elif said_cancelled:
                yield f"P6: a worker pays for {name}, although the store had said cancelled before the last read"
        elif self.reads.fullmatch(what):
            self.looked[who] = self.working.get(who, "") in self.cancelled
        elif what.startswith("starts: "):
            begun = STARTS.match(what)
            if begun is not None:
                self.working[who] = begun.group(1)
        elif what == ENDS or what.startswith(FAILS):
            self.working.pop(who, None)
            self.looked.pop(who, None)
