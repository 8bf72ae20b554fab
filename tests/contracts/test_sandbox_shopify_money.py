"""Taxes, shipping, duties and refunds of the sandbox's Shopify, as its API shows them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.shopify import GERMAN_ADDRESS as BERLIN
from local.sandbox.shopify import Address, CartLine, ShopifyConfig, TaxRule, Terms
from tests.contracts.sandbox_shopify_kit import Desk

M = "{ shopMoney { amount } }"
ORDER = f"""query($id: ID!) {{ order(id: $id) {{
  taxesIncluded taxExempt estimatedTaxes sourceName paymentGatewayNames
  currentTotalPriceSet {M} totalTaxSet {M} currentTotalTaxSet {M} totalReceivedSet {M} totalRefundedSet {M}
  refundDiscrepancySet {M} currentTotalDutiesSet {M} totalTipReceivedSet {M}
  purchasingEntity {{ ... on PurchasingCompany {{ company {{ name }} }} ... on Customer {{ displayName }} }}
  merchantOfRecordApp {{ name }}
  lineItems(first: 5) {{ nodes {{ quantity currentQuantity priceAfterAllDiscountsBeforeTaxesSet {M}
    taxLines {{ rate channelLiable priceSet {M} }} duties {{ harmonizedSystemCode price {M} }} }} }}
  shippingLines(first: 5) {{ nodes {{ discountedPriceSet {M} currentDiscountedPriceSet {M} isRemoved
    taxLines {{ priceSet {M} }} }} }}
  fulfillmentOrders(first: 5) {{ nodes {{ internationalDuties {{ incoterm }} }} }}
  transactions(first: 5) {{ kind fees {{ amount {{ amount }} taxAmount {{ amount }} }} }}
  refunds(first: 5) {{ id refundLineItems(first: 5) {{ nodes {{ subtotalSet {M} totalTaxSet {M} }} }}
    refundShippingLines(first: 5) {{ nodes {{ subtotalAmountSet {M} taxAmountSet {M} }} }}
    orderAdjustments(first: 5) {{ nodes {{ amountSet {M} taxAmountSet {M} reason }} }} duties {{ amountSet {M} }} }} }} }}"""
LAMP = CartLine("HL-COB-350", 1, price=Decimal("29.99"))
TWO = CartLine("HL-COB-350", 2, price=Decimal("29.99"))
GERMANY = TaxRule(Decimal(19))
FINLAND = TaxRule(Decimal("25.5"), channel_liable=None)
TEXAS = TaxRule(Decimal("8.25"), included=False, channel_liable=True)


def desk(**changes: Any) -> Desk:
    return Desk(ShopifyConfig(taxes={"DE": GERMANY, "FI": FINLAND, "US": TEXAS}, **changes))


def plain(value: Any) -> Any:
    """The answer with each MoneyBag as its amount."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        if set(value) == {"shopMoney"}:
            return value["shopMoney"]["amount"]
        return plain(value["nodes"]) if set(value) == {"nodes"} else {key: plain(each) for key, each in value.items()}
    return value


def read(store: Desk, order_id: str) -> dict[str, Any]:
    found: dict[str, Any] = plain(store.data(ORDER, id=order_id)["order"])
    return found


def test_a_store_without_tax_rules_taxes_nothing() -> None:
    store = Desk()
    order = read(store, store.store.buy([LAMP]).gid)
    assert (order["taxesIncluded"], order["totalTaxSet"], order["currentTotalPriceSet"]) == (False, "0.0", "29.99")
    assert (order["lineItems"][0]["taxLines"], order["currentTotalDutiesSet"]) == ([], None)
    assert order["paymentGatewayNames"] == ["shopify_payments"]


def test_a_german_price_contains_its_tax_and_a_finnish_one_the_higher_one() -> None:
    store = desk()
    german = read(store, store.store.buy([TWO], address=BERLIN, shipping_price=Decimal("4.90")).gid)
    finnish = read(store, store.store.buy([CartLine("HL-COB-350", 1, price=Decimal("39.90"))]).gid)
    line = german["lineItems"][0]
    assert (line["priceAfterAllDiscountsBeforeTaxesSet"], line["taxLines"][0]["priceSet"]) == ("50.4", "9.58")
    assert (german["totalTaxSet"], german["currentTotalTaxSet"], german["currentTotalPriceSet"]) == (
        "10.36",
        "9.58",
        "64.88",
    )
    assert german["shippingLines"][0]["taxLines"] == [{"priceSet": "0.78"}]
    assert finnish["lineItems"][0]["priceAfterAllDiscountsBeforeTaxesSet"] == "31.79"
    assert finnish["lineItems"][0]["taxLines"] == [{"rate": 0.255, "channelLiable": None, "priceSet": "8.11"}]


def test_a_tax_on_top_is_paid_beside_the_price_and_its_channel_remits() -> None:
    store = desk()
    order = read(store, store.store.buy([TWO], address=Address(country_code="US")).gid)
    line = order["lineItems"][0]
    assert (order["taxesIncluded"], order["currentTotalPriceSet"], order["totalReceivedSet"]) == (
        False,
        "64.93",
        "64.93",
    )
    assert line["priceAfterAllDiscountsBeforeTaxesSet"] == "59.98"
    assert line["taxLines"] == [{"rate": 0.0825, "channelLiable": True, "priceSet": "4.95"}]


