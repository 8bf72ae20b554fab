"""A price above one destination's limit of goods, whose rule does not say what counts there (promise P13)."""

from __future__ import annotations

from datetime import date

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
