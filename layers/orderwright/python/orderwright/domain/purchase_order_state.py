"""In which state a purchase order is, and the codes that say how it ended."""

from __future__ import annotations

from enum import StrEnum

MAX_SENDS = 2
REFUSED = "REFUSED"
"""The `cancel_outcome` of one that its supplier refused, and that is bought elsewhere."""


class PurchaseOrderState(StrEnum):
    """PLACED means that the step that commits is done, and all that follow it. CANCELLED means: nothing was ordered."""

    NEW = "NEW"
    INTENT = "INTENT"
    PLACED = "PLACED"
    REJECTED = "REJECTED"
    PARKED = "PARKED"
    CANCELLED = "CANCELLED"


GIVEN_UP = frozenset({PurchaseOrderState.CANCELLED, PurchaseOrderState.PARKED, PurchaseOrderState.REJECTED})
"""Nothing moves it any more but a person, or the supplier's news that it was ordered after all."""

LOST_CODES = frozenset({"LOOK_UP_LOST", "ID_LOST", "ANOTHER_ORDER", "ORDER_DIFFERS"})
"""Where the operator finds nothing at the supplier, a new one takes the place of this one."""
UNCLEAR_CODES = LOST_CODES | {"OUTCOME_UNCLEAR"}
"""Reasons of a parked one with which nobody can say whether it is ordered."""

LATE, MOVED = "SUPPLIER_LATE", "MOVED_BY_OPERATOR"
NO_STOCK, SWITCHED_OFF, NO_ANSWER = "SUPPLIER_OUT_OF_STOCK", "SUPPLIER_SWITCHED_OFF", "SUPPLIER_NOT_ANSWERING"
LEFT_UNSENT = frozenset({NO_STOCK, SWITCHED_OFF, NO_ANSWER})
"""The `cancel_outcome` of one of which nothing was sent, since another supplier could ship it at once."""
LEFT = LEFT_UNSENT | {LATE, MOVED, REFUSED}
"""The `cancel_outcome` of all that another supplier was asked for."""
