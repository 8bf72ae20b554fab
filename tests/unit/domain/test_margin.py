"""The margin gate at order time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from orderwright.domain.margin import margin_allowed, purchase_margin
from orderwright.domain.money import Money
from orderwright.domain.rules import FxRate, Rules

TODAY = date(2026, 11, 20)
FIVE = Decimal(5)


def _usd(text: str) -> Money:
    return Money.parse(text, "USD")


def test_the_margin_is_in_the_currency_of_the_order() -> None:
    rules = Rules(fx=(FxRate(currency="EUR", rate=Decimal("1.1"), dated=TODAY),))
    assert purchase_margin(Money.parse("20.00", "EUR"), _usd("11.00"), rules, TODAY) == Money.parse("10.00", "EUR")


def test_a_confirmed_price_above_the_sale_is_stopped_with_both_amounts() -> None:
    reason = margin_allowed(_usd("49.00"), _usd("61.00"), FIVE, Rules(), TODAY)
    assert reason is not None
    assert reason.code == "MARGIN_TOO_LOW"
    assert "49.00 USD" in reason.message
    assert "61.00 USD" in reason.message
    assert "-12.00 USD" in reason.message
    assert reason.fix


@pytest.mark.parametrize(("cost", "allowed"), [("95.00", True), ("95.01", False)])
def test_exactly_the_minimum_is_enough(cost: str, allowed: bool) -> None:
    assert (margin_allowed(_usd("100.00"), _usd(cost), FIVE, Rules(), TODAY) is None) is allowed


def test_a_negative_minimum_allows_a_loss_up_to_it() -> None:
    assert margin_allowed(_usd("100.00"), _usd("110.00"), Decimal(-10), Rules(), TODAY) is None
    assert margin_allowed(_usd("100.00"), _usd("110.01"), Decimal(-10), Rules(), TODAY) is not None


def test_a_given_away_line_is_not_bought_silently() -> None:
    reason = margin_allowed(_usd("0"), _usd("9.30"), FIVE, Rules(), TODAY)
    assert reason is not None
    assert reason.code == "MARGIN_TOO_LOW"


def test_no_cost_and_no_rate_are_reasons_too() -> None:
    missing = margin_allowed(_usd("49.00"), _usd("0"), FIVE, Rules(), TODAY)
    unknown = margin_allowed(Money.parse("49.00", "EUR"), _usd("9.00"), FIVE, Rules(), TODAY)
    assert missing is not None
    assert unknown is not None
    assert (missing.code, unknown.code) == ("COST_MISSING", "RATE_MISSING")


def test_a_converted_cost_is_rounded_against_the_margin() -> None:
    rules = Rules(fx=(FxRate(currency="EUR", rate=Decimal(3), dated=TODAY),))
    assert purchase_margin(Money.parse("1.00", "EUR"), _usd("1.00"), rules, TODAY) == Money.parse("0.66", "EUR")
