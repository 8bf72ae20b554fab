"""The connector against the sandbox's store, which executes the documents; every request passes the guard first."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from graphql import GraphQLSchema

from local.sandbox.shopify import Address, CartLine
from orderwright.connectors.stores.shopify.webhook import read
from orderwright.connectors.stores.shopify.webhooks_setup import INCLUDED_FIELDS
from orderwright.domain.order import PaymentState
from orderwright.errors import Misconfigured, Rejected, Retryable
from orderwright.ports.connection import Subscription
from orderwright.ports.store import FulfillmentRequest
from tests.connectors.shopify.bench import HOOK, Bench, order_id, usd
from tests.support.hooks import posted
from tests.support.shopify_rest_orders import parse_webhook_order


def test_a_bought_order_is_read_as_the_buyer_left_it(bench: Bench) -> None:
    bench.publish()
    bought = bench.store.buy([("HL-MS-400", 2)], sms=True, locale="fi")
    order = bench.shopify.fetch_order(order_id(bought))
    assert (order.name, order.payment, order.test) == (bought.name, PaymentState.PAID, False)
    assert order.total == usd("45.98")
    assert [(line.sku, line.quantity, line.unfulfilled) for line in order.lines] == [("HL-MS-400", 2, 2)]
    assert order.lines[0].unit_price == usd("22.99")
    assert order.address is not None
    assert (order.address.city, order.address.country_code) == ("Tampere", "FI")
    assert (order.sms_consent, order.locale, order.risk_hold) == (True, "fi", False)


def test_the_webhooks_body_and_the_fetched_order_say_the_same(bench: Bench) -> None:
    bench.publish()
    bench.shopify.ensure_webhooks(Subscription(HOOK))
    for subscription in bench.store.hooks.subscriptions.values():
        subscription.include_fields = ()
    bought = bench.store.buy([("HL-MS-400", 1), CartLine(None, 2, "Wrapping", Decimal("3.50"))], currency="JPY")
    body = json.loads(next(each.body for each in bench.sent if each.headers["X-Shopify-Topic"] == "orders/create"))
    fetched = bench.shopify.fetch_order(order_id(bought))
    assert parse_webhook_order(body, "shop").model_copy(update={"money": fetched.money}) == fetched


def test_an_order_of_sixty_lines_is_read_whole(bench: Bench) -> None:
    lines = [CartLine(None, 1, f"Part {number}", Decimal("1.00")) for number in range(160)]
    bought = bench.store.buy(lines)
    order = bench.shopify.fetch_order(order_id(bought))
    assert [line.title for line in order.lines] == [f"Part {number}" for number in range(160)]
    assert {line.variant_id for line in order.lines} == {""}


def test_two_lines_leave_in_two_parcels_each_with_its_own_units(bench: Bench) -> None:
    bench.publish()
    bought = bench.store.buy([("HL-MS-400", 2), ("HL-COB-350", 1)])
    number = order_id(bought)
    lamp, light = (line.line_id for line in bench.shopify.fetch_order(number).lines)
    view = bench.shopify.read_fulfillment(number)
    assert {(line.line_id, line.remaining) for line in view.open_lines} == {(lamp, 2), (light, 1)}
    first = FulfillmentRequest(number, ((lamp, 1),), "T1", "Carrier", "https://track.example.com/T1")
    made = bench.shopify.create_fulfillment(first, view)
    view = bench.shopify.read_fulfillment(number)
    assert [tuple(each) for each in view.made] == [(made, ("T1",), ((lamp, 1),))]
    second = first._replace(lines=((lamp, 1), (light, 1)), tracking_number="T2")
    bench.shopify.create_fulfillment(second, view)
    after = bench.shopify.read_fulfillment(number)
    assert after.open_lines == ()
    assert sorted(after.made[-1].lines) == sorted(second.lines)
    with pytest.raises(Rejected):
        bench.shopify.create_fulfillment(second, view)
    assert [fact["number"] for fact in bench.facts("fulfillment_created")] == ["T1", "T2"]


def test_authorised_then_captured_then_refunded_then_cancelled_shows_each_time(bench: Bench) -> None:
    bench.publish()
    bought = bench.store.buy([("HL-MS-400", 2)], pay="authorized")
    number = order_id(bought)
    assert bench.shopify.fetch_order(number).payment is PaymentState.AUTHORIZED
    bench.store.capture(number)
    assert bench.shopify.fetch_order(number).payment is PaymentState.PAID
    bench.store.refund(number, [("HL-MS-400", 1)])
    order = bench.shopify.fetch_order(number)
    assert (order.payment, order.refunded, order.lines[0].quantity) == (
        PaymentState.PARTIALLY_REFUNDED,
        usd("22.99"),
        1,
    )
    bench.store.cancel(number)
    assert bench.shopify.fetch_order(number).cancelled_at is not None


def test_an_order_without_people_or_under_suspicion_is_read(bench: Bench) -> None:
    bench.publish()
    bare = bench.shopify.fetch_order(order_id(bench.store.buy([("HL-MS-400", 1)], buyer=None, address=None)))
    assert (bare.address, bare.email, bare.customer_id) == (None, "", "")
    risky = bench.store.buy([("HL-MS-400", 1)], address=Address(zip=None))
    bench.store.set_risk(risky.number, "CANCEL")
    order = bench.shopify.fetch_order(order_id(risky))
    assert order.risk_hold
    assert order.address is not None
    assert order.address.postcode == ""


def test_subscriptions_deliver_ids_that_the_reader_understands(bench: Bench) -> None:
    assert len(bench.shopify.ensure_webhooks(Subscription("https://old.example.com/shop"))) == len(INCLUDED_FIELDS)
    assert len(bench.shopify.ensure_webhooks(Subscription(HOOK))) == len(INCLUDED_FIELDS)
    assert bench.shopify.ensure_webhooks(Subscription(HOOK)) == []
    bench.publish()
    bought = bench.store.buy([("HL-MS-400", 2)], pay="authorized")
    bench.store.capture(bought.number)
    bench.store.edit(bought.number, add=[("HL-COB-350", 1)])
    bench.store.set_risk(bought.number)
    bench.store.refund(bought.number, [("HL-COB-350", 1)])
    bench.store.cancel(bought.number)
    topics = set()
    for delivery in bench.sent:
        assert b"example.com" not in delivery.body
        assert b"Aino" not in delivery.body
        headers = {name.lower(): value for name, value in delivery.headers.items()}
        news = read(posted(headers, delivery.body), ["invented-secret"])
        assert [(each.type, each.resource) for each in news] == [("order.changed", order_id(bought))]
        topics.add(news[0].topic)
    assert topics == {
        "orders/create",
        "orders/paid",
        "orders/updated",
        "orders/edited",
        "orders/risk_assessment_changed",
        "orders/cancelled",
        "refunds/create",
    }


def test_privacy_and_uninstall_deliveries_are_understood(bench: Bench) -> None:
    bench.publish()
    bench.shopify.ensure_webhooks(Subscription(HOOK))
    bought = bench.store.buy([("HL-MS-400", 1)])
    bench.sent.clear()
    bench.store.request_data(bought.number)
    bench.store.redact(bought.number)
    bench.store.uninstall()
    bench.clock.advance(49 * 3600)
    bench.store.tick()
    found = {}
    for delivery in bench.sent:
        headers = {name.lower(): value for name, value in delivery.headers.items()}
        for news in read(posted(headers, delivery.body), ["invented-secret"]):
            found[news.topic] = (news.type, dict(news.detail))
    assert found["customers/data_request"][0] == "order.webhook_parked"
    assert found["customers/redact"] == ("order.erasure_asked", {"orders": order_id(bought)})
    assert found["app/uninstalled"] == ("connection.closed", {"reason": "UNINSTALLED"})
    assert found["shop/redact"] == ("connection.closed", {"reason": "SHOP_REDACT"})
    with pytest.raises(Misconfigured):
        bench.connector().fetch_order(order_id(bought))


def test_a_token_that_expired_is_renewed_in_passing(bench: Bench) -> None:
    number = order_id(bench.store.buy([("HL-COB-350", 1)]))
    first = bench.credentials.value
    bench.clock.advance(25 * 3600)
    bench.shopify.fetch_order(number)
    assert bench.credentials.value != first


def fetch_often(bench: Bench, number: str) -> None:
    """More requests than the bucket pays for."""
    for _ in range(50):
        bench.shopify.fetch_order(number)


def test_throttling_says_how_long_to_wait_and_the_wait_suffices(schema: GraphQLSchema) -> None:
    bench = Bench(schema, bucket_points=500)
    number = order_id(bench.store.buy([("HL-COB-350", 1)]))
    with pytest.raises(Retryable) as caught:
        fetch_often(bench, number)
    assert caught.value.code == "THROTTLED"
    assert caught.value.after is not None
    bench.clock.advance(caught.value.after.total_seconds())
    assert bench.shopify.fetch_order(number).order_id == number
