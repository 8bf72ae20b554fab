"""Orders in the REST shape: sparse ones, odd ones, and every sample at hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orderwright.domain.money import Money
from orderwright.domain.order import PaymentState, StoreOrder
from orderwright.errors import Rejected
from tests.connectors.shopify import nodes
from tests.support.shopify_rest_orders import parse_webhook_order


def rest_line(**changes: Any) -> dict[str, Any]:
    return {"id": 11, "sku": "HL-1", "title": "Head torch", "quantity": 2, "price": "22.99", **changes}


def rest(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": int(nodes.ORDER_ID),
        "name": "#1001",
        "created_at": "2026-11-22T11:00:00+02:00",
        "updated_at": "2026-11-22T11:30:00+02:00",
        "currency": "USD",
        "financial_status": "paid",
        "total_price": "45.98",
        "line_items": list(lines or (rest_line(),)),
    }
    return {**body, **changes}


def test_a_sparse_rest_order_is_enough() -> None:
    order = parse_webhook_order(rest(), "shop")
    assert (order.order_id, order.payment, order.total.minor) == (nodes.ORDER_ID, PaymentState.PAID, 4598)
    assert order.updated_at == datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    assert (order.lines[0].quantity, order.lines[0].unfulfilled, order.lines[0].variant_id) == (2, 2, "")


def test_rest_quantities_are_the_current_ones() -> None:
    order = parse_webhook_order(rest(rest_line(quantity=5, current_quantity=3, fulfillable_quantity=1)), "shop")
    assert (order.lines[0].quantity, order.lines[0].unfulfilled) == (3, 1)


def test_rest_discounts_are_shared_by_the_units() -> None:
    shared = rest_line(quantity=3, price="10.00", discount_allocations=[{"amount": "10.00"}])
    plain = rest_line(id=12, quantity=2, price="10.00", total_discount="5.00")
    free = rest_line(id=13, quantity=0, price="10.00")
    order = parse_webhook_order(rest(shared, plain, free), "shop")
    assert [line.unit_price.minor for line in order.lines] == [667, 750, 1000]


def test_rest_amounts_are_those_of_the_shop() -> None:
    bag = {
        "shop_money": {"amount": "30.00", "currency_code": "USD"},
        "presentment_money": {"amount": "26", "currency_code": "EUR"},
    }
    order = parse_webhook_order(rest(current_total_price_set=bag), "shop")
    assert order.total.minor == 3000


@pytest.mark.parametrize(
    ("properties", "personalised"),
    [
        (None, False),
        ([], False),
        ({}, False),
        ([{"name": "_app", "value": "1"}], False),
        ([{"name": "Engraving", "value": 3}], True),
        ({"name": "Engraving", "value": 3}, True),
        ({"Engraving": "x"}, True),
    ],
)
def test_rest_properties_come_in_several_shapes(properties: object, personalised: bool) -> None:
    order = parse_webhook_order(rest(rest_line(properties=properties)), "shop")
    assert order.lines[0].personalised is personalised


def test_rest_refunds_are_summed_in_the_shops_currency() -> None:
    paid = {"transactions": [
        {"kind": "refund", "status": "success", "amount": "5.00", "currency": "USD"},
        {"kind": "refund", "status": "failure", "amount": "7.00", "currency": "USD"},
    ]}  # fmt: skip
    foreign = {
        "transactions": [{"kind": "refund", "status": "success", "amount": "50", "currency": "SEK"}],
        "refund_line_items": [{"subtotal": "4.00", "total_tax": "1.00"}],
    }
    order = parse_webhook_order(rest(refunds=[paid, foreign, {}]), "shop")
    assert order.refunded.minor == 1000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "order.id"),
        ({"currency": "example string"}, "order.currency"),
        ({"total_price": "example string"}, "order.total_price"),
        ({"line_items": None}, "order.line_items"),
        ({"line_items": "x"}, "order.line_items"),
        ({"line_items": [None]}, "order.line_items[0]"),
        ({"line_items": [{"id": 1, "quantity": "2"}]}, "order.line_items[0].quantity"),
        ({"created_at": "yesterday"}, "order.created_at"),
    ],
)
def test_an_unreadable_rest_field_is_named_as_in_the_file(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Rejected, match=field.replace("[", r"\[").replace(".", r"\.")):
        parse_webhook_order(rest(**changes), "shop")


@pytest.mark.parametrize("body", [None, [], "x", 5])
def test_what_is_no_object_is_refused(body: object) -> None:
    with pytest.raises(Rejected):
        parse_webhook_order(body, "shop")


def orders_in(value: Any) -> list[dict[str, Any]]:
    """All objects of a sample that look like an order."""
    if isinstance(value, dict):
        if "line_items" in value and ("financial_status" in value or "total_price" in value):
            return [value]
        value = list(value.values())
    return [found for each in value for found in orders_in(each)] if isinstance(value, list) else []


def attempt(body: object) -> StoreOrder | Rejected:
    """The order, or the refusal."""
    try:
        return parse_webhook_order(body, "shop")
    except Rejected as refusal:
        return refusal


def samples(contracts: Path, folder: str = "*") -> list[tuple[str, dict[str, Any]]]:
    found = []
    for file in sorted((contracts / "shopify").glob(f"{folder}/*.json")):
        try:
            content = json.loads(file.read_bytes(), parse_float=Decimal)
        except ValueError:
            continue
        found += [(file.name, order) for order in orders_in(content)]
    return found


def test_every_sample_order_is_read_or_refused_by_field(contracts: Path) -> None:
    read = refused = 0
    for name, body in samples(contracts):
        outcome = attempt(body)
        if isinstance(outcome, Rejected):
            assert outcome.code == "UNREADABLE_ORDER", name
            assert outcome.message.startswith("order"), name
            refused += 1
        else:
            assert len(outcome.lines) == len(body["line_items"]), name
            read += 1
    assert read >= 20
    assert refused <= 10


def test_the_derived_edge_cases_are_read_exactly(contracts: Path) -> None:
    orders = {name: parse_webhook_order(body, "shop") for name, body in samples(contracts, "derived_edge_cases")}
    assert orders["jpy_zero_decimal.json"].total == Money(minor=414, currency="JPY")
    assert orders["kwd_three_decimal.json"].total == Money(minor=414950, currency="KWD")
    assert orders["authorized_only.json"].payment is PaymentState.AUTHORIZED
    assert orders["pending_payment.json"].payment is PaymentState.PENDING
    assert orders["test_order.json"].test
    assert len(orders["many_lines_60.json"].lines) == 60
    assert orders["zero_total_100pct_discount.json"].total.minor == 0
    assert orders["pos_in_store.json"].address is None
    assert "" in {line.variant_id for line in orders["deleted_product_line.json"].lines}


def test_a_sample_with_any_one_field_of_the_wrong_kind_never_surprises(contracts: Path) -> None:
    _, body = samples(contracts, "derived_edge_cases")[0]
    line = body["line_items"][0]
    kinds: list[Any] = [None, [], {}, "example string", True, -1, Decimal("1.5")]
    for wrong in kinds:
        spoiled = [{**body, "line_items": [line], key: wrong} for key in body]
        spoiled += [{**body, "line_items": [{**line, key: wrong}]} for key in line]
        for changed in spoiled:
            outcome = attempt(changed)
            assert isinstance(outcome, StoreOrder) or outcome.code == "UNREADABLE_ORDER"
