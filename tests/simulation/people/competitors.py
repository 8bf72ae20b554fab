"""What the file of competitors' prices says, for the worlds whose prices follow it: it changes, lies, and stops coming."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from orderwright.domain.base import iso
from orderwright.messages import Message

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

COMPETITORS, KIND, RIGHT = "competitors", "competitors", "USD"
MEMORY, DEMANDED = "competitors' file", "sells faster"
LEAST = Decimal("0.05")
"""What is cheaper is refused when the file is read."""


class Row(NamedTuple):
    """One competitor's price of a SKU. Only those in the shop's currency can be compared: there are no exchange rates."""

    price: Decimal
    currency: str = RIGHT


@dataclass
class FileWatch:
    """`said`: all that the file said of a SKU, with the time from which it does; `away`: when nobody could read it."""

    sim: Sim
    said: dict[str, list[tuple[datetime, dict[str, Row]]]] = field(default_factory=dict)
    away: list[tuple[datetime, datetime]] = field(default_factory=list)
    reads: list[datetime] = field(default_factory=list)

    def say(self, sku: str, seller: str, row: Row | None) -> None:
        """A seller has another price, or none any more; the next reading finds it."""
        before = self.said.setdefault(sku, [])
        sellers = {name: old for name, old in (before[-1][1] if before else {}).items() if name != seller}
        before.append((self.sim.clock.now(), sellers if row is None else {**sellers, seller: row}))
        more = {} if row is None else {"currency": row.currency}
        self.sim.stands[KIND].set_price(sku, seller, None if row is None else row.price, **more)

    def hush(self, seconds: float) -> None:
        """For so long nobody can read it."""
        now, known = self.sim.clock.now(), self.sim.memory.setdefault("away", {})
        until = max(now + timedelta(seconds=seconds), known.get(KIND, now))
        self.away.append((now, until))
        known[KIND] = until

    def read(self) -> None:
        """The schedule's turn."""
        now = self.sim.clock.now()
        self.reads.append(now)
        self.sim.send([Message("signal.poll_due", f"signal-{len(self.reads)}", iso(now), connection=COMPETITORS)])

    def could_be_read(self, since: datetime, until: datetime) -> bool:
        """Was there any moment between the two?"""
        return not any(begins <= since and until <= ends for begins, ends in self.away)

    def was_read(self, since: datetime, until: datetime) -> bool:
        """Did its turn come between the two, while it could be read?"""
        return any(since <= at <= until and self.could_be_read(at, at) for at in self.reads)

    def since(self, sku: str, since: datetime) -> Iterator[dict[str, Row]]:
        """What was said of a SKU at any moment since then."""
        found = [(since - timedelta(days=9), {}), *self.said.get(sku, [])]
        ends = [at for at, _ in found[1:]] + [None]
        yield from (sellers for (_, sellers), end in zip(found, ends, strict=True) if end is None or end >= since)
