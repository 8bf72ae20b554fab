"""How a purchase order ends or goes on, as one commit each: the order's own state and the alarms are part of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from orderwright.declarations import Capability
from orderwright.domain.desk_work import desk_step
from orderwright.domain.money import Money
from orderwright.domain.order import OrderRecord, Reason
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.purchase_order_state import REFUSED
from orderwright.domain.supplier_answers import Withdrawal
from orderwright.errors import NotFound, VendorError
from orderwright.storage import Due, Fact, Unreserve
from orderwright.usecases.fulfilling.opening import opened
from orderwright.usecases.order_commit import PLACE, TRACK, OrderCommit
from orderwright.usecases.placing import requests, true_money
from orderwright.usecases.placing.job import Elsewhere, Job, Note, Park, Replan, Withdrawn
from orderwright.usecases.reservations import give_back
from orderwright.usecases.stock.closing import first_visit

PARKED = "parked"
MAX_LAGGING_LOOK_UPS = 5
QUICKER_THAN_A_PARCEL = timedelta(seconds=10)

ADDRESS_MISSING = Reason(
    code="ADDRESS_MISSING",
    field="address",
    message="There is no delivery address any more (it was erased or never given).",
    fix="Give an address, then retry.",
)
UNCLEAR_NO_LOOK_UP = Reason(
    code="OUTCOME_UNCLEAR",
    message="The supplier did not answer clearly, and has no look-up by our reference.",
    fix="Look into the supplier's own order list, then adopt it or retry.",
)
TWO_SENDS = Reason(
    code="OUTCOME_UNCLEAR",
    message="Two sends of the same step ended without a clear answer; a third could order twice.",
    fix="Look into the supplier's own order list, then adopt it or retry.",
)
LOOK_UP_LOST = Reason(
    code="LOOK_UP_LOST",
    message="The supplier's look-up does not show an order that it had accepted.",
    fix="Ask the supplier for the order by our reference, then retry.",
)
CANCELLED_BY_SUPPLIER = Reason(
    code="CANCELLED_BY_SUPPLIER",
    message="The supplier shows this purchase order as cancelled.",
    fix="Ask the supplier why; a retry places it again under the next number.",
)


def another_order(what: str) -> Reason:
    """The supplier goes on answering with an order that is not ours."""
    return Reason(
        code="ANOTHER_ORDER",
        message=f"{what}. Nothing of it was taken for ours.",
        fix="Look for our reference in the supplier's own list, then retry or `orders adopt`.",
    )


def differs(what: str) -> Reason:
    """Under our reference, and not what was asked for."""
    return Reason(
        code="ORDER_DIFFERS",
        message=f"The supplier's order under our reference is not what was asked for: {what}.",
        fix="Have it corrected or deleted there, then retry; paid and right as it is: adopt it.",
    )


def unreadable(what: str) -> Reason:
    """A vendor's id was lost with an answer and cannot be read back."""
    return Reason(
        code="ID_LOST",
        message=what,
        fix="Find the id in the supplier's own console and pay there, then adopt it.",
    )


def reason_of(error: VendorError, fix: str) -> Reason:
    """A vendor's error as the operator's reason."""
    return Reason(code=error.code, message=error.message, fix=fix)


def taken_back(job: Job, reason: Reason) -> Reason:
    """A refused order may still exist over there, unpaid (some keep what they stopped): take it back if possible."""
    try:
        job.supplier.withdraw(job.po.reference, job.po.vendor_ids)
    except VendorError as error:
        if isinstance(error, NotFound):
            return reason
        paid = job.po.paid
        return reason.told_further(f"It could not be taken back ({error.code}); it is un{paid} and never {paid}.")
    return reason


