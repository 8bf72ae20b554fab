"""Taking back what is not ordered yet, and asking the supplier to cancel what is (promise P6)."""

from __future__ import annotations

from orderwright.domain.order_state import CancelOutcome
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.errors import NotFound, OutcomeUnknown, Rejected, Retryable, VendorError
from orderwright.ports.supplier import PlacementView
from orderwright.usecases.placing.job import Adopt, Job, Postpone, Withdraw, Withdrawn


def withdraw(job: Job, wanted: Withdraw) -> Withdrawn | Postpone | Adopt:
    """Not ordered, and not to be: take it back at the vendor where that is possible."""
    po, reason = wanted
    gone, supplier = True, job.supplier
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
                return Postpone(po, error)
            if view.committed:
                return Adopt(view)
            gone = False
        except VendorError as error:
            return Postpone(po, error)
    return Withdrawn(po, reason, gone)


def ask(job: Job) -> CancelOutcome | Postpone | None:
    """Ask once, where somebody wants it: the answer to write down."""
    if not job.po.asks_cancellation:
        return None
    taken = requested(job)
    if isinstance(taken, Postpone):
        return taken
    return CancelOutcome.CANCELLATION_REQUESTED if taken else CancelOutcome.ORDERED_TOO_LATE


def requested(job: Job, *, unclear: bool = False) -> bool | Postpone:
    """Has the supplier taken the request to cancel what is ordered? `unclear`: what is said where nobody knows."""
    po = job.po
    try:
        return job.supplier.request_cancellation(po.reference, po.vendor_ids)
    except OutcomeUnknown:
        return unclear
    except Retryable as error:
        return Postpone(po, error) if po.refusals < job.timing.give_up_after else False
    except VendorError:
        return False
