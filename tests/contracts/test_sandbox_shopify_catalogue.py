"""Catalogue, price and stock of the sandbox's Shopify."""

from __future__ import annotations

from typing import Any

from local.sandbox.goods import ACCESSORIES, GOODS, good_of
from tests.contracts.sandbox_shopify_kit import Desk

SET = """mutation($identifier: ProductSetIdentifiers, $input: ProductSetInput!) {
  productSet(identifier: $identifier, input: $input, synchronous: true) {
    product { id handle status tags media(first: 3) { nodes { alt ... on MediaImage { image { url } } } }
      variants(first: 5) { nodes { id sku price } } } userErrors { field message code } } }"""
PUBLISH = """mutation($id: ID!, $to: [PublicationInput!]!) { publishablePublish(id: $id, input: $to) {
  publishable { ... on Product { id publishedAt } } userErrors { field message } } }"""
PRICE = """mutation($page: ID!, $rows: [ProductVariantsBulkInput!]!, $partial: Boolean) {
  productVariantsBulkUpdate(productId: $page, variants: $rows, allowPartialUpdates: $partial) {
    productVariants { sku price } userErrors { field code message } } }"""
QUANTITY = """mutation($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id reason changes { name delta quantityAfterChange } }
    userErrors { field code message } } }"""


def listing(desk: Desk, sku: str, price: str = "22.99", stock: int = 40) -> dict[str, Any]:
    good = good_of(sku)
    return {
        "title": good.title,
        "descriptionHtml": good.description_html,
        "vendor": good.vendor,
        "status": "ACTIVE",
        "tags": list(good.tags),
        "files": [{"originalSource": good.image_url, "alt": good.title, "contentType": "IMAGE"}],
        "productOptions": [{"name": "Title", "values": [{"name": "Default Title"}]}],
        "variants": [
            {
                "sku": sku,
                "price": price,
                "optionValues": [{"optionName": "Title", "name": "Default Title"}],
                "inventoryItem": {
                    "tracked": True,
                    "measurement": {"weight": {"unit": "GRAMS", "value": good.attributes.weight_grams}},
                },
                "inventoryQuantities": [
                    {"locationId": desk.locations()["Orderwright dropship"], "name": "available", "quantity": stock}
                ],
            }
        ],
    }


def set_listing(desk: Desk, sku: str, **changes: Any) -> dict[str, Any]:
    given = {**listing(desk, sku), **changes}
    payload: dict[str, Any] = desk.data(SET, identifier={"handle": sku.lower()}, input=given)["productSet"]
    return payload


def publish(desk: Desk, page: str) -> None:
    channel = desk.data("{ publications(first: 1) { nodes { id } } }")["publications"]["nodes"][0]["id"]
    assert desk.data(PUBLISH, id=page, to=[{"publicationId": channel}])["publishablePublish"]["userErrors"] == []


def quantity_input(desk: Desk, sku: str, quantity: int, expected: int | None) -> dict[str, Any]:
    row = {
        "inventoryItemId": desk.variant(sku)["inventoryItem"]["id"],
        "locationId": desk.locations()["Orderwright dropship"],
        "quantity": quantity,
        "changeFromQuantity": expected,
    }
    return {"name": "available", "reason": "correction", "quantities": [row]}


def set_quantity(desk: Desk, given: dict[str, Any], key: str) -> dict[str, Any]:
    payload: dict[str, Any] = desk.data(QUANTITY, input=given, key=key)["inventorySetQuantities"]
    return payload


def test_a_new_listing_is_found_by_sku_and_sold_once_published() -> None:
    desk = Desk()
    created = set_listing(desk, "HL-MS-400")
    assert created["userErrors"] == []
    page = created["product"]
    assert page["handle"] == "hl-ms-400"
    assert page["media"]["nodes"][0]["image"]["url"] == "https://images.example.com/HL-MS-400.jpg"
    found = desk.variant("HL-MS-400")
    assert (found["price"], found["inventoryQuantity"]) == ("22.99", 40)
    assert "HL-MS-400" not in [entry.sku for entry in desk.store.shelf()]
    publish(desk, page["id"])
    assert "HL-MS-400" in [entry.sku for entry in desk.store.shelf()]
    desk.store.buy([("HL-MS-400", 1)])
    assert desk.ledger("product_published")[0]["reference"] == "HL-MS-400"


def test_the_same_handle_replaces_instead_of_doubling() -> None:
    desk = Desk()
    first = set_listing(desk, "HL-MS-400")["product"]
    second = set_listing(desk, "HL-MS-400", tags=["new"])["product"]
    assert second["id"] == first["id"]
    assert second["variants"]["nodes"][0]["id"] == first["variants"]["nodes"][0]["id"]
    assert second["tags"] == ["new"]


def test_an_archived_listing_is_gone_from_the_shelf() -> None:
    desk = Desk()
    page = desk.variant("HL-COB-350")["product"]["id"]
    update = """mutation($p: ProductUpdateInput) { productUpdate(product: $p) { product { status } userErrors { message } } }"""
    assert desk.data(update, p={"id": page, "status": "ARCHIVED"})["productUpdate"]["product"] == {"status": "ARCHIVED"}
    assert [row["reference"] for row in desk.ledger("product_unpublished")] == ["HL-COB-350"]
    assert [entry.sku for entry in desk.store.shelf()] == ["GUIDE-PDF"]


def test_a_listing_without_title_is_refused_and_leaves_nothing() -> None:
    desk = Desk()
    payload = desk.data(SET, identifier=None, input={"vendor": "Nordlight"})["productSet"]
    assert payload["product"] is None
    assert payload["userErrors"][0]["code"] == "MISSING_FIELD_REQUIRED"
    assert len(desk.store.shop.products) == 2


