"""What a worker that finds a purchase order may do with its steps now (promise P1). Pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_state import MAX_SENDS


class Action(StrEnum):
    """What a worker that finds a purchase order may do now."""

    OPEN = "OPEN"
    WAIT = "WAIT"
    LOOK_UP = "LOOK_UP"
    NOTHING = "NOTHING"


def next_action(po: PurchaseOrder, now: datetime) -> Action:
    """NEW may be opened; an INTENT belongs to its owner until it has settled, then it is looked up; else nothing."""
    if po.state is PurchaseOrderState.NEW:
        return Action.OPEN
    if po.state is not PurchaseOrderState.INTENT:
        return Action.NOTHING
    return Action.WAIT if po.unsettled(now) else Action.LOOK_UP


def may_send_again(po: PurchaseOrder) -> bool:
    """True while the protocol allows one more send of this step with the same reference."""
    return po.sends < MAX_SENDS
