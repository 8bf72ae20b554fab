"""People at a supplier will not ship an order that was handed over to them, or a part of it (promises P1, P3, P6, P10)."""

from __future__ import annotations

from typing import NamedTuple

from orderwright.domain.fx import RateUnknown
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import Reason
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.reckoning import Reckoning
from orderwright.domain.supplier_answers import UNCONFIRMED, LetterKind, LetterState, Withdrawal
from orderwright.errors import VendorError
from orderwright.storage import Fact, Spend
from orderwright.usecases.alerts import alert
from orderwright.usecases.order_commit import OrderCommit
from orderwright.usecases.placing import outcome, true_money
from orderwright.usecases.placing.job import Elsewhere, Job, Note, Park, Postpone, Withdrawn
from orderwright.usecases.placing.leaving import is_unpaid
from orderwright.usecases.rerouting import REFUSED_BY_SUPPLIER, sold_elsewhere

MOST_SHOWN = 5


class Shrink(NamedTuple):
    """These lines leave the purchase order; the others stay ordered. None leave: what was refused is on its way already."""

    po: PurchaseOrder
    gone: tuple[PurchaseOrderLine, ...]


def decided(job: Job) -> Shrink | Withdrawn | Elsewhere | Park | Note | Postpone:
    """What follows from what they said. A line of which a parcel has left stays ordered."""
    po, sent = job.po, _sent(job)
    withdrawn = po.answers.withdrawal in (Withdrawal.AGREED, Withdrawal.ENDED)
    refused = {line.line_id for line in (po.lines if withdrawn else po.answers.open_refusals)}
    gone = tuple(line for line in po.lines if line.line_id in refused - sent)
    if len(gone) < len(po.lines):
        late = po.answers.withdrawing(Withdrawal.TOO_LATE) if withdrawn else po.answers
        if po.leaving is not None and withdrawn:
            po = po.leaves(po.leaving.ended().of_lines(line.line_id for line in gone))
        return Shrink(po.answered_with(late), gone)
    reason = _reason(job)
    told = po.answers.letters.get(LetterKind.WITHDRAWAL)
    untold = po.answers.withdrawal is Withdrawal.ENDED and (told is None or told.state is not LetterState.SENT)
    if job.unwanted(po) and untold:  # nobody knows that they will not ship it, so the page asks
        asked = po.answered_with(po.answers.withdrawing(Withdrawal.ASKED))
        return Note(asked, "cancelled, and whether it was told not to ship is not clear", reason.message)
    by_api = po.leaving is not None and po.leaving.asked_at is not None
    try:
        paid = po.ordered and not po.on_account and (by_api or not job.unwanted(po)) and not is_unpaid(job)
    except VendorError as error:
        return Postpone(po, error)
    if job.unwanted(po):
        if not paid:
            return Withdrawn(po.taken_back(), job.why_unwanted(po), gone=True)
        reason = outcome.CANCELLED_BY_SUPPLIER
    if paid:
        return Park(po, reason.told_further("It was paid: ask for the money back."), rejected=True)
    if untold:
        doubt = "Whether it was told not to ship is not clear, so nobody else was asked."
        return Park(po.taken_back(), reason.told_further(doubt), rejected=True, free_spend=True)
    return or_elsewhere(job, po.taken_back(), reason)


def or_elsewhere(job: Job, po: PurchaseOrder, reason: Reason) -> Elsewhere | Park:
    """Nothing of it is ordered: the next supplier, where every line has one; else it waits for a person."""
    if sold_elsewhere(po.lines, po.supplier, job.file, job.storage, job.config):
        return Elsewhere(po, reason)
    return Park(po, reason, rejected=True, free_spend=True)


def _sent(job: Job) -> set[str]:
    """Lines of which a parcel has left, or was entered."""
    found = {
        line.line_id
        for held in job.file.shipments.values()
        if held.model.reference == job.po.reference
        for line in held.model.lines
    }
    for parcel in job.po.answers.parcels:
        before = {one.line_id for one in job.po.answers.open_refusals if one.at <= parcel.at}
        found |= parcel.units.keys() or {line.line_id for line in job.po.lines} - before
    return found


