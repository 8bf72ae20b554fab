"""Reading listings, pushing stock and prices."""

from __future__ import annotations

from typing import Any

import pytest

from orderwright.connectors.stores.shopify.connector import ShopifyConnector
from orderwright.domain.money import Money
from orderwright.errors import Misconfigured, OutcomeUnknown, Rejected
from orderwright.ports.store import ListingView, PriceChange, PushProblem, QuantityChange, StoreCatalogue
from tests.connectors.shopify import nodes
from tests.connectors.shopify.scripted import ScriptedStore

HIDDEN = {"id": "gid://shopify/Product/2021", "status": "ACTIVE", "publishedOnPublication": False}


def usd(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


def problem(code: str, *path: str) -> dict[str, Any]:
    return {"field": list(path) or None, "message": "no", "code": code}


@pytest.fixture
def catalogue(shopify: ShopifyConnector, store: ScriptedStore) -> StoreCatalogue:
    store.script("Publications", nodes.PUBLICATIONS)
    return shopify


def test_listings_are_read_at_one_location(catalogue: StoreCatalogue, store: ScriptedStore) -> None:
    unstocked = nodes.variant(
        22,
        inventoryItem={"id": "gid://shopify/InventoryItem/1022", "inventoryLevel": None},
        product={**HIDDEN, "status": "DRAFT"},
    )
    store.script("Listings", {"nodes": [nodes.variant(), None, unstocked]})
    assert catalogue.read_listings(["21", "23", "22", "21"], "41") == [
        ListingView("21", "1021", usd(2299), 5, True),
        ListingView("22", "1022", usd(2299), None, False),
    ]
    sent = store.sent("Listings")[0]
    assert sent["ids"] == [f"gid://shopify/ProductVariant/{number}" for number in (21, 23, 22)]
    assert sent["location"] == "gid://shopify/Location/41"


def test_listed_prices_that_do_not_fit_the_currency_are_a_misconfiguration(
    catalogue: StoreCatalogue, store: ScriptedStore
) -> None:
    store.script("Listings", {"nodes": [nodes.variant(price="1.2345")]})
    with pytest.raises(Misconfigured, match="currency"):
        catalogue.read_listings(["21"], "41")


def changes(count: int) -> list[QuantityChange]:
    return [QuantityChange(str(number), "41", number, 0) for number in range(count)]


def test_a_batch_of_quantities_is_one_call(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    store.script("SetQuantities", {"inventorySetQuantities": {"userErrors": []}})
    assert shopify.push_quantities(changes(250), "key") == []
    sent = store.sent("SetQuantities")[0]
    assert sent["input"]["quantities"][3] == {
        "inventoryItemId": "gid://shopify/InventoryItem/3",
        "locationId": "gid://shopify/Location/41",
        "quantity": 3,
        "changeFromQuantity": 0,
    }
    assert (sent["input"]["name"], sent["input"]["reason"]) == ("available", "correction")


def test_no_changes_need_no_call_and_too_many_are_an_error(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    assert shopify.push_quantities([], "key") == []
    with pytest.raises(ValueError, match="250"):
        shopify.push_quantities(changes(251), "key")
    assert store.calls == []


def test_a_repeat_with_the_same_key_sends_the_same_request(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    store.script("SetQuantities", *({"inventorySetQuantities": {"userErrors": []}} for _ in range(3)))
    shopify.push_quantities(changes(2), "key")
    shopify.push_quantities(changes(2), "key")
    shopify.push_quantities(changes(2), "other")
    first, second, third = store.sent("SetQuantities")
    assert first == second
    assert first["key"] != third["key"]


def test_a_stale_entry_is_told_and_the_rest_is_set(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    stale = problem("CHANGE_FROM_QUANTITY_STALE", "input", "quantities", "1", "changeFromQuantity")
    store.script(
        "SetQuantities",
        {"inventorySetQuantities": {"userErrors": [stale]}},
        {"inventorySetQuantities": {"userErrors": []}},
    )
    found = shopify.push_quantities(changes(3), "key")
    assert found == [PushProblem("1", "CHANGE_FROM_QUANTITY_STALE", "no", True)]
    first, second = store.sent("SetQuantities")
    assert [row["inventoryItemId"][-1] for row in second["input"]["quantities"]] == ["0", "2"]
    assert first["key"] != second["key"]


@pytest.mark.parametrize(
    ("tracked", "stocked", "calls"),
    [
        (False, True, ["StockedItem", "TrackItem"]),
        (True, False, ["StockedItem", "StockItem"]),
        (False, False, ["StockedItem", "TrackItem", "StockItem"]),
    ],
)
def test_an_article_that_cannot_take_stock_is_made_able(
    tracked: bool, stocked: bool, calls: list[str], shopify: ShopifyConnector, store: ScriptedStore
) -> None:
    refused = problem("INVALID_INVENTORY_ITEM", "input", "quantities", "1", "inventoryItemId")
    store.script(
        "SetQuantities",
        {"inventorySetQuantities": {"userErrors": [refused]}},
        {"inventorySetQuantities": {"userErrors": []}},
    )
    level = {"id": "gid://shopify/InventoryLevel/1"} if stocked else None
    item = {"id": "gid://shopify/InventoryItem/1", "tracked": tracked, "inventoryLevel": level}
    store.script("StockedItem", {"inventoryItem": item})
    store.script("TrackItem", {"inventoryItemUpdate": {"inventoryItem": {"id": item["id"]}, "userErrors": []}})
    store.script(
        "StockItem",
        {"inventoryActivate": {"inventoryLevel": {"id": "gid://shopify/InventoryLevel/1"}, "userErrors": []}},
    )
    assert shopify.push_quantities(changes(2), "key") == []
    assert [call.operation for call in store.calls] == ["SetQuantities", *calls, "SetQuantities"]
    if not stocked:
        assert store.sent("StockItem")[0]["available"] == 1


def test_an_article_that_is_gone_is_a_problem_of_its_own(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    refused = problem("INVALID_INVENTORY_ITEM", "input", "quantities", "0", "inventoryItemId")
    store.script("SetQuantities", {"inventorySetQuantities": {"userErrors": [refused]}})
    store.script("StockedItem", {"inventoryItem": None})
    assert shopify.push_quantities(changes(1), "key") == [PushProblem("0", "INVALID_INVENTORY_ITEM", "no", False)]


def test_an_article_that_must_not_be_tracked_is_a_problem_of_its_own(
    shopify: ShopifyConnector, store: ScriptedStore
) -> None:
    refused = problem("NON_MUTABLE_INVENTORY_ITEM", "input", "quantities", "0", "inventoryItemId")
    store.script("SetQuantities", {"inventorySetQuantities": {"userErrors": [refused]}})
    item = {"id": "gid://shopify/InventoryItem/0", "tracked": False, "inventoryLevel": None}
    store.script("StockedItem", {"inventoryItem": item})
    no = {"field": ["id"], "message": "no"}
    store.script("TrackItem", {"inventoryItemUpdate": {"inventoryItem": None, "userErrors": [no]}})
    assert [each.key for each in shopify.push_quantities(changes(1), "key")] == ["0"]


def test_a_call_that_is_still_running_has_no_outcome_yet(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    running = problem("IDEMPOTENCY_CONCURRENT_REQUEST")
    store.script("SetQuantities", {"inventorySetQuantities": {"userErrors": [running]}})
    with pytest.raises(OutcomeUnknown):
        shopify.push_quantities(changes(1), "key")


def test_a_burnt_key_asks_for_a_new_decision(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    burnt = problem("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")
    store.script("SetQuantities", {"inventorySetQuantities": {"userErrors": [burnt]}})
    assert [(each.key, each.stale) for each in shopify.push_quantities(changes(2), "key")] == [("0", True), ("1", True)]


def test_a_refusal_of_the_whole_batch_is_raised(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    wrong = problem("INVALID_REASON", "input", "reason")
    store.script("SetQuantities", {"inventorySetQuantities": {"userErrors": [wrong]}})
    with pytest.raises(Rejected) as caught:
        shopify.push_quantities(changes(2), "key")
    assert caught.value.code == "INVALID_REASON"


def test_a_batch_that_is_refused_again_and_again_ends(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    stale = problem("CHANGE_FROM_QUANTITY_STALE", "input", "quantities", "0", "changeFromQuantity")
    store.script("SetQuantities", *({"inventorySetQuantities": {"userErrors": [stale]}} for _ in range(8)))
    found = shopify.push_quantities(changes(20), "key")
    assert len(found) == 20
    assert all(each.stale for each in found)


def test_prices_of_one_article_are_one_call(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    store.script("SetPrices", {"productVariantsBulkUpdate": {"userErrors": []}})
    assert shopify.push_prices([PriceChange("2021", "21", usd(2599)), PriceChange("2021", "22", usd(5))]) == []
    assert store.sent("SetPrices") == [
        {
            "product": "gid://shopify/Product/2021",
            "variants": [
                {"id": "gid://shopify/ProductVariant/21", "price": "25.99"},
                {"id": "gid://shopify/ProductVariant/22", "price": "0.05"},
            ],
        }
    ]
    assert "allowPartialUpdates: true" in store.calls[0].document


def test_a_compare_at_price_is_sent_only_where_it_is_ours(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    store.script("SetPrices", {"productVariantsBulkUpdate": {"userErrors": []}})
    rows = (("21", usd(2599), usd(2999)), ("22", usd(5), None), ("23", usd(5)))
    shopify.push_prices([PriceChange("2021", *row) for row in rows])
    sent = store.sent("SetPrices")[0]["variants"]
    assert [row.get("compareAtPrice", "not sent") for row in sent] == ["29.99", None, "not sent"]
    with pytest.raises(Rejected, match="EUR"):
        shopify.push_prices([PriceChange("2021", "21", usd(5), Money(minor=9, currency="EUR"))])


def test_a_refused_price_is_told_by_its_variant(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    gone = problem("PRODUCT_VARIANT_DOES_NOT_EXIST", "variants", "1", "id")
    store.script("SetPrices", {"productVariantsBulkUpdate": {"userErrors": [gone]}})
    found = shopify.push_prices([PriceChange("2021", "21", usd(1)), PriceChange("2021", "22", usd(1))])
    assert found == [PushProblem("22", "PRODUCT_VARIANT_DOES_NOT_EXIST", "no", False)]


def test_prices_of_an_article_that_is_gone_are_refused(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    gone = problem("PRODUCT_DOES_NOT_EXIST", "productId")
    store.script("SetPrices", {"productVariantsBulkUpdate": {"userErrors": [gone]}})
    with pytest.raises(Rejected) as caught:
        shopify.push_prices([PriceChange("2021", "21", usd(1))])
    assert caught.value.code == "PRODUCT_DOES_NOT_EXIST"
