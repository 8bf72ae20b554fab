"""The price struck through, reckoned by hand: factor, MSRP, and in the EU the lowest price of the 30 days before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orderwright.domain.compare_at import compare_at, sells_to_the_eu
from orderwright.domain.money import Money
from orderwright.domain.rules import PriceRule
from orderwright.domain.shown_price import MOST_KEPT, PublishedPrice, with_shown

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
LONG_AGO = 60.0


def rule(**fields: Any) -> PriceRule:
    return PriceRule.model_validate({"name": "all", "markup": "2", "compare_at": "1.25", **fields})


def eur(amount: str) -> Money:
    return Money.parse(amount, "EUR")


def shown(*prices: tuple[float, str], currency: str = "EUR") -> tuple[PublishedPrice, ...]:
    """(days ago, price), oldest first."""
    return tuple(
        PublishedPrice(price=Money.parse(price, currency), at=NOW - timedelta(days=ago)) for ago, price in prices
    )


def test_no_rule_wants_none_and_says_nothing() -> None:
    assert compare_at(eur("20.00"), None, None, (), in_eu=True, now=NOW) == (None, "")
    assert compare_at(eur("20.00"), rule(compare_at=None), eur("30.00"), (), in_eu=False, now=NOW) == (None, "")


@pytest.mark.parametrize(
    ("price", "ending", "wanted"),
    [
        # 22.99 x 1.25 = 28.7375; JPY 3,280 x 1.25 = 4,100; KWD 7.990 x 1.25 = 9.9875
        (Money.parse("22.99", "EUR"), ".99", Money.parse("28.99", "EUR")),
        (Money.parse("3280", "JPY"), "80", Money.parse("4180", "JPY")),
        (Money.parse("3280", "JPY"), "", Money.parse("4100", "JPY")),
        (Money.parse("7.990", "KWD"), ".99", Money.parse("9.990", "KWD")),
    ],
)
def test_a_factor_is_rounded_up_to_the_rules_ending(price: Money, ending: str, wanted: Money) -> None:
    assert compare_at(price, rule(ending=ending), None, (), in_eu=False, now=NOW).price == wanted


def test_the_msrp_is_shown_only_above_the_price() -> None:
    msrp = rule(compare_at="msrp")
    assert compare_at(eur("20.00"), msrp, eur("30.00"), (), in_eu=False, now=NOW) == (eur("30.00"), "the MSRP")
    same = compare_at(eur("30.00"), msrp, eur("30.00"), (), in_eu=False, now=NOW)
    assert same.price is None
    assert "not above the price" in same.note
    absent = compare_at(eur("30.00"), msrp, None, (), in_eu=False, now=NOW)
    assert absent.price is None
    assert "there is none" in absent.note


@pytest.mark.parametrize(
    ("history", "allowed"),
    [
        # wanted is 24.99 = 19.99 x 1.25, up to .99
        (shown((LONG_AGO, "24.99")), True),
        (shown((LONG_AGO, "24.98")), False),
        (shown((LONG_AGO, "20.99"), (30, "25.99")), True),  # the low one ended as the 30 days began
        (shown((LONG_AGO, "20.99"), (29.99, "25.99")), False),
        (shown((LONG_AGO, "25.99"), (3, "20.99"), (2, "25.99")), False),
        (shown((LONG_AGO, "25.99"), (3, "20.99"), (3, "25.99")), False),  # seen for a moment is shown too
        (shown((30, "25.99")), True),
        (shown((29.99, "25.99")), False),  # not 30 days of known prices
        ((), False),
        # 19.99 stands there already: the 30 days are those before it
        (shown((LONG_AGO, "25.99"), (25, "19.99")), True),
        (shown((40, "25.99"), (25, "19.99")), False),
        (shown((LONG_AGO, "21.99"), (54, "25.99"), (25, "19.99")), False),
        (shown((LONG_AGO, "21.99"), (55, "25.99"), (25, "19.99")), True),
        (shown((LONG_AGO, "19.99")), False),
    ],
)
def test_in_the_eu_it_is_at_most_the_lowest_price_of_the_30_days_before(
    history: tuple[PublishedPrice, ...], allowed: bool
) -> None:
    found = compare_at(eur("19.99"), rule(), None, history, in_eu=True, now=NOW)
    assert (found.price == eur("24.99")) is allowed
    assert ("left out" in found.note) is not allowed
    assert compare_at(eur("19.99"), rule(), None, history, in_eu=False, now=NOW).price == eur("24.99")


def test_the_reason_names_the_lowest_price_or_since_when_prices_are_known() -> None:
    low = compare_at(eur("19.99"), rule(), None, shown((LONG_AGO, "21.99")), in_eu=True, now=NOW)
    assert low.note == (
        "24.99 EUR (the price x 1.25) is left out: it is above 21.99 EUR, the lowest price of the 30 days before this one (EU)"
    )
    young = compare_at(eur("19.99"), rule(), None, shown((10, "25.99")), in_eu=True, now=NOW)
    assert "known since 2026-11-10" in young.note
    other = compare_at(eur("19.99"), rule(), None, shown((40, "25.99"), currency="USD"), in_eu=True, now=NOW)
    assert "not known" in other.note


def test_yen_in_the_eu() -> None:
    history = shown((LONG_AGO, "4180"), currency="JPY")
    yen = Money.parse("3280", "JPY")
    assert compare_at(yen, rule(ending="80"), None, history, in_eu=True, now=NOW).price == Money.parse("4180", "JPY")
    assert compare_at(yen, rule(compare_at="1.28", ending="80"), None, history, in_eu=True, now=NOW).price is None


@pytest.mark.parametrize(
    ("sell_to", "eu"), [((), True), (("US", "FI"), True), (("ES-CN",), True), (("US", "GB", "NO"), False)]
)
def test_a_store_that_sells_to_one_eu_country_or_to_nobody_knows_where_is_in_the_eu(
    sell_to: tuple[str, ...], eu: bool
) -> None:
    assert sells_to_the_eu(sell_to) is eu


def test_only_changes_are_kept_and_what_ended_before_the_30_days_is_not() -> None:
    history = shown((90, "10.00"), (45, "11.00"), (20, "12.00"))
    assert with_shown(history, eur("12.00"), NOW) == history
    assert with_shown(history, None, NOW) == history
    assert with_shown(history, eur("13.00"), NOW) == (*history[1:], PublishedPrice(price=eur("13.00"), at=NOW))
    assert with_shown(history, Money.parse("5", "USD"), NOW)[0].price == Money.parse("5", "USD")


def test_a_price_that_changes_often_keeps_its_lowest_and_its_beginning() -> None:
    history: tuple[PublishedPrice, ...] = ()
    for number in range(40):
        history = with_shown(history, eur(str(Decimal(50) - (10 if number == 3 else number % 2))), NOW)
    assert len(history) == MOST_KEPT
    assert history[0] == PublishedPrice(price=eur("40"), at=NOW)
