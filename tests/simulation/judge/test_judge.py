"""Each rule of the judge: a world that keeps the promise is left alone, one that breaks it is accused."""

from __future__ import annotations

import copy
import json
import re

import pytest

from orderwright.domain.notice import NoticeState
from orderwright.domain.order import OrderState, Reason
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.shipment import Milestone
from orderwright.records import notice_key, shipment_key
from tests.simulation.judge.shelf import WINDOW
from tests.simulation.judge.small_shop import (
    NUMBER,
    SKU,
    STOCK,
    SmallShop,
    Story,
    bought,
    told_and_delivered,
)

INTENT, PLACED, PARKED = PurchaseOrderState.INTENT, PurchaseOrderState.PLACED, PurchaseOrderState.PARKED
UNCLEAR = Reason(code="OUTCOME_UNCLEAR", message="unclear")


# --- nothing wrong ----------------------------------------------------------------------------------------------------


def test_an_order_that_came_to_the_door_is_left_alone() -> None:
    story = told_and_delivered()
    assert story.violations() == ""
    assert story.shop.judge.outcome_of(story.sold) == "DELIVERED"


def test_a_copy_of_the_world_is_judged_for_itself() -> None:
    story = told_and_delivered()
    other = copy.deepcopy(story)
    other.pay()
    assert "was paid 2 times" in other.violations()
    assert story.violations() == ""


# --- P1 ---------------------------------------------------------------------------------------------------------------


def test_a_second_payment_is_accused_at_once() -> None:
    story = told_and_delivered()
    story.pay()
    assert f"P1: {story.reference} was paid 2 times" in story.shop.judge.violations
    assert f"P1: 4 of {SKU} were paid for, 2 were sold in {story.sold.name}" in story.shop.judge.violations


def test_a_second_order_at_the_supplier_is_accused_unless_it_could_not_be_avoided() -> None:
    story = told_and_delivered()
    excused = copy.deepcopy(story)
    excused.shop.memory["duplicates_possible"] = True
    for one in (story, excused):
        one.make_at_supplier()
    assert "was created 2 times" in story.violations()
    assert excused.violations() == ""


def test_a_payment_for_an_order_that_nobody_made_is_accused() -> None:
    shop = SmallShop()
    shop.world.record("cj", "order_paid", "OW-77-abcdef-1", amount="1.00", quantities={SKU: 1})
    shop.judge.after_event()
    assert "the store has no such order" in shop.judge.violations[0]


def test_goods_of_a_customer_who_has_not_paid_are_not_bought() -> None:
    story = bought()
    story.shop.judge.book.by_name[story.sold.name].paid = False
    story.buy_from_supplier()
    assert "its customer has not paid" in story.violations()


def test_an_order_that_is_neither_bought_nor_parked_is_accused() -> None:
    assert "neither paid for nor parked with an alarm" in bought().violations()


def test_a_parked_order_needs_its_alarm() -> None:
    story = bought()
    story.purchase_order(PARKED, reserved_spend=None, reasons=(UNCLEAR,))
    story.record(OrderState.NEEDS_ATTENTION, reasons=(UNCLEAR,))
    silent = copy.deepcopy(story)
    longer = copy.deepcopy(story)
    story.shop.seen.alerts.append(f"ORDER_NEEDS_ATTENTION\nlook at {story.sold.name}.")
    longer.shop.seen.alerts.append(f"ORDER_NEEDS_ATTENTION\nlook at {story.sold.name}1.")
    assert "P1" not in story.violations()
    assert "needs attention and no alert was sent" in silent.violations()
    assert "needs attention and no alert was sent" in longer.violations()


def test_what_we_call_placed_and_the_supplier_does_not_know_is_accused() -> None:
    story = bought()
    story.purchase_order(PLACED, placed_at=story.shop.now())
    assert "is PLACED here and was never paid for" in story.violations()


# --- P2, P6, P7 -------------------------------------------------------------------------------------------------------


