"""Promise P4 over all costs and rules: bounds, endings, order, and money that is never a float."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orderwright.domain.config_values import MoneyText
from orderwright.domain.money import Money, minor_digits
from orderwright.domain.pricing import Offered, PriceDecision, Shop, price_for
from orderwright.domain.repricing.signals import Signals
from orderwright.domain.rules import FxRate, Limits, PriceRule, Rules
from orderwright.domain.shown_price import guard, step_allowed
from orderwright.domain.unit_cost import UnitCost
from tests.properties.repricing_strategies import MOVES, signals

# No deadline: a busy machine is no failure.
FAST = settings(max_examples=100, deadline=None)
TODAY = date(2026, 11, 20)
CURRENCIES = ("USD", "EUR", "JPY", "KWD")
FX = tuple(
    FxRate(currency=code, rate=Decimal(rate), dated=TODAY)
    for code, rate in (("EUR", "1.0873"), ("JPY", "0.00651"), ("KWD", "3.2571"))
)

amounts = st.decimals(min_value=Decimal(1), max_value=Decimal(500), places=0)
bounds = st.none() | st.builds(MoneyText, amount=amounts, currency=st.sampled_from(CURRENCIES))
price_rules = st.builds(
    PriceRule,
    name=st.just("all"),
    markup=st.decimals(min_value=Decimal("0.5"), max_value=Decimal(6), places=2),
    fixed_add=bounds,
    minimum_margin_percent=st.decimals(min_value=Decimal(0), max_value=Decimal(90), places=1),
    ending=st.sampled_from(("", ".99", ".9", ".95", ".50", ".999", ".00")),
    map_price=bounds,
    msrp=bounds,
    **MOVES,
)
costs = st.integers(min_value=1, max_value=300_000)
"""In tenths of the minor unit: a supplier's cost may have more digits than its currency."""
currencies = st.sampled_from(CURRENCIES)


def _decide(
    rule: PriceRule, cost: int, freight: int, supplier: str, store: str, seen: Signals | None = None
) -> PriceDecision:
    return price_for(
        Offered(
            UnitCost.parse(Decimal(cost).scaleb(-minor_digits(supplier) - 1), supplier),
            UnitCost.parse(Decimal(freight).scaleb(-minor_digits(supplier) - 1), supplier),
        ),
        Rules(prices=(rule,), fx=FX),
        Limits(),
        Shop("shop", store),
        sku="A",
        category="",
        today=TODAY,
        signals=seen,
    )


def _has_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_float(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(_has_float(inner) for inner in value)
    return isinstance(value, float)


@FAST
@given(price_rules, costs, st.integers(0, 5_000), currencies, currencies, signals)
def test_a_price_lies_within_its_bounds_or_there_is_a_problem(
    rule: PriceRule, cost: int, freight: int, supplier: str, store: str, seen: Signals
) -> None:
    decision = _decide(rule, cost, freight, supplier, store, seen)
    assert decision == _decide(rule, cost, freight, supplier, store, seen)
    assert decision.review_at is None or decision.review_at > seen.now
    assert not _has_float(decision.model_dump())
    assert (decision.price is None) is (decision.problem is not None)
    assert decision.floor is not None
    if decision.price is None:
        assert decision.ceiling is not None
        assert decision.floor > decision.ceiling
        return
    assert decision.price.currency == store
    assert guard(decision.price, decision.floor, decision.ceiling)
    assert decision.steps


@FAST
@given(price_rules, costs, st.integers(0, 5_000), currencies, signals)
def test_the_minimum_margin_is_kept_without_rounding_it_away(
    rule: PriceRule, cost: int, freight: int, currency: str, seen: Signals
) -> None:
    decision = _decide(rule, cost, freight, currency, currency, seen)
    if decision.price is not None:
        margin = decision.price.minor * 10 - cost - freight
        assert margin * 10 >= rule.minimum_margin_percent * decision.price.minor


@FAST
@given(price_rules, costs, st.integers(0, 5_000), currencies, currencies, signals)
def test_a_map_is_never_undercut_and_an_msrp_never_exceeded(
    rule: PriceRule, cost: int, freight: int, supplier: str, store: str, seen: Signals
) -> None:
    decision = _decide(rule, cost, freight, supplier, store, seen)
    if decision.price is None:
        return
    if rule.map_price is not None and rule.map_price.currency == store:
        assert decision.price >= rule.map_price.money
    if rule.msrp is not None and rule.msrp.currency == store:
        assert decision.price <= rule.msrp.money


@FAST
@given(price_rules, costs, costs, currencies, currencies)
def test_a_higher_cost_never_makes_a_lower_price(
    rule: PriceRule, one: int, other: int, supplier: str, store: str
) -> None:
    cheap = _decide(rule, min(one, other), 0, supplier, store)
    dear = _decide(rule, max(one, other), 0, supplier, store)
    if cheap.price is None:
        assert dear.price is None
    elif dear.price is not None:
        assert cheap.price <= dear.price


@FAST
@given(price_rules, costs, currencies)
def test_the_ending_holds_unless_a_bound_clamps(rule: PriceRule, cost: int, currency: str) -> None:
    decision = _decide(rule, cost, 0, currency, currency)
    digits = minor_digits(currency)
    if decision.price is None or not rule.ending or digits == 0:
        return
    if decision.price in (decision.floor, decision.ceiling):
        return
    wanted = rule.ending[1:].ljust(digits, "0")[:digits]
    assert f"{decision.price.decimal:f}".split(".")[1] == wanted


@FAST
@given(st.integers(1, 10**7), st.integers(1, 10**7), st.integers(1, 100))
def test_a_step_is_judged_exactly(old: int, new: int, percent: int) -> None:
    allowed = step_allowed(Money(minor=old, currency="USD"), Money(minor=new, currency="USD"), Decimal(percent))
    assert allowed is (abs(new - old) * 100 <= percent * old)
