"""Another supplier shall ship it though this one has not refused: never while a step may still succeed (promises P1, P10).

Of what was never sent the order is planned again at once. What is placed is asked back first (`taking_back` in rerouting.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from orderwright.domain.catalogue import Offer
from orderwright.domain.going_elsewhere import never_sent
from orderwright.domain.order import Reason
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.purchase_order_state import NO_ANSWER, NO_STOCK, SWITCHED_OFF
from orderwright.errors import NotFound, VendorError
from orderwright.usecases.placing.cancelling import requested
from orderwright.usecases.placing.job import Job, Note, Postpone, Replan, Stay
from orderwright.usecases.rerouting import all_are_off, is_off, refused_by, sold_elsewhere

TAKES_NONE = "it takes no cancellation"


def may_leave(job: Job, po: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> bool:
    """Nothing of it can be at the supplier, it was not left for these lines before, and others have them now.

    Where another stack works on the shop, that one may have sent what this one did not.
    """
    if not never_sent(po) or job.config.identity(job.record.connection).second_stack:
        return False
    if po.step and po.step != job.supplier.steps[0].name:
        return False
    tried = refused_by(held.model for held in job.file.purchase_orders.values())
    before = any((line.line_id, po.supplier) in tried.unsent for line in lines)
    return not before and sold_elsewhere(lines, po.supplier, job.file, job.storage, job.config, at_once=True)


def gone(job: Job) -> Replan | None:
    """Its supplier was taken out of the file before anything was sent. No rule asks for that: it can never be sent there."""
    po = job.po
    if not (po.opens and po.supplier not in job.config.suppliers and never_sent(po)):
        return None
    return _replan(po, SWITCHED_OFF, f"{po.supplier} is not in orderwright.yaml any more, and nothing was sent to it.")


def short(job: Job, po: PurchaseOrder, offers: Mapping[str, Offer | None]) -> Replan | None:
    """By its newest report the supplier has fewer than are reserved there, and another one has enough."""
    few = [line for line in po.lines if (held := offers.get(line.sku)) and held.stock < sum(held.open.values())]
    if not (few and job.config.rules.routing.reroute.out_of_stock and may_leave(job, po, few)):
        return None
    name, has = job.config.name_of(po.supplier), {sku: held.stock for sku, held in offers.items() if held}
    reasons = tuple(
        Reason(
            code=NO_STOCK,
            line_id=line.line_id,
            message=f"{name} reports {has[line.sku]} of {line.sku}, fewer than are reserved there.",
        )
        for line in few
    )
    return Replan(po, reasons[0].message, reasons)


def switched_off(job: Job, po: PurchaseOrder) -> Replan | None:
    """Its own kill switch is on. The one for all suppliers leads nowhere else."""
    if not job.config.rules.routing.reroute.switched_off or len(job.config.suppliers) < 2:
        return None
    if not is_off(job.storage, po.supplier) or all_are_off(job.storage) or not may_leave(job, po, po.lines):
        return None
    name = job.config.name_of(po.supplier)
    return _replan(po, SWITCHED_OFF, f"{name} is switched off by its kill switch, and nothing was sent to it.")


def not_answering(job: Job, po: PurchaseOrder, error: VendorError) -> Replan | None:
    """It has not answered for so long."""
    hours, since = job.config.rules.routing.reroute.not_answering_hours, po.trying_since
    if not hours or since is None or job.now - since < job.timing.confirm_hour * hours:
        return None
    if not may_leave(job, po, po.lines):
        return None
    what = f"{job.config.name_of(po.supplier)} does not answer since {since:%Y-%m-%d %H:%M} UTC, and nothing was sent"
    return _replan(po, NO_ANSWER, f"{what}: {error.message}"[:300])


def _replan(po: PurchaseOrder, code: str, what: str) -> Replan:
    return Replan(po, what, (Reason(code=code, message=what),))


# --- what is placed ---------------------------------------------------------------------------------------------------


def ask_back(job: Job) -> Note | Postpone | Stay:
    """Ask its API to cancel it, once. Whether it did is read where its parcels are."""
    po, leaving = job.po, job.po.leaving
    assert leaving is not None
    taken = requested(job, unclear=True)
    if isinstance(taken, Postpone):
        return taken
    if not taken:
        return Stay(po, TAKES_NONE)
    soon = job.now + max(job.timing.retry_first, timedelta(seconds=1))
    asked = po.leaves(leaving.asked(job.now)).visited_next(soon)
    return Note(asked, "the supplier is asked to cancel it: another one shall ship it", leaving.message)


def is_unpaid(job: Job) -> bool:
    """Does the supplier say that what it has cancelled was not paid for, or that the money is back? Raises VendorError."""
    po = job.po
    if po.leaving is None or not job.supplier.can_look_up:
        return False
    try:
        view = job.supplier.look_up(po.reference, po.vendor_ids)
    except NotFound:
        return False
    return view.cancelled and not view.committed
