"""A supplier replaces a told tracking number: store, carrier and customer get the new one, once (promises P5, P11)."""

from __future__ import annotations

from typing import Any

import pytest

import local.sandbox.cj.views
from local.sandbox.kit.people import Buyer
from orderwright.connectors.stores.shopify.orders import ShopifyOrders
from orderwright.domain.shipment import FulfillmentState, ShipmentState
from orderwright.messages import Message
from orderwright.records import Key
from orderwright.storage import Put
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.find import find_order
from orderwright.usecases.operator.retry import retry_order
from orderwright.usecases.tracking import parcels
from tests.support.shop import STORE, test_config
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["open_shop", "shop"]

MS = "HL-MS-400"
NEW = "1Z5R89390357567127"


def shipped(shop: OrderShop, units: int = 1, part: int = 0, *, sms: bool = False) -> tuple[str, str, str]:
    """An order with one parcel: its name, our reference, the parcel's number."""
    name = shop.store.buy([(MS, units)], buyer=Buyer(phone="+358401234567"), sms=sms).name
    shop.run()
    reference = shop.purchase_orders(name)[0].reference
    number = shop.supplier.ship(reference, {MS: part} if part else None).tracking_number
    shop.run()
    return name, reference, number


def renumber(shop: OrderShop, number: str, new: str) -> None:
    """The supplier shows the same piece under another number from now on."""
    kept = shop.supplier.warehouse._shipped
    kept[new] = kept.pop(number)
    for _, parcel in kept[new]:
        parcel.tracking_number = new


def news(shop: OrderShop, reference: str) -> None:
    """The supplier's word that something changed."""
    shop.call("update_tracking", Message("supplier.order_news", "news", "now", resource=reference).to_json())
    shop.run()


def told(shop: OrderShop) -> list[str]:
    return [mail.reference.partition("-")[2] for mail in shop.post.mails]


def in_the_store(shop: OrderShop, name: str) -> list[list[str | None]]:
    """The numbers of each fulfillment."""
    return [[row[0] for row in made.tracking] for made in shop.store.order(name).fulfillments]


def scan(shop: OrderShop, number: str, status: str) -> None:
    shop.clock.advance(60)
    shop.carrier.scan(number, status, status)
    shop.run()


def test_the_new_number_of_a_piece_reaches_store_tracker_and_customer_once(shop: OrderShop) -> None:
    name, reference, old = shipped(shop, sms=True)
    renumber(shop, old, NEW)
    for _ in range(3):
        news(shop, reference)
    shop.pass_time(86400, step=4 * 3600)
    (parcel,) = shop.shipments(name)
    assert (parcel.tracking_number, parcel.former_numbers, parcel.carrier_name) == (NEW, (old,), "UPS")
    assert (in_the_store(shop, name), told(shop)) == ([[NEW]], ["SHIPPED", "RENUMBERED"])
    assert NEW in shop.post.mails[-1].text
    assert old not in shop.post.mails[-1].text
    assert [NEW in text for _, text in shop.post.texts] == [False, True]
    assert [tracker.tracking_code for tracker in shop.carrier.trackers] == [old, NEW]
    scan(shop, NEW, "out_for_delivery")
    scan(shop, NEW, "delivered")
    assert told(shop) == ["SHIPPED", "RENUMBERED", "OUT_FOR_DELIVERY", "DELIVERED"]


def test_a_replaced_number_is_found_by_the_poll_and_the_second_piece_is_still_told(shop: OrderShop) -> None:
    name, reference, old = shipped(shop, 2, 1)
    renumber(shop, old, NEW)
    shop.pass_time(86400, step=4 * 3600)
    assert (in_the_store(shop, name), told(shop)) == ([[NEW]], ["SHIPPED", "RENUMBERED"])
    second = shop.supplier.ship(reference).tracking_number
    shop.run()
    assert (in_the_store(shop, name), told(shop)) == ([[NEW], [second]], ["SHIPPED", "RENUMBERED", "SHIPPED"])


