"""One order at the end, from all sides: what the store has, what the supplier has, what we say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from local.sandbox.shopify.orders_state import OrderState as StoreOrderState
from orderwright.domain.order import OrderRecord, OrderState
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.supplier_answers import LetterKind, LetterState
from orderwright.records import OrderFile, order_pk
from tests.simulation.judge.evidence import Book, Dealing
from tests.simulation.judge.tables import Tables
from tests.simulation.people.sold import Sold
from tests.support.shop import STORE

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

OVERDUE = timedelta(minutes=2)
"""A sweep comes each minute, and what it sends is worked on at once."""
UNFINISHED = (PurchaseOrderState.NEW, PurchaseOrderState.INTENT)


@dataclass(frozen=True)
class Case:
    """Everything about one sold order. `told`: an alert that names it was published."""

    sold: Sold
    pk: str
    dealing: Dealing
    store: StoreOrderState | None
    file: OrderFile
    tables: Tables
    now: datetime
    told: bool

    @property
    def record(self) -> OrderRecord | None:
        """Our state of it."""
        return self.file.record.model if self.file.record else None

    @property
    def orders(self) -> list[PurchaseOrder]:
        """Its purchase orders."""
        return [held.model for _, held in sorted(self.file.purchase_orders.items())]

    @property
    def names(self) -> set[str]:
        """By which a vendor's webhook may name it: the store's id, ours, the supplier's, the parcels' numbers."""
        own = [text for po in self.orders for text in (po.reference, *po.vendor_ids.values())]
        return {self.sold.number, *own, *(number for parcel in self.dealing.parcels for number in parcel.numbers)}

    @property
    def cancelled(self) -> bool:
        """The store says so."""
        return self.store is not None and self.store.cancelled_at is not None

    @property
    def in_doubt(self) -> bool:
        """Nobody on our side can know whether a supplier was told not to ship."""
        letters = (po.answers.letters.get(LetterKind.WITHDRAWAL) for po in self.orders)
        return any(letter is not None and letter.state is LetterState.UNCLEAR for letter in letters)

    @property
    def visible(self) -> bool:
        """In front of the operator, with an alarm."""
        stops = (OrderState.NEEDS_ATTENTION, OrderState.AWAITING_APPROVAL)
        return self.record is not None and self.record.state in stops and self.told

    def wanted(self) -> Counter[str]:
        """Units by SKU that a supplier has to send, as the store has it now; nothing without the customer's money."""
        units: Counter[str] = Counter()
        order = self.store
        if order is None or order.cancelled_at or order.test:
            return units
        if order.financial_status not in ("PAID", "PARTIALLY_REFUNDED"):
            return units
        for line in order.lines:
            if line.requires_shipping and not line.gift_card:
                units[line.sku or ""] += line.current
        return +units

    def wakes(self, sk: str) -> bool:
        """Will this item move on by itself, and is it not overdue?"""
        due = self.tables.waits(self.pk, sk)
        return due is not None and due.at > self.now - OVERDUE

    def asked_for(self) -> bool:
        """News of it waits until the store can be asked again."""
        order_id = self.pk.partition("#")[2]
        due = self.tables.waits(f"WAIT#{STORE}", f"ORDER#{order_id}")
        return due is not None and due.at > self.now - OVERDUE

    def held(self) -> bool:
        """A purchase order waits for something named that will wake it, such as a kill switch that is still on."""
        found = self.file.purchase_orders.items()
        return any(po.model.state in UNFINISHED and self.wakes(sk) for sk, po in sorted(found))

    def accounted(self) -> bool:
        """What was not bought is parked with an alarm, or waits for something that has a name."""
        if self.visible or self.held() or self.asked_for():
            return True
        return self.record is not None and self.record.state is OrderState.ON_HOLD and bool(self.record.reasons)

    @property
    def outcome(self) -> str:
        """In a few words."""
        record = self.record
        if record is None:
            return "unknown"
        codes = "+".join(sorted({reason.code for reason in record.reasons}))
        return " ".join(part for part in (record.state.value, record.cancel_outcome, codes) if part)


def store_order(sim: Sim, number: str) -> StoreOrderState | None:
    """The store's own order."""
    orders: dict[Any, StoreOrderState] = sim.store.shop.orders
    return orders.get(int(number)) if number.isdigit() else None


def case_of(sim: Sim, sold: Sold, book: Book, tables: Tables, told: bool) -> Case:
    """Put one order together."""
    pk = order_pk(STORE, str(sold.number))
    number = str(sold.number)
    dealing = book.by_number.get(number) or Dealing(sold.name, number)
    file = tables.files.get(pk) or OrderFile(pk)
    return Case(sold, pk, dealing, store_order(sim, number), file, tables, sim.clock.at, told)
