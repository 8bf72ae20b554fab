"""The supplier has news of what our side had given up: it may have accepted later than we waited (promises P1, P11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.errors import NotFound, VendorError
from orderwright.ports.supplier import PlacementView, SupplierOrders
from orderwright.usecases.placing import contents, outcome, requests

if TYPE_CHECKING:
    from orderwright.usecases.placing.placement import Placement

HEARD = "the supplier has news of it, though it was given up"


def looked_up(work: Placement, supplier: SupplierOrders) -> PurchaseOrder | None:
    """With what the supplier shows, where it was paid after all; else None, written down. Raises Conflict.

    What is paid there under our reference with other contents is parked: it is not ours, and somebody paid.
    """
    try:
        seen = supplier.can_look_up
        view = supplier.look_up(work.po.reference, work.po.vendor_ids) if seen else PlacementView(found=False)
    except NotFound:
        view = PlacementView(found=False)
    except VendorError as error:
        outcome.noted(work, work.po, HEARD, error.message, work.clock.now() + work.timing.retry_max)
        return None
    other = contents.difference(view, work.po, requests.sent_destination(work.po, work.file)) if view.found else ""
    if other:
        _not_as_asked(work, other, paid=view.committed and not view.cancelled)
        return None
    po = work.po.model_copy(
        update={
            "heard_at": None,
            "vendor_ids": {**work.po.vendor_ids, **view.vendor_ids},
            "payable": work.po.payable or view.payable,
        }
    )
    if view.committed and not view.cancelled:
        return po
    outcome.noted(work, po, HEARD, "it was cancelled there" if view.cancelled else "it is not paid there", None)
    return None


def _not_as_asked(work: Placement, other: str, *, paid: bool) -> None:
    ended = work.po.state is PurchaseOrderState.CANCELLED
    held = {"heard_at": None, "cancel_outcome": "", "reservation_closed": work.po.reservation_closed or ended}
    reason = outcome.differs(other)
    if paid:
        po = work.po.model_copy(update=held)
        outcome.parked(work, po, reason, resume="", rejected=False, free_spend=False)
    else:
        outcome.noted(work, work.po.model_copy(update={"heard_at": None}), HEARD, reason.message, None)
