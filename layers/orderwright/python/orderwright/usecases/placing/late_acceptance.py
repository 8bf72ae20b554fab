"""The supplier has news of what our side had given up: it may have accepted later than we waited (promises P1, P11)."""

from __future__ import annotations

from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.errors import NotFound, VendorError
from orderwright.ports.supplier import PlacementView, SupplierOrders
from orderwright.usecases.placing import contents, outcome, requests
from orderwright.usecases.placing.job import AfterAll, Job, Note, Park

LATE_NEWS = "late news from the supplier: looked up there"


def view_of(po: PurchaseOrder, supplier: SupplierOrders) -> PlacementView | None:
    """What the supplier shows of it. Without a look-up what it said on its own counts, else there is nothing: None.

    Raises VendorError.
    """
    if supplier.can_look_up:
        return supplier.look_up(po.reference, po.vendor_ids)
    if po.confirmed_at is None or po.ordered:
        return None
    names = [step.name for step in supplier.steps]
    following = next(names[place + 1 :] for place, step in enumerate(supplier.steps) if step.commits)
    return PlacementView(found=True, next_step=next(iter(following), ""), committed=True)


def looked_up(job: Job) -> AfterAll | Park | Note:
    """What the supplier shows of it.

    What is ordered there under our reference with other contents is parked: it is not ours, and somebody pays.
    """
    po, supplier = job.po, job.supplier
    try:
        view = view_of(po, supplier) or PlacementView(found=False)
    except NotFound:
        view = PlacementView(found=False)
    except VendorError as error:
        return Note(po, LATE_NEWS, error.message, job.now + job.timing.retry_max)
    paid = view.committed and not view.cancelled
    other = contents.difference(view, po, requests.sent_destination(po, job.file)) if view.found else ""
    if other:
        reason = outcome.differs(other)
        return Park(po.shown_otherwise(), reason) if paid else Note(po.news_settled(), LATE_NEWS, reason.message)
    shown = po.found(view.vendor_ids, view.payable, None)
    if paid:
        return AfterAll(shown, view.next_step)
    unpaid = f"it is not {po.paid} there" if supplier.can_look_up else "it cannot be looked up there"
    return Note(shown, LATE_NEWS, "it was cancelled there" if view.cancelled else unpaid)
