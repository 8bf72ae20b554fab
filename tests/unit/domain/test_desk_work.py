"""What is to be done about an order in people's hands, and when (promises P1, P6, P11)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from orderwright.domain.desk_work import DeskStep, desk_due, desk_step
from orderwright.domain.order import OrderState, Reason
from orderwright.domain.order_state import OrderParts, derive_state
from orderwright.domain.payment import PaymentDecision, PaymentGate
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_state import REFUSED
from orderwright.domain.supplier_answers import (
    UNCONFIRMED,
    Letter,
    LetterKind,
    LetterState,
    SupplierAnswers,
    Withdrawal,
)
from orderwright.usecases.order_commit import wakes
from tests.unit.domain.order_kit import NOW, line, purchase_order, usd

PLACED, PARKED = PurchaseOrderState.PLACED, PurchaseOrderState.PARKED
LATER, LATEST = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
MISSING = Reason(code=UNCONFIRMED, message="nobody has confirmed it")
UNCLEAR = (Reason(code="OUTCOME_UNCLEAR", message="no answer"),)


def letter(kind: LetterKind, state: LetterState, at: datetime | None = None) -> SupplierAnswers:
    return SupplierAnswers().lettered(Letter(kind=kind, state=state, at=NOW, settle_until=at))


def placed(answers: SupplierAnswers, state: PurchaseOrderState = PLACED, **more: Any) -> PurchaseOrder:
    values = {"placed_at": NOW, "on_account": True, "answers": answers, **more}
    return purchase_order(state, "l1", "l2", **values)


NOTHING, REMINDER, WITHDRAWAL = SupplierAnswers(), LetterKind.REMINDER, LetterKind.WITHDRAWAL
REFUSED_ONE = NOTHING.refusing({"l1": "sold out"}, "supplier", NOW)
REFUSED_ALL = NOTHING.refusing({"l1": "", "l2": ""}, "supplier", NOW)
SENT = letter(WITHDRAWAL, LetterState.SENT)
ASKED, TOO_LATE = Withdrawal.ASKED, Withdrawal.TOO_LATE


@pytest.mark.parametrize(
    ("po", "due", "step"),
    [
        (placed(NOTHING), None, None),
        (placed(NOTHING.awaited(LATER)), LATER, DeskStep.REMIND),
        (placed(letter(REMINDER, LetterState.UNCLEAR).awaited(LATER)), LATER, DeskStep.MISSED),
        (placed(letter(REMINDER, LetterState.SENDING, LATER).awaited(LATEST)), LATER, DeskStep.LETTER),
        (placed(letter(REMINDER, LetterState.WAITING, LATER).awaited(LATEST)), LATER, DeskStep.LETTER),
        (placed(NOTHING.awaited(LATER).confirmed("supplier")), None, None),
        (placed(REFUSED_ONE.awaited(LATER)), NOW, DeskStep.SETTLE),
        (placed(REFUSED_ONE.refusals_settled()), None, None),
        (placed(REFUSED_ALL, PARKED, reasons=UNCLEAR, placed_at=None), NOW, DeskStep.SETTLE),
        (placed(REFUSED_ONE, PARKED, reasons=UNCLEAR, placed_at=None), None, None),
        (placed(REFUSED_ALL, PARKED, placed_at=None), NOW, DeskStep.SETTLE),
        (placed(NOTHING.withdrawing(ASKED).awaited(LATER)), NOW, DeskStep.WITHDRAW),
        (placed(SENT.withdrawing(ASKED)), None, None),
        (placed(SENT.withdrawing(ASKED), cancel_requested=True), NOW, DeskStep.TELL),
        (placed(SENT.withdrawing(TOO_LATE), cancel_requested=True, cancel_outcome="CANCELLATION_REQUESTED"),
         NOW, DeskStep.TELL),
        (placed(SENT.withdrawing(TOO_LATE), cancel_requested=True, cancel_outcome="ORDERED_TOO_LATE"), None, None),
        (placed(SENT.withdrawing(Withdrawal.AGREED)), NOW, DeskStep.END),
        (placed(SENT.withdrawing(Withdrawal.ENDED)), NOW, DeskStep.END),
    ],
)  # fmt: skip
def test_each_step_has_its_time(po: PurchaseOrder, due: datetime | None, step: DeskStep | None) -> None:
    assert desk_due(po, NOW) == due
    assert desk_step(po, LATEST) is step


def test_an_item_wakes_for_the_earlier_of_its_parcels_and_its_answers() -> None:
    parcels_first = placed(NOTHING.awaited(LATEST), tracking_due=LATER)
    answers_first = placed(NOTHING.awaited(LATER), tracking_due=LATEST)
    found = [wakes(po, NOW) for po in (parcels_first, answers_first, placed(NOTHING))]
    assert [(due.at, due.type) if due else None for due in found] == [
        (LATER, "tracking.due"), (LATER, "purchase_order.due"), None,
    ]  # fmt: skip


def test_a_refused_line_leaves_with_its_share_of_the_freight() -> None:
    after = placed(REFUSED_ONE, freight=usd("2.91")).lines_refused({"l1"})
    assert ([one.line_id for one in after.lines], after.freight, after.answers.open_refusals) == (
        ["l2"],
        usd("1.46"),
        (),
    )


def test_what_was_taken_back_is_not_ordered_and_waits_for_nothing() -> None:
    after = placed(REFUSED_ALL.awaited(LATER), confirmed_at=NOW, tracking_due=LATER).taken_back()
    ended = after.nothing_ordered(REFUSED, MISSING)
    assert (after.ordered, wakes(ended, NOW), ended.refusals_forgotten().cancel_outcome) == (False, None, "REPLACED")
    assert ended.refusals_forgotten().answers.refused == ()


@pytest.mark.parametrize("how", ["confirmed", "parcel"])
def test_a_late_confirmation_or_a_parcel_ends_what_was_missed(how: str) -> None:
    late = placed(NOTHING.awaited(LATER)).unconfirmed(MISSING)
    assert (late.reasons, late.answers.confirm_by) == ((MISSING,), None)
    after = late.confirmed(NOW) if how == "confirmed" else late.parcels_told(NOW, LATER, complete=False)
    assert (after.reasons, after.confirmed_at) == ((), NOW)


@pytest.mark.parametrize("cancelled", [False, True])
def test_what_nobody_confirmed_or_somebody_contradicted_needs_a_person(cancelled: bool) -> None:
    missed = placed(NOTHING).unconfirmed(MISSING)
    against = placed(NOTHING.contradicted("refused, though confirmed"))
    codes = []
    for po in (missed, against):
        done = po if not cancelled else po.cancellation_answered("CANCELLATION_REQUESTED")
        payment = PaymentDecision(PaymentGate.FORWARD, None)
        parts = OrderParts((line("l1"), line("l2")), payment, (done,), cancelled=cancelled, acknowledged=cancelled)
        summary = derive_state(parts)
        codes.append((summary.state, [reason.code for reason in summary.reasons]))
    waits = (OrderState.NEEDS_ATTENTION, ["SUPPLIER_CONTRADICTS"])
    assert codes[1] == waits
    assert codes[0][0] is (OrderState.CANCELLED if cancelled else OrderState.NEEDS_ATTENTION)
