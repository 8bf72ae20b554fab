"""What of a purchase order allows that another supplier is asked for its lines (promise P1). Pure."""

from __future__ import annotations

from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.supplier_answers import Withdrawal


def never_sent(po: PurchaseOrder) -> bool:
    """Is certainly nothing of it at its supplier, nor on the way there?"""
    known = po.vendor_ids or po.maybe_sent or po.ordered or po.confirmed_at or po.heard_at
    return po.sends == 0 and not known


def asks_back(po: PurchaseOrder) -> bool:
    """Is its supplier's API to be asked to cancel it? People are written to, and an own warehouse is not asked at all."""
    wanted = po.leaving is not None and po.leaving.asked_at is None and not po.leaving.stays
    live = po.state is PurchaseOrderState.PLACED and not po.cancel_requested
    return wanted and live and po.answers.withdrawal is Withdrawal.NONE


def taken_back_open(po: PurchaseOrder) -> bool:
    """Is it asked back from its supplier, and nobody knows yet what comes of that?"""
    return po.state is PurchaseOrderState.PLACED and po.leaving is not None and not po.leaving.stays


def asked_back(po: PurchaseOrder, supplier: str) -> str:
    """In words: its supplier is to give it back, and what counts until it does; "" where it is not asked."""
    if po.leaving is None or not taken_back_open(po):
        return ""
    until = "until that is certain, it counts as ordered there, and nobody else is asked"
    return f"{supplier} is asked to give {po.reference} back: {until}. {po.leaving.message}"
