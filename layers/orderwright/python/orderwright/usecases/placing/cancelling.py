"""Asking the supplier to cancel what is paid for already (promise P6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderwright.domain.order_state import CancelOutcome
from orderwright.errors import Retryable, VendorError
from orderwright.usecases.placing import outcome

if TYPE_CHECKING:
    from orderwright.usecases.placing.placement import Placement


def ask(work: Placement) -> bool:
    """Ask once, where somebody wants it, and write down the answer. Raises Conflict. Gives False: nothing more to do here."""
    po = work.po
    if not po.cancel_requested or po.cancel_outcome:
        return False
    try:
        taken = work.supplier_for(po.supplier).request_cancellation(po.reference, po.vendor_ids)
    except Retryable as error:
        if po.refusals < work.timing.give_up_after:
            return work._postpone(po, error, sent=False)
        taken = False
    except VendorError:
        taken = False
    answer = CancelOutcome.CANCELLATION_REQUESTED if taken else CancelOutcome.ORDERED_TOO_LATE
    outcome.cancellation(work, answer.value)
    return False
