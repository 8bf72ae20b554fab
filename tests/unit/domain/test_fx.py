"""Dated exchange rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from orderwright.domain.fx import RateUnknown, convert
from orderwright.domain.money import Money
from orderwright.domain.rules import FxRate, Rules

TODAY = date(2026, 11, 20)


def _rules(*rates: tuple[str, str, date]) -> Rules:
    return Rules(fx=tuple(FxRate(currency=code, rate=Decimal(rate), dated=dated) for code, rate, dated in rates))


def test_the_same_currency_needs_no_rate() -> None:
    assert convert(Money(minor=5, currency="SEK"), "SEK", Rules(), TODAY) == Money(minor=5, currency="SEK")


def test_two_foreign_currencies_meet_in_the_base_currency() -> None:
    rules = _rules(("EUR", "1.10", TODAY), ("GBP", "1.32", TODAY))
    assert convert(Money.parse("12.00", "EUR"), "GBP", rules, TODAY) == Money.parse("10.00", "GBP")


def test_minor_digits_follow_the_currency() -> None:
    rules = _rules(("JPY", "0.0065", TODAY), ("KWD", "3.25", TODAY))
    assert convert(Money.parse("13.00", "USD"), "JPY", rules, TODAY) == Money(minor=2000, currency="JPY")
    assert convert(Money.parse("10.00", "USD"), "KWD", rules, TODAY) == Money.parse("3.077", "KWD")


def test_a_cost_is_rounded_up() -> None:
    rules = _rules(("EUR", "3", TODAY))
    assert convert(Money.parse("1.00", "USD"), "EUR", rules, TODAY) == Money.parse("0.33", "EUR")
    assert convert(Money.parse("1.00", "USD"), "EUR", rules, TODAY, up=True) == Money.parse("0.34", "EUR")


def test_a_missing_rate_names_the_currency_and_the_fix() -> None:
    with pytest.raises(RateUnknown) as caught:
        convert(Money.parse("1.00", "EUR"), "USD", Rules(), TODAY)
    assert caught.value.code == "RATE_MISSING"
    assert "EUR" in caught.value.message
    assert "rules.fx" in caught.value.reason.fix


def test_a_stale_rate_is_refused_the_day_after_its_last() -> None:
    rules = _rules(("EUR", "1.1", date(2026, 11, 13)))
    assert convert(Money.parse("1.00", "EUR"), "USD", rules, TODAY) == Money.parse("1.10", "USD")
    with pytest.raises(RateUnknown) as caught:
        convert(Money.parse("1.00", "EUR"), "USD", rules, date(2026, 11, 21))
    assert caught.value.code == "RATE_STALE"


def test_the_newest_rate_that_is_already_valid_counts() -> None:
    rules = _rules(
        ("EUR", "1.1", date(2026, 11, 18)), ("EUR", "1.2", date(2026, 11, 19)), ("EUR", "9", date(2026, 11, 21))
    )
    assert convert(Money.parse("1.00", "EUR"), "USD", rules, TODAY) == Money.parse("1.20", "USD")
