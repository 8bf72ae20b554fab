"""Reading orders, and recording parcels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from orderwright.connectors.context import Context
from orderwright.connectors.stores.shopify.connector import ShopifyConnector, build
from orderwright.errors import Misconfigured, OutcomeUnknown, Rejected, Retryable
from orderwright.ports.store import (
    ChangedOrder,
    FulfillmentRequest,
    FulfillmentView,
    MadeFulfillment,
    OpenFulfillmentLine,
    StoreOrders,
    TrackingUpdate,
)
from tests.connectors.shopify import nodes
from tests.connectors.shopify.scripted import FixedClock, MemoryCredentials, ScriptedStore, settings

ORDER_GID = f"gid://shopify/Order/{nodes.ORDER_ID}"


def test_the_connector_reads_orders(shopify: ShopifyConnector) -> None:
    orders: StoreOrders = shopify
    assert orders is shopify


def test_an_order_is_asked_for_by_its_global_id(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    store.script("Order", {"order": nodes.order()})
    order = shopify.fetch_order(nodes.ORDER_ID)
    assert store.sent("Order") == [{"id": ORDER_GID}]
    assert (order.order_id, order.connection, order.name) == (nodes.ORDER_ID, "shop", "#1001")


def test_all_lines_are_read_page_by_page(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    first = [nodes.line(number) for number in range(1, 51)]
    second = [nodes.line(number) for number in range(51, 151)]
    store.script("Order", {"order": nodes.order(*first, after="a")})
    updated = nodes.order()["updatedAt"]
    store.script(
        "OrderLines",
        {"order": {"updatedAt": updated, "lineItems": nodes.page(*second, after="b")}},
        {"order": {"updatedAt": updated, "lineItems": nodes.page(nodes.line(151))}},
    )
    order = shopify.fetch_order(nodes.ORDER_ID)
    assert [line.line_id for line in order.lines] == [str(number) for number in range(1, 152)]
    assert [sent["after"] for sent in store.sent("OrderLines")] == ["a", "b"]


def test_an_order_that_changes_between_pages_is_read_again_later(
    shopify: ShopifyConnector, store: ScriptedStore
) -> None:
    store.script("Order", {"order": nodes.order(after="a")})
    store.script("OrderLines", {"order": {"updatedAt": "2026-11-22T09:59:00Z", "lineItems": nodes.page()}})
    with pytest.raises(Retryable):
        shopify.fetch_order(nodes.ORDER_ID)


def test_a_shop_of_another_currency_is_a_misconfiguration_with_its_fix(
    store: ScriptedStore, credentials: MemoryCredentials, clock: FixedClock
) -> None:
    shopify = build(Context("shop", settings(currency="EUR"), credentials, store, clock, timedelta(seconds=3)))
    store.script("Order", {"order": nodes.order()})
    with pytest.raises(Misconfigured, match="set it to USD"):
        shopify.fetch_order(nodes.ORDER_ID)


def test_changed_orders_are_listed_oldest_first(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    node = {"id": ORDER_GID, "updatedAt": "2026-11-22T09:30:00Z"}
    store.script("ChangedOrders", {"orders": nodes.page(node, after="c")}, {"orders": nodes.page()})
    since = datetime(2026, 11, 22, 11, 30, 0, 900_000, tzinfo=timezone(timedelta(hours=2)))
    changed, cursor = shopify.list_changed_orders(since, "")
    assert changed == [ChangedOrder(nodes.ORDER_ID, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))]
    assert shopify.list_changed_orders(since, cursor) == ([], "")
    query = "updated_at:>='2026-11-22T09:30:00Z'"
    assert store.sent("ChangedOrders") == [{"query": query, "after": None}, {"query": query, "after": "c"}]


def test_what_is_open_and_what_was_made_is_read_in_full(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    more = nodes.fulfillment_order(51)
    more["lineItems"] = nodes.page(nodes.open_line(61, 11, 2), nodes.open_line(62, 12, 0), after="l")
    held = nodes.fulfillment_order(52, nodes.open_line(64, 14, 1), status="ON_HOLD")
    remote = nodes.fulfillment_order(53, nodes.open_line(65, 15, 1), supportedActions=[{"action": "EXTERNAL"}])
    store.script(
        "FulfillmentOrders",
        {"order": {"fulfillmentOrders": nodes.page(more, after="o")}},
        {"order": {"fulfillmentOrders": nodes.page(held, remote)}},
    )
    store.script("FulfillmentOrderLines", {"fulfillmentOrder": {"lineItems": nodes.page(nodes.open_line(63, 13, 1))}})
    made = {
        "id": "gid://shopify/Fulfillment/71",
        "status": "SUCCESS",
        "trackingInfo": [{"number": "T1"}, {"number": None}],
    }
    dead = {"id": "gid://shopify/Fulfillment/72", "status": "CANCELLED", "trackingInfo": []}
    store.script("Fulfillments", {"order": {"fulfillments": [made, dead]}})
    sent = {"quantity": 3, "lineItem": {"id": "gid://shopify/LineItem/16"}}
    store.script("FulfillmentLines", {"fulfillment": {"fulfillmentLineItems": nodes.page(sent)}})
    view = shopify.read_fulfillment(nodes.ORDER_ID)
    assert view.open_lines == (
        OpenFulfillmentLine("51", "61", "11", 2, "41", True),
        OpenFulfillmentLine("51", "63", "13", 1, "41", True),
        OpenFulfillmentLine("52", "64", "14", 1, "41", False),
        OpenFulfillmentLine("53", "65", "15", 1, "41", False),
    )
    assert view.made == (MadeFulfillment("71", ("T1",), (("16", 3),)),)


def test_more_fulfillments_than_can_be_read_are_refused(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    store.script("FulfillmentOrders", {"order": {"fulfillmentOrders": nodes.page()}})
    one = {"id": "gid://shopify/Fulfillment/1", "status": "CANCELLED", "trackingInfo": []}
    store.script("Fulfillments", {"order": {"fulfillments": [one] * 100}})
    with pytest.raises(Rejected) as caught:
        shopify.read_fulfillment(nodes.ORDER_ID)
    assert caught.value.code == "TOO_MANY_FULFILLMENTS"


def view(*lines: tuple[str, str, str, int, str, bool]) -> FulfillmentView:
    return FulfillmentView(tuple(OpenFulfillmentLine(*line) for line in lines), ())


def parcel(*lines: tuple[str, int], **changes: Any) -> FulfillmentRequest:
    values: dict[str, Any] = {
        "order_id": nodes.ORDER_ID,
        "lines": lines,
        "tracking_number": "T1",
        "carrier_name": "Carrier",
        "tracking_url": "https://track.example.com/T1",
    }
    return FulfillmentRequest(**{**values, **changes})


MADE = {"fulfillmentCreate": {"fulfillment": {"id": "gid://shopify/Fulfillment/71"}, "userErrors": []}}


def test_a_parcel_takes_fulfillment_order_lines_and_tells_nobody(
    shopify: ShopifyConnector, store: ScriptedStore
) -> None:
    store.script("CreateFulfillment", MADE)
    open_lines = view(("51", "61", "11", 2, "41", True), ("51", "62", "12", 5, "41", True))
    assert shopify.create_fulfillment(parcel(("11", 2), ("12", 1)), open_lines) == "71"
    assert store.sent("CreateFulfillment")[0]["fulfillment"] == {
        "lineItemsByFulfillmentOrder": [
            {
                "fulfillmentOrderId": "gid://shopify/FulfillmentOrder/51",
                "fulfillmentOrderLineItems": [
                    {"id": "gid://shopify/FulfillmentOrderLineItem/61", "quantity": 2},
                    {"id": "gid://shopify/FulfillmentOrderLineItem/62", "quantity": 1},
                ],
            }
        ],
        "notifyCustomer": False,
        "trackingInfo": {"company": "Carrier", "number": "T1", "url": "https://track.example.com/T1"},
    }


@pytest.mark.parametrize(
    ("urls", "carrier", "more"),
    [
        (("https://t.example.com/1", "https://t.example.com/2"), "Carrier", {"company": "Carrier"}),
        (("https://t.example.com/1", ""), "", {}),
    ],
)
def test_all_parcels_of_a_fulfillment_are_set_at_once(
    urls: tuple[str, ...], carrier: str, more: dict[str, Any], shopify: ShopifyConnector, store: ScriptedStore
) -> None:
    done = {"fulfillment": {"id": "gid://shopify/Fulfillment/71"}, "userErrors": []}
    store.script("UpdateTracking", {"fulfillmentTrackingInfoUpdate": done})
    shopify.update_fulfillment_tracking(TrackingUpdate("71", ("T1", "T2"), carrier, urls))
    addresses = {"urls": list(urls)} if all(urls) else {}
    assert store.sent("UpdateTracking") == [
        {"fulfillment": "gid://shopify/Fulfillment/71", "tracking": {"numbers": ["T1", "T2"], **more, **addresses}}
    ]


def test_a_line_may_lie_in_two_fulfillment_orders_of_one_location(
    shopify: ShopifyConnector, store: ScriptedStore
) -> None:
    store.script("CreateFulfillment", MADE)
    split = view(
        ("51", "61", "11", 1, "40", True),
        ("52", "62", "11", 1, "41", True),
        ("53", "63", "11", 2, "41", True),
    )
    shopify.create_fulfillment(parcel(("11", 3), carrier_name="", tracking_url=""), split)
    given = store.sent("CreateFulfillment")[0]["fulfillment"]
    assert [entry["fulfillmentOrderId"][-2:] for entry in given["lineItemsByFulfillmentOrder"]] == ["52", "53"]
    assert given["trackingInfo"] == {"number": "T1"}


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((("51", "61", "11", 1, "41", True),), "LINES_NOT_OPEN"),
        ((("51", "61", "11", 2, "41", False),), "LINES_NOT_OPEN"),
        ((), "LINES_NOT_OPEN"),
        ((("51", "61", "11", 1, "41", True), ("52", "62", "11", 1, "42", True)), "SEVERAL_LOCATIONS"),
    ],
)
def test_lines_that_cannot_leave_together_are_refused_without_a_call(
    lines: tuple[tuple[str, str, str, int, str, bool], ...], code: str, shopify: ShopifyConnector, store: ScriptedStore
) -> None:
    with pytest.raises(Rejected) as caught:
        shopify.create_fulfillment(parcel(("11", 2)), view(*lines))
    assert caught.value.code == code
    assert store.calls == []


def test_shopifys_own_refusal_of_a_parcel_is_told(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    problem = {"field": ["fulfillment"], "message": "Fulfillment order 51 has an unfulfillable status= closed."}
    store.script("CreateFulfillment", {"fulfillmentCreate": {"fulfillment": None, "userErrors": [problem]}})
    with pytest.raises(Rejected, match="closed"):
        shopify.create_fulfillment(parcel(("11", 1)), view(("51", "61", "11", 1, "41", True)))


@pytest.mark.parametrize("payload", [None, {"fulfillment": None, "userErrors": []}])
def test_a_parcel_without_an_id_is_unclear(payload: object, shopify: ShopifyConnector, store: ScriptedStore) -> None:
    store.script("CreateFulfillment", {"fulfillmentCreate": payload})
    with pytest.raises(OutcomeUnknown):
        shopify.create_fulfillment(parcel(("11", 1)), view(("51", "61", "11", 1, "41", True)))
