"""A price above one destination's limit of goods, whose rule does not say what counts there (promise P13)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from orderwright.domain.price_floor import Minimum, Piece, Sale
from orderwright.domain.pricing import Offered, PriceDecision, Shop, price_for
from orderwright.domain.rules import Limits
from orderwright.domain.unit_cost import UnitCost
from tests.unit.domain.true_money_kit import STORE, destination, money, rules, tax

LIMITED = {"per_heading": "3.00 EUR", "up_to": "150 EUR"}


def decided(*sell_to: str) -> PriceDecision:
    """Goods of 30.00 EUR at ten times their cost."""
    by = rules(
        destination("DE", duty=LIMITED),
        destination("US", tax=tax("0", "excluded")),
        prices=[{"name": "all", "markup": "10"}],
        base_currency="EUR",
    )
    cost, freight = UnitCost.parse("30", "EUR"), UnitCost.parse("4", "EUR")
    offered = Offered(cost, freight, "CN", {"DE": freight, "US": freight}, "610910", "CN")
    shop = Shop(STORE, "EUR", sell_to)
    return price_for(offered, by, Limits(), shop, sku="SKU-1", category="", today=date(2026, 11, 29))


def test_the_other_destinations_are_sold_to_and_the_limited_one_is_named() -> None:
    found = decided("US", "DE")
    assert (found.price, found.problem) == (money("340.99 EUR"), None)
    assert any(step.startswith("DE is not in the price") for step in found.steps)


def test_without_another_destination_there_is_no_price() -> None:
    found = decided("DE")
    assert found.price is None
    assert found.problem is not None
    assert found.problem.code == "ABOVE_THRESHOLD"


def test_no_price_is_made_where_two_parts_of_a_rule_each_say_that_the_other_counts() -> None:
    # Up to 100.00 net without tax, above it with 20 % inside: 110.00 is above by the first part, and 91.67 net by the second.
    by = rules(
        destination(
            "DE",
            tax=tax("0"),
            duty={"per_heading": "1.00 EUR", "up_to": "100 EUR"},
            above={"tax": tax("20"), "duty": "none"},
        )
    )
    piece = Piece(STORE, "DE", "CN", "SKU-1", money("8.00 EUR"), money("4.00 EUR"), "610910", "CN")
    sale, minimum = Sale(piece, by, "EUR", date(2026, 11, 29)), Minimum(Decimal(10))
    assert [sale.passes(money(f"{price} EUR"), minimum) for price in ("100", "110", "121")] == [True, False, True]
    assert sale.lowest_from(money("110.00 EUR"), minimum) == money("120.01 EUR")