def test_an_answer_that_lags_behind_replaces_nothing(shop: OrderShop) -> None:
    name, reference, old = shipped(shop, 2, 1)
    second = shop.supplier.ship(reference).tracking_number
    shop.run()
    shop.supplier.faults.script("getOrderDetail", "ok", "not_found")
    news(shop, reference)
    renumber(shop, old, NEW)
    news(shop, reference)
    renumber(shop, NEW, old)
    news(shop, reference)
    assert sorted(parcel.tracking_number for parcel in shop.shipments(name)) == sorted([NEW, second])
    assert told(shop) == ["SHIPPED", "SHIPPED", "RENUMBERED"]


def test_the_last_miles_number_and_carrier_are_what_the_buyer_follows(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, reference, _ = shipped(shop)
    row = local.sandbox.cj.views.tracking_row

    def with_last_mile(*args: Any) -> dict[str, Any]:
        return row(*args) | {"lastMileCarrier": "UPS", "lastTrackNumber": NEW}

    monkeypatch.setattr("local.sandbox.cj.warehouse.tracking_row", with_last_mile)
    news(shop, reference)
    shop.supplier.faults.script("trackInfo", "error_500")
    news(shop, reference)
    (parcel,) = shop.shipments(name)
    assert (parcel.tracking_number, parcel.carrier_name) == (NEW, "UPS")
    assert NEW in parcel.tracking_url
    assert (in_the_store(shop, name), told(shop)) == ([[NEW]], ["SHIPPED", "RENUMBERED"])


def test_a_last_miles_number_that_could_not_be_read_is_asked_for_again_soon(shop: OrderShop) -> None:
    name, reference, old = shipped(shop)
    shop.supplier.renumber(old, NEW, "UPS", last_mile=True)
    shop.supplier.faults.script("trackInfo", "error_500", "timeout")
    news(shop, reference)
    assert in_the_store(shop, name) == [[old]]
    (bought,) = shop.order(name).purchase_orders.values()
    assert bought.model.log[-1].what == "the supplier is asked again soon"
    shop.pass_time(3600, step=300)
    assert (in_the_store(shop, name), told(shop)) == ([[NEW]], ["SHIPPED", "RENUMBERED"])


@pytest.mark.parametrize("by", ["old", "new"])
def test_a_parcel_is_found_by_both_of_its_numbers(shop: OrderShop, by: str) -> None:
    name, reference, old = shipped(shop)
    renumber(shop, old, NEW)
    news(shop, reference)
    number = old if by == "old" else NEW
    assert find_order(shop.wiring.storage, number, [STORE]) == shop.order(name).pk
    shop.carrier.scan(NEW, "delivered", "delivered")
    shop.deliveries.clear()
    detail = {"tracking_number": number}
    shop.call("update_tracking", Message("carrier.tracker_news", "scan", "now", detail=detail).to_json())
    assert shop.shipments(name)[0].state is ShipmentState.DELIVERED


@pytest.mark.parametrize("how", ["timeout", "accept_then_timeout", "error_500"])
def test_a_store_that_does_not_answer_gets_the_new_number_later(shop: OrderShop, how: str) -> None:
    name, reference, old = shipped(shop)
    shop.store.config.faults.script("fulfillmentTrackingInfoUpdate", how)
    renumber(shop, old, NEW)
    news(shop, reference)
    shop.pass_time(1800, step=300)
    assert in_the_store(shop, name) == [[NEW]]
    assert shop.shipments(name)[0].fulfillment is FulfillmentState.DONE


def test_a_store_record_that_was_unclear_meanwhile_is_not_made_twice(shop: OrderShop) -> None:
    shop.store.config.faults.script("fulfillmentCreate", "accept_then_timeout")
    name, reference, old = shipped(shop)
    renumber(shop, old, NEW)
    news(shop, reference)
    shop.pass_time(1800, step=300)
    assert in_the_store(shop, name) == [[NEW]]


@pytest.mark.parametrize("calls", [["create_fulfillment"], ["create_fulfillment", "update_fulfillment_tracking"]])
def test_a_number_that_is_replaced_while_the_store_is_called_reaches_the_store(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch, calls: list[str]
) -> None:
    name = shop.store.buy([(MS, 1)]).name
    shop.run()
    reference = shop.purchase_orders(name)[0].reference
    shown = [shop.supplier.ship(reference).tracking_number]
    coming = [NEW, "1Z5R89390357567128"]

    def replaced(call: str) -> None:
        real = getattr(ShopifyOrders, call)

        def replacing(*args: Any) -> Any:
            monkeypatch.setattr(ShopifyOrders, call, real)
            shown.append(coming.pop())
            renumber(shop, shown[-2], shown[-1])
            shop.call("update_tracking", Message("supplier.order_news", "news", "now", resource=reference).to_json())
            return real(*args)

        monkeypatch.setattr(ShopifyOrders, call, replacing)

    for call in calls:
        replaced(call)
    shop.run()
    shop.pass_time(1800, step=300)
    assert len(shown) == 1 + len(calls)
    assert in_the_store(shop, name) == [[shown[-1]]]
    assert shop.shipments(name)[0].fulfillment is FulfillmentState.DONE


def test_a_store_that_counts_from_acceptance_gets_the_new_number(open_shop: OpenShop) -> None:
    base = test_config()
    store = base.connections[STORE].model_copy(update={"fulfilled_on": "ACCEPTANCE"})
    shop = open_shop(base.model_copy(update={"connections": {**base.connections, STORE: store}}))
    name, reference, old = shipped(shop)
    renumber(shop, old, NEW)
    news(shop, reference)
    shop.pass_time(1800, step=300)
    assert in_the_store(shop, name) == [[NEW]]
    assert shop.shipments(name)[0].fulfillment is FulfillmentState.DONE


def test_a_number_that_was_not_told_yet_is_told_once_as_it_is_now(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)]).name
    shop.run()
    reference = shop.purchase_orders(name)[0].reference
    old = shop.supplier.ship(reference).tracking_number
    shop.deliver()
    while shop.queues["update_tracking"]:
        shop.call("update_tracking", shop.queues["update_tracking"].popleft())
    renumber(shop, old, NEW)
    news(shop, reference)
    assert (told(shop), NEW in shop.post.mails[0].text) == (["SHIPPED"], True)


