"""Guards of what customers ask for on their pages: held, stopped, and acted on once (promises P5 and P6)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from unittest.mock import patch

from orderwright.domain.customer_request import CustomerRequest, SentRequest
from orderwright.domain.order import OrderRecord, Reason
from orderwright.domain.order_state import WITHDRAWN
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.storage import Put
from orderwright.usecases.intake import customer_requests
from orderwright.usecases.order_commit import OrderCommit
from tests.simulation.faults.mix import Mix
from tests.simulation.modes.additions import withdrawing_customers
from tests.simulation.modes.hunting import Guard, Seeds

Removed = AbstractContextManager[object]


def _no_hold() -> Removed:
    real = OrderRecord.stopped

    def stopped(record: OrderRecord, hold: Reason) -> OrderRecord:
        return record if hold.code == WITHDRAWN else real(record, hold)

    return patch.object(OrderRecord, "stopped", stopped)


def _no_stop() -> Removed:
    """The purchase orders stay as they are: a worker that has read one before goes on with it."""
    real = customer_requests._stop

    def stop(commit: OrderCommit, case: CustomerRequest) -> tuple[OrderRecord, CustomerRequest]:
        found = real(commit, case)
        commit.changes = [
            one for one in commit.changes if not (isinstance(one, Put) and isinstance(one.model, PurchaseOrder))
        ]
        return found

    return patch.object(customer_requests, "_stop", stop)


WITHDRAWALS: tuple[Guard, ...] = (
    Guard(
        "the hold of an order whose customer withdrew",
        "P6",
        "the next news of the store has it bought again",
        _no_hold,
        "and its customer had withdrawn",
        Seeds(also=withdrawing_customers),
    ),
    Guard(
        "the stop of an order whose customer withdrew",
        "P6",
        "a purchase order that a worker has in hand is paid for all the same",
        _no_stop,
        "P6: ",
        Seeds(16, also=withdrawing_customers),
    ),
    Guard(
        "the mark of a form that was acted on",
        "P5",
        "a message that comes twice makes two cases of one form, and two receipts",
        lambda: patch.object(SentRequest, "taken", lambda self, now: self),
        "forms of withdrawal",
        Seeds(mix=Mix({"doubled": 0.3}), also=withdrawing_customers),
    ),
)