def placed(job: Job, po: PurchaseOrder, what: str) -> OrderCommit:
    """Committed, and no step is left. The margin kept is recorded, the reservation closes later, tracking starts."""
    now, commit, cost = job.now, job.commit(), po.payable or po.expected_cost
    done = po.placed(now, kept=po.cancel_requested and job.kept(po))
    if po.reserved_spend is not None and cost != po.reserved_spend:
        # The amount came with the answer to the step that commits: it is spent, and counts whatever the limit says.
        commit.beside(*requests.spend_changes(done, job.config, now))
        done = done.reserved(cost, done.spend_day, done.reckoning)
    details = job.file.details.model if job.file.details else None
    reckoning = true_money.when_paid(done, job.record, details, job.config, now.date())
    done = done.reckoned(reckoning).visited_next(first_visit(done, job.config, job.timing, now))
    done = done.answered_with(done.answers.awaited(_confirm_by(job, done)))
    facts = [Fact(PLACE, pk=job.pk, sk=job.sk)] if done.cancel_requested or desk_step(done, now) else []
    opened_at = job.po.lease_until - job.timing.windows.lease if job.po.lease_until else now
    if job.po.owner != job.owner or now - opened_at > QUICKER_THAN_A_PARCEL or done.answers.parcels:
        # Found by look-up, or written down late: news of its parcels may have come while it was not PLACED yet.
        facts.append(Fact(TRACK, pk=job.pk, sk=job.sk))
    logged = commit.purchase_order(job.sk, done, what, f"cost {cost}", facts=facts)
    commit.beside(*opened(job.file, job.record.connection, logged, job.config, now, commit.who, job.correlation))
    commit.order(what, job.record.margin_changed(reckoning.margin if reckoning else None))
    return commit


def _confirm_by(job: Job, po: PurchaseOrder) -> datetime | None:
    """When people who take orders should have answered; None where none do, or where they have."""
    settings = job.config.suppliers.get(po.supplier)
    hours = settings.confirm_within_hours if settings and settings.can(Capability.DESK) else None
    unsaid = po.confirmed_at is None and not po.answers.confirmed_by and po.answers.withdrawal is Withdrawal.NONE
    return job.now + job.timing.confirm_hour * hours if hours and unsaid else None


def paid_after_all(job: Job, po: PurchaseOrder, what: str) -> OrderCommit:
    """PLACED, though our side had given it up: what is known to be ordered is never forgotten (promises P1, P6, P10).

    Spend that was given back is counted again, whatever the limit says by now. Stock that was given back stays so: the supplier's
    next report shows the purchase. Where nobody wants it any more, its cancellation is asked for.
    """
    known = po.taken_after_all(job.now, cancelled=job.called_off, from_now=True)
    spends = requests.spend_changes(known, job.config, job.now) if po.reserved_spend is None else []
    cost, day = known.payable or known.expected_cost, known.spend_day or job.now.date().isoformat()
    counted = known.reserved(po.reserved_spend or cost, day, known.reckoning)
    return placed(job, counted, what).beside(*spends)


def noted(job: Job, note: Note) -> OrderCommit:
    """A line in the time line of a purchase order that was given up."""
    commit = job.commit()
    due = Due(note.again, PLACE) if note.again else None
    commit.purchase_order(job.sk, note.po, note.what, note.why, due=due)
    return commit


def parked(job: Job, park: Park) -> OrderCommit:
    """In front of the operator, with an alarm. Nothing moves until they say so."""
    po, reason, resume, rejected, free = park
    free = free and not po.ordered
    what, commit = "refused by the supplier" if rejected else PARKED, job.commit()
    done = po.parked(reason, resume=resume, rejected=rejected, free_spend=free)
    commit.purchase_order(job.sk, done, what, f"{reason.code}: {reason.message}")
    commit.order(f"{what}: {reason.code}", job.record.margin_changed(_unkept(job)))
    return commit.beside(*(requests.free_spend(po) if free else []))


