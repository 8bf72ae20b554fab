"""Prices by rule, with bounds and explanation."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from orderwright.domain.config_values import MoneyText
from orderwright.domain.money import Money
from orderwright.domain.price_ending import round_up_to_ending
from orderwright.domain.pricing import Offered, PriceDecision, Shop, price_for
from orderwright.domain.rules import FxRate, Limits, MapPrice, PriceRule, Rules
from orderwright.domain.shown_price import guard, step_allowed
from orderwright.domain.unit_cost import UnitCost

TODAY = date(2026, 11, 20)


def _usd(text: str) -> Money:
    return Money.parse(text, "USD")


def _cost(text: str, currency: str = "USD") -> UnitCost:
    return UnitCost.parse(text, currency)


def _text(amount: str, currency: str = "USD") -> MoneyText:
    return MoneyText(amount=Decimal(amount), currency=currency)


def _rule(markup: str = "2.4", **more: object) -> PriceRule:
    return PriceRule.model_validate({"name": "all", "markup": Decimal(markup), **more})


def _price(
    cost: UnitCost | None,
    freight: UnitCost | None,
    rules: Rules,
    sku: str = "HL-MS-400",
    category: str = "Head torches",
    store: str = "shop",
    currency: str = "USD",
) -> PriceDecision:
    shop = Shop(store, currency)
    return price_for(Offered(cost, freight), rules, Limits(), shop, sku=sku, category=category, today=TODAY)


@pytest.mark.parametrize(
    ("cost", "freight", "markup", "price"),
    [
        ("6.40", "2.90", "2.4", "22.99"),
        ("4.10", "2.90", "2.4", "16.99"),
        ("18.90", "3.60", "2", "45.99"),
        ("3.20", "2.50", "2.4", "13.99"),
        ("7.20", "2.50", "2.4", "23.99"),
        ("7.60", "2.90", "2.4", "25.99"),
        ("0.32", "2.50", "2.4", "6.99"),
    ],
)
def test_landed_cost_times_markup_ends_in_99(cost: str, freight: str, markup: str, price: str) -> None:
    decision = _price(_cost(cost), _cost(freight), Rules(prices=(_rule(markup),)))
    assert decision.price == _usd(price)
    assert decision.problem is None


def test_the_price_comes_from_the_exact_cost() -> None:
    decision = _price(_cost("3.275"), _cost("1.115"), Rules(prices=(_rule("10", ending=""),)))
    assert decision.price == _usd("43.90")
    assert "goods 3.275 USD + freight 1.115 USD" in decision.steps[0]


def test_map_lifts_to_exactly_itself() -> None:
    rules = Rules(prices=(_rule("2"),), sku_prices={"HL-PRO-1200": MapPrice(map_price=_text("49.00"))})
    decision = _price(_cost("18.90"), _cost("3.60"), rules, sku="HL-PRO-1200")
    assert decision.price == decision.floor == _usd("49.00")
    assert decision.steps[-1] == "MAP lifts to 49.00 USD"


def test_the_steps_explain_the_price() -> None:
    decision = _price(_cost("6.40"), _cost("2.90"), Rules(prices=(_rule(),)))
    assert decision.steps == (
        "landed cost 9.30 USD = goods 6.40 USD + freight 2.90 USD (goods and freight only)",
        "rule 'all': x 2.4 = 22.32 USD",
        "rounded up to 22.99 USD",
    )


def test_msrp_caps_the_price_and_wins_over_the_ending() -> None:
    rules = Rules(prices=(_rule(msrp={"amount": "22.50", "currency": "USD"}),))
    decision = _price(_cost("6.40"), _cost("2.90"), rules)
    assert decision.price == decision.ceiling == _usd("22.50")


def test_an_empty_range_gives_no_price_but_a_problem() -> None:
    rules = Rules(prices=(_rule(),), sku_prices={"HL-MS-400": MapPrice(map_price=_text("30"), msrp=_text("25"))})
    decision = _price(_cost("6.40"), _cost("2.90"), rules)
    assert decision.price is None
    assert decision.problem is not None
    assert decision.problem.code == "PRICE_RANGE_EMPTY"
    assert decision.floor == _usd("30.00")
    assert decision.ceiling == _usd("25.00")


def test_the_margin_floor_lifts_a_thin_markup() -> None:
    rules = Rules(prices=(_rule("1.01", minimum_margin_percent=Decimal(25), ending=""),))
    decision = _price(_cost("7.00"), _cost("0.50"), rules)
    assert decision.price == decision.floor == _usd("10.00")


@pytest.mark.parametrize(
    ("cost", "freight"),
    [
        (None, UnitCost.parse("2.90", "USD")),
        (UnitCost.parse("6.40", "USD"), None),
        (UnitCost.parse("0", "USD"), UnitCost.parse("2.90", "USD")),
        (UnitCost.parse("-1", "USD"), UnitCost.parse("2.90", "USD")),
        (UnitCost.parse("6.40", "USD"), UnitCost.parse("-7", "USD")),
    ],
)
def test_without_a_cost_above_zero_there_is_never_a_price(cost: UnitCost | None, freight: UnitCost | None) -> None:
    decision = _price(cost, freight, Rules(prices=(_rule(),)))
    assert decision.price is None
    assert decision.problem is not None
    assert decision.problem.code == "COST_MISSING"


def test_the_first_rule_that_fits_applies_and_an_empty_list_fits_all() -> None:
    rules = Rules(
        prices=(
            _rule("5", skus=("OTHER",)),
            _rule("4", stores=("elsewhere",)),
            _rule("3", categories=("HEAD TORCHES",), stores=("shop",), ending=""),
            _rule("2"),
        )
    )
    assert _price(_cost("1.00"), _cost("0"), rules).price == _usd("3.00")
    assert _price(_cost("1.00"), _cost("0"), rules, category="Tents").price == _usd("2.99")


def test_no_fitting_rule_is_a_problem() -> None:
    decision = _price(_cost("1.00"), _cost("0"), Rules(prices=(_rule(skus=("OTHER",)),)))
    assert decision.problem is not None
    assert decision.problem.code == "NO_PRICE_RULE"


def test_a_foreign_store_gets_its_currency_and_bounds_are_never_loosened() -> None:
    rules = Rules(
        prices=(_rule(fixed_add={"amount": "1.10", "currency": "USD"}),),
        sku_prices={"HL-MS-400": MapPrice(map_price=_text("30"), msrp=_text("40"))},
        fx=(FxRate(currency="EUR", rate=Decimal("1.1"), dated=TODAY),),
    )
    decision = _price(_cost("6.40"), _cost("2.90"), rules, currency="EUR")
    assert decision.floor == Money.parse("27.28", "EUR")
    assert decision.ceiling == Money.parse("36.36", "EUR")
    assert decision.price == Money.parse("27.28", "EUR")


def test_a_missing_rate_parks_instead_of_pricing() -> None:
    decision = _price(_cost("6.40"), _cost("2.90"), Rules(prices=(_rule(),)), currency="EUR")
    assert decision.price is None
    assert decision.problem is not None
    assert decision.problem.code == "RATE_MISSING"


@pytest.mark.parametrize(
    ("amount", "currency", "ending", "price"),
    [
        ("22.32", "USD", ".99", "22.99"),
        ("22.99", "USD", ".99", "22.99"),
        ("22.995", "USD", ".99", "23.99"),
        ("22.32", "USD", ".5", "22.50"),
        ("22.321", "USD", "", "22.33"),
        ("898.2", "JPY", ".99", "899"),
        ("898", "JPY", "", "898"),
        ("7.1", "KWD", ".99", "7.990"),
        ("7.991", "KWD", ".99", "8.990"),
        ("7.1", "USD", ".995", "7.99"),
    ],
)
def test_endings_go_up_in_the_digits_of_the_currency(amount: str, currency: str, ending: str, price: str) -> None:
    assert round_up_to_ending(Decimal(amount), currency, ending) == Money.parse(price, currency)


def test_a_step_above_the_limit_waits_in_both_directions() -> None:
    twenty = Decimal(20)
    assert step_allowed(None, _usd("22.99"), twenty)
    assert step_allowed(_usd("22.99"), _usd("25.99"), twenty)
    assert step_allowed(_usd("10.00"), _usd("12.00"), twenty)
    assert not step_allowed(_usd("10.00"), _usd("12.01"), twenty)
    assert not step_allowed(_usd("13.99"), _usd("6.99"), twenty)
    assert not step_allowed(_usd("0"), _usd("6.99"), twenty)
    assert not step_allowed(Money.parse("10", "EUR"), _usd("10"), twenty)


def test_the_guard_holds_both_bounds_and_the_currency() -> None:
    assert guard(_usd("10"), _usd("10"), _usd("10"))
    assert guard(_usd("10"), _usd("9"), None)
    assert not guard(_usd("8.99"), _usd("9"), None)
    assert not guard(_usd("10.01"), _usd("9"), _usd("10"))
    assert not guard(_usd("0"), _usd("0"), None)
    assert not guard(_usd("10"), Money.parse("9", "EUR"), None)
    assert not guard(_usd("10"), _usd("9"), Money.parse("11", "EUR"))


def test_the_floor_itself_is_rounded_up() -> None:
    rules = Rules(prices=(_rule(minimum_margin_percent=Decimal(10)),))
    assert _price(_cost("1.00"), _cost("0"), rules).floor == _usd("1.12")
