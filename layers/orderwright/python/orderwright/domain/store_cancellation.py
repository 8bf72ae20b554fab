"""An operator asked the store to end an order, and perhaps to give its money back."""

from __future__ import annotations

from orderwright.domain.base import Instant, changed
from orderwright.domain.money import Money
from orderwright.domain.shipment import FulfillmentState, StoreRecord

NOT_CANCELLED = "NOT_CANCELLED_IN_STORE"
"""Of an order that the store was asked to end, and perhaps did not."""


class StoreCancellation(StoreRecord):
    """What the store is to do with an order that was given up (item CANCELLATION). No personal data.

    `refund`: all the money that is left of it is given back too. `shown`: how much that was when the operator decided.
    """

    refund: bool
    shown: Money
    asked_by: str
    created_at: Instant
    state: FulfillmentState = FulfillmentState.NEW

    @property
    def recording(self) -> FulfillmentState:
        """In the store."""
        return self.state

    def _in(self, state: FulfillmentState) -> StoreCancellation:
        return changed(self, state=state)

    @property
    def is_open(self) -> bool:
        """Neither done, nor said to be done by hand."""
        return self.state is not FulfillmentState.DONE

    @property
    def asks(self) -> str:
        """What is asked of the store, in words."""
        return "cancel it and give the money back" if self.refund else "cancel it"
