"""Promise P10: caps and the kill switch before each payment, and counters that agree with what was paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from local.sandbox.wire import LedgerEntry
from orderwright.domain.money import Money
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.supplier_answers import Withdrawal
from orderwright.records import ALL_SUPPLIERS
from tests.simulation.judge.evidence import Book
from tests.simulation.judge.tables import Tables
from tests.simulation.judge.writes import Write, body_of, let_pass
from tests.support.shop import SUPPLIER

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

HOLDS_MONEY = frozenset(PurchaseOrderState) - {PurchaseOrderState.CANCELLED}


@dataclass
class Opened:
    """What our own writes say of a purchase order that is about to cost money."""

    first_at: datetime
    day: str = ""
    last: tuple[Any, ...] = ()
    intents: int = 0
    stopped: int = 0


@dataclass
class Spending:
    """INTENTs by reference, the state of the kill switch, and what was paid on each day. `commits`: the step that costs money."""

    commits: str
    opened: dict[str, Opened] = field(default_factory=dict)
    stops: dict[str, bool] = field(default_factory=dict)
    paid: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    owed: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    released: dict[str, Decimal] = field(default_factory=dict)

    # --- our own writes -----------------------------------------------------------------------------------------------

    def on_write(self, write: Write, now: datetime) -> None:
        """A purchase order, an order's record, or a kill switch was written."""
        if write.table == "control" and write.pk == "KILL":
            self.stops[write.sk] = write.item is not None
        elif write.table == "orders" and write.item is not None:
            if write.sk.startswith("PO#"):
                self._purchase_order(body_of(write.item), now)
            elif write.sk == "ORDER":
                most = let_pass(body_of(write.item), "CAP_PER_PURCHASE_ORDER")
                if most is not None:
                    self.released[write.pk.partition("#")[2]] = most

    def _purchase_order(self, body: dict[str, Any], now: datetime) -> None:
        reference: str = body["reference"]
        state = body.get("state", "NEW")
        opened = self.opened.get(reference)
        if opened is None:
            if state != "INTENT":
                return
            opened = self.opened[reference] = Opened(now)
        opened.day = body.get("spend_day", "") or opened.day
        # Opened by a worker that sends now: it has an owner, and something of it is new.
        this = (body.get("step"), body.get("owner"), body.get("lease_until"), body.get("sends"))
        if state != "INTENT" or not body.get("owner") or not body.get("sends") or this == opened.last:
            return
        opened.last = this
        if body.get("step") in (self.commits, "mail"):
            opened.intents += 1
            opened.stopped += self.stops.get(body["supplier"], False) or self.stops.get(ALL_SUPPLIERS, False)

    # --- the supplier's ledger ----------------------------------------------------------------------------------------

    def on_paid(self, entry: LedgerEntry, number: str, book: Book) -> Iterator[str]:
        """The supplier was paid: was there an INTENT, was it allowed, is it under the caps that were in force?"""
        amount = book.supplier.amount(entry)
        opened = self.opened.get(entry.reference)
        if opened is None or not opened.intents:
            yield f"P1: {entry.reference} was paid without an INTENT"
            return
        supplier = book.supplier.connection_of(entry)
        day = (supplier, opened.day)
        self.paid[day] += amount
        self.owed[entry.reference] += amount
        # Where one INTENT stood before the switch, its worker may have been slow: the switch works on INTENTs.
        if opened.stopped == opened.intents:
            yield f"P10: {entry.reference} was paid although the kill switch was on before the INTENT"
        limits = [config.limits for config in book.in_force(opened.first_at)]
        daily = _highest(limit.spend_per_day.get(supplier) for limit in limits)
        if daily is not None and self.paid[day] > daily:
            yield f"P10: {self.paid[day]} were paid on {opened.day}, the limit is {daily}"
        single = _highest(limit.spend_per_purchase_order.get(supplier) for limit in limits)
        if single is not None and amount > max(single, self.released.get(number, single)):
            yield f"P10: {entry.reference} cost {amount}, the limit per purchase order is {single}"

    def on_taken_back(self, entry: LedgerEntry, book: Book) -> None:
        """What the supplier will not ship costs nothing."""
        opened = self.opened.get(entry.reference)
        if opened is not None:
            self._less(entry.reference, book.supplier.connection_of(entry), book.supplier.amount(entry))

    def _less(self, reference: str, supplier: str, amount: Decimal) -> None:
        self.paid[supplier, self.opened[reference].day] -= amount
        self.owed[reference] -= amount

    def on_ended(self, po: PurchaseOrder) -> None:
        """Withdrawn by agreed terms: nothing is owed, whether or not the letter about it came."""
        if po.answers.withdrawal is Withdrawal.ENDED and self.owed[po.reference]:
            self._less(po.reference, po.supplier, self.owed[po.reference])

    def at_the_end(self, sim: Sim, book: Book, tables: Tables) -> Iterator[str]:
        """The day's counters, what purchase orders hold, and what was really paid."""
        held: dict[tuple[str, str], int] = defaultdict(int)
        for file in tables.files.values():
            for po in (stored.model for stored in file.purchase_orders.values()):
                self.on_ended(po)
                if po.reserved_spend is not None and po.state in HOLDS_MONEY:
                    held[po.supplier, po.spend_day] += po.reserved_spend.minor
        for day in sorted({*held, *tables.spent}):
            counted = tables.spent.get(day, 0)
            if counted != held[day]:
                yield f"P10: the counter of {day[1]} says {_usd(counted)}, purchase orders hold {_usd(held[day])}"
        for day, really in sorted(self.paid.items()):
            counted = tables.spent.get(day, 0)
            if _usd(counted) < really:
                yield f"P10: {really} were paid on {day[1]}, the counter says {_usd(counted)}"
        if sim.memory.get("capped") and book.configs:
            cap = book.configs[-1][1].limits.spend_per_day.get(SUPPLIER)
            total = sum(self.paid.values(), Decimal(0))
            if cap is not None and total > cap.amount:
                yield f"P10: {total} were paid above a limit of {cap.amount} that stood before the INTENT"


def _highest(found: Any) -> Decimal | None:
    """The most generous of the limits; None where one of them is no limit at all."""
    amounts = [None if limit is None else limit.amount for limit in found]
    known = [amount for amount in amounts if amount is not None]
    return max(known) if known and len(known) == len(amounts) else None


def _usd(minor: int) -> Decimal:
    return Money(minor=minor, currency="USD").decimal
