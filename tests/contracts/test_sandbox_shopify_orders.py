"""Orders, fulfillments and the reconciler's list of the sandbox's Shopify."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.shopify import Address, CartLine, NotForSale, OutOfStock
from tests.contracts.sandbox_shopify_kit import Desk

ORDER = """query($id: ID!) { order(id: $id) {
  id legacyResourceId name test displayFinancialStatus displayFulfillmentStatus capturable unpaid customerLocale
  presentmentCurrencyCode updatedAt cancelledAt
  customAttributes { key value } email
  totalPriceSet { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }
  totalRefundedSet { shopMoney { amount } } risk { recommendation assessments { riskLevel } }
  customer { id displayName defaultEmailAddress { emailAddress } }
  shippingAddress { address1 city zip countryCodeV2 formatted(withName: true) }
  lineItems(first: 20) { nodes { id sku quantity currentQuantity unfulfilledQuantity requiresShipping isGiftCard
    originalUnitPriceSet { presentmentMoney { amount } } variant { id inventoryItem { id } } } pageInfo { hasNextPage } }
  fulfillmentOrders(first: 5) { nodes { id status requestStatus assignedLocation { location { id } }
    supportedActions { action } fulfillmentHolds { id } deliveryMethod { methodType }
    lineItems(first: 10) { nodes { id totalQuantity remainingQuantity lineItem { id } } } } }
  fulfillments(first: 5) { id status trackingInfo(first: 3) { number company url }
    fulfillmentLineItems(first: 10) { nodes { quantity lineItem { id } } } }
  refunds(first: 5) { id refundLineItems(first: 5) { nodes { quantity lineItem { id } } } }
  transactions(first: 5) { kind status } } }"""
FULFIL = """mutation($f: FulfillmentInput!) { fulfillmentCreate(fulfillment: $f) {
  fulfillment { id status trackingInfo { number } } userErrors { field message } } }"""


def read(desk: Desk, order_id: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.data(ORDER, id=order_id)["order"]
    return found


def shipping_orders(order: dict[str, Any]) -> list[dict[str, Any]]:
    nodes = order["fulfillmentOrders"]["nodes"]
    return [node for node in nodes if node["deliveryMethod"]["methodType"] == "SHIPPING"]


def fulfil(
    desk: Desk, fulfillment_order: dict[str, Any], quantity: int | None, number: str = "JJFI1"
) -> dict[str, Any]:
    part: dict[str, Any] = {"fulfillmentOrderId": fulfillment_order["id"]}
    if quantity is not None:
        line = fulfillment_order["lineItems"]["nodes"][0]["id"]
        part["fulfillmentOrderLineItems"] = [{"id": line, "quantity": quantity}]
    given = {"lineItemsByFulfillmentOrder": [part], "trackingInfo": {"number": number, "company": "Posti"}}
    payload: dict[str, Any] = desk.data(FULFIL, f=given)["fulfillmentCreate"]
    return payload


def test_an_order_is_read_by_its_gid_after_a_sale() -> None:
    desk = Desk()
    bought = desk.store.buy([("HL-COB-350", 2), ("GUIDE-PDF", 1)], sms=True, locale="fi")
    order = read(desk, bought.gid)
    assert order["name"] == "#1001"
    assert int(order["legacyResourceId"]) > 2**53
    assert order["displayFinancialStatus"] == "PAID"
    assert order["customAttributes"] == [{"key": "sms_updates", "value": "yes"}]
    assert order["totalPriceSet"]["shopMoney"] == {"amount": "39.0", "currencyCode": "USD"}
    assert [line["sku"] for line in order["lineItems"]["nodes"]] == ["HL-COB-350", "GUIDE-PDF"]
    (lamp,) = shipping_orders(order)
    assert lamp["assignedLocation"]["location"]["id"] == desk.locations()["Orderwright dropship"]
    assert order["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED"
    assert desk.ledger("digital_delivered")[0]["sku"] == "GUIDE-PDF"
    assert desk.variant("HL-COB-350")["inventoryQuantity"] == 1


def test_authorised_pending_and_captured_are_told_apart() -> None:
    desk = Desk()
    waiting = desk.store.buy([("GUIDE-PDF", 1)], pay="authorized")
    assert read(desk, waiting.gid)["displayFinancialStatus"] == "AUTHORIZED"
    assert desk.ledger("order_paid") == []
    desk.store.capture(waiting.name)
    after = read(desk, waiting.gid)
    assert (after["displayFinancialStatus"], after["capturable"]) == ("PAID", False)
    assert [row["kind"] for row in after["transactions"]] == ["AUTHORIZATION", "CAPTURE"]
    assert read(desk, desk.store.buy([("GUIDE-PDF", 1)], pay="pending").gid)["displayFinancialStatus"] == "PENDING"


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "2250.0"), ("KWD", "4.605")])
def test_buyers_pay_in_their_own_currency(currency: str, amount: str) -> None:
    desk = Desk()
    order = read(desk, desk.store.buy([("HL-COB-350", 1)], currency=currency).gid)
    money = order["totalPriceSet"]
    assert money["presentmentMoney"] == {"amount": amount, "currencyCode": currency}
    assert money["shopMoney"] == {"amount": "15.0", "currencyCode": "USD"}


def test_custom_lines_and_gift_cards_have_no_variant() -> None:
    desk = Desk()
    cart = [CartLine(None, 1, "Engraving", Decimal("4.00")), CartLine(None, 1, "Gift card", Decimal("20.00"), True)]
    order = read(desk, desk.store.buy(cart, buyer=None, address=None).gid)
    assert [line["variant"] for line in order["lineItems"]["nodes"]] == [None, None]
    assert [line["isGiftCard"] for line in order["lineItems"]["nodes"]] == [False, True]
    assert order["customer"] is None
    assert order["shippingAddress"] is None


def test_stock_denies_a_sale_unless_two_buyers_race() -> None:
    desk = Desk()
    with pytest.raises(OutOfStock):
        desk.store.buy([("HL-COB-350", 4)])
    desk.store.buy([("HL-COB-350", 4)], oversell=True)
    assert desk.variant("HL-COB-350")["inventoryQuantity"] == -1
    with pytest.raises(NotForSale):
        desk.store.buy([("HL-MS-400", 1)])


def test_a_parcel_takes_its_units_and_more_than_remains_is_refused() -> None:
    desk = Desk()
    bought = desk.store.buy([("HL-COB-350", 3)])
    (waiting,) = shipping_orders(read(desk, bought.gid))
    assert fulfil(desk, waiting, 2)["userErrors"] == []
    order = read(desk, bought.gid)
    (waiting,) = shipping_orders(order)
    assert waiting["status"] == "IN_PROGRESS"
    assert waiting["lineItems"]["nodes"][0]["remainingQuantity"] == 1
    assert order["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED"
    refused = fulfil(desk, waiting, 2, "JJFI2")
    assert refused["fulfillment"] is None
    assert "quantity" in refused["userErrors"][0]["message"]
    assert fulfil(desk, waiting, None, "JJFI3")["userErrors"] == []
    assert "unfulfillable" in fulfil(desk, waiting, 1)["userErrors"][0]["message"]
    done = read(desk, bought.gid)
    assert done["displayFulfillmentStatus"] == "FULFILLED"
    assert [row["trackingInfo"][0]["number"] for row in done["fulfillments"]] == ["JJFI1", "JJFI3"]
    assert [row["lines"][0]["quantity"] for row in desk.ledger("fulfillment_created")] == [2, 1]


def test_fulfillment_orders_of_two_orders_do_not_share_a_parcel() -> None:
    desk = Desk()
    orders = [desk.store.buy([("HL-COB-350", 1)]) for _ in range(2)]
    parts = [{"fulfillmentOrderId": shipping_orders(read(desk, order.gid))[0]["id"]} for order in orders]
    payload = desk.data(FULFIL, f={"lineItemsByFulfillmentOrder": parts})["fulfillmentCreate"]
    assert "same order" in payload["userErrors"][0]["message"]
    assert desk.ledger("fulfillment_created") == []


def test_tracking_is_added_later() -> None:
    desk = Desk()
    bought = desk.store.buy([("HL-COB-350", 1)])
    sent = fulfil(desk, shipping_orders(read(desk, bought.gid))[0], None)["fulfillment"]["id"]
    update = """mutation($id: ID!, $t: FulfillmentTrackingInput!) { fulfillmentTrackingInfoUpdate(fulfillmentId: $id,
      trackingInfoInput: $t, notifyCustomer: false) { fulfillment { trackingInfo { number url } } userErrors { message } } }"""
    tracking = {"number": "N2", "url": "https://example.com/N2"}
    assert desk.data(update, id=sent, t=tracking)["fulfillmentTrackingInfoUpdate"]["fulfillment"]["trackingInfo"] == [
        tracking
    ]


def test_edits_and_refunds_shrink_what_is_left_to_send() -> None:
    desk = Desk()
    bought = desk.store.buy([("HL-COB-350", 3)])
    desk.store.edit(bought.gid, {"HL-COB-350": 2}, add=[("GUIDE-PDF", 1)])
    desk.store.refund(bought.gid, [("HL-COB-350", 1)])
    order = read(desk, bought.gid)
    lamp, guide = order["lineItems"]["nodes"]
    assert (lamp["quantity"], lamp["currentQuantity"], lamp["unfulfilledQuantity"]) == (3, 1, 1)
    assert guide["sku"] == "GUIDE-PDF"
    assert order["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    assert shipping_orders(order)[0]["lineItems"]["nodes"][0]["remainingQuantity"] == 1
    assert desk.variant("HL-COB-350")["inventoryQuantity"] == 2
    assert order["totalRefundedSet"]["shopMoney"]["amount"] == "15.0"


def test_an_order_is_cancelled_through_the_api_once() -> None:
    desk = Desk()
    bought = desk.store.buy([("HL-COB-350", 2)])
    cancel = """mutation($id: ID!) { orderCancel(orderId: $id, reason: INVENTORY, restock: true,
      refundMethod: {originalPaymentMethodsRefund: true}) { job { id done } orderCancelUserErrors { code message } } }"""
    first = desk.data(cancel, id=bought.gid)["orderCancel"]
    assert first["orderCancelUserErrors"] == []
    job = desk.data("query($id: ID!) { job(id: $id) { done } }", id=first["job"]["id"])
    assert job == {"job": {"done": True}}
    order = read(desk, bought.gid)
    assert order["cancelledAt"] is not None
    assert order["displayFinancialStatus"] == "REFUNDED"
    assert order["fulfillmentOrders"]["nodes"][0]["status"] == "CANCELLED"
    assert desk.variant("HL-COB-350")["inventoryQuantity"] == 3
    assert desk.data(cancel, id=bought.gid)["orderCancel"]["orderCancelUserErrors"][0]["code"] == "INVALID"
    assert len(desk.ledger("order_cancelled")) == 1


def test_a_corrected_address_and_a_changed_risk_are_seen() -> None:
    desk = Desk()
    bought = desk.store.buy([("HL-COB-350", 1)], address=Address(zip=None))
    assert read(desk, bought.gid)["shippingAddress"]["zip"] is None
    desk.store.set_address(bought.gid, Address(zip="33200"))
    desk.store.set_risk(bought.gid)
    order = read(desk, bought.gid)
    assert order["shippingAddress"]["formatted"] == ["Aino Esimerkki", "Esimerkkikatu 1", "33200 Tampere", "Finland"]
    assert order["risk"] == {"recommendation": "INVESTIGATE", "assessments": [{"riskLevel": "MEDIUM"}]}
    desk.store.redact(bought.gid)
    assert read(desk, bought.gid)["email"] is None


def test_the_reconciler_pages_through_what_changed_since() -> None:
    desk = Desk()
    desk.store.buy([("GUIDE-PDF", 1)])
    desk.pass_time(60)
    since = desk.now.isoformat()
    later = [desk.store.buy([("GUIDE-PDF", 1)]).name for _ in range(5)]
    query = """query($q: String!, $after: String) { orders(first: 2, after: $after, query: $q, sortKey: UPDATED_AT) {
      nodes { name updatedAt } pageInfo { hasNextPage endCursor } } }"""
    names: list[str] = []
    after = None
    while True:
        page = desk.data(query, q=f"updated_at:>='{since}'", after=after)["orders"]
        names += [node["name"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert names == later


def test_a_misspelt_search_field_is_refused() -> None:
    answer = Desk().ask("{ orders(first: 1, query: \"update_at:>='2026-01-01'\") { nodes { id } } }")
    assert "update_at" in answer["errors"][0]["message"]


def test_nodes_finds_records_of_any_kind() -> None:
    desk = Desk()
    order, variant = desk.store.buy([("HL-COB-350", 1)]), desk.variant("HL-COB-350")
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on ProductVariant { sku } } }"
    found = desk.data(query, ids=[order.gid, variant["id"], "gid://shopify/Order/1"])["nodes"]
    assert found == [
        {"__typename": "Order", "id": order.gid},
        {"__typename": "ProductVariant", "id": variant["id"], "sku": "HL-COB-350"},
        None,
    ]