def test_an_order_that_we_never_heard_of_is_accused_unless_its_news_was_dropped() -> None:
    story = told_and_delivered()
    shop = story.shop
    for pk, sk in [key for key in shop.account.tables["orders"] if key[0] == story.pk]:
        shop.account.keep("orders", pk, sk, None)
    excused = copy.deepcopy(story)
    excused.shop.memory["unheard"] = {story.sold.name}
    assert "P2: the store has the order #1001 that we never heard of" in story.violations()
    assert "P2" not in excused.violations()


def test_a_webhook_that_its_vendor_gave_up_is_accused_unless_it_was_dropped_on_purpose() -> None:
    shop, excused = SmallShop(), SmallShop()
    excused.memory["webhooks_dropped"] = True
    for one in (shop, excused):
        one.seen.given_up.append("http://x/webhooks/lamp-shop")
        one.judge.after_event()
    assert "P2: a webhook was given up" in shop.judge.violations[0]
    assert excused.judge.violations == []


def test_a_payment_needs_a_look_at_the_store_before_it() -> None:
    story, seen, late = bought(), bought(), bought()
    for one in (story, seen, late):
        one.shop.memory["reads"] = {}
    seen.purchase_order(INTENT, "create")
    seen.make_at_supplier()
    late.shop.store.cancel(late.sold.name)
    late.purchase_order(INTENT, "create")
    late.make_at_supplier()
    for one in (seen, late):
        one.shop.memory["reads"] = {one.sold.number: len(one.shop.world.ledger.entries)}
    for one in (story, seen, late):
        one.purchase_order(INTENT, "pay")
        one.pay()
    assert f"P6: {story.reference} was paid without reading the order again" in story.shop.judge.violations
    assert not [said for said in seen.shop.judge.violations if said.startswith("P6")]
    assert "the store had said cancelled before the last read" in " ".join(late.shop.judge.violations)


@pytest.mark.parametrize(
    ("end", "paid", "told", "accused"),
    [
        ("NOTHING_ORDERED", False, False, ""),
        ("NOTHING_ORDERED", True, False, "the supplier was paid"),
        ("ORDERED_TOO_LATE", True, True, ""),
        ("ORDERED_TOO_LATE", True, False, "the merchant was not told"),
        ("ORDERED_TOO_LATE", False, True, "the supplier was never paid"),
        ("", False, False, "its end is open"),
    ],
)
def test_a_cancellation_has_one_end_that_the_ledger_confirms(end: str, paid: bool, told: bool, accused: str) -> None:
    story = bought()
    if paid:
        story.buy_from_supplier()
    story.shop.store.cancel(story.sold.name)
    story.sold.cancelled = True
    state = OrderState.NEEDS_ATTENTION if told else OrderState.CANCELLED
    story.record(state, cancelled=True, cancel_outcome=end)
    if told:
        story.shop.seen.alerts.append(f"ORDER_NEEDS_ATTENTION {story.sold.name}")
    found = [line for line in story.violations().splitlines() if line.startswith("P6")]
    assert (accused in " ".join(found)) if accused else not found


def test_an_order_that_its_store_never_had_is_accused() -> None:
    story = told_and_delivered()
    item = {**story.shop.account.tables["orders"][story.pk, "ORDER"], "pk": {"S": "lamp-shop#1"}}
    story.shop.account.keep("orders", "lamp-shop#1", "ORDER", item)
    assert "P7: we hold the order lamp-shop#1, which no store has" in story.violations()


def test_a_forged_webhook_that_comes_through_is_accused() -> None:
    shop = SmallShop()
    shop.memory["forged"] = ["forged-1"]
    shop.seen.bodies.append('{"type":"order.changed","id":"lamp-shop#forged-1"}')
    shop.judge.after_event()
    assert "P7: the forged or foreign webhook forged-1" in shop.judge.violations[0]


# --- P3 and P4 --------------------------------------------------------------------------------------------------------


def _publish(shop: SmallShop, quantity: int) -> None:
    where = {"before": 0, "location": "Orderwright dropship", "reason": "correction", "document": None}
    shop.world.record("shopify", "quantity_changed", SKU, after=quantity, **where)
    shop.judge.after_event()


