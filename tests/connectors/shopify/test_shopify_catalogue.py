"""Finding variants, publishing articles, pushing stock and prices."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from orderwright.connectors.context import Context
from orderwright.connectors.stores.shopify.articles import handle_of
from orderwright.connectors.stores.shopify.connector import ShopifyConnector, build
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.money import Money
from orderwright.errors import Misconfigured, Rejected, Retryable
from orderwright.ports.store import PriceChange, StoreCatalogue
from tests.connectors.shopify import nodes
from tests.connectors.shopify.scripted import FixedClock, MemoryCredentials, ScriptedStore, settings
from tests.contracts.kinds import stand_of

PRICE = Money(minor=2299, currency="USD")
SKU = SkuRecord(
    sku="HL-1",
    title="Head torch",
    description_html="<p>Bright</p>",
    images=("https://img.example.com/1.jpg",),
    category="Lighting",
    tags=("b", "a", "b"),
    brand="Nordlight",
    gtin="4006381333931",
    weight_grams=78,
)


def problem(code: str, *path: str) -> dict[str, Any]:
    return {"field": list(path) or None, "message": "no", "code": code}


@pytest.fixture
def catalogue(shopify: ShopifyConnector, store: ScriptedStore) -> StoreCatalogue:
    store.script("Publications", nodes.PUBLICATIONS)
    return shopify


def test_a_location_is_found_by_name_over_pages(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    first = {"id": "gid://shopify/Location/40", "name": "Shop"}
    store.script(
        "Locations",
        {"locations": nodes.page(first, after="c")},
        {"locations": nodes.page({"id": "gid://shopify/Location/41", "name": "Warehouse"})},
    )
    assert shopify.find_location(" warehouse") == "41"


def test_an_unknown_location_names_those_that_exist(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    store.script("Locations", {"locations": nodes.page({"id": "gid://shopify/Location/40", "name": "Shop"})})
    with pytest.raises(Misconfigured, match=r"connections\.shop\.location.*Shop"):
        shopify.find_location("Warehouse")


def test_a_catalogue_that_costs_more_points_than_there_are_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stand: Any = stand_of("shopify")()
    skus = [f"SKU-{number}" for number in range(1200)]
    monkeypatch.setattr(time, "sleep", lambda seconds: stand.clock.forward(seconds=seconds))
    stand.shelve(skus)
    connector, cursor, found = stand.connector(), "", set[str]()
    began = stand.clock.now()
    while not found or cursor:
        page, cursor = connector.list_variants(cursor)
        found |= {view.sku for view in page}
    assert found >= {*skus}
    assert stand.clock.now() > began, "nothing was waited for: the catalogue is too small for this test"


def test_variants_are_listed_by_page(catalogue: StoreCatalogue, store: ScriptedStore) -> None:
    store.script("Variants", {"productVariants": nodes.page(nodes.variant(), nodes.variant(22, sku=None), after="c")})
    (first, second), cursor = catalogue.list_variants("b")
    assert cursor == "c"
    assert first == ("HL-1", "21", "2021", "1021", PRICE, True, True)
    assert second.sku == ""
    assert store.sent("Variants") == [{"publication": nodes.PUBLICATION, "query": None, "after": "b"}]


def test_a_search_by_sku_keeps_exact_matches_only(catalogue: StoreCatalogue, store: ScriptedStore) -> None:
    store.script(
        "Variants",
        {"productVariants": nodes.page(nodes.variant(21, "HL-1"), nodes.variant(22, "hl-1"), after="c")},
        {"productVariants": nodes.page(nodes.variant(23, "HL-10"), nodes.variant(24, "HL-1"))},
    )
    found = catalogue.find_variants(["HL-1", 'A "B"', "HL-1", ""])
    assert [view.variant_id for view in found] == ["21", "24"]
    assert store.sent("Variants")[0]["query"] == r'sku:"A \"B\"" OR sku:"HL-1"'


def test_nothing_is_asked_for_no_sku(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    assert shopify.find_variants([]) == []
    assert store.calls == []


def test_many_skus_take_several_searches_and_one_look_up_of_the_channel(
    catalogue: StoreCatalogue, store: ScriptedStore
) -> None:
    store.script("Variants", *({"productVariants": nodes.page()} for _ in range(3)))
    assert catalogue.find_variants([f"S{number}" for number in range(100)]) == []
    assert len(store.sent("Publications")) == 1


def test_a_store_without_the_sales_channel_is_a_misconfiguration(
    shopify: ShopifyConnector, store: ScriptedStore
) -> None:
    other = {"id": nodes.PUBLICATION, "catalog": {"__typename": "AppCatalog", "title": "Point of Sale"}}
    store.script(
        "Publications", {"publications": nodes.page(other, {"id": "gid://shopify/Publication/8", "catalog": None})}
    )
    with pytest.raises(Misconfigured, match="Point of Sale"):
        shopify.list_variants("")


def test_prices_that_do_not_fit_the_currency_are_a_misconfiguration(
    store: ScriptedStore, credentials: MemoryCredentials, clock: FixedClock
) -> None:
    shopify = build(Context("shop", settings(currency="JPY"), credentials, store, clock, timedelta(seconds=3)))
    store.script("Publications", nodes.PUBLICATIONS)
    store.script("Variants", {"productVariants": nodes.page(nodes.variant())})
    with pytest.raises(Misconfigured, match="currency"):
        shopify.list_variants("")


# --- publishing ---------------------------------------------------------------------------------------------------


def article(variant: dict[str, Any]) -> dict[str, Any]:
    product = {**variant["product"], "variants": nodes.page(variant)}
    return {"productSet": {"product": product, "userErrors": []}}


def listed(*variants: dict[str, Any], pictures: int = 1) -> dict[str, Any]:
    media = nodes.page(*({"__typename": "MediaImage", "id": "gid://shopify/MediaImage/1"} for _ in range(pictures)))
    found = {"id": "gid://shopify/Product/2021", "media": media, "variants": nodes.page(*variants)}
    return {"productByIdentifier": {**found, **SHOWN}, "productVariants": nodes.page()}


SHOWN = {"status": "ACTIVE", "publishedOnPublication": True}
NOWHERE: dict[str, Any] = {"productByIdentifier": None, "productVariants": nodes.page()}


HIDDEN = {"id": "gid://shopify/Product/2021", "status": "ACTIVE", "publishedOnPublication": False}


def test_a_new_article_is_created_with_stock_and_put_on_sale(catalogue: StoreCatalogue, store: ScriptedStore) -> None:
    store.script("ListedArticle", NOWHERE)
    store.script("SetArticle", article(nodes.variant(product=HIDDEN)))
    store.script("Publish", {"publishablePublish": {"userErrors": []}})
    view = catalogue.publish_goods(SKU, PRICE, 7, "41")
    assert (view.variant_id, view.listed_id, view.stock_id, view.published) == ("21", "2021", "1021", True)
    sent = store.sent("SetArticle")[0]
    assert sent["handle"] == "hl-1"
    assert sent["input"] == {
        "handle": "hl-1",
        "title": "Head torch",
        "descriptionHtml": "<p>Bright</p>",
        "productType": "Lighting",
        "tags": ["a", "b"],
        "vendor": "Nordlight",
        "status": "ACTIVE",
        "productOptions": [{"name": "Title", "values": [{"name": "Default Title"}]}],
        "variants": [
            {
                "optionValues": [{"optionName": "Title", "name": "Default Title"}],
                "price": "22.99",
                "inventoryPolicy": "DENY",
                "inventoryItem": {
                    "sku": "HL-1",
                    "tracked": True,
                    "requiresShipping": True,
                    "measurement": {"weight": {"value": 78, "unit": "GRAMS"}},
                },
                "barcode": "4006381333931",
                "inventoryQuantities": [
                    {"locationId": "gid://shopify/Location/41", "name": "available", "quantity": 7}
                ],
            }
        ],
        "files": [{"originalSource": "https://img.example.com/1.jpg", "contentType": "IMAGE", "alt": "Head torch"}],
    }
    assert store.sent("Publish") == [{"id": "gid://shopify/Product/2021", "publication": nodes.PUBLICATION}]


def test_a_repeat_keeps_variant_pictures_and_compares_the_stock(
    catalogue: StoreCatalogue, store: ScriptedStore
) -> None:
    store.script("ListedArticle", listed(nodes.variant()))
    store.script("SetArticle", article(nodes.variant()))
    store.script("SetQuantities", {"inventorySetQuantities": {"userErrors": []}})
    catalogue.publish_goods(SKU, PRICE, 7, "41")
    given = store.sent("SetArticle")[0]["input"]
    assert given["variants"][0]["id"] == "gid://shopify/ProductVariant/21"
    assert "inventoryQuantities" not in given["variants"][0]
    assert "files" not in given
    row = store.sent("SetQuantities")[0]["input"]["quantities"][0]
    assert (row["changeFromQuantity"], row["quantity"]) == (5, 7)
    assert store.sent("Publish") == []


def test_a_repeat_with_the_same_stock_sets_none(catalogue: StoreCatalogue, store: ScriptedStore) -> None:
    store.script("ListedArticle", listed(nodes.variant(), pictures=0))
    store.script("SetArticle", article(nodes.variant()))
    catalogue.publish_goods(SKU, PRICE, 5, "41")
    assert store.sent("SetQuantities") == []
    assert len(store.sent("SetArticle")[0]["input"]["files"]) == 1


def test_an_article_not_stocked_at_the_location_is_stocked_with_it(
    catalogue: StoreCatalogue, store: ScriptedStore
) -> None:
    elsewhere = nodes.variant(
        inventoryItem={"id": "gid://shopify/InventoryItem/1021", "tracked": True, "inventoryLevel": None}
    )
    store.script("ListedArticle", listed(elsewhere))
    store.script("SetArticle", article(nodes.variant()))
    catalogue.publish_goods(SKU, PRICE, 7, "41")
    assert store.sent("SetArticle")[0]["input"]["variants"][0]["inventoryQuantities"][0]["quantity"] == 7


@pytest.mark.parametrize("variants", [(nodes.variant(sku="OTHER"),), (nodes.variant(), nodes.variant(22)), ()])
def test_an_article_of_somebody_else_is_left_alone(
    variants: tuple[dict[str, Any], ...], catalogue: StoreCatalogue, store: ScriptedStore
) -> None:
    store.script("ListedArticle", listed(*variants))
    with pytest.raises(Rejected) as caught:
        catalogue.publish_goods(SKU, PRICE, 7, "41")
    assert caught.value.code == "HANDLE_TAKEN"
    assert store.sent("SetArticle") == []


def test_stock_that_moved_while_publishing_is_tried_again(catalogue: StoreCatalogue, store: ScriptedStore) -> None:
    store.script("ListedArticle", listed(nodes.variant()))
    store.script("SetArticle", article(nodes.variant()))
    stale = problem("CHANGE_FROM_QUANTITY_STALE", "input", "quantities", "0", "changeFromQuantity")
    store.script("SetQuantities", {"inventorySetQuantities": {"userErrors": [stale]}})
    with pytest.raises(Retryable):
        catalogue.publish_goods(SKU, PRICE, 7, "41")


def test_stock_that_cannot_be_set_while_publishing_is_refused(catalogue: StoreCatalogue, store: ScriptedStore) -> None:
    store.script("ListedArticle", listed(nodes.variant()))
    store.script("SetArticle", article(nodes.variant()))
    high = problem("INVALID_QUANTITY_TOO_HIGH", "input", "quantities", "0", "quantity")
    store.script("SetQuantities", {"inventorySetQuantities": {"userErrors": [high]}})
    with pytest.raises(Rejected) as caught:
        catalogue.publish_goods(SKU, PRICE, 7, "41")
    assert caught.value.code == "INVALID_QUANTITY_TOO_HIGH"


def test_an_answer_without_the_article_may_be_tried_again(catalogue: StoreCatalogue, store: ScriptedStore) -> None:
    store.script("ListedArticle", NOWHERE)
    store.script("SetArticle", {"productSet": {"product": None, "userErrors": []}})
    with pytest.raises(Retryable):
        catalogue.publish_goods(SKU, PRICE, 7, "41")


def test_shopifys_refusal_of_an_article_names_the_field(catalogue: StoreCatalogue, store: ScriptedStore) -> None:
    store.script("ListedArticle", NOWHERE)
    refusal = {"productSet": {"product": None, "userErrors": [problem("MISSING_FIELD_REQUIRED", "input", "title")]}}
    store.script("SetArticle", refusal)
    with pytest.raises(Rejected, match=r"input\.title") as caught:
        catalogue.publish_goods(SKU, PRICE, 7, "41")
    assert caught.value.code == "MISSING_FIELD_REQUIRED"


def test_a_price_in_another_currency_is_never_sent(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    euros = Money(minor=100, currency="EUR")
    with pytest.raises(Rejected):
        shopify.publish_goods(SKU, euros, 7, "41")
    with pytest.raises(Rejected):
        shopify.push_prices([PriceChange("2021", "21", euros)])
    assert store.calls == []


@pytest.mark.parametrize(("sku", "handle"), [("HL-MS-400", "hl-ms-400"), ("--A__b/9", "a-b-9")])
def test_a_handle_is_made_of_the_sku(sku: str, handle: str) -> None:
    assert handle_of(sku) == handle


def test_a_sku_without_latin_letters_has_a_handle_of_its_own() -> None:
    first, second = handle_of("照明"), handle_of("灯")
    assert first.startswith("sku-")
    assert first != second
    assert first == handle_of("照明")


def test_unpublishing_makes_a_draft(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    done = {"product": {"id": "gid://shopify/Product/2021", "status": "DRAFT"}, "userErrors": []}
    store.script("Siblings", {"product": {"variants": nodes.page(nodes.variant())}})
    store.script("SetArticleStatus", {"productUpdate": done})
    shopify.unpublish_goods("2021", "21")
    assert store.sent("SetArticleStatus") == [{"product": {"id": "gid://shopify/Product/2021", "status": "DRAFT"}}]


def test_unpublishing_what_is_gone_is_refused(shopify: ShopifyConnector, store: ScriptedStore) -> None:
    gone = {"product": None, "userErrors": [{"field": ["id"], "message": "Product does not exist"}]}
    store.script("Siblings", {"product": None})
    store.script("SetArticleStatus", {"productUpdate": gone})
    with pytest.raises(Rejected, match="does not exist"):
        shopify.unpublish_goods("2021", "21")
