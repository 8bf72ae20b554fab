"""Parcels become shipments and milestones, once and never backwards (R29, R34; promises P5, P11)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from orderwright.aws.dynamo import DynamoStorage
from orderwright.domain.order import OrderState
from orderwright.domain.shipment import FulfillmentState, ShipmentState
from orderwright.messages import Message
from orderwright.ports.carrier import TrackerView
from orderwright.records import OrderFile, offer_key
from orderwright.storage import Put
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.retry import retry_order
from orderwright.usecases.tracking.trackers import follow_parcel
from tests.support.shop import SUPPLIER, Shop, test_config
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["open_shop", "shop"]

MS, COB = "HL-MS-400", "HL-COB-350"
DAY = 86400


def bought(shop: OrderShop, *lines: tuple[str, int]) -> tuple[str, str]:
    """A paid order: its name, and our reference at the supplier."""
    name = shop.store.buy(list(lines or [(MS, 1)])).name
    shop.run()
    return name, shop.purchase_orders(name)[0].reference


def shipped(shop: OrderShop, *lines: tuple[str, int], **how: str) -> tuple[str, str]:
    """An order in one parcel: its name and the parcel's number."""
    name, reference = bought(shop, *lines)
    number = shop.supplier.ship(reference, **how).tracking_number
    shop.run()
    return name, number


def scan(shop: OrderShop, number: str, status: str, **how: datetime | None) -> None:
    shop.clock.advance(60)
    shop.carrier.scan(number, status, status, **how)  # type: ignore[arg-type]
    shop.run()


def subjects(shop: OrderShop) -> list[str]:
    """Milestones that were mailed, oldest first, from the reference of each mail."""
    return [mail.reference.partition("-")[2] for mail in shop.post.mails]


def fulfillments(shop: OrderShop) -> list[dict[str, int]]:
    """The store's ledger: units by SKU of each recorded parcel."""
    made = shop.world.ledger.of_kind("shopify", "fulfillment_created")
    return [{line["sku"]: line["quantity"] for line in entry.data["lines"]} for entry in made]


def test_one_parcel_becomes_one_fulfillment_one_tracker_and_one_mail(shop: OrderShop) -> None:
    name, number = shipped(shop)
    assert (fulfillments(shop), subjects(shop)) == ([{MS: 1}], ["SHIPPED"])
    assert number in shop.post.mails[0].text
    assert [tracker.tracking_code for tracker in shop.carrier.trackers] == [number]
    assert shop.record(name).state is OrderState.SHIPPED


def test_two_parcels_hold_the_right_lines(shop: OrderShop) -> None:
    name, reference = bought(shop, (MS, 2), (COB, 1))
    shop.supplier.ship(reference, {MS: 1, COB: 1})
    shop.run()
    assert shop.record(name).state is OrderState.PLACED
    shop.supplier.ship(reference, {MS: 1})
    shop.run()
    assert fulfillments(shop) == [{MS: 1, COB: 1}, {MS: 1}]
    assert (shop.record(name).state, subjects(shop)) == (OrderState.SHIPPED, ["SHIPPED", "SHIPPED"])


def test_one_parcel_for_two_purchase_orders_is_recorded_for_both(shop: OrderShop) -> None:
    name, first = bought(shop)
    shop.store.edit(name, add=[(COB, 1)])
    shop.store.capture(name)
    shop.run()
    second = shop.purchase_orders(name)[1].reference
    number = shop.supplier.ship(first).tracking_number
    shop.run()
    shop.supplier.ship(second, tracking_number=number)
    shop.run()
    assert fulfillments(shop) == [{MS: 1}, {COB: 1}]
    assert shop.record(name).state is OrderState.SHIPPED


def test_a_parcel_without_any_webhook_is_found_by_the_poll(shop: OrderShop) -> None:
    name, reference = bought(shop)
    shop.supplier.ship(reference)
    shop.deliveries.clear()
    shop.pass_time(DAY / 2, step=3 * 3600)
    assert (fulfillments(shop), subjects(shop)) == ([{MS: 1}], ["SHIPPED"])
    assert shop.record(name).state is OrderState.SHIPPED