def test_more_on_sale_than_was_ever_sellable_is_accused_and_a_late_push_is_not() -> None:
    shop = SmallShop()
    shop.offer({})
    shop.later(5)
    shop.offer({"lamp-shop#1|1": 3})
    _publish(shop, STOCK)
    assert shop.judge.violations == []
    _publish(shop, STOCK + 1)
    assert f"P3: {STOCK + 1} of {SKU} were published" in shop.judge.violations[0]
    shop.judge.violations.clear()
    shop.later(WINDOW.total_seconds() + 10)
    _publish(shop, STOCK)
    assert f"never more than {STOCK - 3} could be sold" in shop.judge.violations[0]


def test_a_stock_that_the_supplier_never_had_is_accused() -> None:
    shop = SmallShop()
    shop.offer({})
    shop.supplier.set_stock(SKU, 7)
    shop.offer({}, stock=7)
    assert shop.judge.violations == []
    shop.offer({}, stock=STOCK + 59)
    assert "the supplier never had that many" in shop.judge.violations[0]


def test_reservations_without_an_order_and_orders_without_a_reservation_are_accused() -> None:
    story = told_and_delivered()
    story.shop.offer({f"{story.pk}|{story.line}": 2, "lamp-shop#9|9": 1})
    lost = told_and_delivered()
    lost.shop.offer({})
    assert "open without an order [('lamp-shop#9|9', 1)]" in story.violations()
    assert f"held but not open [('{lost.pk}|{lost.line}', 2)]" in lost.violations()


def _price(shop: SmallShop, price: str) -> None:
    shop.world.record("shopify", "price_changed", SKU, before="16.99", after=price)
    shop.judge.after_event()


def test_a_price_below_cost_and_margin_is_accused() -> None:
    shop = SmallShop()
    shop.offer({})
    _price(shop, "7.78")
    assert shop.judge.violations == []
    _price(shop, "7.77")
    assert f"P4: {SKU} was published at 7.77, allowed is 7.78 to any" in shop.judge.violations


def test_a_large_step_that_nobody_approved_is_accused() -> None:
    shop = SmallShop()
    shop.offer({})
    shop.listing(1699)
    shop.listing(1999)
    assert shop.judge.violations == []
    shop.listing(2999)
    assert "goes from 1999 to 2999 at once" in shop.judge.violations[0]


# --- P5 ---------------------------------------------------------------------------------------------------------------


def test_the_same_mail_twice_and_a_mail_that_goes_backward_are_accused() -> None:
    story = told_and_delivered()
    story.mail(Milestone.SHIPPED)
    said = " ".join(story.shop.judge.violations)
    assert f"P5: 2 times the same email: {story.sold.name} SHIPPED {NUMBER}" in said
    assert "P5: an email went backward" in said


@pytest.mark.parametrize(
    ("scan", "why"),
    [({"is_return": True}, "it went back"), ({"when": "2026-07-01T08:00:00Z"}, "the carrier has not delivered it")],
)
def test_a_delivery_mail_about_another_parcel_or_about_the_senders_delivery_is_accused(
    scan: dict[str, object], why: str
) -> None:
    story = bought()
    story.buy_from_supplier()
    story.ship(**scan)
    story.tell()
    assert re.search(f"P5: .* was delivered by email, and {why}", story.violations())


def test_a_mail_to_another_customer_is_accused() -> None:
    story = told_and_delivered()
    bought(story.shop, who="Muukalainen", email="muu@example.com")
    story.mail(Milestone.CONFIRMED, to="muu@example.com")
    assert f"P5: a message about {story.sold.name} went to somebody else" in story.shop.judge.violations


def test_a_mail_that_holds_another_customers_data_is_accused() -> None:
    story = bought()
    bought(story.shop, who="Muukalainen", email="muu@example.com")
    story.mail(Milestone.CONFIRMED, body="Hello Muukalainen")
    assert "holds data of the customer of #1002" in " ".join(story.shop.judge.violations)


def test_a_text_message_without_consent_is_accused() -> None:
    story = bought()
    text = f"Nordlight: your order {story.sold.name} is on its way."
    story.shop.account.sent_texts.append({"PhoneNumber": "+358401234567", "Message": text})
    story.shop.judge.after_event()
    assert "without having agreed" in story.shop.judge.violations[0]


