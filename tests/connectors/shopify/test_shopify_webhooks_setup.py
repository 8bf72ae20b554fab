"""Subscriptions: what is created, mended, left alone, and what a delivery may hold."""

from __future__ import annotations

from typing import Any

import pytest

from orderwright.connectors.stores.shopify.connector import ShopifyConnector
from orderwright.connectors.stores.shopify.webhooks_setup import INCLUDED_FIELDS, topic_name
from orderwright.errors import Rejected
from orderwright.ports.connection import Subscription
from tests.connectors.shopify import nodes
from tests.connectors.shopify.scripted import ScriptedStore

HERE, ELSEWHERE = "https://api.example.com/webhooks/shop", "https://old.example.com/webhooks/shop"
OLD_ADDRESS = "https://api.example.com/webhooks/shop-before"
DONE = {"webhookSubscription": {"id": "gid://shopify/WebhookSubscription/1"}, "userErrors": []}


def subscription(number: int, topic: str, **changes: Any) -> dict[str, Any]:
    node = {
        "id": f"gid://shopify/WebhookSubscription/{number}",
        "topic": topic,
        "uri": HERE,
        "includeFields": list(INCLUDED_FIELDS[topic]),
    }
    return {**node, **changes}


def all_but(*changed: dict[str, Any]) -> dict[str, Any]:
    kept = [subscription(90, topic) for topic in INCLUDED_FIELDS if topic not in {each["topic"] for each in changed}]
    return {"webhookSubscriptions": nodes.page(*changed, *kept)}


def test_a_new_store_gets_every_topic(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    store.script("Subscriptions", {"webhookSubscriptions": nodes.page()})
    store.script("Subscribe", *({"webhookSubscriptionCreate": DONE} for _ in INCLUDED_FIELDS))
    assert shopify.ensure_webhooks(Subscription(HERE)) == [topic_name(topic) for topic in INCLUDED_FIELDS]
    first = store.sent("Subscribe")[0]
    assert first == {
        "topic": "ORDERS_CREATE",
        "subscription": {
            "uri": HERE,
            "includeFields": ["id", "admin_graphql_api_id", "updated_at"],
            "format": "JSON",
        },
    }


@pytest.mark.parametrize("change", [{"uri": OLD_ADDRESS}, {"includeFields": []}, {"includeFields": ["email"]}])
def test_ours_with_an_old_address_or_other_fields_is_mended(
    change: dict[str, Any], shopify: ShopifyConnector, store: ScriptedStore
) -> None:
    store.script("Subscriptions", all_but(subscription(5, "ORDERS_PAID", **change)))
    store.script("Resubscribe", {"webhookSubscriptionUpdate": DONE})
    assert shopify.ensure_webhooks(Subscription(HERE)) == ["orders/paid"]
    assert store.sent("Resubscribe")[0]["id"] == "gid://shopify/WebhookSubscription/5"


def test_p15_what_leads_to_another_stack_is_never_rewritten(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    store.script("Subscriptions", all_but(subscription(5, "ORDERS_PAID", uri=ELSEWHERE)))
    store.script("Subscribe", {"webhookSubscriptionCreate": DONE})
    assert shopify.ensure_webhooks(Subscription(HERE)) == ["orders/paid"]
    assert store.sent("Resubscribe") == []


def test_p15_addresses_of_another_stack_are_told_once(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    theirs = [
        subscription(number, topic, uri=ELSEWHERE) for number, topic in ((5, "ORDERS_PAID"), (6, "ORDERS_CREATE"))
    ]
    store.script("Subscriptions", all_but(*theirs))
    assert shopify.foreign_webhooks(HERE) == [ELSEWHERE]


def test_a_second_subscription_beside_a_right_one_is_left_alone(
    shopify: ShopifyConnector, store: ScriptedStore
) -> None:
    existing = all_but(subscription(5, "ORDERS_PAID", uri=ELSEWHERE), subscription(6, "ORDERS_PAID"))
    store.script("Subscriptions", existing)
    assert shopify.ensure_webhooks(Subscription(HERE)) == []


def test_a_refused_address_is_told(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    store.script("Subscriptions", {"webhookSubscriptions": nodes.page()})
    problem = {"field": ["webhookSubscription", "uri"], "message": "Address is invalid"}
    store.script("Subscribe", {"webhookSubscriptionCreate": {"webhookSubscription": None, "userErrors": [problem]}})
    with pytest.raises(Rejected, match="Address is invalid"):
        shopify.ensure_webhooks(Subscription(HERE))


def test_no_subscribed_field_is_personal() -> None:
    allowed = {"id", "order_id", "admin_graphql_api_id", "admin_graphql_api_order_id", "updated_at", "created_at",
               "order_edit.order_id", "order_edit.committed_at", "myshopify_domain"}  # fmt: skip
    assert {field for fields in INCLUDED_FIELDS.values() for field in fields} <= allowed


def test_topics_are_named_as_deliveries_name_them() -> None:
    assert topic_name("ORDERS_RISK_ASSESSMENT_CHANGED") == "orders/risk_assessment_changed"
