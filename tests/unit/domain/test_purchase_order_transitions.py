"""What becomes of a purchase order, whoever asks: stopped, retried, parked, taken after all, postponed, adopted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderwright.domain.order import Reason
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_state import MAX_SENDS
from tests.unit.domain.order_kit import NOW, purchase_order, usd

NEW, INTENT, PLACED = PurchaseOrderState.NEW, PurchaseOrderState.INTENT, PurchaseOrderState.PLACED
REJECTED, PARKED, CANCELLED = PurchaseOrderState.REJECTED, PurchaseOrderState.PARKED, PurchaseOrderState.CANCELLED
GIVE_UP_AFTER = 5
LATER = NOW + timedelta(minutes=5)


def po(state: PurchaseOrderState, code: str = "", **more: Any) -> PurchaseOrder:
    reasons = (Reason(code=code, message="why"),) if code else ()
    return purchase_order(state, "l1", **{"reasons": reasons, **more})


@pytest.mark.parametrize(
    ("before", "state", "asked", "outcome"),
    [
        (po(NEW), CANCELLED, False, "NOTHING_ORDERED"),
        (po(INTENT, step="pay", sends=1), INTENT, True, ""),
        (po(PLACED, placed_at=NOW), PLACED, True, ""),
        (po(REJECTED, "REFUSED"), CANCELLED, False, "NOTHING_ORDERED"),
        (po(REJECTED, "CANCELLED_BY_SUPPLIER", placed_at=NOW), REJECTED, False, ""),
        (po(PARKED, "NO_CONNECTION"), CANCELLED, False, "NOTHING_ORDERED"),
        (po(PARKED, "OUTCOME_UNCLEAR", step="pay", sends=2), PARKED, False, ""),
        (po(PARKED, "OUTCOME_UNCLEAR", step="confirm", sends=2, placed_at=NOW), INTENT, True, ""),
        (po(PARKED, "BALANCE", step="pay", sends=2), INTENT, True, ""),
        (po(CANCELLED, cancel_outcome="EDITED"), CANCELLED, False, "EDITED"),
    ],
)
def test_nobody_wants_it_any_more(before: PurchaseOrder, state: PurchaseOrderState, asked: bool, outcome: str) -> None:
    after = before.stopped(NOW)
    assert (after.state, after.cancel_requested, after.cancel_outcome) == (state, asked, outcome)


@pytest.mark.parametrize(("resume", "step", "sends"), [("", "parent", 2), ("parent", "parent", 2), ("pay", "pay", 0)])
def test_what_was_sent_is_looked_up_before_it_is_taken_back(resume: str, step: str, sends: int) -> None:
    after = po(PARKED, "BALANCE", step="parent", resume_step=resume, sends=2, refusals=9).stopped(LATER)
    assert (after.step, after.sends, after.settle_until, after.refusals) == (step, sends, LATER, 0)


@pytest.mark.parametrize(
    ("before", "not_ordered", "state", "step", "sends"),
    [
        (po(REJECTED, "REFUSED", step="create", sends=1), False, CANCELLED, "create", 1),
        (po(PARKED, "LOOK_UP_LOST", step="pay", sends=1), True, CANCELLED, "pay", 1),
        (po(PARKED, "LOOK_UP_LOST", step="pay", sends=1), False, INTENT, "pay", 1),
        (po(PARKED, "OUTCOME_UNCLEAR", step="pay", sends=MAX_SENDS), False, INTENT, "pay", MAX_SENDS),
        (po(PARKED, "OUTCOME_UNCLEAR", step="pay", sends=MAX_SENDS), True, INTENT, "pay", MAX_SENDS - 1),
        (po(PARKED, "OUTCOME_UNCLEAR", step="mail", sends=1), True, INTENT, "mail", 0),
        (po(PARKED, "NO_CONNECTION"), False, NEW, "", 0),
        (po(PARKED, "MARGIN_TOO_LOW", step="parent", resume_step="pay", sends=1), False, INTENT, "pay", 0),
        (po(PARKED, "BALANCE", step="pay", resume_step="pay", sends=2), False, INTENT, "pay", 1),
        (po(PARKED, "UNAVAILABLE", step="pay", sends=2, refusals=GIVE_UP_AFTER), False, INTENT, "pay", 2),
        (po(PARKED, "UNAVAILABLE", step="pay", sends=2, refusals=GIVE_UP_AFTER), True, INTENT, "pay", 1),
    ],
)
def test_a_retry_repeats_no_call_blindly(
    before: PurchaseOrder, not_ordered: bool, state: PurchaseOrderState, step: str, sends: int
) -> None:
    after = before.retried(LATER, GIVE_UP_AFTER, not_ordered=not_ordered)
    assert (after.state, after.step, after.sends) == (state, step, sends)
    assert state is not INTENT or (after.settle_until, after.refusals, after.resume_step) == (LATER, 0, "")


@pytest.mark.parametrize(("spend", "day"), [(None, ""), (usd("9.30"), "2026-11-01")])
def test_spend_that_was_given_back_counts_against_the_day_of_the_retry(spend: object, day: str) -> None:
    for step in ("", "pay"):
        before = po(PARKED, "BALANCE", step=step, reserved_spend=spend, spend_day="2026-11-01")
        assert before.retried(LATER, GIVE_UP_AFTER).spend_day == day


@pytest.mark.parametrize(("free", "left"), [(True, None), (False, usd("9.30"))])
@pytest.mark.parametrize(("rejected", "state"), [(True, REJECTED), (False, PARKED)])
def test_parking_ends_the_step_and_frees_spend_only_where_that_is_said(
    free: bool, left: object, rejected: bool, state: PurchaseOrderState
) -> None:
    why = Reason(code="BALANCE", message="why")
    before = po(INTENT, step="pay", owner="worker", settle_until=LATER, reserved_spend=usd("9.30"))
    after = before.parked(why, resume="pay", rejected=rejected, free_spend=free)
    assert (after.state, after.resume_step, after.reasons, after.reserved_spend) == (state, "pay", (why,), left)
    assert (after.owner, after.settle_until) == ("", None)


@pytest.mark.parametrize(("sent", "method"), [({}, ""), ({"sends": 1}, "DHL"), ({"vendor_ids": {"id": "1"}}, "DHL")])
def test_a_shipping_method_that_was_never_sent_is_asked_for_again(sent: dict[str, Any], method: str) -> None:
    parked = po(NEW, shipping_method="DHL", **sent).parked(Reason(code="MARGIN_TOO_LOW", message="why"))
    assert parked.shipping_method == method


@pytest.mark.parametrize(
    ("state", "order_cancelled", "closed", "unwanted"),
    [(PARKED, False, False, False), (PARKED, True, False, True), (CANCELLED, False, True, True)],
)
def test_what_the_supplier_took_after_all_is_ordered_and_an_unwanted_one_is_cancelled(
    state: PurchaseOrderState, order_cancelled: bool, closed: bool, unwanted: bool
) -> None:
    before = po(state, cancel_outcome="NOTHING_ORDERED", heard_at=NOW, resume_step="pay")
    after = before.taken_after_all(LATER, cancelled=order_cancelled)
    assert (after.placed_at, after.reservation_closed, after.cancel_requested) == (LATER, closed, unwanted)
    assert (after.cancel_outcome, after.heard_at, after.resume_step) == ("", None, "")


@pytest.mark.parametrize(
    ("state", "sent", "sends", "settles"),
    [(INTENT, True, 1, LATER), (INTENT, False, 2, LATER), (NEW, False, 2, None)],
)
def test_a_call_that_was_sent_for_nothing_does_not_count(
    state: PurchaseOrderState, sent: bool, sends: int, settles: object
) -> None:
    why = Reason(code="UNAVAILABLE", message="why")
    after = po(state, sends=2, owner="worker").postponed(LATER, why, 3, sent=sent)
    assert (after.sends, after.settle_until, after.refusals, after.owner) == (sends, settles, 3, "")


@pytest.mark.parametrize(
    ("spend", "day"), [(None, NOW.date().isoformat()), (usd("9.30"), "2026-11-01")], ids=["not counted", "counted"]
)
def test_what_is_adopted_is_placed_now_and_counts_once(spend: object, day: str) -> None:
    before = po(PARKED, "OUTCOME_UNCLEAR", reserved_spend=spend, spend_day="2026-11-01", payable=usd("9.80"))
    after = before.adopted({"order_id": "CJ1"}, NOW, cancelled=True)
    assert (after.state, after.placed_at, after.reasons, after.vendor_ids) == (PLACED, NOW, (), {"order_id": "CJ1"})
    assert (after.reserved_spend, after.spend_day, after.cancel_requested) == (usd("9.80"), day, True)
