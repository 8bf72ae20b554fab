"""One commit of what an operator decided about an order: its parts, its derived state, what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orderwright.domain.order import OrderDetails, OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.shipment import Shipment, StoreFulfillment
from orderwright.domain.store_cancellation import StoreCancellation
from orderwright.records import CANCELLATION, OrderFile, Stored
from orderwright.storage import Change, Due, Fact
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.order_commit import FULFILL, OrderCommit


@dataclass(frozen=True)
class Edit:
    """What changes. Parts of the order by sk, as they become; without `record` the order changes only as its parts make it."""

    what: str
    purchase_orders: Mapping[str, PurchaseOrder] = field(default_factory=dict)
    shipments: Mapping[str, Shipment] = field(default_factory=dict)
    fulfillments: Mapping[str, StoreFulfillment] = field(default_factory=dict)
    cancellation: StoreCancellation | None = None
    details: OrderDetails | None = None
    record: OrderRecord | None = None
    extra: Sequence[Change] = ()
    replan: bool = False


def load(desk: Desk, pk: str) -> tuple[OrderFile, Stored[OrderRecord]]:
    """The order's file and its record. Raises Refused when there is no such order."""
    file = desk.storage.load_order(pk)
    if file.record is None:
        raise Refused("NOT_FOUND", f"there is no order {pk}", "orderwright orders list")
    return file, file.record


def commit(desk: Desk, file: OrderFile, edit: Edit) -> OrderRecord:
    """Write it all under the versions that were read; gives the order's record as it is now. Raises Conflict."""
    assert file.record is not None
    before, now = file.record.model, desk.now()
    work = OrderCommit(file, desk.who, now, desk.correlation, desk.why)
    for sk, po in edit.purchase_orders.items():
        work.handed_over(sk, po, edit.what)

    def told(sk: str) -> list[Fact]:
        return [Fact(FULFILL, connection=before.connection, pk=file.pk, sk=sk)]

    # Due as well: the fact may reach a worker whose clock is behind this one's, and to whom the time has not come yet.
    for sk, parcel in edit.shipments.items():
        work.parcel(sk, parcel, edit.what, facts=told(sk), due=Due(now, FULFILL))
    for sk, accepted in edit.fulfillments.items():
        work.fulfillment(sk, accepted, edit.what, facts=told(sk), due=Due(now, FULFILL))
    if edit.cancellation is not None:
        facts, due = (told(CANCELLATION), Due(now, FULFILL)) if edit.cancellation.is_open else ([], None)
        work.cancellation(edit.cancellation, edit.what, facts=facts, due=due)
    if edit.details is not None:
        work.details(edit.details)
    again = Fact("order.changed", connection=before.connection, pk=file.pk, resource=before.order_id)
    noted = (edit.record or before).noted(work.entry(edit.what))
    after = work.order(desk.why or edit.what, noted, details=edit.details, facts=[again] if edit.replan else ())
    work.beside(*edit.extra).write(desk.storage)
    return after