def test_nothing_is_said_of_a_parcel_that_has_arrived(shop: OrderShop) -> None:
    name, reference, old = shipped(shop)
    scan(shop, old, "delivered")
    renumber(shop, old, NEW)
    news(shop, reference)
    assert (in_the_store(shop, name), told(shop)) == ([[old]], ["SHIPPED", "DELIVERED"])


@pytest.mark.parametrize("units", [1, 2])
def test_a_parcel_kept_by_an_older_version_is_known_by_its_lines_where_nothing_more_can_come(
    shop: OrderShop, units: int
) -> None:
    name, reference, old = shipped(shop, units, 1)
    ((sk, held),) = shop.order(name).shipments.items()
    before = held.model.model_copy(update={"parcel_ref": ""})
    shop.wiring.storage.commit([Put(Key("orders", shop.order(name).pk, sk), before, held.version)])
    renumber(shop, old, NEW)
    news(shop, reference)
    (parcel,) = shop.shipments(name)
    assert parcel.tracking_number == (NEW if units == 1 else old), "with a piece to come, nobody can say yet"


def test_word_of_a_new_number_that_got_lost_is_sent_when_the_parcel_is_due(shop: OrderShop) -> None:
    _, reference, old = shipped(shop)
    renumber(shop, old, NEW)
    shop.call("update_tracking", Message("supplier.order_news", "news", "now", resource=reference).to_json())
    shop.relay()
    assert shop.queues["notify_customer"]
    shop.queues["notify_customer"].clear()
    shop.pass_time(86400, step=4 * 3600)
    assert told(shop) == ["SHIPPED", "RENUMBERED"]


def test_more_parcels_than_fit_into_one_commit_follow_in_the_next(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "PARCELS_AT_ONCE", 1)
    name = shop.store.buy([(MS, 3)]).name
    shop.run()
    reference = shop.purchase_orders(name)[0].reference
    for units in (2, 1):
        shop.supplier.ship(reference, {MS: units})
    shop.deliveries.clear()
    shop.pass_time(5 * 3600, step=600)
    made = shop.world.ledger.of_kind("shopify", "fulfillment_created")
    assert [[row["quantity"] for row in entry.data["lines"]] for entry in made] == [[2], [1]]


