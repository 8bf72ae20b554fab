"""One commit to one order: parts of it as they become, what they make of the order itself, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from orderwright.domain.customer_request import CustomerRequest, RequestKind
from orderwright.domain.desk_work import desk_due, desk_step
from orderwright.domain.going_elsewhere import asks_back
from orderwright.domain.order import OrderDetails, OrderRecord, OrderState
from orderwright.domain.order_state import CancelOutcome
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import Shipment, StoreFulfillment
from orderwright.domain.store_cancellation import StoreCancellation
from orderwright.domain.time_line import LogEntry, Logged, log_entry
from orderwright.records import (
    CANCELLATION,
    OrderFile,
    Stored,
    details_key,
    order_part_key,
    reference_ref,
    request_key,
    request_state,
    tracking_ref,
)  # fmt: skip
from orderwright.storage import Change, Due, Fact, Put, Storage
from orderwright.usecases.order_summary import order_put, quiet_put, summarise
from orderwright.usecases.tracking_copies import copies_of, order_part

PLACE = "purchase_order.due"
TRACK = "tracking.due"
FULFILL = "shipment.fulfillment_due"
FILES_KEPT = timedelta(days=14)
"""How long after the delivery files of an order are kept in the stack's own bucket."""

T = TypeVar("T", bound=Logged)


def wakes(po: PurchaseOrder, now: datetime) -> Due | None:
    """When a purchase order is looked at next. Derived from itself, so that no writer forgets it.

    An item has one due time: the earlier one of its parcels and of what people at the supplier said, or should have said.
    """
    if po.opens or po.asks_cancellation or asks_back(po):
        return Due(max(po.settle_until or now, now), PLACE)
    times = [(desk_due(po, now), PLACE), (po.files_until, PLACE)]
    times.append((po.tracking_due, TRACK) if po.state is PurchaseOrderState.PLACED else (po.heard_at, PLACE))
    return min((Due(at, message) for at, message in times if at is not None), key=lambda due: due.at, default=None)


def files_ending(po: PurchaseOrder, by: datetime) -> PurchaseOrder:
    """Its files, where there are any, are kept no longer than until then."""
    return po if po.files_until is None else po.files_kept(min(po.files_until, by))


