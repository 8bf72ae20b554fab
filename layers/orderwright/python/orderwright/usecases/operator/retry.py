"""Move a parked or refused purchase order on, never past promise P1: what was ever sent is looked up before it is sent again."""

from __future__ import annotations

from typing import NamedTuple

from orderwright.domain.order import OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_state import LEFT, MAX_SENDS, MOVED
from orderwright.domain.shipment import FulfillmentState, Shipment, StoreFulfillment
from orderwright.domain.timing import Timing
from orderwright.records import OrderFile
from orderwright.usecases.giving_back import given_back
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.order_edit import Edit, commit, load
from orderwright.usecases.people.fixes import command
from orderwright.usecases.rerouting import REFUSED_BY_SUPPLIER


class Retried(NamedTuple):
    """What a retry did: one line per purchase order or parcel, and the order as it is now."""

    lines: tuple[str, ...]
    record: OrderRecord


def retry_order(desk: Desk, pk: str, timing: Timing, *, not_ordered: bool = False) -> Retried:
    """Retry all that is parked or refused of one order.

    `not_ordered`: the operator has looked at the supplier and says that nothing is ordered there under our reference.
    Raises Refused when nothing waits for a retry.
    """
    return decided(lambda: _retry(desk, pk, timing, not_ordered=not_ordered))


def _retry(desk: Desk, pk: str, timing: Timing, *, not_ordered: bool) -> Retried:
    file, stored = load(desk, pk)
    orders: dict[str, PurchaseOrder] = {}
    lines: list[str] = []
    for sk, held in sorted(file.purchase_orders.items()):
        if (po := held.model).state in (PurchaseOrderState.PARKED, PurchaseOrderState.REJECTED):
            orders[sk] = po.retried(desk.now(), timing.give_up_after, not_ordered=not_ordered)
            lines.append(f"{po.reference}: {_told(po, orders[sk], not_ordered=not_ordered)}")
    forgotten = _forgotten(file, stored.model)
    orders = {sk: po.refusals_forgotten() for sk, po in {**forgotten, **orders}.items()} if forgotten else orders
    parcels: dict[str, Shipment] = {}
    for sk, parcel in sorted(file.shipments.items()):
        if parcel.model.fulfillment is FulfillmentState.PARKED:
            parcels[sk] = parcel.model.resumed(not_recorded=not_ordered).postponed(desk.now(), uncounted=False)
            lines.append(f"parcel {parcel.model.tracking_number}: recorded in the store once more, after a look there")
    shown: dict[str, StoreFulfillment] = {}
    for sk, accepted in sorted(file.fulfillments.items()):
        if accepted.model.state is FulfillmentState.PARKED:
            shown[sk], reference = accepted.model.resumed(not_recorded=not_ordered), accepted.model.reference
            found = {name: orders.get(name, held.model) for name, held in file.purchase_orders.items()}
            orders |= {name: po.not_shown_in_store(None) for name, po in found.items() if po.reference == reference}
            lines.append(f"{reference}: shown as fulfilled in the store, after a look there")
    asked = file.cancellation.model if file.cancellation else None
    if asked is not None and asked.state is FulfillmentState.PARKED:
        asked = asked.resumed(not_recorded=False)
        lines.append(f"the store is asked once more to {asked.asks}, after a look there")
    else:
        asked = None
    if not lines and stored.model.problems:
        lines.append("planned again: what stood against it is checked again")
        return Retried(tuple(lines), commit(desk, file, Edit("retry: plan again", orders, replan=True)))
    if not lines:
        raise Refused(
            "NOTHING_TO_RETRY",
            f"no purchase order or parcel of {stored.model.name} is parked or refused",
            command("orders", "show", stored.model.name),
        )
    record, extra = given_back(file, stored.model, orders, desk.now())
    replaced = any(po.state is PurchaseOrderState.CANCELLED for po in orders.values())
    if asked is not None:
        record = record.not_ended_in_store(None)
    edit = Edit("retry", orders, parcels, shown, asked, record=record, extra=extra, replan=replaced)
    return Retried(tuple(lines), commit(desk, file, edit))


def _forgotten(file: OrderFile, record: OrderRecord) -> dict[str, PurchaseOrder]:
    """Purchase orders whose refusals do not count any more, where a refusal is what the order waits for."""
    orders = {sk: held.model for sk, held in file.purchase_orders.items()}
    waits = any(reason.code in (REFUSED_BY_SUPPLIER, MOVED, "OUT_OF_STOCK") for reason in record.problems)
    if not waits and not any(po.state is PurchaseOrderState.REJECTED for po in orders.values()):
        return {}
    left = {sk for sk, po in orders.items() if po.cancel_outcome in LEFT or (po.leaving and po.leaving.lines)}
    return {sk: po for sk, po in orders.items() if po.answers.refused or sk in left}


def _told(before: PurchaseOrder, after: PurchaseOrder, *, not_ordered: bool) -> str:
    """What becomes of one parked or refused purchase order, in words."""
    if after.state is PurchaseOrderState.CANCELLED:
        return "given up; a new one follows under the next number"
    if after.state is PurchaseOrderState.NEW:
        return "starts again"
    if before.is_unclear and not_ordered:
        return "sent at most once more, since you found nothing at the supplier"
    if before.is_unclear:
        twice = before.sends >= MAX_SENDS
        what = "nothing is sent a third time" if twice else "where that cannot be, it stays with you"
        return f"looked up at the supplier once more; {what}"
    return f"{'looked up, then ' if after.sends else ''}goes on with step {after.step}"
