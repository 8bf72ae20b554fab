"""Another Orderwright works on the same shop, and the merchant knows: look first, so that both do not buy (P15).

Both make the same reference of the vendors' own ids. So a look-up before the first send, and one before the step that commits,
shows what the other one has done. Between a look-up and its send only the supplier's own check of repeated references helps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderwright.domain.order import Reason
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.releases import covers
from orderwright.errors import NotFound, VendorError
from orderwright.ports.supplier import OrderStep

if TYPE_CHECKING:
    from orderwright.usecases.placing.placement import Placement

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


def bought_elsewhere(work: Placement, po: PurchaseOrder, step: OrderStep) -> Reason | VendorError | None:
    """Why the other stack forbids this step, or why that could not be learned; None where nothing does."""
    assert work.file.record is not None
    unsent = not po.vendor_ids and not po.sends
    if not (unsent or step.commits) or not work.config.identity(work.file.record.model.connection).second_stack:
        return None
    supplier = work.supplier_for(po.supplier)
    if not supplier.can_look_up:
        unseen = UNSEEN.model_copy(update={"seen": po.reference})
        return None if covers(work.file.record.model, unseen) else unseen
    try:
        view = supplier.look_up(po.reference, po.vendor_ids)
    except NotFound:
        return None
    except VendorError as error:
        return error
    return BOUGHT_ELSEWHERE if view.found and (unsent or view.committed) else None


def stopped(work: Placement, po: PurchaseOrder, step: OrderStep, why: Reason | VendorError) -> bool:
    """Park it in front of the operator, or look again later. Raises Conflict. Gives False: nothing more to do here."""
    if isinstance(why, VendorError):
        return work._postpone(po, why, sent=False)
    return work._park(po, why, resume=step.name, free_spend=True)
