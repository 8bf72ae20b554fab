"""The mark of an order that an operator stopped, and the hold that intake makes of it (usecases/intake/needs.py).

A module of its own, so that intake can know the mark without knowing the operator's actions.
"""

from __future__ import annotations

from orderwright.domain.order import Reason
from orderwright.domain.order_state import STOPPED

__all__ = ["STOPPED", "STOPPED_HOLD"]
STOPPED_HOLD = Reason(
    code=STOPPED,
    message="an operator stopped this order; nothing more is bought for it",
    fix="cancel and refund it in the store, or let it go on",
)
