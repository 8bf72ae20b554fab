"""The operator stops an order on our side: what is not paid is not bought. The store and the customer hear nothing of it.

`STOPPED` among the order's released codes is the mark that intake turns into a hold (usecases/intake/needs.py), so that
the next news of the order does not buy it again.
"""

from __future__ import annotations

from typing import NamedTuple

from orderwright.domain.order import OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.usecases.intake.plan import UNCLEAR_CODES
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.retry import given_back
from orderwright.usecases.operator.stopped import STOPPED, STOPPED_HOLD
from orderwright.usecases.operator.writing import Edit, commit, load


class Stopped(NamedTuple):
    """One line per purchase order saying what becomes of it, and the order as it is now."""

    lines: tuple[str, ...]
    record: OrderRecord


def stop_order(desk: Desk, pk: str) -> Stopped:
    """End every purchase order that is not paid. Paid ones stay; an unclear outcome is looked up first. Raises Refused."""
    return decided(lambda: _stop(desk, pk))


def _stop(desk: Desk, pk: str) -> Stopped:
    file, stored = load(desk, pk)
    record = stored.model
    if STOPPED in record.released:
        raise Refused("ALREADY_STOPPED", f"{record.name} is stopped already", STOPPED_HOLD.fix)
    if record.cancelled:
        raise Refused("ALREADY_CANCELLED", f"{record.name} is cancelled in the store already")
    orders: dict[str, PurchaseOrder] = {}
    lines: list[str] = []
    for sk, held in sorted(file.purchase_orders.items()):
        changed, what = _ended(held.model, desk)
        if changed != held.model:
            orders[sk] = changed
        if what:
            lines.append(f"{held.model.reference}: {what}")
    ended = {
        sk: file.purchase_orders[sk].model for sk, po in orders.items() if po.state is PurchaseOrderState.CANCELLED
    }
    updates, extra = given_back(pk, record, ended, desk.now())
    updates["released"] = tuple(sorted({*record.released, STOPPED}))
    updates["holds"] = (*record.holds, STOPPED_HOLD)
    edit = Edit("stopped on our side", orders, updates=updates, extra=extra)
    return Stopped(tuple(lines), commit(desk, file, edit))


def _ended(po: PurchaseOrder, desk: Desk) -> tuple[PurchaseOrder, str]:
    """As intake stops one when the store cancels (promise P6), except that what is paid stays as it is."""
    if po.state is PurchaseOrderState.PLACED:
        return po, f"is paid at {po.supplier}; stop it there by hand if you can"
    if po.state is PurchaseOrderState.INTENT:
        return po.model_copy(
            update={"cancel_requested": True}
        ), "is being placed; withdrawn unless it turns out to be paid"
    if po.state is PurchaseOrderState.PARKED:
        if {reason.code for reason in po.reasons} & UNCLEAR_CODES:
            return po, "its outcome is unclear; look at the supplier, then `orders retry` or `orders adopt`"
        if po.step or po.resume_step:
            return _withdrawn(po, desk), "is taken back at the supplier"
    if po.state is PurchaseOrderState.CANCELLED:
        return po, ""
    end = {"state": PurchaseOrderState.CANCELLED, "cancel_outcome": "NOTHING_ORDERED", "reserved_spend": None}
    return po.model_copy(update=end), "nothing was ordered and nothing will be"


def _withdrawn(po: PurchaseOrder, desk: Desk) -> PurchaseOrder:
    """Handed back to the placing function. A step that was sent is looked up before it is taken back."""
    step = po.resume_step or po.step
    return po.model_copy(
        update={
            "state": PurchaseOrderState.INTENT,
            "step": step,
            "sends": po.sends if step == po.step else 0,
            "settle_until": desk.now(),
            "refusals": 0,
            "cancel_requested": True,
        }
    )
