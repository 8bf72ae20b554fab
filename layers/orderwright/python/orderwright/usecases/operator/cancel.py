"""The operator stops an order on our side: what is not paid is not bought. The store and the customer hear nothing of it.

`STOPPED` among the order's released codes is the mark that intake turns into a hold (usecases/intake/needs.py), so that
the next news of the order does not buy it again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from orderwright.domain.order import OrderRecord
from orderwright.domain.order_state import STOPPED, STOPPED_HOLD, has_work_left
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import ShipmentState
from orderwright.records import OrderFile
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.order_edit import Edit, commit, load
from orderwright.usecases.operator.retry import given_back
from orderwright.usecases.people.fixes import About, fix_of


class Stopped(NamedTuple):
    """One line per purchase order saying what becomes of it, and the order as it is now."""

    lines: tuple[str, ...]
    record: OrderRecord


def stop_order(desk: Desk, pk: str, name_of: Callable[[str], str] = str) -> Stopped:
    """End every purchase order that is not paid. Paid ones stay; an unclear outcome is looked up first.

    `name_of` gives what the file calls a supplier. Raises Refused, also where all is paid and nothing is left to stop.
    """
    return decided(lambda: _stop(desk, pk, name_of))


def _stop(desk: Desk, pk: str, name_of: Callable[[str], str]) -> Stopped:
    file, stored = load(desk, pk)
    record = stored.model
    if STOPPED in record.released:
        fix = fix_of(STOPPED_HOLD, About(record.name))
        raise Refused("ALREADY_STOPPED", f"{record.name} is stopped already", " ".join((fix.text, *fix.commands)))
    if record.cancelled:
        raise Refused("ALREADY_CANCELLED", f"{record.name} is cancelled in the store already")
    _still_to_stop(file, name_of)
    orders: dict[str, PurchaseOrder] = {}
    lines: list[str] = []
    for sk, held in sorted(file.purchase_orders.items()):
        before = held.model
        # As intake stops one when the store cancels (promise P6), except that what is paid stays as it is.
        after = before if before.state is PurchaseOrderState.PLACED else before.stopped(desk.now())
        if after != before:
            orders[sk] = after
        if before.state is not PurchaseOrderState.CANCELLED:
            lines.append(f"{before.reference}: {_told(before, after, record.name, name_of(before.supplier))}")
    freed, extra = given_back(file, record, orders, desk.now())
    edit = Edit("stopped on our side", orders, record=freed.stopped(STOPPED_HOLD), extra=extra)
    return Stopped(tuple(lines), commit(desk, file, edit))


def _still_to_stop(file: OrderFile, name_of: Callable[[str], str]) -> None:
    """Raises Refused where everything is paid at the suppliers: a stop on our side would change nothing."""
    orders = [held.model for _, held in sorted(file.purchase_orders.items())]
    ended = (PurchaseOrderState.PLACED, PurchaseOrderState.CANCELLED)
    placed = [po for po in orders if po.state is PurchaseOrderState.PLACED]
    lines = file.details.model.lines if file.details else ()
    if not placed or any(po.state not in ended for po in orders) or has_work_left(lines, orders):
        return
    sent = [
        f"sent on {held.model.created_at:%Y-%m-%d} in parcel {held.model.tracking_number}"
        for _, held in sorted(file.shipments.items())
        if held.model.state is not ShipmentState.CANCELLED
    ]
    when = [
        f"{po.reference} was {po.paid} at {name_of(po.supplier)} on {po.placed_at or po.created_at:%Y-%m-%d}"
        for po in placed
    ]
    return_it = "agree on a return with the customer, and refund it in the store"
    whom = ", ".join(sorted({name_of(po.supplier) for po in placed}))
    stop_it = f"ask {whom} to stop it by hand, then cancel and refund it in the store"
    what = f"too late: {'; '.join(sent or when)}; nothing was stopped"
    raise Refused("TOO_LATE", what, return_it if sent else stop_it)


def _told(before: PurchaseOrder, after: PurchaseOrder, name: str, supplier: str) -> str:
    """What becomes of one purchase order, in words."""
    if before.state is PurchaseOrderState.PLACED:
        return f"is {before.paid} at {supplier}; stop it there by hand if you can"
    if after.state is PurchaseOrderState.CANCELLED:
        return "nothing was ordered and nothing will be"
    if after.state is PurchaseOrderState.REJECTED:
        get_back = "see that no invoice comes" if before.on_account else "ask for the money back there"
        return f"was {before.paid} at {supplier}, which cancelled it; {get_back}"
    if after.state is PurchaseOrderState.PARKED:
        unclear = fix_of(before.reasons[0], About(name, before.reference, supplier, paid=before.paid))
        return f"stays as it is, since its outcome is unclear. {unclear.text} {' or '.join(unclear.commands)}"
    if before.ordered:
        return "is ordered already; the supplier is asked to cancel it"
    if before.state is PurchaseOrderState.INTENT:
        return f"is being placed; withdrawn unless it turns out to be {before.paid}"
    return "is taken back at the supplier"
