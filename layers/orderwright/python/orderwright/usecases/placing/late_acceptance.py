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


def view_of(po: PurchaseOrder, supplier: SupplierOrders) -> PlacementView | None:
    """What the supplier shows of it. Without a look-up what it said by itself counts, else there is nothing: None.

    Raises VendorError.
    """
    if supplier.can_look_up:
        return supplier.look_up(po.reference, po.vendor_ids)
    if po.confirmed_at is None or po.ordered:
        return None
    names = [step.name for step in supplier.steps]
    following = next(names[place + 1 :] for place, step in enumerate(supplier.steps) if step.commits)
    return PlacementView(found=True, next_step=next(iter(following), ""), committed=True)


def looked_up(work: Placement, supplier: SupplierOrders) -> tuple[PurchaseOrder, str] | None:
    """With what the supplier shows and the step that is left, where it was ordered after all; else None, written down.

    What is ordered there under our reference with other contents is parked: it is not ours, and somebody pays. Raises Conflict.
    """
    try:
        view = view_of(work.po, supplier) or PlacementView(found=False)
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
        return po, view.next_step
    unpaid = f"it is not {po.paid} there" if supplier.can_look_up else "it cannot be looked up there"
    outcome.noted(work, po, HEARD, "it was cancelled there" if view.cancelled else unpaid, None)
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
