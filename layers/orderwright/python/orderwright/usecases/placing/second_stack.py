"""Another Orderwright works on the same shop, and the merchant knows: look first, so that both do not buy (P15).

Both make the same reference of the vendors' own ids. So a look-up before the first send, and one before the step that commits,
shows what the other one has done. Between a look-up and its send only the supplier's own check of repeated references helps.
"""

from __future__ import annotations

from orderwright.domain.order import Reason
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.releases import covers
from orderwright.errors import NotFound, VendorError
from orderwright.ports.supplier import OrderStep
from orderwright.usecases.placing.job import Job, Park, Postpone

BOUGHT_ELSEWHERE = Reason(
    code="BOUGHT_ELSEWHERE",
    message="The supplier has this order already, and this stack knows nothing of it: the other stack on this shop sent it, "
    "or this one did before its tables were restored.",
    fix="Nothing, when the other stack looks after the order; to follow it here as well, adopt it.",
)
UNSEEN = Reason(
    code="OTHER_STACK_UNSEEN",
    message="Another stack buys for this shop as well, and this supplier cannot be asked what that one has ordered.",
    fix="Look for our reference at the supplier: not there, release it; there, adopt it.",
)


def bought_elsewhere(job: Job, po: PurchaseOrder, step: OrderStep) -> Park | Postpone | None:
    """What the other stack makes of this step: parked, or looked at again later; None where nothing forbids it."""
    unsent = not po.vendor_ids and not po.sends
    if not (unsent or step.commits) or not job.config.identity(job.record.connection).second_stack:
        return None
    supplier = job.supplier
    if not supplier.can_look_up:
        unseen = UNSEEN.about(po.reference)
        return None if covers(job.record, unseen) else Park(po, unseen, step.name, free_spend=True)
    try:
        view = supplier.look_up(po.reference, po.vendor_ids)
    except NotFound:
        return None
    except VendorError as error:
        return Postpone(po, error)
    found = view.found and (unsent or view.committed)
    return Park(po, BOUGHT_ELSEWHERE, step.name, free_spend=True) if found else None