def _reason(job: Job) -> Reason:
    po, supplier = job.po, job.config.name_of(job.po.supplier)
    if po.leaving is not None and not po.answers.open_refusals:
        fix = "Retry: then this supplier may be asked again; or move it to another one."
        return Reason(code=po.leaving.code, message=po.leaving.message, fix=fix)
    if po.answers.withdrawal is Withdrawal.ENDED:
        what = f"{supplier} did not confirm {po.reference} in time, also not after a reminder, and it was withdrawn."
        return Reason(code=UNCONFIRMED, message=what, fix="Ask the supplier why; a retry asks it again.")
    said = _said(po) or "it will not ship it"
    return Reason(
        code=REFUSED_BY_SUPPLIER,
        message=f"{supplier} refused {po.reference}: {said}."[:300],
        fix="Import another supplier's offer, or refund it in the store; a retry asks this supplier again.",
    )


def _said(po: PurchaseOrder) -> str:
    skus = {line.line_id: line.sku for line in po.lines}
    told = [f"{skus.get(one.line_id, one.line_id)} {one.why}".strip() for one in po.answers.open_refusals]
    return ", ".join(told[:MOST_SHOWN])


def shrunk(job: Job, shrink: Shrink) -> OrderCommit:
    """Refused lines leave it: their stock and spend go back, the margin is that of the rest, and the order is planned again."""
    (po, gone), commit = shrink, job.commit()
    late = {line.line_id for line in po.answers.open_refusals} - {line.line_id for line in gone}
    told: list[Fact] = []
    if late and po.answers.withdrawal is not Withdrawal.TOO_LATE:
        po = po.answered_with(po.answers.contradicted(f"{len(late)} lines are refused of which a parcel has left"))
        told = [alert("SUPPLIER_CONTRADICTS", po.supplier, pk=job.pk, sk=job.sk, message=po.answers.contradiction)]
    if not gone:
        commit.purchase_order(
            job.sk, po.answered_with(po.answers.refusals_settled()), "it has left already", facts=told
        )
        commit.order("it has left already")
        return commit
    left = po.lines_refused({line.line_id for line in gone})
    left, spends = _counted(po, left)
    reckoning = _reckoned(job, left)
    left = left.reckoned(reckoning)
    freed, back = outcome.stock_back(job, gone, closed=po.reservation_closed)
    before = po.reckoning.margin if po.reckoning and po.state is PurchaseOrderState.PLACED else None
    record = freed.margin_changed(before * -1 if before else None)
    record = record.margin_changed(reckoning.margin if reckoning and before else None)
    skus = ", ".join(line.sku for line in gone[:MOST_SHOWN])
    what = f"{len(gone)} of {len(po.lines)} lines refused, planned again without {job.config.name_of(po.supplier)}"
    commit.purchase_order(job.sk, left, what, _said(po) or skus, facts=[*outcome.planned_again(job), *told])
    commit.order(what, record)
    return commit.beside(*spends, *back)


def _counted(po: PurchaseOrder, left: PurchaseOrder) -> tuple[PurchaseOrder, list[Spend]]:
    """What was paid, or billed with the order, counts on until the money is back."""
    if po.reserved_spend is None or po.payable is not None or not po.on_account:
        return left, []
    cost = left.expected_cost
    spend = Spend(po.supplier, po.spend_day, cost - po.reserved_spend, None, check_kill=False)
    return left.reserved(cost, po.spend_day, left.reckoning), [spend]


def _reckoned(job: Job, po: PurchaseOrder) -> Reckoning | None:
    if job.file.details is None:
        return None
    sold, day = true_money.sold_as_held(job.record.connection, job.details), job.now.date()
    try:
        return true_money.reckoning_of(po, sold, job.config, po.reckoning.day if po.reckoning else day)
    except (NotKnown, RateUnknown):
        return None
