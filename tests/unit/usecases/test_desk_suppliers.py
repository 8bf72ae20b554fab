"""Suppliers whose people take the orders: what they say is carried out, and they are written to (P1, P3, P5, P6, P10, P13).

The desk's ledger is the judge: its orders, and the letters that reached it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from orderwright.domain.order import OrderState
from orderwright.errors import OutcomeUnknown, Rejected
from orderwright.usecases.answering import Heard, Said, faults_of, take_answer
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.retry import retry_order
from tests.scripted.registering import scripted_suppliers
from tests.support.shop import SUPPLIER, Boundary, Killed
from tests.unit.usecases.desk_shop import (
    COB,
    DAY,
    HOUR,
    MS,
    NUMBER,
    REMINDER,
    WITHDRAWAL,
    OpenDesk,
    alerts,
    by_mail,
    due,
    ends,
    letters,
    open_desk,
    parcel,
    refusal,
    say,
)
from tests.unit.usecases.order_shop import buy
from tests.unit.usecases.scripted_shop import PARTS

__all__ = ["open_desk", "scripted_suppliers"]


# --- parcels ----------------------------------------------------------------------------------------------------------


def test_an_entered_number_reaches_the_store_the_tracker_and_the_buyer_once(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 2))
    assert say(shop, name, parcel(shop)) is Heard.TAKEN
    assert say(shop, name, parcel(shop)) is Heard.UNCHANGED
    shop.pass_time(DAY, step=DAY / 4)
    (sent,) = shop.shipments(name)
    made = shop.world.ledger.of_kind("shopify", "fulfillment_created")
    assert (sent.tracking_number, sent.carrier_name, len(made)) == (NUMBER, "DHL Express", 1)
    assert [tracker.tracking_code for tracker in shop.carrier.trackers] == [NUMBER]
    assert sum(NUMBER in mail.text for mail in shop.post.mails) == 1
    assert (shop.record(name).state, letters(shop, REMINDER)) == (OrderState.SHIPPED, 0)


def test_units_of_each_parcel_are_those_that_were_entered(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 3))
    (line,) = by_mail(shop, name).lines
    say(shop, name, parcel(shop, units={line.line_id: 2}))
    assert shop.record(name).state is OrderState.PLACED
    say(shop, name, parcel(shop, "00340434161094015919"))
    assert sorted(sent.lines[0].quantity for sent in shop.shipments(name)) == [1, 2]
    (fault,) = faults_of(by_mail(shop, name), parcel(shop, "00340434161094015926"))
    assert (fault.field, fault.code) == ("units", "UNITS_TAKEN")
    assert shop.record(name).state is OrderState.SHIPPED


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_a_refused_order_goes_to_the_next_supplier_and_costs_once(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1))
    margin = shop.record(name).margin
    assert say(shop, name, refusal(shop, name)) is Heard.TAKEN
    shop.pass_time(600, step=60)
    assert ends(shop, name) == [(SUPPLIER, "PLACED", ""), (PARTS, "CANCELLED", "REFUSED")]
    assert (shop.spent_at(PARTS), shop.sellable_at(PARTS, MS), shop.sellable_at(SUPPLIER, MS)) == (0, 40, 39)
    assert (len(shop.paid_orders(name)), shop.record(name).state) == (1, OrderState.PLACED)
    bought = next(po for po in shop.purchase_orders(name) if po.supplier == SUPPLIER)
    assert bought.reckoning is not None
    assert (shop.record(name).margin == bought.reckoning.margin, margin is not None) == (True, True)
    assert (
        say(shop, name, Said(confirmed=True), place=1) is Heard.ENDED
    )  # whatever they say now: nothing is to be shipped


def test_without_another_supplier_a_refusal_waits_and_a_retry_asks_again(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 1))
    say(shop, name, refusal(shop, name))
    assert (ends(shop, name), shop.codes(name)) == ([(PARTS, "REJECTED", "")], ["REFUSED_BY_SUPPLIER"])
    assert (shop.spent_at(PARTS), alerts(shop, "ORDER_NEEDS_ATTENTION")) == (0, 1)
    retry_order(Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    shop.pass_time(120, step=60)
    assert ends(shop, name) == [(PARTS, "CANCELLED", "REPLACED"), (PARTS, "PLACED", "")]
    assert (shop.codes(name), shop.sellable_at(PARTS, MS)) == ([], 39)


def test_a_line_that_is_refused_leaves_and_the_rest_stays(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1), (COB, 2))
    before = by_mail(shop, name)
    assert say(shop, name, refusal(shop, name, MS)) is Heard.TAKEN
    shop.pass_time(600, step=60)
    left = by_mail(shop, name)
    assert ([line.sku for line in left.lines], left.state, left.reference) == ([COB], "PLACED", before.reference)
    assert left.reserved_spend is not None
    assert (left.reserved_spend, shop.spent_at(PARTS)) == (left.expected_cost, left.expected_cost.minor)
    assert ends(shop, name) == [(SUPPLIER, "PLACED", ""), (PARTS, "PLACED", "")]
    assert (shop.sellable_at(PARTS, MS), shop.sellable_at(PARTS, COB), shop.bought(name)) == (40, 38, {MS: 1})
    kept = [po.reckoning.margin for po in shop.purchase_orders(name) if po.reckoning]
    assert shop.record(name).margin == kept[0] + kept[1]


def test_all_that_is_left_has_nothing_of_what_was_refused_a_moment_before(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1), (COB, 2))
    pk, sk = shop.order(name).pk, next(iter(shop.order(name).purchase_orders))
    for said in (refusal(shop, name, MS), parcel(shop)):  # nobody has carried out the refusal yet
        assert take_answer(shop.wiring.storage, pk, sk, said, "supplier", shop.clock.now())[0] is Heard.TAKEN
    shop.run()
    shop.pass_time(600, step=60)
    assert [line.sku for line in by_mail(shop, name).lines] == [COB]
    (sent,) = shop.order(name).shipments.values()
    assert {line.sku: line.quantity for line in sent.model.lines} == {COB: 2}
    assert (ends(shop, name)[0], shop.bought(name)) == ((SUPPLIER, "PLACED", ""), {MS: 1})


def test_a_refused_line_that_nobody_else_sells_waits_and_a_retry_asks_again(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1), (COB, 1))
    say(shop, name, refusal(shop, name, COB))
    assert (shop.codes(name), ends(shop, name)) == (["REFUSED_BY_SUPPLIER"], [(PARTS, "PLACED", "")])
    retry_order(Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    shop.pass_time(120, step=60)
    assert (shop.codes(name), ends(shop, name)) == ([], [(PARTS, "PLACED", ""), (PARTS, "PLACED", "")])


def test_every_supplier_refused_it_and_then_it_waits(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    shop.supplier.faults.script("createOrderV2", "refuse")
    name = buy(shop, (MS, 1))
    say(shop, name, refusal(shop, name))
    shop.pass_time(120, step=60)
    assert [end[1:] for end in ends(shop, name)] == [("REJECTED", ""), ("CANCELLED", "REFUSED")]
    assert (shop.record(name).state, len(shop.purchase_orders(name))) == (OrderState.NEEDS_ATTENTION, 2)


def test_a_refusal_after_a_confirmation_is_shown_and_the_operator_says_which_counts(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1))
    say(shop, name, Said(confirmed=True))
    assert say(shop, name, refusal(shop, name)) is Heard.CONTRADICTS
    assert (shop.codes(name), ends(shop, name)) == (["SUPPLIER_CONTRADICTS"], [(PARTS, "PLACED", "")])
    assert say(shop, name, refusal(shop, name, sure=True)) is Heard.TAKEN
    shop.pass_time(120, step=60)
    assert (shop.codes(name), ends(shop, name)[1]) == ([], (PARTS, "CANCELLED", "REFUSED"))


def test_a_refusal_counts_again_after_the_operator_overruled_the_first_one(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1))
    pk, (sk,) = shop.order(name).pk, shop.order(name).purchase_orders
    take_answer(shop.wiring.storage, pk, sk, refusal(shop, name), "supplier", shop.clock.now())
    assert say(shop, name, Said(confirmed=True, sure=True)) is Heard.TAKEN
    assert say(shop, name, refusal(shop, name)) is Heard.CONTRADICTS
    assert say(shop, name, refusal(shop, name, sure=True)) is Heard.TAKEN
    shop.pass_time(120, step=60)
    assert (ends(shop, name)[1], shop.bought(name)) == ((PARTS, "CANCELLED", "REFUSED"), {MS: 1})


def test_a_number_that_comes_after_a_refusal_is_shown_to_the_operator(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1))
    pk, (sk,) = shop.order(name).pk, shop.order(name).purchase_orders
    for said in (refusal(shop, name), parcel(shop)):
        take_answer(shop.wiring.storage, pk, sk, said, "supplier", shop.clock.now())
    shop.run()
    (reason,) = shop.record(name).reasons
    assert (reason.code, NUMBER in reason.message) == ("SUPPLIER_CONTRADICTS", True)


def test_one_number_in_two_spellings_is_one_parcel(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 3))
    (line,) = by_mail(shop, name).lines
    say(shop, name, parcel(shop, "jjd 000390007882823", units={line.line_id: 1}))
    assert say(shop, name, parcel(shop, "JJD000390007882823", units={line.line_id: 1})) is Heard.UNCHANGED
    assert [one.tracking_number for one in by_mail(shop, name).answers.parcels] == ["JJD000390007882823"]


def test_what_has_left_stays_ordered_though_it_is_refused(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, COB)
    name = buy(shop, (MS, 1), (COB, 1))
    line = next(one.line_id for one in by_mail(shop, name).lines if one.sku == COB)
    say(shop, name, parcel(shop, units={line: 1}))
    say(shop, name, refusal(shop, name, sure=True))
    shop.pass_time(120, step=60)
    assert [one.sku for one in by_mail(shop, name).lines] == [COB]
    assert (shop.bought(name), shop.codes(name)) == ({MS: 1}, ["SUPPLIER_CONTRADICTS"])


def test_p1_a_refusal_ends_an_order_whose_hand_over_was_unclear(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    shop.post.lost = [OutcomeUnknown("SES: no answer")]
    name = buy(shop, (MS, 1))
    shop.pass_time(1300, step=650)
    assert shop.codes(name) == ["OUTCOME_UNCLEAR"]
    say(shop, name, refusal(shop, name))
    shop.pass_time(120, step=60)
    assert ends(shop, name) == [(SUPPLIER, "PLACED", ""), (PARTS, "CANCELLED", "REFUSED")]


def test_a_worker_that_dies_over_a_refusal_changes_nothing_of_its_end(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    for number in range(1, 40):
        name = buy(shop, (MS, 1), (COB, 1))
        pk, sk = shop.order(name).pk, next(iter(shop.order(name).purchase_orders))
        said = refusal(shop, name, *([MS] if number % 2 else [MS, COB]))
        take_answer(shop.wiring.storage, pk, sk, said, "supplier", shop.clock.now())
        boundary = Boundary((number, "after"))
        with suppress(Killed):
            shop.call("place_purchase_order", due(shop, name), boundary)
        shop.wiring = shop.new_worker()
        shop.run()
        shop.pass_time(180, step=60)
        units = [sum(one.quantity for po in shop.purchase_orders(name) for one in po.lines if po.state == "PLACED")]
        expected = 2 if number % 2 else 0
        assert units == [expected], number
        if not boundary.dead:
            break
    assert not boundary.dead


# --- confirmations ----------------------------------------------------------------------------------------------------


def test_a_confirmation_in_time_needs_no_reminder(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 1))
    po = by_mail(shop, name)
    assert po.placed_at is not None
    assert po.answers.confirm_by == po.placed_at + timedelta(hours=24)
    say(shop, name, Said(confirmed=True))
    shop.pass_time(3 * DAY, step=DAY / 2)
    assert letters(shop, REMINDER) == 0


def test_a_number_is_missed_only_after_the_day_on_which_they_ship(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 1))
    late = timedelta(hours=shop.wiring.config().rules.no_tracking_alert_hours)
    say(shop, name, Said(confirmed=True, ships_on=(shop.clock.now() + timedelta(days=14)).date()))
    shop.pass_time((late + timedelta(days=8)).total_seconds(), step=DAY)
    assert alerts(shop, "NO_TRACKING") == 0
    shop.pass_time(10 * DAY, step=DAY)
    assert alerts(shop, "NO_TRACKING") == 1


def test_who_does_not_confirm_is_reminded_once_and_then_a_person_is_told(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1))
    shop.pass_time(DAY + 120, step=HOUR)
    assert (letters(shop, REMINDER), shop.codes(name)) == (1, [])
    shop.pass_time(DAY + 120, step=HOUR)
    assert (letters(shop, REMINDER), shop.codes(name), shop.record(name).state) == (
        1,
        ["UNCONFIRMED"],
        "NEEDS_ATTENTION",
    )
    assert (ends(shop, name), alerts(shop, "ORDER_NEEDS_ATTENTION")) == ([(PARTS, "PLACED", "")], 1)
    shop.pass_time(2 * DAY, step=HOUR * 6)
    say(shop, name, Said(confirmed=True))
    assert (shop.codes(name), shop.record(name).state, letters(shop, WITHDRAWAL)) == ([], OrderState.PLACED, 0)


def test_what_is_not_confirmed_is_withdrawn_first_where_that_was_agreed(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, unconfirmed_is_refused=True)
    name = buy(shop, (MS, 1))
    shop.pass_time(2 * DAY + 2 * HOUR, step=HOUR / 2)
    assert (letters(shop, REMINDER), letters(shop, WITHDRAWAL)) == (1, 1)
    assert ends(shop, name) == [(SUPPLIER, "PLACED", ""), (PARTS, "CANCELLED", "REFUSED")]
    kinds = [entry.kind for entry in shop.world.ledger.entries if entry.vendor in ("scripted-mail", "cj")]
    assert kinds.index(WITHDRAWAL.value) < kinds.index("order_paid")  # "do not ship" comes first
    assert say(shop, name, Said(confirmed=True), place=1) is Heard.ENDED
    assert say(shop, name, parcel(shop), place=1) is Heard.ENDED
    assert shop.codes(name) == ["SUPPLIER_CONTRADICTS"]
    assert say(shop, name, Said(confirmed=True, sure=True), place=1) is Heard.ENDED
    assert shop.codes(name) == []


@pytest.mark.parametrize("trouble", [OutcomeUnknown("no answer"), Rejected("no such mailbox")])
def test_nobody_else_is_asked_where_do_not_ship_was_not_certainly_sent(open_desk: OpenDesk, trouble: Exception) -> None:
    shop = open_desk(MS, unconfirmed_is_refused=True)
    name = buy(shop, (MS, 1))
    shop.pass_time(DAY + 120, step=HOUR)
    shop.post.next.append(trouble)
    shop.pass_time(DAY + 600, step=HOUR)
    assert (ends(shop, name), shop.codes(name)) == ([(PARTS, "REJECTED", "")], ["UNCONFIRMED"])
    code = "LETTER_UNCLEAR" if isinstance(trouble, OutcomeUnknown) else "LETTER_FAILED"
    assert alerts(shop, code) == 1


def test_what_a_supplier_refuses_by_its_api_goes_to_the_next_one(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, first=SUPPLIER)
    shop.supplier.faults.script("createOrderV2", "refuse")
    name = buy(shop, (MS, 1))
    shop.pass_time(120, step=60)
    assert ends(shop, name) == [(SUPPLIER, "CANCELLED", "REFUSED"), (PARTS, "PLACED", "")]
    assert (shop.codes(name), shop.spent(), shop.sellable_at(SUPPLIER, MS)) == ([], 0, 40)
    told = [entry.what for entry in shop.purchase_orders(name)[0].log]
    assert f"refused by {SUPPLIER}: planned again without it" in told
