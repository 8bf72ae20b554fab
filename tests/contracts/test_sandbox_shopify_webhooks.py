"""Webhooks of the sandbox's Shopify: signatures, trimming, loss, repetition, removal."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

from local.sandbox.shopify import ShopifyConfig
from tests.contracts.sandbox_shopify_kit import HOOK, Desk


def topics(desk: Desk) -> list[str]:
    return [delivery.headers["X-Shopify-Topic"] for delivery in desk.sent]


def test_a_delivery_is_signed_over_its_raw_body() -> None:
    desk = Desk()
    desk.subscribe("ORDERS_CREATE")
    desk.subscribe("ORDERS_PAID")
    order = desk.store.buy([("HL-COB-350", 1)])
    created, paid = desk.sent
    expected = hmac.new(desk.config.client_secret.encode(), created.body, hashlib.sha256).digest()
    assert base64.b64decode(created.headers["X-Shopify-Hmac-SHA256"]) == expected
    assert json.loads(created.body)["id"] == order.number
    assert created.headers["X-Shopify-Event-Id"] == paid.headers["X-Shopify-Event-Id"]
    assert created.headers["X-Shopify-Webhook-Id"] != paid.headers["X-Shopify-Webhook-Id"]
    assert created.headers["X-Shopify-API-Version"] == "2026-10"
    assert (len(created.retry_after), sum(created.retry_after)) == (8, 4 * 3600)


def test_include_fields_keep_the_buyer_out_of_the_body() -> None:
    desk = Desk()
    desk.subscribe("ORDERS_UPDATED", fields=["id", "updated_at", "line_items.id"])
    order = desk.store.buy([("HL-COB-350", 1)])
    body = json.loads(desk.sent[0].body)
    assert set(body) == {"id", "updated_at", "line_items"}
    assert body["line_items"] == [{"id": order.lines[0].number}]


def test_the_same_address_cannot_take_a_topic_twice() -> None:
    desk = Desk()
    first = desk.subscribe("ORDERS_PAID", fields=["id"])
    assert first["webhookSubscription"]["includeFields"] == ["id"]
    assert "already been taken" in desk.subscribe("ORDERS_PAID")["userErrors"][0]["message"]
    assert "not supported" in desk.subscribe("ORDERS_PAID", "http://example.com/x")["userErrors"][0]["message"]
    listed = desk.data("{ webhookSubscriptions(first: 10, topics: [ORDERS_PAID]) { nodes { topic uri } } }")
    assert listed["webhookSubscriptions"]["nodes"] == [{"topic": "ORDERS_PAID", "uri": HOOK}]
    remove = "mutation($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { message } } }"
    assert desk.data(remove, id=first["webhookSubscription"]["id"])["webhookSubscriptionDelete"]["userErrors"] == []
    assert desk.subscribe("ORDERS_PAID")["userErrors"] == []


def test_an_event_can_vanish_and_another_can_come_three_times() -> None:
    desk = Desk()
    desk.subscribe("ORDERS_PAID")
    desk.store.drop_next_webhooks(1)
    desk.store.buy([("HL-COB-350", 1)])
    assert desk.sent == []
    desk.store.repeat_next_webhooks(3)
    desk.store.buy([("HL-COB-350", 1)])
    desk.store.buy([("HL-COB-350", 1)])
    assert len(desk.sent) == 4
    assert desk.sent[0] == desk.sent[1] == desk.sent[2] != desk.sent[3]


def test_eight_failures_in_a_row_remove_the_address() -> None:
    desk = Desk()
    desk.subscribe("ORDERS_PAID")
    for ok in (*[False] * 7, True, *[False] * 7):
        desk.store.report_delivery(HOOK, ok)
    assert len(desk.store.hooks.subscriptions) == 1
    desk.store.report_delivery(HOOK, False)
    assert desk.store.hooks.subscriptions == {}


def test_each_act_of_the_merchant_has_its_topic() -> None:
    desk = Desk()
    wanted = "ORDERS_EDITED REFUNDS_CREATE ORDERS_CANCELLED ORDERS_RISK_ASSESSMENT_CHANGED"
    for topic in wanted.split():
        desk.subscribe(topic)
    order = desk.store.buy([("HL-COB-350", 3)])
    desk.store.edit(order.gid, {"HL-COB-350": 2})
    desk.store.refund(order.gid, [("HL-COB-350", 1)])
    desk.store.set_risk(order.gid)
    desk.store.cancel(order.gid)
    assert topics(desk) == [
        "orders/edited",
        "refunds/create",
        "orders/risk_assessment_changed",
        "orders/cancelled",
        "refunds/create",
    ]
    edit = json.loads(desk.sent[0].body)["order_edit"]
    assert edit["order_id"] == order.number
    assert edit["line_items"]["removals"] == [{"id": order.lines[0].number, "delta": 1}]


def test_privacy_topics_and_the_uninstall_reach_the_apps_own_address() -> None:
    desk = Desk(ShopifyConfig(privacy_url="https://hooks.example.com/privacy"))
    order = desk.store.buy([("HL-COB-350", 1)])
    desk.store.request_data(order.gid)
    desk.store.redact(order.gid)
    desk.store.uninstall()
    assert desk.post("{ shop { name } }").status == 401
    assert desk.ask_token().status == 400
    desk.pass_time(48 * 3600)
    desk.store.tick()
    assert topics(desk) == ["customers/data_request", "customers/redact", "app/uninstalled", "shop/redact"]
    assert {delivery.url for delivery in desk.sent} == {"https://hooks.example.com/privacy"}
