"""The judge on money, on what waits, and on parcels: promises P9, P10, P11."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from orderwright.domain.operations import StoredConfig
from orderwright.domain.order import Reason
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.records import ALL_SUPPLIERS, Key, purchase_order_key, shipment_key
from tests.simulation.judge.small_shop import (
    COST,
    NUMBER,
    SKU,
    SmallMessage,
    SmallQueue,
    SmallShop,
    Story,
    bought,
    told_and_delivered,
)
from tests.support.shop import SUPPLIER

INTENT, PLACED, PARKED = PurchaseOrderState.INTENT, PurchaseOrderState.PLACED, PurchaseOrderState.PARKED
UNCLEAR = Reason(code="OUTCOME_UNCLEAR", message="unclear")


def _cap(story: Story, amount: str) -> None:
    """Another limit per day is applied."""
    shop = story.shop
    document = shop.config.model_dump_json().replace('"2000.00"', f'"{amount}"')
    stored = StoredConfig(number=2, document=document, applied_at=shop.now(), applied_by="test")
    shop.write(Key("control", "CONFIG", "CURRENT"), stored)


# --- P10 --------------------------------------------------------------------------------------------------------------


def test_a_payment_above_the_cap_in_force_is_accused() -> None:
    story = bought()
    _cap(story, "9.99")
    early = copy.deepcopy(story)
    early.buy_from_supplier()
    story.shop.later(200)
    story.buy_from_supplier()
    assert "P10: 10.00 were paid on 2026-11-22, the limit is 9.99" in story.shop.judge.violations
    # A worker may have read the limit a moment before it was lowered.
    assert early.shop.judge.violations == []


def test_a_purchase_order_above_its_own_cap_is_accused() -> None:
    story = bought()
    story.purchase_order(INTENT, "pay")
    story.pay("300.01")
    assert "the limit per purchase order is 300.00" in " ".join(story.shop.judge.violations)


@pytest.mark.parametrize("switch", [SUPPLIER, ALL_SUPPLIERS])
def test_an_intent_after_the_switch_is_accused_and_one_before_it_is_not(switch: str) -> None:
    after, before = bought(), bought()
    after.shop.stop(on=True, switch=switch)
    after.purchase_order(INTENT, "pay")
    before.purchase_order(INTENT, "pay")
    before.shop.stop(on=True, switch=switch)
    before.shop.later(300)
    again = copy.deepcopy(after)
    again.shop.stop(on=False, switch=switch)
    again.shop.later(1)
    again.purchase_order(INTENT, "pay", owner="another")
    for one in (after, before, again):
        one.pay()
    assert "P10" in " ".join(after.shop.judge.violations)
    assert before.shop.judge.violations == []
    assert again.shop.judge.violations == []


def test_a_payment_without_an_intent_is_accused() -> None:
    story = bought()
    story.purchase_order(INTENT, "create")
    story.pay()
    assert f"P1: {story.reference} was paid without an INTENT" in story.shop.judge.violations


def test_counters_that_disagree_with_the_money_are_accused() -> None:
    story, other = told_and_delivered(), bought()
    story.shop.count(COST.minor + 1)
    other.purchase_order(INTENT, "pay")
    other.pay("11.00")
    other.purchase_order(PLACED, placed_at=other.shop.now())
    assert "P10: the counter of 2026-11-22 says 10.01, purchase orders hold 10.00" in story.violations()
    assert "cost 11.00, 10.00 are counted" in other.violations()


# --- P9, P11, parcels, contracts --------------------------------------------------------------------------------------


def test_what_waits_and_nothing_will_wake_is_accused() -> None:
    story = told_and_delivered()
    key = purchase_order_key(story.pk, SUPPLIER, 1)
    item = dict(story.shop.account.tables["orders"][key.pk, key.sk])
    del item["due_at"]
    story.shop.account.keep("orders", key.pk, key.sk, item)
    assert f"P11: {key.sk} of #1001 waits and nothing will wake it" in story.violations()


def test_what_is_overdue_or_sleeps_too_long_is_accused() -> None:
    story = told_and_delivered()
    asleep = copy.deepcopy(story)
    story.shop.clock.at += timedelta(minutes=8)
    asleep.shop.clock.at -= timedelta(hours=20)
    assert "P11: overdue since" in story.violations()
    assert "sleeps until" in asleep.violations()


def test_a_message_that_still_flies_or_died_is_accused() -> None:
    shop = SmallShop()
    old, young, poison = '{"type":"notice.due"}', '{"type":"order.due"}', "poison"
    shop.memory["poison"] = {poison}
    shop.queues["notify_customer"] = SmallQueue([SmallMessage(old, shop.now() - timedelta(minutes=3))])
    shop.queues["ingest_order"] = SmallQueue([SmallMessage(young, shop.now()), SmallMessage(poison, shop.now())])
    shop.queues["ingest_order_dead_letter"] = SmallQueue([SmallMessage(poison, shop.now())])
    shop.judge.at_the_end()
    assert shop.judge.violations == ["P11: a message is still flying: notify_customer: notice.due"]
    shop.queues["ingest_order_dead_letter"].messages.append(SmallMessage(young, shop.now()))
    shop.judge.at_the_end()
    assert shop.judge.violations[1:] == ["P9: a message died in ingest_order_dead_letter: order.due"]


def test_a_parcel_is_recorded_in_the_store_once_and_with_what_is_in_it() -> None:
    story = told_and_delivered()
    entry = story.shop.world.ledger.of_kind("shopify", "fulfillment_created")[0]
    story.shop.world.record("shopify", "fulfillment_created", entry.reference, **entry.data)
    assert f"parcel {NUMBER} of #1001 was recorded with 4 of {SKU}, 2 are in it" in story.violations()


@pytest.mark.parametrize(
    ("lost", "accused"), [("", True), ("OW-9-abcdef-1", True), ("YT0000000000000001", False), ("its reference", False)]
)
def test_a_parcel_that_nobody_saw_is_accused_unless_a_webhook_about_it_was_given_up(lost: str, accused: bool) -> None:
    story = told_and_delivered()
    data = {"tracking_number": "YT0000000000000001", "quantities": {SKU: 1}}
    story.shop.world.record("cj", "order_shipped", story.reference, **data)
    story.shop.judge.after_event()
    story.shop.seen.lost[story.reference if lost == "its reference" else lost] = True
    key = purchase_order_key(story.pk, SUPPLIER, 1)
    item = dict(story.shop.account.tables["orders"][key.pk, key.sk])
    item["due_at"] = {"S": "2026-11-22T12:00:00.000000Z#tracking.due"}
    story.shop.account.keep("orders", key.pk, key.sk, item)
    story.shop.later(16 * 60)
    assert ("tracking: parcel YT0000000000000001 of #1001 was never seen" in story.violations()) is accused


@pytest.mark.parametrize(("due", "accused"), [("20:00", True), ("08:30", False)])
@pytest.mark.parametrize("followed", [False, True])
def test_a_parcel_that_no_carrier_was_asked_about_is_accused(due: str, accused: bool, followed: bool) -> None:
    story = told_and_delivered()
    key = shipment_key(story.pk, story.reference, NUMBER)
    item = copy.deepcopy(story.shop.account.tables["orders"][key.pk, key.sk])
    item["body"]["M"]["state"] = {"S": "PENDING"}
    item["due_at"] = {"S": f"2026-11-22T{due}:00.000000Z#tracking.due"}
    fresh = bought()
    fresh.buy_from_supplier()
    fresh.shop.world.record("cj", "order_shipped", fresh.reference, tracking_number=NUMBER, quantities={SKU: 2})
    if followed:
        fresh.shop.world.record("easypost", "tracker_created", NUMBER)
    fresh.shop.account.keep("orders", key.pk, key.sk, item)
    fresh.shop.later(16 * 60)
    said = f"tracking: nobody asked the carrier about {NUMBER} of #1001" in fresh.violations()
    assert said is (accused and not followed)


def test_a_request_that_the_vendors_contract_does_not_allow_is_accused() -> None:
    shop = SmallShop()
    shop.world.record("cj", "contract_violation", "x", operation="payBalanceV2", problem="payId: missing")
    shop.judge.after_event()
    assert shop.judge.violations == ["contract: cj payBalanceV2 payId: missing"]
