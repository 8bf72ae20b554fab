"""Reading all sides of a day: our own tables, and for the orders of the day the store and the suppliers.

Calls: one query a state for the keys of what changed since the day began, one strongly consistent read an order, and for an
order of the day one fetch from its store and one look-up a purchase order that was paid on that day. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation

from orderwright.domain.bill import Bill, BillState
from orderwright.domain.config import Config
from orderwright.domain.money import Money
from orderwright.domain.operations import ParkedNote
from orderwright.domain.order import OrderRecord, OrderState, StoreOrder
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.statement import (
    Claim,
    Missing,
    OrderFacts,
    Part,
    Statement,
    SupplierSide,
    bills_part,
    claims_part,
    concerns,
    part_of,
    spend_part,
)
from orderwright.errors import NotFound, OutcomeUnknown, VendorError
from orderwright.ports.store import StoreOrders
from orderwright.ports.supplier import SupplierOrders
from orderwright.records import CONTROL, ORDERS, OrderFile, bill_state, budget_key
from orderwright.storage import Storage
from orderwright.usecases.intake.parked import DONE, OPEN
from orderwright.usecases.store_orders import read_order

MOST_KEYS = 1_000_000
ASKS_MORE = "SUPPLIER_ASKS_MORE"


def orders_changed(storage: Storage, since: datetime) -> set[str]:
    """The partitions of all orders that changed since then."""
    found = (key for state in OrderState for key in storage.in_state(ORDERS, state.value, MOST_KEYS, since))
    return {key.pk for key in found if key.sk == "ORDER"}


class Unasked(Exception):
    """A connection could not be asked; `error` says why, and perhaps when it may be asked again."""

    def __init__(self, connection: str, error: VendorError) -> None:
        super().__init__(f"{connection}: {error.code}")
        self.connection = connection
        self.error = error

    @property
    def missing(self) -> Missing:
        """As the statement names it."""
        return Missing(connection=self.connection, code=self.error.code, message=self.error.message[:300])


@dataclass(frozen=True)
class Books:
    """All sides of one day. `store_for` and `supplier_for` give connectors; they may raise Misconfigured."""

    day: date
    storage: Storage
    config: Config
    store_for: Callable[[str], StoreOrders]
    supplier_for: Callable[[str], SupplierOrders]

    def order_pks(self, after: str = "") -> list[str]:
        """The partitions of all orders that changed since the day began, in their own order; those behind `after`."""
        found = orders_changed(self.storage, datetime.combine(self.day, time(), UTC))
        return sorted(pk for pk in found if pk > after)

    def part(self, pk: str, without: Collection[str] = ()) -> Part | None:
        """What an order adds; None for one of another day. Connections `without` are not asked. Raises Unasked."""
        file = self.storage.load_order(pk)
        if file.record is None:
            return None
        record = file.record.model
        orders = tuple(held.model for _, held in sorted(file.purchase_orders.items()))
        if not concerns(self.day, record, orders):
            return None
        now, gone = (None, False) if record.connection in without else self._store(record, file)
        sides = {
            po.reference: side
            for po in orders
            if po.placed_at is not None and po.placed_at.date() == self.day and po.supplier not in without
            if (side := self._supplier(po)) is not None
        }
        details = file.details.model if file.details else None
        return part_of(self.day, OrderFacts(record, details, orders, now, gone, sides))

    def _store(self, record: OrderRecord, file: OrderFile) -> tuple[StoreOrder | None, bool]:
        try:
            return read_order(self.store_for(record.connection), record.order_id, file), False
        except NotFound:
            return None, True
        except VendorError as error:
            raise Unasked(record.connection, error) from error

    def _supplier(self, po: PurchaseOrder) -> SupplierSide | None:
        """The supplier's word; None where its bill will say it, since it cannot be asked and is paid on account."""
        try:
            supplier = self.supplier_for(po.supplier)
            if not supplier.can_look_up:
                return None if po.on_account else SupplierSide(unclear="this supplier cannot be asked about an order")
            view = supplier.look_up(po.reference, dict(po.vendor_ids))
        except OutcomeUnknown as error:
            if error.code == "ANOTHER_ORDER":  # an answer, and it will not change by asking again
                return SupplierSide(unclear=error.message)
            raise Unasked(po.supplier, error) from error
        except VendorError as error:
            raise Unasked(po.supplier, error) from error
        return SupplierSide(view.found, view.committed, view.cancelled, view.unreadable, view.payable)

    def closing(self, statement: Statement) -> tuple[Part, ...]:
        """What belongs to the day as a whole: the suppliers' bills and later claims, and the counters of the day's spend."""
        suppliers = {*self.config.suppliers} | {one.connection for one in statement.totals if one.what == "spend"}
        spent = {name: self._spent(name) for name in sorted(suppliers)}
        return claims_part(self._claims()), bills_part(self._bills()), spend_part(statement, spent)

    def _bills(self) -> list[Bill]:
        """Those that came on the day."""
        begin = datetime.combine(self.day, time(), UTC)
        states = map(bill_state, BillState)
        keys = [key for state in states for key in self.storage.in_state(CONTROL, state, MOST_KEYS, begin)]
        found = (held.model for held in self.storage.get_many(keys, Bill).values())
        return sorted(
            (one for one in found if one.taken_at.date() == self.day), key=lambda one: (one.taken_at, one.number)
        )

    def _spent(self, supplier: str) -> Money | None:
        found = self.storage.get_raw(budget_key(supplier, self.day.isoformat()))
        if found is None:
            return None
        return Money(minor=int(found[0]["spent"]), currency=str(found[0]["currency"]))

    def _claims(self) -> list[Claim]:
        """Those that came on the day, each once: a supplier tells of one claim again with each change of it."""
        begin = datetime.combine(self.day, time(), UTC)
        found: dict[tuple[str, str], Claim] = {}
        for state in (DONE, OPEN):
            for key in self.storage.in_state(CONTROL, state, MOST_KEYS, begin):
                held = self.storage.get(key, ParkedNote)
                if held is None or held.model.reason != ASKS_MORE or held.model.at.date() != self.day:
                    continue
                claim = _claim(held.model)
                found[claim.supplier, claim.claim_id] = claim
        return sorted(found.values(), key=lambda claim: (claim.at, claim.claim_id))


def _claim(note: ParkedNote) -> Claim:
    detail = note.detail
    try:
        amount = Money.of(Decimal(detail["amount_usd"]), "USD", up=True)
    except (KeyError, InvalidOperation):
        amount = None
    claim_id = detail.get("makeup_id") or note.delivery_id
    return Claim(note.connection, claim_id, note.resource, note.at, amount, not note.done)
