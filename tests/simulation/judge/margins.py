"""Promise P10: no purchase leaves less than the minimum margin, unless the operator let exactly that pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from local.sandbox.wire import LedgerEntry
from tests.simulation.judge.case import store_order
from tests.simulation.judge.evidence import Book
from tests.simulation.judge.writes import Write, body_of, let_pass
from tests.support.shop import STORE

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

RELEASED = "MARGIN_TOO_LOW"


@dataclass
class Margins:
    """The worst margin that the operator let pass, by order."""

    released: dict[str, Decimal] = field(default_factory=dict)

    def on_write(self, write: Write) -> None:
        """An order's record was written."""
        if write.table == "orders" and write.sk == "ORDER" and write.item is not None:
            worst = let_pass(body_of(write.item), RELEASED)
            if worst is not None:
                self.released[write.pk.partition("#")[2]] = -worst

    def on_paid(self, sim: Sim, entry: LedgerEntry, number: str, book: Book) -> Iterator[str]:
        """The supplier was paid: what did the store's customer pay for the same units?"""
        order = store_order(sim, number)
        if order is None or sim.config.store(STORE).currency != "USD":
            return
        prices: dict[str, Decimal] = {}
        for line in order.lines:
            prices[line.sku or ""] = max(line.unit_price, prices.get(line.sku or "", Decimal(0)))
        quantities: dict[str, int] = dict(entry.data["quantities"])
        if not quantities.keys() <= prices.keys():
            return
        revenue = sum((prices[sku] * units for sku, units in sorted(quantities.items())), Decimal(0))
        cost = Decimal(str(entry.data["amount"]))
        least = min(config.limits.minimum_order_margin_percent for config in book.in_force(sim.clock.at))
        if (revenue - cost) * 100 < least * revenue and revenue - cost < self.released.get(number, revenue):
            yield f"P10: {entry.reference} cost {cost} and was sold for {revenue}: a margin below {least} percent"
