"""Which supplier ships which line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from orderwright.domain.routing.case import Case
from orderwright.domain.routing.choosing import route
from orderwright.domain.rules import FxRate, Rules
from orderwright.domain.unit_cost import UnitCost
from tests.unit.domain.order_kit import line, offer, unit_usd

TODAY = date(2026, 11, 20)
RULES = Rules(supplier_priority=("first", "second"))


def test_one_purchase_order_per_supplier() -> None:
    lines = [line("l1", "A"), line("l2", "B"), line("l3", "C")]
    offers = {"A": [offer("cj", "A")], "B": [offer("acme", "B")], "C": [offer("cj", "C")]}
    routing = route(lines, offers, Case(RULES, TODAY))
    assert {key: [found.line.line_id for found in value] for key, value in routing.by_supplier.items()} == {
        "acme": ["l2"],
        "cj": ["l1", "l3"],
    }
    assert routing.problems == ()


def test_digital_lines_and_gift_cards_never_go_to_a_supplier() -> None:
    lines = [
        line("pdf", requires_shipping=False),
        line("card", gift_card=True),
        line("done", unfulfilled=0),
        line("l1"),
    ]
    routing = route(lines, {"HL-MS-400": [offer()]}, Case(RULES, TODAY))
    assert [found.line.line_id for found in routing.by_supplier["cj"]] == ["l1"]
    assert routing.not_routed == ("pdf", "card", "done")


def test_priority_wins_over_price_and_is_explained() -> None:
    offers = {"HL-MS-400": [offer("second", cost=unit_usd("1.00")), offer("first", cost=unit_usd("9.00"))]}
    (found,) = route([line()], offers, Case(RULES, TODAY)).by_supplier["first"]
    assert "it comes before second in rules.supplier_priority" in found.why


def test_a_short_preferred_supplier_gives_way_to_one_with_enough() -> None:
    offers = {"HL-MS-400": [offer("first", sellable=1), offer("second", sellable=2)]}
    (found,) = route([line(quantity=2)], offers, Case(RULES, TODAY)).by_supplier["second"]
    assert found.quantity == 2
    assert "no other can" in found.why


def test_without_priority_the_lower_landed_cost_wins_across_currencies() -> None:
    rules = Rules(fx=(FxRate(currency="EUR", rate=Decimal("1.1"), dated=TODAY),))
    euro = offer("euro", cost=UnitCost.parse("6.00", "EUR"), freight=UnitCost.parse("2.00", "EUR"))
    assert set(route([line()], {"HL-MS-400": [offer("usd"), euro]}, Case(rules, TODAY)).by_supplier) == {"euro"}
    assert set(route([line()], {"HL-MS-400": [offer("usd"), euro]}, Case(Rules(), TODAY)).by_supplier) == {"usd"}


def test_the_supplier_that_reserved_the_line_keeps_it() -> None:
    held = offer("second", sellable=0, open={"shop|1001|l1": 2})
    offers = {"HL-MS-400": [offer("first", sellable=50), held]}
    (found,) = route([line(quantity=2)], offers, Case(RULES, TODAY, order_key="shop|1001")).by_supplier["second"]
    assert "already reserved" in found.why
    assert set(route([line(quantity=2)], offers, Case(RULES, TODAY, order_key="shop|9")).by_supplier) == {"first"}


def test_two_lines_of_one_sku_share_the_stock() -> None:
    routing = route(
        [line("l1", quantity=2), line("l2", quantity=2)], {"HL-MS-400": [offer(sellable=3)]}, Case(RULES, TODAY)
    )
    assert [found.line.line_id for found in routing.by_supplier["cj"]] == ["l1"]
    assert [(reason.code, reason.line_id) for reason in routing.problems] == [("OUT_OF_STOCK", "l2")]


@pytest.mark.parametrize(
    ("sku", "offers", "code"),
    [
        ("", {}, "SKU_MISSING"),
        ("HL-X", {}, "SKU_NOT_MAPPED"),
        ("HL-X", {"HL-X": []}, "NO_OFFER"),
        ("HL-X", {"HL-X": [offer(retired=True)]}, "SKU_RETIRED"),
        ("HL-X", {"HL-X": [offer(cost=unit_usd("0"))]}, "COST_MISSING"),
        ("HL-X", {"HL-X": [offer(sellable=-1)]}, "OUT_OF_STOCK"),
    ],
)
def test_a_line_without_supplier_says_why_and_what_to_do(sku: str, offers: dict[str, list[object]], code: str) -> None:
    routing = route([line("l7", sku)], offers, Case(RULES, TODAY))  # type: ignore[arg-type]
    (reason,) = routing.problems
    assert (reason.code, reason.line_id, routing.by_supplier) == (code, "l7", {})
    assert reason.fix
