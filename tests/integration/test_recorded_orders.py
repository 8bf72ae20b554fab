"""Orders that an older version left half way go on with the code of today (promises P1, P5, P11)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from orderwright.domain.operations import StoredConfig
from orderwright.domain.order import OrderState
from orderwright.messages import Message
from orderwright.records import CURRENT_CONFIG, ORDERS, track_pk
from orderwright.storage import Put
from orderwright.usecases.operator.retry import retry_order
from tests.support.page_parts import parts_of, wrong_parts
from tests.support.recorded import ShopOfThen, message_of_then
from tests.support.shop import STORE
from tests.unit.cli.cli_kit import operator_of
from tests.unit.usecases.order_shop import OrderShop

HOUR = 3600


@pytest.fixture
def then() -> Iterator[ShopOfThen]:
    shop = OrderShop()
    shop.connect()
    shop.stock_up()
    yield ShopOfThen(shop)
    shop.close()
    assert shop.failed == []


def hours(then: ShopOfThen, number: int) -> None:
    then.shop.pass_time(number * HOUR, step=300)


def scan(then: ShopOfThen, order: str, status: str) -> None:
    then.shop.clock.advance(60)
    (parcel,) = then.shop.shipments(then.names[order])
    then.shop.carrier.scan(parcel.tracking_number, status, status)
    then.shop.run()


def take(then: ShopOfThen, kind: str) -> None:
    """The message of then comes only now; what follows from it happens."""
    queue, body = message_of_then(kind)
    then.shop.call(queue, body)
    then.shop.run()


def ends(then: ShopOfThen, order: str) -> tuple[OrderState, int]:
    """The order's state, and how many times the supplier was paid."""
    return then.shop.record(then.names[order]).state, then.paid(order)


def test_p10_a_kill_switch_of_then_holds_until_it_is_lifted(then: ShopOfThen) -> None:
    hours(then, 1)
    assert ends(then, "intent") == (OrderState.PLACING, 0)
    then.supply()
    hours(then, 2)
    assert ends(then, "intent") == (OrderState.PLACED, 1)


def test_p1_an_intent_is_ordered_once_under_its_reference_of_then(then: ShopOfThen) -> None:
    then.supply()
    hours(then, 1)
    take(then, "purchase_order.due")
    assert ends(then, "intent") == (OrderState.PLACED, 1)


def test_p1_what_was_parked_is_retried_and_paid_once(then: ShopOfThen) -> None:
    then.supply()
    hours(then, 1)
    assert ends(then, "parked") == (OrderState.NEEDS_ATTENTION, 0)
    storage = then.shop.wiring.storage
    held = storage.get(CURRENT_CONFIG, StoredConfig)
    assert held is not None
    document = held.model.document.replace('"18.59"', '"300.00"')
    higher = StoredConfig(number=2, document=document, applied_at=held.model.applied_at, applied_by="tester")
    storage.commit([Put(CURRENT_CONFIG, higher, held.version)])
    then.shop.wiring = then.shop.new_worker()
    retry_order(then.desk, f"{STORE}#{then.orders['parked']}", then.shop.wiring.timing)
    hours(then, 1)
    assert ends(then, "parked") == (OrderState.PLACED, 1)


def test_an_order_that_waited_for_its_money_is_bought_when_it_comes(then: ShopOfThen) -> None:
    then.supply()
    then.shop.store.capture(then.names["unpaid"])
    then.shop.deliveries.clear()
    take(then, "order.due")
    assert then.shop.record(then.names["unpaid"]).state is OrderState.PLACED
    assert then.paid_units("unpaid") == {"HL-MS-400": 1}


def test_p5_a_parcel_goes_into_the_store_once_and_its_waiting_mail_out_once(then: ShopOfThen) -> None:
    take(then, "shipment.fulfillment_due")
    take(then, "shipment.fulfillment_due")
    assert then.in_store("shipped") == [["YT9118625276018955"]]
    hours(then, 1)
    take(then, "notice.due")
    assert then.mailed("shipped") == ["SHIPPED"]
    scan(then, "shipped", "delivered")
    assert then.mailed("shipped") == ["SHIPPED", "DELIVERED"]


def test_p5_what_was_told_then_is_not_told_again(then: ShopOfThen) -> None:
    take(then, "supplier.order_news")
    take(then, "carrier.tracker_news")
    hours(then, 5)
    assert (then.mailed("told"), then.in_store("told")) == ([], [["YT2199351819093786"]])
    scan(then, "told", "delivered")
    assert then.mailed("told") == ["DELIVERED"]


def test_a_fulfillment_of_an_acceptance_is_made_once_and_gets_its_number_later(then: ShopOfThen) -> None:
    hours(then, 1)
    assert then.in_store("accepted") == [[]]
    parcel = then.shop.supplier.ship(then.reference("accepted"))
    then.shop.run()
    hours(then, 1)
    assert then.in_store("accepted") == [[parcel.tracking_number]]


def test_p2_an_order_whose_store_was_away_is_fetched_by_its_waiting_message(then: ShopOfThen) -> None:
    then.supply()
    then.shop.clock.advance(300)
    take(then, "message.due")
    assert then.paid_units("waiting") == {"HL-UL-300": 1}


def test_an_order_from_long_before_the_upgrade_is_shown_to_the_operator_and_bought_after_a_yes(
    then: ShopOfThen,
) -> None:
    """Who the shop is was not written down then: for the code of today it is connected at the first order after the upgrade."""
    then.supply()
    then.shop.clock.advance(HOUR)
    take(then, "message.due")
    assert then.shop.codes(then.names["waiting"]) == ["OLDER_THAN_CONNECT"]
    then.shop.release(then.names["waiting"])
    then.shop.run()
    assert then.paid_units("waiting") == {"HL-UL-300": 1}


def test_p8_a_request_for_erasure_of_then_is_followed(then: ShopOfThen) -> None:
    take(then, "order.erasure_asked")
    held = then.shop.order(then.names["told"]).details
    assert held is not None
    assert (held.model.address, held.model.email) == (None, "")


def test_orders_of_then_get_their_customers_pages_with_the_next_news(then: ShopOfThen) -> None:
    storage = then.shop.wiring.storage
    for order in ("told", "accepted", "parked"):
        pk = then.shop.order(then.names[order]).pk
        assert parts_of(storage.load_order(pk)) == {}
        then.shop.queues["ingest_order"].append(Message("order.changed", "m", "now", pk=pk).to_json())
        then.shop.run()
        file = storage.load_order(pk)
        assert file.record is not None
        page = storage.list_raw(ORDERS, track_pk(file.record.model.link_mark))
        assert wrong_parts(file, {key.sk: item["body"] for key, item in page}) == []
        assert len(page) == 1 + len(file.shipments)


def test_what_was_left_is_shown_to_the_operator(then: ShopOfThen) -> None:
    operator = operator_of(then.shop)
    for order, name in then.names.items():
        shown = operator("orders", "show", name)
        assert (shown.code == 0) == (order != "waiting"), shown.err
    assert "CAP_PER_PURCHASE_ORDER" in operator("orders", "show", then.names["parked"]).out
    for command in (["orders", "list", "--all"], ["status"], ["connections"], ["parked", "list"]):
        shown = operator(*command)
        assert shown.code == 0, shown.err
