"""The endpoint, the token, the cost bucket, and what each kind of failure becomes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from orderwright.connectors.context import Context
from orderwright.connectors.http import HttpAnswer, NoAnswer, NotSent
from orderwright.connectors.stores.shopify.connector import ShopifyConnector, build
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable, VendorError
from orderwright.ports.store import FulfillmentRequest, FulfillmentView, OpenFulfillmentLine
from tests.connectors.shopify import nodes
from tests.connectors.shopify.scripted import (
    GRAPHQL_URL,
    START,
    TOKEN_URL,
    FixedClock,
    MemoryCredentials,
    ScriptedStore,
    answer,
    failed,
    settings,
)

OPEN = FulfillmentView((OpenFulfillmentLine("51", "61", "11", 1, "41", True),), ())
PARCEL = FulfillmentRequest("1", (("11", 1),), "TRACK1", "Carrier", "https://track.example.com/TRACK1")


def read(shopify: ShopifyConnector) -> object:
    return shopify.fetch_order(nodes.ORDER_ID)


def write(shopify: ShopifyConnector) -> object:
    return shopify.create_fulfillment(PARCEL, OPEN)


def test_a_request_goes_to_the_pinned_version_with_the_token(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    store.script("Order", {"order": nodes.order()})
    read(shopify)
    assert store.calls[0].url == GRAPHQL_URL
    assert store.calls[0].headers["x-shopify-access-token"] == "token-1"


def test_a_first_token_comes_by_client_credentials_and_is_kept(
    store: ScriptedStore, credentials: MemoryCredentials, shopify: ShopifyConnector
) -> None:
    credentials.value = None
    store.script("Order", {"order": nodes.order()})
    read(shopify)
    token, order = store.calls
    assert token.url == TOKEN_URL
    assert token.variables == {
        "grant_type": "client_credentials",
        "client_id": "invented-client",
        "client_secret": "invented-secret",
    }
    assert order.headers["x-shopify-access-token"] == "new-1" == credentials.value
    assert timedelta(hours=23) < credentials.expires_at - START < timedelta(seconds=86399)


@pytest.mark.parametrize(("call", "operation"), [(read, "Order"), (write, "CreateFulfillment")])
def test_a_refused_token_is_renewed_once(
    call: Callable[[ShopifyConnector], object], operation: str, store: ScriptedStore, shopify: ShopifyConnector
) -> None:
    done = (
        {"order": nodes.order()}
        if operation == "Order"
        else {"fulfillmentCreate": {"fulfillment": {"id": "gid://shopify/Fulfillment/71"}, "userErrors": []}}
    )
    store.script(operation, answer({}, 401), done)
    call(shopify)
    assert [one.operation for one in store.calls] == [operation, "AccessToken", operation]
    assert store.calls[-1].headers["x-shopify-access-token"] == "new-1"


def test_a_token_that_another_worker_renewed_is_used_first(
    store: ScriptedStore, credentials: MemoryCredentials, shopify: ShopifyConnector
) -> None:
    given = iter(["token-1", "token-2"])
    credentials.token = lambda refused="": next(given, "token-2")  # type: ignore[method-assign]
    store.script("Order", answer({}, 401), {"order": nodes.order()})
    read(shopify)
    assert [one.operation for one in store.calls] == ["Order", "Order"]
    assert store.calls[-1].headers["x-shopify-access-token"] == "token-2"


def test_a_token_refused_twice_is_a_misconfiguration(store: ScriptedStore, shopify: ShopifyConnector) -> None:
    store.script("Order", answer({}, 401), answer({}, 401))
    with pytest.raises(Misconfigured):
        read(shopify)
    assert len(store.sent("Order")) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_refused_client_credentials_name_the_command_that_mends_them(
    status: int, store: ScriptedStore, credentials: MemoryCredentials, shopify: ShopifyConnector
) -> None:
    credentials.value = None
    store.script("AccessToken", answer({"error": "application_cannot_be_found"}, status))
    with pytest.raises(Misconfigured, match="orderwright connect shop"):
        read(shopify)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"access_token":5}', b'{"access_token":"t","expires_in":"x"}']
)
def test_an_unreadable_token_answer_may_be_tried_again(
    content: bytes, store: ScriptedStore, credentials: MemoryCredentials, shopify: ShopifyConnector
) -> None:
    credentials.value = None
    store.script("AccessToken", HttpAnswer(200, {}, content))
    with pytest.raises(Retryable):
        read(shopify)


def test_throttling_says_when_the_points_are_back(
    store: ScriptedStore, shopify: ShopifyConnector, clock: FixedClock
) -> None:
    cost = {
        "requestedQueryCost": 500,
        "throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": 100, "restoreRate": 100.0},
    }
    store.script("Order", failed("THROTTLED", cost=cost))
    with pytest.raises(Retryable) as caught:
        read(shopify)
    assert caught.value.code == "THROTTLED"
    assert caught.value.after == timedelta(seconds=4)
    assert shopify._client.throttle.delay_for(300, shopify._client.clock.now()) == timedelta(seconds=2)
    clock.advance(60)
    assert shopify._client.throttle.delay_for(300, shopify._client.clock.now()) == timedelta(0)


def test_throttling_without_figures_waits_a_second(store: ScriptedStore, shopify: ShopifyConnector) -> None:
    store.script("Order", failed("THROTTLED"))
    with pytest.raises(Retryable) as caught:
        read(shopify)
    assert caught.value.after == timedelta(seconds=1)


FAILURES = [
    (NotSent("x"), Retryable, Retryable),
    (NoAnswer("x"), Retryable, OutcomeUnknown),
    (answer({}, 429, retry_after="2.0"), Retryable, Retryable),
    (answer({}, 500), Retryable, OutcomeUnknown),
    (answer({}, 503), Retryable, OutcomeUnknown),
    (answer({}, 402), Misconfigured, Misconfigured),
    (answer({}, 403), Misconfigured, Misconfigured),
    (answer({}, 404), Misconfigured, Misconfigured),
    (answer({}, 423), Misconfigured, Misconfigured),
    (answer({}, 400), Rejected, Rejected),
    (HttpAnswer(200, {}, b"<html>"), Retryable, OutcomeUnknown),
    (HttpAnswer(200, {}, b"[" * 200_000), Retryable, OutcomeUnknown),
    (answer([]), Retryable, OutcomeUnknown),
    (answer({}), Retryable, OutcomeUnknown),
    (answer({"errors": "text"}), Rejected, Rejected),
    (failed("THROTTLED"), Retryable, Retryable),
    (failed("INTERNAL_SERVER_ERROR"), Retryable, OutcomeUnknown),
    (failed("SOMETHING_NEW"), Rejected, Rejected),
    (failed("SOMETHING_NEW", executed=True), Rejected, OutcomeUnknown),
    (failed("SHOP_INACTIVE"), Misconfigured, Misconfigured),
    (failed("ACCESS_DENIED"), Misconfigured, Misconfigured),
]


@pytest.mark.parametrize(("failure", "reading", "writing"), FAILURES)
def test_each_failure_has_its_meaning(
    failure: HttpAnswer | Exception,
    reading: type[VendorError],
    writing: type[VendorError],
    store: ScriptedStore,
    shopify: ShopifyConnector,
) -> None:
    store.script("Order", failure)
    store.script("CreateFulfillment", failure)
    with pytest.raises(reading):
        read(shopify)
    with pytest.raises(writing):
        write(shopify)
    assert len(store.calls) == 2


def test_a_missing_scope_is_named(store: ScriptedStore, shopify: ShopifyConnector) -> None:
    store.script("Order", failed("ACCESS_DENIED", message="Required access: `read_orders` access scope."))
    with pytest.raises(Misconfigured, match="read_orders"):
        read(shopify)


def test_an_error_never_repeats_a_mail_address(store: ScriptedStore, shopify: ShopifyConnector) -> None:
    store.script("Order", failed("BAD", message="aino@example.com is not known"))
    with pytest.raises(Rejected) as caught:
        read(shopify)
    assert "@" not in caught.value.message


def test_an_order_that_is_not_there_is_not_found(store: ScriptedStore, shopify: ShopifyConnector) -> None:
    store.script("Order", {"order": None})
    with pytest.raises(NotFound):
        read(shopify)


def test_another_api_version_is_noted_and_does_not_fail(
    store: ScriptedStore, shopify: ShopifyConnector, caplog: pytest.LogCaptureFixture
) -> None:
    content = {"data": {"order": None}}
    store.script(
        "Order", answer(content, x_shopify_api_version="2027-01"), answer(content, x_shopify_api_version="2027-01")
    )
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            with pytest.raises(NotFound):
                read(shopify)
    assert shopify._client.api_version_seen == "2027-01"
    assert [record.__dict__["api_version_seen"] for record in caplog.records] == ["2027-01"]


def test_a_base_url_with_a_path_is_kept(
    store: ScriptedStore, credentials: MemoryCredentials, clock: FixedClock
) -> None:
    shopify = build(
        Context(
            "shop", settings(base_url="http://127.0.0.1:9/shopify/"), credentials, store, clock, timedelta(seconds=3)
        )
    )
    store.script("Order", {"order": nodes.order()})
    read(shopify)
    assert store.calls[0].url == "http://127.0.0.1:9/shopify/admin/api/2026-10/graphql.json"