def test_news_that_cannot_be_read_now_is_asked_for_soon(shop: OrderShop) -> None:
    _, reference = bought(shop)
    shop.supplier.faults.script("getOrderDetail", *["error_500"] * 3)
    shop.supplier.ship(reference)
    shop.run()
    assert fulfillments(shop) == []
    shop.pass_time(3600, step=300)
    assert fulfillments(shop) == [{MS: 1}]


def test_a_message_that_brings_nothing_new_reads_its_order_once(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, reference = bought(shop)
    read: list[str] = []
    whole = DynamoStorage.load_order

    def load_order(self: DynamoStorage, pk: str) -> OrderFile:
        read.append(pk)
        return whole(self, pk)

    monkeypatch.setattr(DynamoStorage, "load_order", load_order)
    versions = [held.version for held in shop.order(name).purchase_orders.values()]
    read.clear()
    shop.call("update_tracking", Message("supplier.order_news", "news", "now", resource=reference).to_json())
    assert len(read) == 1
    assert [held.version for held in shop.order(name).purchase_orders.values()] == versions


def test_a_look_up_that_lags_behind_its_news_is_repeated_soon(shop: OrderShop) -> None:
    _, reference = bought(shop)
    shop.supplier.faults.script("getOrderDetail", *["not_found"] * 2)
    shop.supplier.ship(reference)
    shop.run()
    assert fulfillments(shop) == []
    shop.pass_time(3600, step=300)
    assert fulfillments(shop) == [{MS: 1}]


@pytest.mark.parametrize("part", [1, 2])
def test_a_part_that_lags_behind_its_news_is_asked_for_soon(shop: OrderShop, part: int) -> None:
    """Each of the two messages about the last parcel leads to a look at the order, where one part is not found."""
    _, reference = bought(shop, (MS, 2), (COB, 1))
    shop.supplier.ship(reference, {MS: 1, COB: 1})
    shop.run()
    shop.supplier.faults.script("getOrderDetail", *[*["ok"] * part, "not_found"] * 2)
    shop.supplier.ship(reference, {MS: 1})
    shop.run()
    assert fulfillments(shop) == [{MS: 1, COB: 1}]
    shop.pass_time(3600, step=300)
    assert fulfillments(shop) == [{MS: 1, COB: 1}, {MS: 1}]


def test_an_order_that_the_supplier_does_not_find_is_told_as_late_once(shop: OrderShop) -> None:
    name, reference = bought(shop)
    shop.supplier.ship(reference)
    shop.supplier.faults.script("getOrderDetail", *["not_found"] * 1000)
    shop.pass_time(8 * DAY, step=6 * 3600)
    assert [reason.code for reason in shop.purchase_orders(name)[0].reasons] == ["NO_TRACKING"]
    assert sum("NO_TRACKING" in alert for alert in shop.post.alerts) == 1


def test_the_same_news_twice_changes_nothing(shop: OrderShop) -> None:
    name, reference = bought(shop)
    shop.supplier.ship(reference)
    shop.deliveries.extend(list(shop.deliveries) * 2)
    shop.run()
    assert (fulfillments(shop), subjects(shop)) == ([{MS: 1}], ["SHIPPED"])
    assert len(shop.shipments(name)) == 1


def test_each_milestone_is_told_in_turn_until_delivery(shop: OrderShop) -> None:
    name, number = shipped(shop)
    for status in ("in_transit", "out_for_delivery", "out_for_delivery", "delivered", "delivered"):
        scan(shop, number, status)
    assert subjects(shop) == ["SHIPPED", "OUT_FOR_DELIVERY", "DELIVERED"]
    assert shop.record(name).state is OrderState.DELIVERED


def test_p15_a_carriers_answer_about_another_parcel_moves_none_of_ours(shop: OrderShop) -> None:
    name, number = shipped(shop)
    (parcel,) = shop.shipments(name)
    other = TrackerView("trk_9", "OTHER-1", "DHL", ShipmentState.DELIVERED, shop.clock.now(), None)

    class Confused:
        def watch(self, tracking_number: str, carrier: str) -> TrackerView:
            return other

        def read_tracker(self, tracker_id: str) -> TrackerView:
            return other

    file = shop.order(name)
    (sk,) = file.shipments
    follow_parcel(
        file, sk, "c", woken=False, storage=shop.wiring.storage, carriers={"c": Confused()}, timing=shop.wiring.timing,
        clock=shop.clock,
    )  # fmt: skip
    (after,) = shop.shipments(name)
    assert (after.tracking_number, after.state, after.tracker_id) == (number, parcel.state, parcel.tracker_id)
    assert after.log[-1].why == "the carrier service answered about another parcel"


def test_a_late_scan_of_an_older_event_is_ignored(shop: OrderShop) -> None:
    name, number = shipped(shop)
    scan(shop, number, "out_for_delivery")
    scan(shop, number, "in_transit", when=shop.clock.now() - timedelta(hours=5))
    assert shop.shipments(name)[0].state is ShipmentState.OUT_FOR_DELIVERY
    assert subjects(shop) == ["SHIPPED", "OUT_FOR_DELIVERY"]


def test_in_transit_after_delivered_tells_nobody(shop: OrderShop) -> None:
    name, number = shipped(shop)
    scan(shop, number, "delivered")
    scan(shop, number, "in_transit")
    assert subjects(shop) == ["SHIPPED", "DELIVERED"]
    assert shop.record(name).state is OrderState.DELIVERED


def test_a_promised_day_that_slips_is_told_as_a_delay(shop: OrderShop) -> None:
    _, number = shipped(shop)
    scan(shop, number, "in_transit", est_delivery=shop.clock.now() + timedelta(days=3))
    scan(shop, number, "in_transit", est_delivery=shop.clock.now() + timedelta(days=3, hours=5))
    assert subjects(shop) == ["SHIPPED"]
    scan(shop, number, "in_transit", est_delivery=shop.clock.now() + timedelta(days=6))
    scan(shop, number, "in_transit", est_delivery=shop.clock.now() + timedelta(days=9))
    assert subjects(shop) == ["SHIPPED", "DELAYED"]


@pytest.mark.parametrize("status", ["failure", "return_to_sender"])
def test_trouble_with_a_parcel_is_told_to_customer_and_merchant(shop: OrderShop, status: str) -> None:
    _, number = shipped(shop)
    scan(shop, number, status)
    scan(shop, number, status)
    assert subjects(shop) == ["SHIPPED", "EXCEPTION"]
    assert ["PARCEL_IN_TROUBLE" in alert for alert in shop.post.alerts] == [True]


def test_a_supplier_that_cancels_a_paid_order_comes_before_the_operator(shop: OrderShop) -> None:
    name, reference = bought(shop)
    order = shop.supplier.book.find(reference)
    assert order is not None
    order.status = "CANCELLED"
    shop.pass_time(DAY / 2, step=3 * 3600)
    assert (shop.record(name).state, shop.codes(name)) == (OrderState.NEEDS_ATTENTION, ["CANCELLED_BY_SUPPLIER"])
    shop.store.cancel(name)
    shop.run()
    assert shop.record(name).state is OrderState.NEEDS_ATTENTION, "the money is still to be asked back"


def test_no_tracking_for_too_long_alerts_once_and_goes_on_by_itself(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(no_tracking_alert_hours=24))
    name, reference = bought(shop)
    shop.pass_time(4 * DAY, step=6 * 3600)
    assert ["NO_TRACKING" in alert for alert in shop.post.alerts] == [True]
    shop.supplier.ship(reference)
    shop.run()
    assert shop.record(name).state is OrderState.SHIPPED


def stock_reported(shop: OrderShop) -> None:
    """The supplier's stock shows the purchase, and the reservation ends with the next visit."""
    shop.clock.advance(3600)
    held = shop.wiring.storage.load_sku(MS).offers[SUPPLIER]
    reported = held.model.model_copy(update={"observed_at": shop.clock.now(), "stock": 39, "sellable": 38})
    shop.wiring.storage.commit([Put(offer_key(MS, SUPPLIER), reported, held.version)])
    shop.pass_time(DAY, step=4 * 3600)
    assert shop.sellable(MS) == 39


def test_p3_a_reservation_ends_with_the_first_report_after_the_purchase_and_the_suppliers_lag(shop: OrderShop) -> None:
    bought(shop)
    assert shop.sellable(MS) == 39
    shop.clock.advance(11 * 60)
    held = shop.wiring.storage.load_sku(MS).offers[SUPPLIER]
    reported = held.model.model_copy(update={"observed_at": shop.clock.now(), "stock": 39, "sellable": 38})
    shop.wiring.storage.commit([Put(offer_key(MS, SUPPLIER), reported, held.version)])
    shop.pass_time(13 * 60)
    assert shop.sellable(MS) == 38, "not visited yet"
    shop.pass_time(60)
    assert shop.sellable(MS) == 39


def test_p3_a_reservation_ends_within_the_hour_where_no_stock_poll_comes_by() -> None:
    """Its first visit asks for the report, its second one finds it."""
    shop = Shop()
    shop.connect()
    shop.stock_up()
    shop.store.buy([(MS, 1)])
    shop.run()
    shop.pass_time(39 * 60)
    offer = shop.wiring.storage.load_sku(MS).offers[SUPPLIER].model
    assert (offer.stock, offer.sellable) == (39, 38)
    shop.pass_time(60)
    offer = shop.wiring.storage.load_sku(MS).offers[SUPPLIER].model
    assert (offer.stock, offer.sellable, offer.open) == (39, 39, {})
    assert shop.failed == []
    shop.close()


@pytest.mark.parametrize("end", ["cancel", "retry"])
def test_stock_that_was_given_back_with_the_report_is_not_given_back_again(shop: OrderShop, end: str) -> None:
    name, reference = bought(shop)
    stock_reported(shop)
    order = shop.supplier.book.find(reference)
    assert order is not None
    order.status = "CANCELLED"
    shop.pass_time(DAY, step=DAY / 2)
    if end == "cancel":
        shop.store.cancel(name)
        shop.run()
        assert shop.sellable(MS) == 39
    else:
        retry_order(Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(name).pk, shop.wiring.timing)
        shop.run()
        assert (len(shop.paid_orders(name)), shop.sellable(MS)) == (2, 38)


def test_parcels_are_still_found_after_the_reservation_was_closed(shop: OrderShop) -> None:
    _, reference = bought(shop)
    stock_reported(shop)
    shop.supplier.ship(reference)
    shop.run()
    assert fulfillments(shop) == [{MS: 1}]


def test_an_unknown_carrier_is_told_with_what_the_supplier_says(shop: OrderShop) -> None:
    name, number = shipped(shop, tracking_number="ZZQ-77-UNHEARD", carrier="Snail Express")
    (parcel,) = shop.shipments(name)
    assert (parcel.tracking_number, parcel.carrier_name) == (number, "Snail Express")
    assert parcel.tracking_url
    assert (fulfillments(shop), subjects(shop)) == ([{MS: 1}], ["SHIPPED"])
    assert shop.shipments(name)[0].tracker_id == ""


def test_a_named_carrier_that_nobody_knows_is_told_and_watched_as_named(shop: OrderShop) -> None:
    """Its number has FedEx's length and check digit."""
    name, number = shipped(shop, tracking_number="123456780004", carrier="SF Express")
    (parcel,) = shop.shipments(name)
    assert (parcel.carrier, parcel.carrier_name) == ("", "SF Express")
    assert "SF Express" in shop.post.mails[0].text
    assert "fedex" not in (shop.post.mails[0].text + parcel.tracking_url).lower()
    assert [(tracker.tracking_code, tracker.carrier) for tracker in shop.carrier.trackers] == [(number, "SFExpress")]


@pytest.mark.parametrize("how", ["refuse", "error_500", "rate_limited"])
def test_a_tracker_that_cannot_be_made_now_is_made_later(shop: OrderShop, how: str) -> None:
    shop.carrier.faults.script("createTracker", how, how)
    name, number = shipped(shop)
    assert subjects(shop) == ["SHIPPED"]
    shop.pass_time(DAY, step=6 * 3600)
    assert shop.shipments(name)[0].tracker_id
    scan(shop, number, "delivered")
    assert subjects(shop)[-1] == "DELIVERED"


@pytest.mark.parametrize("how", ["error_500", "rate_limited", "timeout"])
def test_a_tracker_is_made_soon_though_the_parcel_is_recorded_in_the_store_meanwhile(shop: OrderShop, how: str) -> None:
    """One due time an item: the record in the store takes it, and gives it back."""
    shop.carrier.faults.script("createTracker", how, how)
    name, _ = shipped(shop)
    assert fulfillments(shop) == [{MS: 1}]
    assert shop.shipments(name)[0].tracker_id == ""
    shop.pass_time(1800, step=300)
    assert shop.shipments(name)[0].tracker_id


def test_a_carriers_word_that_could_not_be_read_is_asked_for_soon_whatever_the_store_does(shop: OrderShop) -> None:
    name, reference = bought(shop)
    shop.store.config.faults.script("fulfillmentCreate", "timeout")
    number = shop.supplier.ship(reference).tracking_number
    shop.run()
    shop.carrier.faults.script("getTracker", "error_500", "error_500")
    scan(shop, number, "delivered")
    assert shop.shipments(name)[0].state is ShipmentState.PENDING
    shop.pass_time(3600, step=300)
    (parcel,) = shop.shipments(name)
    assert (parcel.fulfillment, parcel.state) == (FulfillmentState.DONE, ShipmentState.DELIVERED)
    assert parcel.ask_at is None
    assert shop.record(name).state is OrderState.DELIVERED


def test_facts_that_were_lost_on_their_way_are_sent_again_when_the_parcel_is_due(shop: OrderShop) -> None:
    name, reference = bought(shop)
    shop.supplier.ship(reference)
    shop.deliver()
    while shop.queues["update_tracking"]:
        shop.call("update_tracking", shop.queues["update_tracking"].popleft())
    shop.relay()
    for queue in ("publish_fulfillment", "notify_customer"):
        assert shop.queues[queue]
        shop.queues[queue].clear()
    shop.run()
    assert (fulfillments(shop), subjects(shop)) == ([], [])
    shop.pass_time(DAY, step=3 * 3600)
    assert (fulfillments(shop), subjects(shop)) == ([{MS: 1}], ["SHIPPED"])
    assert shop.shipments(name)[0].fulfillment is FulfillmentState.DONE


def test_a_lost_word_of_delivery_is_sent_again_and_then_nothing_is_due(shop: OrderShop) -> None:
    name, number = shipped(shop)
    shop.carrier.scan(number, "delivered", "delivered")
    shop.deliver()
    while shop.queues["update_tracking"]:
        shop.call("update_tracking", shop.queues["update_tracking"].popleft())
    shop.relay()
    shop.queues["notify_customer"].clear()
    shop.pass_time(2 * DAY, step=6 * 3600)
    assert subjects(shop) == ["SHIPPED", "DELIVERED"]
    (sk,) = shop.order(name).shipments
    due = shop.wiring.storage.due("orders", shop.clock.now() + timedelta(days=400), 100)
    assert sk not in [key.sk for key, _ in due]


def test_without_a_carrier_service_a_parcel_wakes_nobody_for_ever(open_shop: OpenShop) -> None:
    base = test_config()
    connections = {name: one for name, one in base.connections.items() if one.role != "carrier"}
    shop = open_shop(base.model_copy(update={"connections": connections}))
    name, reference = bought(shop)
    shop.supplier.ship(reference)
    shop.run()
    assert (fulfillments(shop), subjects(shop)) == ([{MS: 1}], ["SHIPPED"])
    shop.pass_time(DAY, step=6 * 3600)
    (sk,) = shop.order(name).shipments
    due = shop.wiring.storage.due("orders", shop.clock.now() + timedelta(days=400), 100)
    assert sk not in [key.sk for key, _ in due]


def test_a_carriers_word_does_not_delay_the_record_in_the_store(shop: OrderShop) -> None:
    """One due time an item: the fulfillment that is unclear keeps its own."""
    name, reference = bought(shop)
    shop.store.config.faults.script("fulfillmentCreate", "timeout")
    number = shop.supplier.ship(reference).tracking_number
    shop.run()
    scan(shop, number, "out_for_delivery")
    assert fulfillments(shop) == []
    shop.pass_time(900, step=300)
    assert fulfillments(shop) == [{MS: 1}]
    assert shop.shipments(name)[0].fulfillment is FulfillmentState.DONE