def test_a_number_that_is_replaced_on_the_last_mile_as_well_is_not_told_when_only_the_first_is_shown(
    shop: OrderShop,
) -> None:
    name, reference, old = shipped(shop)
    renumber(shop, old, "HLPARCEL0001")
    shop.supplier.renumber("HLPARCEL0001", NEW, "UPS", last_mile=True)
    shop.run()
    shop.supplier.faults.script("trackInfo", "refuse")
    news(shop, reference)
    (parcel,) = shop.shipments(name)
    assert (parcel.tracking_number, parcel.former_numbers) == (NEW, (old, "HLPARCEL0001"))
    assert (in_the_store(shop, name), told(shop)) == ([[NEW]], ["SHIPPED", "RENUMBERED"])
    assert find_order(shop.wiring.storage, "HLPARCEL0001", [STORE]) == shop.order(name).pk


def test_a_supplier_is_asked_rarely_for_another_number_of_what_has_left(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    take = shop.supplier.faults.take

    def noted(operation: str) -> str:
        asked.append(operation)
        return take(operation)

    monkeypatch.setattr(shop.supplier.faults, "take", noted)
    shipped(shop)
    shop.pass_time(4 * 86400, step=4 * 3600)
    before = asked.count("trackInfo")
    shop.pass_time(16 * 86400, step=4 * 3600)
    assert 4 <= asked.count("trackInfo") - before <= 12, "not twice a day: an account may have few calls a day"


def test_the_new_number_is_set_at_our_own_record_whatever_the_merchant_wrote_there(shop: OrderShop) -> None:
    name, reference, old = shipped(shop, 2, 1)
    (made,) = shop.store.order(name).fulfillments
    made.tracking = [("BY-HAND", *made.tracking[0][1:])]
    renumber(shop, old, NEW)
    news(shop, reference)
    assert in_the_store(shop, name) == [[NEW]], "and no second one, for the piece that is still to come"


def test_a_new_number_that_the_store_refused_is_set_when_the_operator_retries_days_later(shop: OrderShop) -> None:
    name, reference, old = shipped(shop)
    shop.store.config.faults.script("fulfillmentTrackingInfoUpdate", *["refuse"] * 300)
    renumber(shop, old, NEW)
    news(shop, reference)
    shop.pass_time(3 * 86400, step=4 * 3600)
    assert shop.shipments(name)[0].fulfillment is FulfillmentState.PARKED
    shop.store.config.faults.queued.clear()
    retry_order(Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    assert in_the_store(shop, name) == [[NEW]]


@pytest.mark.parametrize("how", ["swap", "chain"])
def test_parts_that_take_over_each_others_numbers_are_told_apart_by_their_source(shop: OrderShop, how: str) -> None:
    name, reference, first = shipped(shop, 2, 1)
    second = shop.supplier.ship(reference).tracking_number
    shop.run()
    kept = shop.supplier.warehouse._shipped
    one, two, last = kept.pop(first), kept.pop(second), first if how == "swap" else NEW
    for number, rows in ((second, one), (last, two)):
        kept[number] = rows
        rows[0][1].tracking_number = number
    for _ in range(2):
        news(shop, reference)
    assert in_the_store(shop, name) == [[second], [last]]
    assert told(shop) == ["SHIPPED", "SHIPPED", "RENUMBERED", "RENUMBERED"]


def test_two_parts_that_leave_under_one_number_are_one_parcel(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 2)]).name
    shop.run()
    reference = shop.purchase_orders(name)[0].reference
    number = shop.supplier.ship(reference, {MS: 1}).tracking_number
    shop.supplier.ship(reference, tracking_number=number)
    shop.run()
    assert [line.quantity for parcel in shop.shipments(name) for line in parcel.lines] == [2]
    assert (in_the_store(shop, name), told(shop)) == ([[number]], ["SHIPPED"])