def test_prices_change_in_bulk_or_not_at_all() -> None:
    desk = Desk()
    variant = desk.variant("HL-COB-350")
    good = {"id": variant["id"], "price": "16.99"}
    wrong = {"id": "gid://shopify/ProductVariant/1", "price": "1.00"}
    page = variant["product"]["id"]
    refused = desk.data(PRICE, page=page, rows=[good, wrong], partial=False)["productVariantsBulkUpdate"]
    assert refused["userErrors"][0]["code"] == "PRODUCT_VARIANT_DOES_NOT_EXIST"
    assert desk.variant("HL-COB-350")["price"] == "15.00"
    changed = desk.data(PRICE, page=page, rows=[good], partial=False)["productVariantsBulkUpdate"]
    assert changed["productVariants"] == [{"sku": "HL-COB-350", "price": "16.99"}]
    assert desk.ledger("price_changed") == [{"reference": "HL-COB-350", "before": "15.00", "after": "16.99"}]


def test_one_idempotency_key_sets_a_quantity_once() -> None:
    desk = Desk()
    given = quantity_input(desk, "HL-COB-350", 12, 3)
    first = set_quantity(desk, given, "key-1")
    assert first["inventoryAdjustmentGroup"]["changes"][0] == {
        "name": "available",
        "delta": 9,
        "quantityAfterChange": 12,
    }
    assert set_quantity(desk, given, "key-1") == first
    assert len(desk.ledger("quantity_changed")) == 1
    other = set_quantity(desk, {**given, "reason": "restock"}, "key-1")
    assert other["userErrors"][0]["code"] == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
    assert desk.variant("HL-COB-350")["inventoryQuantity"] == 12


def test_a_stale_quantity_is_refused_and_does_not_use_the_key_up() -> None:
    desk = Desk()
    given = quantity_input(desk, "HL-COB-350", 12, 4)
    assert set_quantity(desk, given, "key-1")["userErrors"][0]["code"] == "CHANGE_FROM_QUANTITY_STALE"
    assert set_quantity(desk, quantity_input(desk, "HL-COB-350", 12, 3), "key-1")["userErrors"] == []


def test_the_expected_quantity_and_the_key_must_be_present() -> None:
    desk = Desk()
    given = quantity_input(desk, "HL-COB-350", 12, None)
    assert set_quantity(desk, given, "key-1")["userErrors"] == []
    del given["quantities"][0]["changeFromQuantity"]
    assert "changeFromQuantity" in desk.ask(QUANTITY, input=given, key="key-2")["errors"][0]["message"]
    keyless = QUANTITY.replace(" @idempotent(key: $key)", "").replace(", $key: String!", "")
    assert "@idempotent" in desk.ask(keyless, input=given)["errors"][0]["message"]


def test_wrong_quantities_are_refused_together() -> None:
    desk = Desk()
    given = quantity_input(desk, "HL-COB-350", -1, None)
    given["quantities"].append(dict(given["quantities"][0]))
    codes = [error["code"] for error in set_quantity(desk, given, "key-1")["userErrors"]]
    assert codes == ["INVALID_QUANTITY_NEGATIVE", "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"]
    given["quantities"] = [given["quantities"][0]] * 251
    assert desk.ask(QUANTITY, input=given, key="key-2")["errors"][0]["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"


def test_an_item_is_connected_to_a_location_before_its_stock_is_set() -> None:
    desk = Desk()
    item = desk.variant("GUIDE-PDF")["inventoryItem"]["id"]
    place = desk.locations()["Orderwright dropship"]
    given = quantity_input(desk, "GUIDE-PDF", 5, None)
    assert set_quantity(desk, given, "key-1")["userErrors"][0]["code"] == "NON_MUTABLE_INVENTORY_ITEM"
    track = """mutation($id: ID!) { inventoryItemUpdate(id: $id, input: {tracked: true}) {
      inventoryItem { tracked } userErrors { message } } }"""
    assert desk.data(track, id=item)["inventoryItemUpdate"]["inventoryItem"] == {"tracked": True}
    assert set_quantity(desk, given, "key-2")["userErrors"][0]["code"] == "INVALID_INVENTORY_ITEM"
    activate = """mutation($i: ID!, $l: ID!) { inventoryActivate(inventoryItemId: $i, locationId: $l) @idempotent(key: "a") {
      inventoryLevel { location { id } quantities(names: ["available"]) { quantity } } userErrors { message } } }"""
    level = desk.data(activate, i=item, l=place)["inventoryActivate"]["inventoryLevel"]
    assert level == {"location": {"id": place}, "quantities": [{"quantity": 0}]}
    assert set_quantity(desk, given, "key-3")["userErrors"] == []


def test_the_goods_are_what_the_catalogue_promises() -> None:
    assert [(good.sku, str(good.cost), str(good.freight), good.stock) for good in GOODS] == [
        ("HL-MS-400", "6.40", "2.90", 40),
        ("HL-COB-350", "4.10", "2.90", 40),
        ("HL-PRO-1200", "18.90", "3.60", 40),
        ("HL-KID-120", "3.20", "2.50", 40),
        ("HL-UL-300", "7.20", "2.50", 2),
    ]
    assert all(good.supplier.pid.isdigit() and good.supplier.vid.isdigit() for good in GOODS)
    assert len({row.sku for row in ACCESSORIES}) == len(ACCESSORIES) == 45
