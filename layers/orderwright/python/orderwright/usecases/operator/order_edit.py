"""One commit of what an operator decided about an order: its parts, its derived state, what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orderwright.domain.base import from_iso
from orderwright.domain.order import OrderDetails, OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import Shipment
from orderwright.errors import Conflict
from orderwright.records import (
    Key,
    OrderFile,
    Stored,
    details_key,
    order_key,
    order_part_key,
    reference_ref,
    tracking_ref,
)
from orderwright.storage import Change, Due, Fact, Put, Storage
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.order_summary import order_put, summarise


@dataclass(frozen=True)
class Edit:
    """What changes. Purchase orders and shipments by sk; `updates` are fields of the order's record."""

    what: str
    purchase_orders: Mapping[str, PurchaseOrder] = field(default_factory=dict)
    shipments: Mapping[str, Shipment] = field(default_factory=dict)
    details: OrderDetails | None = None
    updates: Mapping[str, Any] = field(default_factory=dict)
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
    before, version = file.record.model, file.record.version
    now = desk.now()
    orders = {sk: held.model for sk, held in file.purchase_orders.items()} | dict(edit.purchase_orders)
    parcels = {sk: held.model for sk, held in file.shipments.items()} | dict(edit.shipments)
    details = edit.details or (file.details.model if file.details else None)
    noted = before.model_copy(update={**edit.updates, "log": (*before.log, desk.entry(edit.what))})
    record = summarise(noted, details.lines if details else (), orders.values(), parcels.values())
    changes: list[Change] = [_order(desk, file, sk, po, edit.what) for sk, po in edit.purchase_orders.items()]
    for sk, parcel in edit.shipments.items():
        changes.append(_parcel(desk, file, sk, parcel, edit.what))
    if edit.details is not None:
        changes.append(Put(details_key(file.pk), edit.details, file.details.version if file.details else 0))
    again = Fact("order.changed", connection=before.connection, pk=file.pk, resource=before.order_id)
    changes.append(
        order_put(
            file.pk,
            before,
            record,
            version,
            now,
            desk.who,
            desk.why or edit.what,
            desk.correlation,
            facts=(again,) if edit.replan else (),
            due=None if record.giving_back else kept_due(desk.storage, order_key(file.pk), version),
        )
    )
    desk.storage.commit([*changes, *edit.extra], correlation=desk.correlation)
    return record


def kept_due(storage: Storage, key: Key, version: int) -> Due | None:
    """What an item was to be woken for: a put replaces the item, so it has to be said again."""
    found = storage.get_raw(key)
    if found is None or found[1] != version:
        raise Conflict("the item was changed by somebody else")
    at, _, message_type = str(found[0].get("due_at", "")).partition("#")
    return Due(from_iso(at), message_type) if at else None


def _order(desk: Desk, file: OrderFile, sk: str, po: PurchaseOrder, what: str) -> Put:
    open_now = po.state in (PurchaseOrderState.NEW, PurchaseOrderState.INTENT)
    asks_end = po.state is PurchaseOrderState.PLACED and po.cancel_requested and not po.cancel_outcome
    due = None
    if open_now or asks_end:
        due = Due(max(po.settle_until or desk.now(), desk.now()), "purchase_order.due")
    elif po.state is PurchaseOrderState.PLACED and po.tracking_due is not None:
        due = Due(po.tracking_due, "tracking.due")
    fact = Fact("purchase_order.due", connection=po.supplier, pk=file.pk, sk=sk)
    logged = po.model_copy(update={"log": (*po.log, desk.entry(what))})
    return Put(
        order_part_key(file.pk, sk),
        logged,
        file.purchase_orders[sk].version,
        facts=(fact,) if open_now or asks_end else (),
        due=due,
        ref=reference_ref(po.reference),
    )


def _parcel(desk: Desk, file: OrderFile, sk: str, parcel: Shipment, what: str) -> Put:
    key = order_part_key(file.pk, sk)
    version = file.shipments[sk].version
    logged = parcel.model_copy(update={"log": (*parcel.log, desk.entry(what))})
    fact = Fact("shipment.fulfillment_due", pk=file.pk, sk=sk)
    # The fact may reach a worker whose clock is behind this one's: to that worker the time has not come yet.
    settles = parcel.settle_until
    due = Due(settles, fact.type) if settles is not None else kept_due(desk.storage, key, version)
    return Put(key, logged, version, facts=(fact,), due=due, ref=tracking_ref(parcel.tracking_number))
