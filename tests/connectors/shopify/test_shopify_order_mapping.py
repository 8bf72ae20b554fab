"""From Shopify's order to ours: money, quantities, people, holds, and what cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from orderwright.connectors.stores.shopify.order_mapping import parse_order
from orderwright.domain.money import Money
from orderwright.domain.order import PaymentState, StoreOrder
from orderwright.errors import Rejected
from tests.connectors.shopify import nodes


def parsed(*lines: dict[str, Any], **changes: Any) -> StoreOrder:
    return parse_order(nodes.order(**changes), lines or (nodes.line(),), "shop", "sms_updates")


def test_a_plain_order_is_mapped_whole() -> None:
    order = parsed()
    assert order.order_id == nodes.ORDER_ID
    assert order.created_at == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    assert order.total == Money(minor=4598, currency="USD")
    assert order.refunded == Money(minor=0, currency="USD")
    assert (order.email, order.phone, order.locale, order.customer_id) == ("aino@example.com", "", "fi", "31")
    assert order.address is not None
    assert (order.address.name, order.address.line1, order.address.line2) == ("Aino Esimerkki", "Esimerkkikatu 1", "")
    assert (order.address.postcode, order.address.country_code) == ("33100", "FI")
    line = order.lines[0]
    assert (line.line_id, line.sku, line.variant_id, line.quantity, line.unfulfilled) == ("11", "HL-1", "21", 2, 2)
    assert line.unit_price == Money(minor=2299, currency="USD")


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("100.0", "JPY", 100), ("100", "JPY", 100), ("1.250", "KWD", 1250), ("1.2", "KWD", 1200), ("0.0", "USD", 0)],
)
def test_amounts_have_the_digits_of_their_currency(amount: str, currency: str, minor: int) -> None:
    price = nodes.bag(amount, currency)
    order = parsed(nodes.line(discountedUnitPriceAfterAllDiscountsSet=price), currentTotalPriceSet=price)
    assert order.total == order.lines[0].unit_price == Money(minor=minor, currency=currency)


def test_a_discount_that_does_not_divide_is_rounded_per_unit() -> None:
    order = parsed(nodes.line(discountedUnitPriceAfterAllDiscountsSet=nodes.bag("6.666666666666667")))
    assert order.lines[0].unit_price == Money(minor=667, currency="USD")


@pytest.mark.parametrize("state", [state for state in PaymentState if state is not PaymentState.DISPUTED])
def test_each_payment_state_keeps_its_name(state: PaymentState) -> None:
    assert parsed(displayFinancialStatus=state.value).payment is state


@pytest.mark.parametrize("status", [None, "SOMETHING_NEW"])
def test_an_unheard_of_payment_state_is_unknown(status: str | None) -> None:
    assert parsed(displayFinancialStatus=status).payment is PaymentState.UNKNOWN


def test_removed_units_are_neither_sold_nor_waiting() -> None:
    gone = nodes.line(currentQuantity=0, unfulfilledQuantity=0)
    fewer = nodes.line(12, currentQuantity=1, unfulfilledQuantity=3)
    assert [(line.quantity, line.unfulfilled) for line in parsed(gone, fewer).lines] == [(0, 0), (1, 1)]


def test_a_custom_line_and_a_gift_card_are_kept_as_such() -> None:
    custom, card = nodes.line(sku=None, variant=None), nodes.line(12, isGiftCard=True, requiresShipping=False)
    first, second = parsed(custom, card).lines
    assert (first.sku, first.variant_id) == ("", "")
    assert (second.gift_card, second.requires_shipping) == (True, False)


@pytest.mark.parametrize(
    ("attributes", "personalised"),
    [([], False), ([{"key": "_bundle"}], False), ([{"key": ""}], False), ([{"key": "Engraving"}], True)],
)
def test_a_line_with_a_buyers_own_words_is_personalised(attributes: list[dict[str, str]], personalised: bool) -> None:
    assert parsed(nodes.line(customAttributes=attributes)).lines[0].personalised is personalised


@pytest.mark.parametrize(
    ("key", "value", "consent"),
    [
        ("sms_updates", "yes", True),
        ("sms_updates", " TRUE ", True),
        ("sms_updates", "1", True),
        ("sms_updates", "no", False),
        ("sms_updates", None, False),
        ("SMS", "yes", False),
    ],
)
def test_only_the_named_attribute_is_consent(key: str, value: str | None, consent: bool) -> None:
    order = parsed(customAttributes=[{"key": key, "value": value}], phone="+358401234567")
    assert order.sms_consent is consent


@pytest.mark.parametrize("recommendation", ["CANCEL", "INVESTIGATE"])
def test_a_risky_order_is_held(recommendation: str) -> None:
    order = parsed(risk={"recommendation": recommendation})
    assert order.risk_hold
    assert order.risk_note


@pytest.mark.parametrize("recommendation", ["ACCEPT", "NONE"])
def test_an_order_without_risk_goes_on(recommendation: str) -> None:
    assert not parsed(risk={"recommendation": recommendation}).risk_hold


def test_a_hold_in_the_store_holds_here_with_its_reason() -> None:
    held = {"status": "ON_HOLD", "fulfillmentHolds": [{"reason": "INCORRECT_ADDRESS"}]}
    order = parsed(fulfillmentOrders=nodes.page({"status": "OPEN", "fulfillmentHolds": []}, held))
    assert order.risk_hold
    assert "INCORRECT_ADDRESS" in order.risk_note


def test_an_order_without_people_is_still_an_order() -> None:
    order = parsed(shippingAddress=None, email=None, phone=None, customer=None, customerLocale=None)
    assert (order.address, order.email, order.phone, order.customer_id, order.locale) == (None, "", "", "", "")


def test_a_name_is_made_of_its_parts_where_it_is_missing() -> None:
    order = parsed(shippingAddress={**nodes.order()["shippingAddress"], "name": None})
    assert order.address is not None
    assert order.address.name == "Aino Esimerkki"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": "x"}, "id"),
        ({"createdAt": None}, "createdAt"),
        ({"updatedAt": "2026-11-22T09:00:00"}, "updatedAt"),
        ({"currentTotalPriceSet": nodes.bag("1.234")}, "currentTotalPriceSet.shopMoney.amount"),
        ({"currentTotalPriceSet": nodes.bag("NaN")}, "currentTotalPriceSet.shopMoney.amount"),
        ({"currentTotalPriceSet": nodes.bag("1e999999")}, "currentTotalPriceSet.shopMoney.amount"),
        ({"currentTotalPriceSet": nodes.bag("1", "DOLLARS")}, "currentTotalPriceSet.shopMoney.currencyCode"),
        ({"totalRefundedSet": None}, "totalRefundedSet"),
        ({"shippingAddress": "Secret street 5"}, "shippingAddress"),
        ({"email": ["secret@example.com"]}, "email"),
        ({"test": "yes"}, "test"),
    ],
)
def test_an_unreadable_field_is_named_and_never_quoted(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Rejected) as caught:
        parsed(**changes)
    assert caught.value.code == "UNREADABLE_ORDER"
    assert f".{field}:" in f".{caught.value.message}" or field in caught.value.message
    assert "secret" not in caught.value.message.lower()


@pytest.mark.parametrize("value", [-1, 1.5, None, True, 10**12])
def test_a_quantity_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(Rejected, match="currentQuantity"):
        parsed(nodes.line(currentQuantity=value))


def test_a_line_without_id_is_refused() -> None:
    with pytest.raises(Rejected, match=r"lineItems\[0\]\.id"):
        parsed(nodes.line(id="x"))
