"""Taking back what is not ordered yet, and asking the supplier to cancel what is (promise P6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderwright.domain.order import Reason
from orderwright.domain.order_state import CancelOutcome
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.errors import NotFound, Rejected, Retryable, VendorError
from orderwright.ports.supplier import PlacementView
from orderwright.usecases.placing import outcome

if TYPE_CHECKING:
    from orderwright.usecases.placing.placement import Placement


def withdraw(work: Placement, po: PurchaseOrder, reason: Reason) -> bool:
    """Not ordered, and not to be: take it back at the vendor where that is possible. Raises Conflict. Gives: act again?"""
    gone, supplier = True, work.supplier_for(po.supplier)
    if po.vendor_ids and po.state is PurchaseOrderState.INTENT:
        try:
            gone = supplier.withdraw(po.reference, po.vendor_ids)
        except NotFound:
            pass  # it is gone already
        except Rejected:
            # Refused because it is committed after all, or for another reason: only the supplier's own view tells.
            try:
                view = supplier.look_up(po.reference, po.vendor_ids) if supplier.can_look_up else PlacementView(False)
            except VendorError as error:
                return work._postpone(po, error, sent=False)
            if view.committed:
                return work._adopt(view)
            gone = False
        except VendorError as error:
            return work._postpone(po, error, sent=False)
    outcome.withdrawn(work, po, reason, gone=gone)
    return False


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