@dataclass
class OrderCommit:
    """Collects what is written under the versions of one read. `who` and `why` stand in the time lines."""

    file: OrderFile
    who: str
    now: datetime
    correlation: str = ""
    why: str = ""
    changes: list[Change] = field(default_factory=list)
    orders: dict[str, PurchaseOrder] = field(init=False)
    parcels: dict[str, Shipment] = field(init=False)
    fulfillments: dict[str, StoreFulfillment] = field(init=False)

    def __post_init__(self) -> None:
        self.fulfillments = {sk: held.model for sk, held in self.file.fulfillments.items()}
        self.orders = {sk: held.model for sk, held in self.file.purchase_orders.items()}
        self.parcels = {sk: held.model for sk, held in self.file.shipments.items()}

    def purchase_order(
        self,
        sk: str,
        po: PurchaseOrder,
        what: str = "",
        why: str = "",
        *,
        facts: Sequence[Fact] = (),
        due: Due | None = None,
    ) -> PurchaseOrder:
        """A purchase order as it becomes, with a line in its time line where `what` is given. Without `due`: `wakes`."""
        self.orders[sk] = po = self._noted(po, what, why)
        held = self.file.purchase_orders.get(sk)
        self._put(sk, po, held, facts, due or wakes(po, self.now), reference_ref(po.reference))
        return po

    def handed_over(self, sk: str, po: PurchaseOrder, what: str = "") -> PurchaseOrder:
        """A purchase order as it becomes; the placing function is told where it has something to do."""
        wanted = po.opens or po.asks_cancellation or asks_back(po) or desk_step(po, self.now) is not None
        told = [Fact(PLACE, connection=po.supplier, pk=self.file.pk, sk=sk)] if wanted else []
        return self.purchase_order(sk, po, what, facts=told)

    def parcel(
        self, sk: str, parcel: Shipment, what: str = "", why: str = "", *, facts: Sequence[Fact] = (), due: Due | None
    ) -> Shipment:
        """A parcel as it becomes."""
        self.parcels[sk] = parcel = self._noted(parcel, what, why)
        self._put(sk, parcel, self.file.shipments.get(sk), facts, due, tracking_ref(parcel.tracking_number))
        return parcel

    def fulfillment(
        self,
        sk: str,
        held: StoreFulfillment,
        what: str = "",
        why: str = "",
        *,
        facts: Sequence[Fact] = (),
        due: Due | None,
    ) -> StoreFulfillment:
        """The store's fulfillment of an accepted purchase order, or of digital lines, as it becomes."""
        self.fulfillments[sk] = held = self._noted(held, what, why)
        self._put(sk, held, self.file.fulfillments.get(sk), facts, due)
        return held

    def cancellation(
        self, asked: StoreCancellation, what: str, why: str = "", *, facts: Sequence[Fact] = (), due: Due | None
    ) -> StoreCancellation:
        """What its store is asked to do with it, as that becomes."""
        asked = self._noted(asked, what, why)
        self._put(CANCELLATION, asked, self.file.cancellation, facts, due)
        return asked

    def request(
        self, asked: CustomerRequest, what: str, why: str = "", *, facts: Sequence[Fact] = ()
    ) -> CustomerRequest:
        """What its customer asked for, as that becomes."""
        asked, key = self._noted(asked, what, why), request_key(self.file.pk, asked.kind, asked.number)
        held = self.file.requests.get(key.sk)
        version, state = held.version if held else 0, request_state(asked)
        self.changes.append(Put(key, asked, version, tuple(facts), state=state, since=asked.asked_at))
        return asked

    def _withdrawals_end(self, record: OrderRecord) -> None:
        """Of those it is certain from now on what was ordered of them, and the operator is told so (promise P6)."""
        for held in self.file.requests.values():
            if held.model.kind is RequestKind.WITHDRAWAL and not held.model.came_to:
                from orderwright.domain.withdrawals import TOLD, came_to, units_withdrawn
                from orderwright.usecases.alerts import request_alert

                lines = self.file.details.model.lines if self.file.details else ()
                end = came_to(units_withdrawn([held.model], lines), self.orders.values())
                if end is not None:
                    stopped = end is CancelOutcome.NOTHING_ORDERED
                    ended = held.model.ended(end.value, stopped=stopped)
                    said = f"the withdrawal of {ended.asked_at:%Y-%m-%d %H:%M} UTC ended: {TOLD[end]}"
                    self.request(ended, TOLD[end], facts=[request_alert(self.file.pk, record, ended, said)])

    def details(self, details: OrderDetails) -> None:
        """The personal half."""
        held = self.file.details
        self.changes.append(Put(details_key(self.file.pk), details, held.version if held else 0))

    def order(
        self,
        why: str,
        record: OrderRecord | None = None,
        *,
        details: OrderDetails | None = None,
        facts: Iterable[Fact] = (),
    ) -> OrderRecord:
        """The order itself, with the state that its parts make of it; `record`: with other fields of its own."""
        held, after = self.file.record, self.summary(record, details)
        self._withdrawals_end(after)
        if after.state is OrderState.DELIVERED:
            self._end_files(self.now + FILES_KEPT)
        before, version = (held.model, held.version) if held else (None, 0)
        put = order_put(self.file.pk, before, after, version, self.now, self.who, why, self.correlation, facts=facts)
        self.changes.append(put)
        return after

    def _end_files(self, by: datetime) -> None:
        """Files of its purchase orders are deleted then. One that is written here already has its turn with the next commit."""
        written = {change.key.sk for change in self.changes if isinstance(change, Put)}
        for sk, po in self.orders.items():
            if sk not in written and files_ending(po, by) != po:
                self.purchase_order(sk, files_ending(po, by))

    def summary(self, record: OrderRecord | None = None, details: OrderDetails | None = None) -> OrderRecord:
        """The order as its parts make it now."""
        record = record or (self.file.record.model if self.file.record else None)
        assert record is not None
        details = details or (self.file.details.model if self.file.details else None)
        lines = details.lines if details else ()
        return summarise(record, lines, self.orders.values(), self.parcels.values(), self.fulfillments.values())

    def beside(self, *changes: Change) -> OrderCommit:
        """With what belongs into the same commit: stock, spend, other items."""
        self.changes += changes
        return self

    def write(self, storage: Storage) -> OrderFile:
        """All of it or nothing; gives the order as it is then. Raises Conflict."""
        if self.changes:
            self._with_order()
            storage.commit(self.with_page(), correlation=self.correlation)
        return self._after()

    def _with_order(self) -> None:
        """What the order's part of the page shows of its purchase orders is written with the order, so that no two overtake."""
        held = self.file.record
        puts = {put.key.sk: put for put in self.changes if isinstance(put, Put)}
        if held is None or "ORDER" in puts or not any(isinstance(put.model, PurchaseOrder) for put in puts.values()):
            return
        if order_part(self.file, held.model, puts) != order_part(self.file, held.model, {}):
            self.changes.append(quiet_put(self.file.pk, held.model, held.version))

    def with_page(self) -> list[Change]:
        """All that is written, with what it changes of the customer's page."""
        return [*self.changes, *copies_of(self.changes, self.file, self.now)]

    def _after(self) -> OrderFile:
        orders, parcels = dict(self.file.purchase_orders), dict(self.file.shipments)
        fulfillments, record, asked = dict(self.file.fulfillments), self.file.record, self.file.cancellation
        requests, details = dict(self.file.requests), self.file.details
        for put in self.changes:
            if not isinstance(put, Put):
                continue
            if isinstance(put.model, PurchaseOrder):
                orders[put.key.sk] = Stored(put.model, put.version + 1)
            elif isinstance(put.model, Shipment):
                parcels[put.key.sk] = Stored(put.model, put.version + 1)
            elif isinstance(put.model, StoreFulfillment):
                fulfillments[put.key.sk] = Stored(put.model, put.version + 1)
            elif isinstance(put.model, StoreCancellation):
                asked = Stored(put.model, put.version + 1)
            elif isinstance(put.model, CustomerRequest):
                requests[put.key.sk] = Stored(put.model, put.version + 1)
            elif isinstance(put.model, OrderRecord):
                record = Stored(put.model, put.version + 1)
            elif isinstance(put.model, OrderDetails):
                details = Stored(put.model, put.version + 1)
        after = replace(self.file, purchase_orders=orders, shipments=parcels, fulfillments=fulfillments)
        return replace(after, record=record, details=details, cancellation=asked, requests=requests)

    def entry(self, what: str, why: str = "") -> LogEntry:
        """A line of a time line."""
        return log_entry(self.now, self.who, what, why or self.why, self.correlation)

    def _noted(self, model: T, what: str, why: str) -> T:
        return model.noted(self.entry(what, why)) if what else model

    def _put(
        self,
        sk: str,
        model: PurchaseOrder | Shipment | StoreFulfillment | StoreCancellation,
        held: Stored[PurchaseOrder] | Stored[Shipment] | Stored[StoreFulfillment] | Stored[StoreCancellation] | None,
        facts: Sequence[Fact],
        due: Due | None,
        ref: str = "",
    ) -> None:
        key, version = order_part_key(self.file.pk, sk), held.version if held else 0
        self.changes.append(Put(key, model, version, facts=tuple(facts), due=due, ref=ref))
