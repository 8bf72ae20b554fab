"""The operator stops an order on our side: what is not paid is not bought. Only `in_store` also ends it in the store.

`STOPPED` among the order's released codes is the mark that intake turns into a hold (usecases/intake/needs.py), so that
the next news of the order does not buy it again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from orderwright.domain.money import Money
from orderwright.domain.order import OrderRecord
from orderwright.domain.order_state import STOPPED, STOPPED_HOLD, has_work_left
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import FulfillmentState, ShipmentState
from orderwright.domain.store_cancellation import StoreCancellation
from orderwright.errors import VendorError
from orderwright.ports.store import OrderCancelling
from orderwright.records import OrderFile
from orderwright.usecases.giving_back import given_back
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.order_edit import Edit, commit, load
from orderwright.usecases.people.fixes import About, command, fix_of, fix_of_failure


class Stopped(NamedTuple):
    """One line per purchase order saying what becomes of it, and the order as it is now."""

    lines: tuple[str, ...]
    record: OrderRecord


class InStore(NamedTuple):
    """What the store is asked to do as well. `shown`: the money that was left when the operator agreed; zero without refund."""

    refund: bool
    shown: Money


def stop_order(desk: Desk, pk: str, name_of: Callable[[str], str] = str, in_store: InStore | None = None) -> Stopped:
    """End every purchase order that is not paid. Paid ones stay; an unclear outcome is looked up first.

    `name_of` gives what the file calls a supplier. Raises Refused, also where all is paid and nothing is left to stop;
    with `in_store` that is no reason to refuse: the store ends the order whatever we can still stop.
    """
    return decided(lambda: _stop(desk, pk, name_of, in_store))


def asked_of_store(
    desk: Desk,
    pk: str,
    cancelling_for: Callable[[str], OrderCancelling | None],
    name_of: Callable[[str], str],
    *,
    refund: bool,
) -> tuple[InStore, tuple[str, ...]]:
    """What the store is to do, and what that comes to in words: the operator agrees to these before anything is asked.

    Raises Refused where this kind of store does not do it for us, or nothing is left to do.
    """
    file, stored = load(desk, pk)
    record, store = stored.model, name_of(stored.model.connection)
    way = cancelling_for(record.connection)
    if way is None:
        raise Refused(
            "NOT_POSSIBLE", f"{store} does not cancel orders for us", "cancel and refund it in the store by hand"
        )
    _nothing_under_way(file, record)
    given_up = file.cancellation is not None and file.cancellation.model.is_open
    left = _left(way, record, store) if refund else Money.zero(record.total.currency)
    if record.cancelled and not given_up and left.minor == 0:
        raise Refused("ALREADY_CANCELLED", f"{record.name} is cancelled in the store already")
    parcels = [held.model for _, held in sorted(file.shipments.items())]
    sent = [parcel.tracking_number for parcel in parcels if parcel.state is not ShipmentState.CANCELLED]
    if sent and not refund:
        raise Refused(
            "TOO_LATE", f"{record.name} has left: it cannot be cancelled", "agree on a return with the customer"
        )
    money = f"{left} is given back, which is all that is left" if left.minor else "no money is left to give back"
    told = [f"{record.name} is cancelled in {store}{f', and {money}' if refund else ''}"]
    told += [
        f"{held.model.reference} is {held.model.paid} at {name_of(held.model.supplier)} all the same"
        for _, held in sorted(file.purchase_orders.items())
        if held.model.state is PurchaseOrderState.PLACED
    ]
    told += [f"parcel {number} has left all the same" for number in sent]
    return InStore(refund, left), tuple(told)


def _left(way: OrderCancelling, record: OrderRecord, store: str) -> Money:
    try:
        return way.money_left(record.order_id)
    except VendorError as error:
        what = f"{store} did not say how much is left of {record.name}: {error.message}"
        raise Refused(error.code, what, fix_of_failure(error)) from None


def _nothing_under_way(file: OrderFile, record: OrderRecord) -> None:
    """What was given up may be asked for again, with money or without: no call for it is under way any more."""
    asked = file.cancellation.model if file.cancellation else None
    if asked is not None and asked.state in (FulfillmentState.NEW, FulfillmentState.INTENT):
        fix = command("orders", "show", record.name)
        raise Refused("ALREADY_ASKED", f"the store is being asked to {asked.asks}", fix)


def _stop(desk: Desk, pk: str, name_of: Callable[[str], str], in_store: InStore | None) -> Stopped:
    file, stored = load(desk, pk)
    record = stored.model
    if in_store is not None:
        _nothing_under_way(file, record)
    elif STOPPED in record.released:
        fix = fix_of(STOPPED_HOLD, About(record.name))
        raise Refused("ALREADY_STOPPED", f"{record.name} is stopped already", " ".join((fix.text, *fix.commands)))
    elif record.cancelled:
        raise Refused("ALREADY_CANCELLED", f"{record.name} is cancelled in the store already")
    else:
        _still_to_stop(file, name_of)
    orders: dict[str, PurchaseOrder] = {}
    lines: list[str] = []
    for sk, held in sorted(file.purchase_orders.items()):
        before = held.model
        # As intake stops one when the store cancels (promise P6), except that what is paid stays as it is.
        stays = before.state is PurchaseOrderState.PLACED and not before.on_shelf
        after = before if stays else before.stopped(desk.now())
        if after != before:
            orders[sk] = after
        if before.state is not PurchaseOrderState.CANCELLED:
            lines.append(f"{before.reference}: {_told(before, after, record.name, name_of(before.supplier))}")
    freed, extra = given_back(file, record, orders, desk.now())
    asked = _asked(desk, in_store, file) if in_store else None
    what = f"stopped on our side; the store is asked to {asked.asks}" if asked else "stopped on our side"
    record = freed if STOPPED in freed.released or freed.cancelled else freed.stopped(STOPPED_HOLD)
    edit = Edit(what, orders, cancellation=asked, record=record.not_ended_in_store(None), extra=extra)
    return Stopped(tuple(lines), commit(desk, file, edit))


def _asked(desk: Desk, in_store: InStore, file: OrderFile) -> StoreCancellation:
    before = file.cancellation.model.log if file.cancellation else ()
    refund, shown = in_store
    return StoreCancellation(refund=refund, shown=shown, asked_by=desk.who, created_at=desk.now(), log=before)


def _still_to_stop(file: OrderFile, name_of: Callable[[str], str]) -> None:
    """Raises Refused where everything is paid at the suppliers: a stop on our side would change nothing."""
    orders = [held.model for _, held in sorted(file.purchase_orders.items())]
    ended = (PurchaseOrderState.PLACED, PurchaseOrderState.CANCELLED)
    placed = [po for po in orders if po.state is PurchaseOrderState.PLACED]
    if any(po.on_shelf for po in placed):
        return
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
    if before.on_shelf:
        return "is taken off the pick list; nothing of it has left"
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