def _without(story: Story, milestone: Milestone, shown: NoticeState | None) -> str:
    """The end of a story in which one mail of the parcel was not sent, and our notice says so, or says nothing."""
    parcel = shipment_key(story.pk, story.reference, NUMBER).sk
    story.buy_from_supplier()
    story.ship()
    story.shop.last_fault = story.shop.now()
    told = [(Milestone.SHIPPED, NoticeState.SENT), (Milestone.DELIVERED, NoticeState.SENT)]
    kept = [(one, shown if one is milestone else how) for one, how in told]
    for one, _ in [(Milestone.CONFIRMED, None), *told]:
        if one is not milestone:
            story.mail(one)
    story.notice("ORDER", (Milestone.CONFIRMED, NoticeState.SENT))
    story.notice(parcel, *((one, how) for one, how in kept if how is not None))
    return story.violations()


def test_a_missing_mail_must_be_shown_as_unclear_or_be_overtaken() -> None:
    killed = bought()
    killed.shop.trace.note(killed.shop.now(), "notify_customer#1", "*** is killed")
    assert _without(killed, Milestone.DELIVERED, NoticeState.UNCLEAR) == ""
    assert "only 0 sends can have gone wrong" in _without(bought(), Milestone.DELIVERED, NoticeState.UNCLEAR)
    assert _without(bought(), Milestone.SHIPPED, None) == ""
    assert "was never told DELIVERED" in _without(bought(), Milestone.DELIVERED, None)
    assert "our side says that DELIVERED" in _without(bought(), Milestone.DELIVERED, NoticeState.SENT)
    assert "was given up" in _without(bought(), Milestone.DELIVERED, NoticeState.FAILED)


def test_a_mail_that_we_do_not_know_of_is_accused() -> None:
    story = told_and_delivered()
    key = notice_key(story.pk, "ORDER", "email")
    story.shop.account.keep("orders", key.pk, key.sk, None)
    assert "our side does not know it was sent" in story.violations()


# --- P8 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["bodies", "logged", "alerts", "errors"])
def test_personal_data_in_a_text_is_accused_however_it_is_written(place: str) -> None:
    for who in ("Lintukoto", "Mäkinen"):
        story = bought(who=who)
        getattr(story.shop.seen, place).append(json.dumps({"name": f"x {who} y"}))
        story.shop.judge.after_event()
        assert f"P8: {who} of #1001 is in" in story.shop.judge.violations[0]


def test_personal_data_outside_the_details_is_accused() -> None:
    story = told_and_delivered()
    story.record(OrderState.DELIVERED, reasons=(Reason(code="X", message="ask Lintukoto"),))
    assert "P8: Lintukoto of #1001 is in the table orders outside DETAILS" in story.violations()


def test_personal_data_that_outlives_its_erasure_is_accused() -> None:
    story = told_and_delivered()
    story.sold.erased = True
    asked = copy.deepcopy(story)
    story.record(OrderState.DELIVERED, erased_at=story.shop.now())
    assert "P8: kana@example.com of #1001 is still there after erasure" in story.violations()
    assert "P8: the store asked to erase the customer of #1001, and nobody did" in asked.violations()


# --- P9 ---------------------------------------------------------------------------------------------------------------


def test_an_error_that_nobody_foresaw_is_accused_and_one_of_ours_or_of_the_sdk_is_not() -> None:
    story = told_and_delivered()
    story.shop.seen.failures += [
        ("ingest_order", "orderwright.errors.Retryable"),
        ("sweep", "botocore.exceptions.ClientError"),
    ]
    story.shop.judge.after_event()
    assert story.shop.judge.violations == []
    story.shop.seen.failures.append(("ingest_order", "builtins.KeyError"))
    assert "P9: ingest_order fails with KeyError, which no fault explains" in story.violations()


@pytest.mark.parametrize(
    ("text", "told"), [("openId 123456789 refused", True), ("order 91234567890", False), ("cj-1234567", False)]
)
def test_the_suppliers_open_id_in_a_log_is_accused(text: str, told: bool) -> None:
    shop = SmallShop()
    shop.seen.logged.append(text)
    shop.judge.after_event()
    assert [said for said in shop.judge.violations if "openId" in said] == (
        ["P15: the supplier's openId, which signs its webhooks, is in a log"] if told else []
    )
