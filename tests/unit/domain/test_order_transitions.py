"""What each event makes of an order's record, alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orderwright.domain.money import Money
from orderwright.domain.order import (
    MOST_OF_A_NOTE,
    OrderDetails,
    OrderRecord,
    OrderState,
    PaymentState,
    Reason,
    Release,
    Reservation,
)
from orderwright.domain.time_line import log_entry
from tests.unit.domain.order_kit import order

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


def held(sku: str) -> Reservation:
    return Reservation(line_id=sku, sku=sku, supplier="cj", quantity=1)


def reason(code: str) -> Reason:
    return Reason(code=code, message=code)


RECORD = OrderRecord(
    connection="shop", order_id="1", name="#1", state=OrderState.PLACING, payment=PaymentState.PAID, total=usd(1000),
    refunded=usd(0), created_at=NOW, store_updated_at=NOW, seen_at=NOW, reserved={"A": held("A"), "B": held("B")},
)  # fmt: skip


@pytest.mark.parametrize(
    ("before", "by", "after"), [(None, 5, 5), (7, 5, 12), (7, -7, 0), (7, None, 7), (None, None, None)]
)
def test_a_margin_adds_up_and_stays_unknown_until_one_is_known(
    before: int | None, by: int | None, after: int | None
) -> None:
    record = RECORD.margin_changed(None if before is None else usd(before))
    changed = record.margin_changed(None if by is None else usd(by))
    assert changed.margin == (None if after is None else usd(after))


def test_stock_that_does_not_fit_into_one_commit_waits_and_the_order_is_due_at_once() -> None:
    owed = RECORD.stock_freed({"A", "B"}).stock_owed({"B": held("B")}, NOW)
    assert (owed.reserved, list(owed.giving_back), owed.recheck_at) == ({}, ["B"], NOW)
    later = NOW + timedelta(seconds=1)
    assert (owed.stock_given_back({"B"}, later).giving_back, owed.stock_given_back({"B"}, later).recheck_at) == (
        {},
        later,
    )
    assert RECORD.stock_owed({}, NOW) is RECORD, "nothing is owed"


def test_an_order_that_nobody_wants_misses_no_stock_and_has_nothing_against_it() -> None:
    record = RECORD.stock_taken({}, 3).judged((reason("OUT_OF_STOCK"),), (reason("RISK"),), (reason("HIGH_VALUE"),))
    after = record.unwanted()
    assert (after.reserving, after.problems, after.holds, after.approvals) == (0, (), (), ())
    assert after.reserved == RECORD.reserved, "stock goes back by its own commits"


def test_an_operators_stop_is_kept_and_only_the_operator_ends_it() -> None:
    stopped = RECORD.stopped(reason("STOPPED_BY_OPERATOR"))
    assert (stopped.released, [hold.code for hold in stopped.holds]) == (
        ("STOPPED_BY_OPERATOR",),
        ["STOPPED_BY_OPERATOR"],
    )
    going_on = stopped.let_pass({"STOPPED_BY_OPERATOR"}, (), lifted={"STOPPED_BY_OPERATOR"})
    assert (going_on.released, going_on.holds) == ((), ())


def test_what_is_let_pass_stops_it_no_more_and_all_else_still_does() -> None:
    record = RECORD.judged((reason("NO_PHONE"), reason("NO_CITY")), (reason("RISK"),), ())
    release = Release(code="NO_PHONE", at=NOW, by="operator anna")
    after = record.let_pass({"NO_PHONE"}, (release,))
    assert ([one.code for one in after.problems], [one.code for one in after.holds]) == (["NO_CITY"], ["RISK"])
    assert (after.released, after.releases) == (("NO_PHONE",), (release,))


def test_a_merchant_who_was_told_of_missing_money_is_not_told_again() -> None:
    assert RECORD.rechecked_at(None, overdue=True).rechecked_at(NOW).payment_overdue


def test_only_the_last_fifty_refunds_are_kept() -> None:
    record = RECORD
    for minor in range(60):
        record = record.refund_seen(usd(minor), None)
    assert [seen.amount.minor for seen in record.refunds] == list(range(10, 60))


def test_an_erased_order_says_when() -> None:
    after = RECORD.erased(log_entry(NOW, "ingest_order", "erased"))
    assert (after.erased_at, after.log[-1].what) == (NOW, "erased")


def test_a_buyers_note_is_kept_short_and_can_be_stored_and_goes_with_an_erasure() -> None:
    kept = OrderDetails.of(order(buyer_note="half \ud83d" + "x" * 5_000))
    assert (kept.buyer_note[:7], len(kept.buyer_note)) == ("half ?x", MOST_OF_A_NOTE)
    assert kept.model_dump_json()
    assert kept.erased().buyer_note == ""
