"""What Shopify says of an order's money, as OrderMoney: figures worked out by hand, and what is noted as unclear."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orderwright.connectors.stores.shopify.order_mapping import parse_order
from orderwright.domain.order_money import OrderMoney
from tests.connectors.shopify import nodes
from tests.connectors.shopify.nodes import bag


def tax_line(amount: str, liable: bool | None = False) -> dict[str, Any]:
    return {"channelLiable": liable, "priceSet": bag(amount)}


def sold(price: str, net: str, *taxes: dict[str, Any], quantity: int = 1, **changes: Any) -> dict[str, Any]:
    """A line; `price` is of one unit, `net` of what is still sold."""
    values: dict[str, Any] = {
        "quantity": quantity,
        "currentQuantity": quantity,
        "unfulfilledQuantity": quantity,
        "discountedUnitPriceAfterAllDiscountsSet": bag(price),
        "priceAfterAllDiscountsBeforeTaxesSet": bag(net),
        "taxLines": list(taxes),
    }
    return nodes.line(**{**values, **changes})


GERMAN = sold("29.99", "25.20", tax_line("4.79"))
FINNISH = sold("39.90", "31.79", tax_line("8.11"))


def money(*lines: dict[str, Any], refunds: dict[str, Any] | None = None, **changes: Any) -> OrderMoney:
    """Prices include tax unless the test says otherwise."""
    node = nodes.order(**{"taxesIncluded": True, **changes})
    found = parse_order(node, lines or (GERMAN,), "shop", "sms", refunds).money
    assert found is not None
    return found


def line_minors(found: OrderMoney) -> list[tuple[int, int]]:
    return [(line.net.minor, line.tax.minor) for line in found.lines]


def refunded(amount: str, discrepancy: str, *made: dict[str, Any], **changes: Any) -> OrderMoney:
    """An order of the German line with refunds."""
    answer = {"refundDiscrepancySet": bag(discrepancy), "refunds": list(made)}
    lines = changes.pop("lines", (GERMAN,))
    return money(*lines, refunds=answer, totalRefundedSet=bag(amount), **changes)


def refund(
    *lines: tuple[str, str],
    shipping: tuple[tuple[str, str], ...] = (),
    adjustments: tuple[tuple[str, str], ...] = (),
    duties: tuple[str, ...] = (),
) -> dict[str, Any]:
    """A Refund: pairs of amount and tax."""
    return {
        "id": "gid://shopify/Refund/81",
        "refundLineItems": nodes.page(*({"subtotalSet": bag(a), "totalTaxSet": bag(t)} for a, t in lines)),
        "refundShippingLines": nodes.page(
            *({"subtotalAmountSet": bag(a), "taxAmountSet": bag(t)} for a, t in shipping)
        ),
        "orderAdjustments": nodes.page(*({"amountSet": bag(a), "taxAmountSet": bag(t)} for a, t in adjustments)),
        "duties": [{"amountSet": bag(amount)} for amount in duties],
    }


@pytest.mark.parametrize(
    ("line", "net", "tax"),
    [(GERMAN, 2520, 479), (FINNISH, 3179, 811), (sold("29.99", "29.99"), 2999, 0)],
)
def test_a_line_whose_price_contains_tax_gives_its_net_and_its_tax(line: dict[str, Any], net: int, tax: int) -> None:
    found = money(line)
    assert (line_minors(found), found.unclear, found.prices_include_tax) == ([(net, tax)], (), True)


def test_tax_on_top_leaves_the_price_as_net() -> None:
    found = money(sold("40.00", "80.00", tax_line("2.40"), tax_line("4.00"), quantity=2), taxesIncluded=False)
    assert (line_minors(found), found.unclear) == ([(8000, 640)], ())


def test_the_tax_of_refunded_units_is_not_counted() -> None:
    half = sold("29.99", "25.20", tax_line("9.58"), quantity=2, currentQuantity=1)
    found = refunded("29.99", "0.0", refund(("29.99", "4.79")), lines=(half,))
    assert (line_minors(found), found.given_back.minor, found.unclear) == ([(2520, 479)], 0, ())


def test_a_tax_of_an_odd_cent_is_shared_half_up_and_a_longer_net_half_even() -> None:
    found = money(sold("10.00", "16.807", tax_line("0.05"), quantity=2, currentQuantity=1))
    assert line_minors(found) == [(1681, 3)]


def test_a_gift_card_that_is_sold_brings_in_nothing() -> None:
    found = money(nodes.line(isGiftCard=True, taxLines=[tax_line("1.00", None)]))
    assert (line_minors(found), found.lines[0].by_channel, found.unclear) == ([(0, 0)], False, ())


@pytest.mark.parametrize(
    ("liable", "by_channel"),
    [((), False), ((False, False), False), ((False, True), True), ((None, True), True), ((False, None), None)],
)
def test_who_remits_is_known_only_where_every_tax_line_says_so(
    liable: tuple[bool | None, ...], by_channel: bool | None
) -> None:
    taxes = [tax_line("1.00", each) for each in liable]
    line = sold("29.99", str(Decimal("29.99") - len(liable)), *taxes)
    assert money(line).lines[0].by_channel is by_channel


@pytest.mark.parametrize(("net", "clear"), [("50.40", True), ("50.42", True), ("50.38", True), ("50.43", False)])
def test_net_and_tax_must_be_the_price_to_one_cent_for_each_unit(net: str, clear: bool) -> None:
    found = money(sold("29.99", net, tax_line("9.58"), quantity=2))
    assert (found.unclear == ()) is clear


def test_a_net_that_still_has_its_tax_is_unclear_and_the_sentence_gives_line_and_figures() -> None:
    (sentence,) = money(sold("29.99", "29.99", tax_line("4.79"))).unclear
    assert all(text in sentence for text in ("line 11", "29.99", "4.79"))


def test_a_line_is_not_checked_once_money_was_given_back_without_lines() -> None:
    found = refunded("5.00", "-5.00", refund(), lines=(sold("29.99", "20.20", tax_line("4.79")),))
    assert (found.given_back.minor, found.unclear) == (500, ())


@pytest.mark.parametrize("field", ["priceAfterAllDiscountsBeforeTaxesSet", "taxLines"])
def test_a_line_without_a_figure_is_unclear_and_never_nothing(field: str) -> None:
    assert any(field in sentence for sentence in money({**GERMAN, field: None}).unclear)


@pytest.mark.parametrize(
    "field", ["taxesIncluded", "estimatedTaxes", "taxExempt", "totalTaxSet", "totalReceivedSet", "shippingLines"]
)
def test_an_order_without_a_figure_is_unclear(field: str) -> None:
    assert any(field in sentence for sentence in money(sold("29.99", "29.99"), **{field: None}).unclear)


def test_shipping_loses_its_tax_in_the_part_that_is_left() -> None:
    def shipped(price: str, current: str, *taxes: dict[str, Any], removed: bool = False) -> dict[str, Any]:
        bags = {"discountedPriceSet": bag(price), "currentDiscountedPriceSet": bag(current)}
        return {"isRemoved": removed, "taxLines": list(taxes), **bags}

    lines = [
        shipped("4.90", "4.90", tax_line("0.78")),  # 4.12 + 0.78
        shipped("5.95", "2.38", tax_line("0.95")),  # 0.95 x 2.38 / 5.95 = 0.38; 2.00 + 0.38
        shipped("9.00", "9.00", removed=True),
        shipped("0.0", "0.0"),
    ]
    included = money(shippingLines=nodes.page(*lines))
    on_top = money(sold("1.00", "1.00"), taxesIncluded=False, shippingLines=nodes.page(*lines))
    assert (included.shipping.minor, included.shipping_tax.minor) == (612, 116)
    assert (on_top.shipping.minor, on_top.shipping_tax.minor) == (728, 116)


def test_more_shipping_lines_than_are_read_are_unclear() -> None:
    assert money(shippingLines=nodes.page(after="more")).unclear


@pytest.mark.parametrize(
    ("adjustments", "given_back"),
    [
        ((("-5.00", "-0.80"),), 420),
        ((("5.00", "0.80"),), 420),
        ((("-4.20", "-0.80"),), 420),
        ((("-5.00", "0.0"),), 500),
        ((("-3.00", "-0.48"),), 500),
        ((("15.00", "0.0"), ("-15.00", "0.0")), 500),
        ((), 500),
    ],
)
def test_money_without_lines_takes_its_net_off_or_all_of_it(
    adjustments: tuple[tuple[str, str], ...], given_back: int
) -> None:
    found = refunded("5.00", "-5.00", refund(adjustments=adjustments))
    assert (found.given_back.minor, found.unclear) == (given_back, ())


def test_a_pair_of_adjustments_beside_a_line_refund_gives_nothing_back_without_lines() -> None:
    pair = (("15.00", "0.0"), ("-15.00", "0.0"))
    found = refunded("29.99", "0.0", refund(("29.99", "4.79"), adjustments=pair))
    assert (found.given_back.minor, found.unclear) == (0, ())


@pytest.mark.parametrize("subtotals", [("29.99", "4.90"), ("25.20", "4.12")])
def test_refunded_lines_and_shipping_are_read_with_or_without_tax_whichever_agrees(subtotals: tuple[str, str]) -> None:
    line, shipping = subtotals
    made = refund((line, "4.79"), shipping=((shipping, "0.78"),), duties=("3.00",), adjustments=(("-2.00", "-0.32"),))
    found = refunded("39.89", "-2.00", made)
    assert (found.given_back.minor, found.unclear) == (168, ())


def test_tax_on_top_is_part_of_what_a_refunded_line_is_worth() -> None:
    line = sold("40.00", "40.00", tax_line("6.40"), quantity=2, currentQuantity=1)
    found = refunded("43.20", "0.0", refund(("40.00", "3.20")), lines=(line,), taxesIncluded=False)
    assert (line_minors(found), found.given_back.minor, found.unclear) == ([(4000, 320)], 0, ())


def test_refunds_that_agree_with_no_reading_are_unclear_and_count_for_the_most() -> None:
    found = refunded("29.99", "0.0", refund(("20.00", "4.79")))
    assert (found.given_back.minor, len(found.unclear)) == (999, 1)


def test_a_refund_below_the_worth_of_its_lines_adds_no_revenue() -> None:
    found = refunded("20.00", "9.99", refund(("29.99", "4.79")))
    assert (found.given_back.minor, found.unclear) == (0, ())


def test_refunds_that_were_not_read_are_unclear() -> None:
    found = money(totalRefundedSet=bag("5.00"))
    assert (found.given_back.minor, len(found.unclear)) == (500, 1)


def test_more_refunds_than_are_read_are_unclear() -> None:
    assert refunded("5.50", "-5.50", *[refund()] * 11).unclear


@pytest.mark.parametrize(
    ("received", "total", "charged"), [("45.98", "45.98", 4598), ("0.0", "45.98", 4598), ("50.00", "45.98", 5000)]
)
def test_what_was_charged_is_the_larger_of_received_and_due(received: str, total: str, charged: int) -> None:
    changes = {"totalReceivedSet": bag(received), "currentTotalPriceSet": bag(total), "totalTaxSet": bag("4.79")}
    found = money(**changes)
    assert (found.charged.minor, found.charged_tax.minor, found.gateways) == (charged, 479, ("shopify_payments",))


def test_fees_are_those_of_payments_that_went_through_with_their_tax() -> None:
    def paid(status: str, amount: str, tax: str, currency: str = "USD") -> dict[str, Any]:
        fee = {name: bag(value, currency)["shopMoney"] for name, value in (("amount", amount), ("taxAmount", tax))}
        return {"status": status, "fees": [fee]}

    gift_card: dict[str, Any] = {"status": "SUCCESS", "fees": []}
    two = money(transactions=[paid("SUCCESS", "1.17", "0.22"), paid("FAILURE", "9.00", "0.0"), gift_card])
    assert two.fees is not None
    assert two.fees.minor == 139
    assert money(transactions=[gift_card]).fees is None
    assert money(transactions=[paid("SUCCESS", "1.17", "0.22", "EUR")]).fees is None
    assert money(transactions=[paid("SUCCESS", "1.00", "0.0")] * 10).fees is None, "there may be more"


@pytest.mark.parametrize(
    ("changes", "channel"),
    [
        ({}, ""),
        ({"sourceName": "POS"}, ""),
        ({"sourceName": None}, ""),
        ({"sourceName": "amazon-us"}, "amazon-us"),
        ({"merchantOfRecordApp": {"name": "Managed Markets"}}, "Managed Markets"),
    ],
)
def test_the_channel_is_whoever_sold_in_place_of_the_shop(changes: dict[str, Any], channel: str) -> None:
    assert money(**changes).channel == channel


@pytest.mark.parametrize(
    ("changes", "business"),
    [({}, False), ({"taxExempt": True}, True), ({"purchasingEntity": {"__typename": "PurchasingCompany"}}, True)],
)
def test_companies_and_exempt_buyers_are_business(changes: dict[str, Any], business: bool) -> None:
    assert money(**changes).business is business


def test_delivery_terms_are_those_of_all_parts_or_unclear() -> None:
    def part(incoterm: str | None, status: str = "OPEN") -> dict[str, Any]:
        duties = {"incoterm": incoterm} if incoterm else None
        return {"status": status, "fulfillmentHolds": [], "internationalDuties": duties}

    same = money(fulfillmentOrders=nodes.page(part("ddp"), part(None), part("DAP", "CANCELLED")))
    mixed = money(fulfillmentOrders=nodes.page(part("DDP"), part("DAP")))
    assert (same.delivery_terms, same.unclear) == ("DDP", ())
    assert (mixed.delivery_terms, len(mixed.unclear)) == ("", 1)


def test_duties_and_import_fees_are_collected_together() -> None:
    found = money(currentTotalDutiesSet=bag("6.00"), currentTotalAdditionalFeesSet=bag("1.50"))
    assert (found.duty.minor, found.unclear) == (750, ())


@pytest.mark.parametrize(("updated", "clear"), [("2026-11-23T09:00:00Z", True), ("2026-11-23T09:00:01Z", False)])
def test_taxes_may_be_estimated_for_a_day(updated: str, clear: bool) -> None:
    assert (money(estimatedTaxes=True, updatedAt=updated).unclear == ()) is clear


def test_a_figure_in_another_currency_is_unclear() -> None:
    assert money(sold("29.99", "29.99"), totalReceivedSet=bag("45.98", "EUR")).unclear


def test_a_net_that_still_has_the_tax_in_it_is_unclear_when_units_or_money_were_refunded_too() -> None:
    half = sold("29.99", "29.99", tax_line("9.58"), quantity=2, currentQuantity=1)
    assert refunded("29.99", "0.0", refund(("29.99", "4.79")), lines=(half,)).unclear
    whole = sold("29.99", "29.99", tax_line("4.79"))
    assert refunded("5.00", "-5.00", refund(adjustments=(("-4.20", "-0.80"),)), lines=(whole,)).unclear


@pytest.mark.parametrize(("kind", "status", "clear"), [
    ("REFUND", "PENDING", False), ("REFUND", "AWAITING_RESPONSE", False), ("REFUND", "FAILURE", True),
    ("SALE", "PENDING", True),
])  # fmt: skip
def test_a_refund_on_its_way_is_no_revenue_although_no_total_shows_it(kind: str, status: str, clear: bool) -> None:
    found = money(transactions=[{"kind": kind, "status": status, "fees": []}])
    assert (found.unclear == ()) is clear