@pytest.mark.parametrize(("gross", "subtotals"), [(True, ("29.99", "4.9")), (False, ("25.2", "4.12"))])
def test_a_refund_of_units_and_shipping_leaves_their_tax_in_the_tax_lines(
    gross: bool, subtotals: tuple[str, str]
) -> None:
    store = desk(gross_refunds=gross)
    bought = store.store.buy([TWO], address=BERLIN, shipping_price=Decimal("4.90"))
    store.store.refund(bought.gid, [("HL-COB-350", 1)], shipping=Decimal("4.90"))
    order = read(store, bought.gid)
    (made,) = order["refunds"]
    assert made["refundLineItems"] == [{"subtotalSet": subtotals[0], "totalTaxSet": "4.79"}]
    assert made["refundShippingLines"] == [{"subtotalAmountSet": subtotals[1], "taxAmountSet": "0.78"}]
    line = order["lineItems"][0]
    assert (line["priceAfterAllDiscountsBeforeTaxesSet"], line["taxLines"][0]["priceSet"]) == ("25.2", "9.58")
    assert (order["totalRefundedSet"], order["refundDiscrepancySet"]) == ("34.89", "0.0")
    assert order["shippingLines"][0]["currentDiscountedPriceSet"] == "0.0"


def test_money_given_back_alone_is_an_adjustment_or_a_pair_that_cancels_out() -> None:
    store = desk()
    bought = store.store.buy([LAMP], address=BERLIN)
    store.store.refund_money(bought.gid, Decimal(5), Decimal("0.80"))
    store.store.refund_money(bought.gid, Decimal(3), pending=True)
    order = read(store, bought.gid)
    assert [made["orderAdjustments"] for made in order["refunds"]] == [
        [{"amountSet": "-5.0", "taxAmountSet": "-0.8", "reason": "REFUND_DISCREPANCY"}],
        [
            {"amountSet": "3.0", "taxAmountSet": "0.0", "reason": "REFUND_DISCREPANCY"},
            {"amountSet": "-3.0", "taxAmountSet": "0.0", "reason": "PENDING_REFUND_DISCREPANCY"},
        ],
    ]
    assert (order["totalRefundedSet"], order["refundDiscrepancySet"]) == ("8.0", "-8.0")


def test_duties_terms_fees_and_the_buyers_kind_are_shown() -> None:
    store = desk(card_fee=(Decimal("2.9"), Decimal("0.30")))
    terms = Terms(incoterm="DDP", merchant_of_record="Managed Markets", company="Example Oy", source="amazon-us")
    dutiable = CartLine("HL-COB-350", 2, price=Decimal("29.99"), duty=Decimal("6.00"))
    bought = store.store.buy([dutiable], address=BERLIN, terms=terms)
    store.store.refund(bought.gid, [("HL-COB-350", 1)])
    order = read(store, bought.gid)
    assert (order["currentTotalDutiesSet"], order["refunds"][0]["duties"]) == ("3.0", [{"amountSet": "3.0"}])
    assert (order["totalReceivedSet"], order["totalRefundedSet"]) == ("65.98", "32.99")
    assert order["fulfillmentOrders"] == [{"internationalDuties": {"incoterm": "DDP"}}]
    assert order["transactions"][0]["fees"] == [{"amount": {"amount": "2.21"}, "taxAmount": {"amount": "0.0"}}]
    assert (order["purchasingEntity"], order["merchantOfRecordApp"], order["sourceName"]) == (
        {"company": {"name": "Example Oy"}},
        {"name": "Managed Markets"},
        "amazon-us",
    )


def test_an_exempt_buyer_and_a_gift_card_are_not_taxed() -> None:
    store = desk()
    card = CartLine(None, 1, "Gift card", Decimal(20), gift_card=True)
    exempt = store.store.buy([LAMP], address=BERLIN, terms=Terms(tax_exempt=True, tip=Decimal(2)))
    assert read(store, store.store.buy([card], address=BERLIN).gid)["totalTaxSet"] == "0.0"
    order = read(store, exempt.gid)
    assert (order["taxExempt"], order["totalTaxSet"], order["currentTotalPriceSet"]) == (True, "0.0", "31.99")


def test_a_refund_is_found_by_its_id() -> None:
    store = desk()
    bought = store.store.buy([LAMP], address=BERLIN)
    store.store.refund(bought.gid, [("HL-COB-350", 1)])
    number = read(store, bought.gid)["refunds"][0]["id"]
    query = "query($id: ID!) { refund(id: $id) { order { id } refundLineItems(first: 1) { nodes { quantity } } } }"
    found = store.data(query, id=number)["refund"]
    assert found == {"order": {"id": bought.gid}, "refundLineItems": {"nodes": [{"quantity": 1}]}}


def test_more_shipping_than_was_paid_cannot_go_back() -> None:
    store = desk()
    bought = store.store.buy([LAMP], shipping_price=Decimal("4.90"))
    with pytest.raises(ValueError, match="shipping"):
        store.store.refund(bought.gid, shipping=Decimal("4.91"))