def withdrawn(job: Job, ended: Withdrawn) -> OrderCommit:
    """Nothing was ordered: spend and stock are given back. What the vendor keeps unpaid is never paid."""
    po, reason, gone = ended
    what = "withdrawn: nothing ordered" if po.on_account else "withdrawn before payment: nothing ordered"
    why = reason.message if gone else f"{reason.message} The supplier keeps it un{po.paid}; it is never {po.paid}."
    ended_as = po.leaving.code if po.leaving and not job.unwanted(po) else "NOTHING_ORDERED"
    return _nothing_ordered(job, po, po.nothing_ordered(ended_as, reason), what, why)


def refused(job: Job, ended: Elsewhere) -> OrderCommit:
    """Nothing was ordered, and the order is planned again without this supplier: spend and stock are given back."""
    po, reason = ended
    name, ended_as = job.config.name_of(po.supplier), po.leaving.code if po.leaving else REFUSED
    what = f"{'taken back from' if po.leaving else 'refused by'} {name}: planned again without it"
    return _nothing_ordered(job, po, po.nothing_ordered(ended_as, reason), what, reason.message)


def _nothing_ordered(job: Job, po: PurchaseOrder, done: PurchaseOrder, what: str, why: str) -> OrderCommit:
    commit = job.commit()
    freed, back = stock_back(job, po.lines, closed=po.reservation_closed)
    commit.purchase_order(job.sk, done, what, why, facts=planned_again(job))
    commit.order(what, freed.margin_changed(_unkept(job)))
    return commit.beside(*requests.free_spend(po), *back)


def stock_back(
    job: Job, lines: Sequence[PurchaseOrderLine], *, closed: bool
) -> tuple[OrderRecord, Sequence[Unreserve]]:
    """What is reserved for these lines is on sale again. `closed`: it is already, by the supplier's own report."""
    record = job.record
    names = [line.reservation for line in lines if line.reservation in record.reserved]
    held = {} if closed else {name: record.reserved[name] for name in names}
    return give_back(job.pk, record.stock_freed(names), held, job.now)


def _unkept(job: Job) -> Money | None:
    """The margin of one that was placed and is not any more: bought again, it would count twice."""
    po = job.po
    return po.reckoning.margin * -1 if po.reckoning and po.state is PurchaseOrderState.PLACED else None


def replanned(job: Job, replan: Replan, ended_as: str) -> OrderCommit:
    """Nothing was sent, and nothing will be: the order is planned again. What it has reserved stays its own for that."""
    (po, why, reasons), commit = replan, job.commit()
    without = f" without {job.config.name_of(po.supplier)}" if reasons else ""
    what = f"nothing was sent: the order is planned again{without}"
    commit.purchase_order(job.sk, po.nothing_ordered(ended_as, *reasons), what, why, facts=planned_again(job))
    commit.order(f"planned again{without}, since {'it cannot ship it now' if reasons else 'an offer changed'}")
    return commit.beside(*requests.free_spend(po))


def planned_again(job: Job) -> list[Fact]:
    """Intake looks at the order once more."""
    return [Fact("order.changed", connection=job.record.connection, resource=job.record.order_id, pk=job.pk)]


def taken_off_list(job: Job) -> OrderCommit:
    """Cancelled, and its goods lie in a warehouse of the merchant's own: as if its people had agreed not to send it. Then what
    has not left ends, and what has left is too late (refusals.py, promise P6)."""
    commit, po = job.commit(), job.po
    fact = Fact(PLACE, connection=po.supplier, pk=job.pk, sk=job.sk)
    agreed = po.answered_with(po.answers.withdrawing(Withdrawal.AGREED))
    commit.purchase_order(job.sk, agreed, "cancelled: taken off the pick list", facts=[fact])
    return commit


def cancellation(job: Job, answer: str) -> OrderCommit:
    """Ordered, and cancellation requested; or ordered, too late, and told so."""
    commit = job.commit()
    commit.purchase_order(job.sk, job.po.cancellation_answered(answer), f"cancellation after placement: {answer}")
    commit.order("cancelled after placement")
    return commit
