"""The price of a SKU in one store (R26), pure, with its explanation (R40) and the guard before publishing (promise P4).

landed cost -> x markup + fixed add -> margin floor -> ending, upwards -> MAP lifts -> MSRP caps

Held always: max(margin floor, MAP) <= price <= MSRP. Where that range is empty there is no price but a problem.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from orderwright.domain.base import Model
from orderwright.domain.config_values import MoneyText
from orderwright.domain.fx import RateUnknown, exact_amount, shown
from orderwright.domain.money import Money, minor_digits
from orderwright.domain.order import Reason
from orderwright.domain.rules import MapPrice, PriceRule, Rules


class PriceDecision(Model):
    """A price, or the problem why there is none. `floor` is max(margin floor, MAP); `ceiling` is MSRP or None."""

    price: Money | None = None
    floor: Money | None = None
    ceiling: Money | None = None
    steps: tuple[str, ...] = ()
    problem: Reason | None = None


class _Bounds(NamedTuple):
    margin: Decimal
    floor: Money
    map_price: Money | None
    ceiling: Money | None


def find_rule(rules: Rules, sku: str, category: str, store: str) -> PriceRule | None:
    """The first price rule that fits. An empty list in a rule fits all; categories match in any letter case."""
    for rule in rules.prices:
        if rule.skus and sku not in rule.skus:
            continue
        if rule.categories and category.casefold() not in {name.casefold() for name in rule.categories}:
            continue
        if rule.stores and store not in rule.stores:
            continue
        return rule
    return None


def round_up_to_ending(amount: Decimal, currency: str, ending: str) -> Money:
    """The next price at or above `amount` that ends so: 22.32 -> 22.99; KWD 7.100 -> 7.990; JPY 898.2 -> 899.

    A currency without decimals has no ending; an ending with more digits than the currency is cut.
    """
    digits = minor_digits(currency)
    minor = int(amount.scaleb(digits).to_integral_value(rounding=ROUND_CEILING))
    if not ending or digits == 0:
        return Money(minor=minor, currency=currency)
    unit = 10**digits
    tail = int(ending[1:].ljust(digits, "0")[:digits])
    whole, rest = divmod(minor, unit)
    return Money(minor=(whole + (rest > tail)) * unit + tail, currency=currency)


def price_for(
    cost: Money | None,
    freight: Money | None,
    rules: Rules,
    *,
    sku: str,
    category: str,
    store: str,
    currency: str,
    today: date,
) -> PriceDecision:
    """The price of one piece in the store's currency. `cost` and `freight` are the offer's, in the supplier's.

    Problem codes: COST_MISSING, NO_PRICE_RULE, RATE_MISSING, RATE_STALE, PRICE_RANGE_EMPTY (unpublish and park).
    """
    if cost is None or freight is None or cost.minor <= 0 or freight.minor < 0:
        return PriceDecision(problem=_cost_missing(sku))
    rule = find_rule(rules, sku, category, store)
    if rule is None:
        return PriceDecision(problem=_no_rule(sku))
    try:
        return _decide(cost, freight, rule, rules, sku, currency, today)
    except RateUnknown as unknown:
        return PriceDecision(steps=(unknown.message,), problem=unknown.reason)


def _decide(
    cost: Money, freight: Money, rule: PriceRule, rules: Rules, sku: str, currency: str, today: date
) -> PriceDecision:
    landed = exact_amount(cost, currency, rules, today) + exact_amount(freight, currency, rules, today)
    steps = [f"landed cost {shown(landed, currency)} = goods {cost} + freight {freight}"]
    amount = landed * (rule.markup or 1)
    steps.append(f"rule {rule.name!r}: x {rule.markup} = {shown(amount, currency)}")
    if rule.fixed_add is not None:
        amount += exact_amount(rule.fixed_add.money, currency, rules, today)
        steps.append(f"+ {rule.fixed_add.money} = {shown(amount, currency)}")
    bounds = _bounds(landed, rule, rules, sku, currency, today)
    if bounds.ceiling is not None and bounds.floor > bounds.ceiling:
        problem = _range_empty(bounds.floor, bounds.ceiling)
        return PriceDecision(
            floor=bounds.floor, ceiling=bounds.ceiling, steps=(*steps, problem.message), problem=problem
        )
    price = _within(amount, bounds, rule, currency, steps)
    return PriceDecision(price=price, floor=bounds.floor, ceiling=bounds.ceiling, steps=tuple(steps))


def _within(amount: Decimal, bounds: _Bounds, rule: PriceRule, currency: str, steps: list[str]) -> Money:
    if amount < bounds.margin:
        amount = bounds.margin
        steps.append(f"margin of {rule.minimum_margin_percent} % lifts to {shown(amount, currency)}")
    price = round_up_to_ending(amount, currency, rule.ending)
    if price.decimal != amount:
        steps.append(f"rounded up to {price}")
    if bounds.map_price is not None and price < bounds.map_price:
        price = bounds.map_price
        steps.append(f"MAP lifts to {price}")
    if bounds.ceiling is not None and price > bounds.ceiling:
        price = bounds.ceiling
        steps.append(f"MSRP caps at {price}")
    return price


def _bounds(landed: Decimal, rule: PriceRule, rules: Rules, sku: str, currency: str, today: date) -> _Bounds:
    own = rules.sku_prices.get(sku, MapPrice())
    map_price = _bound(own.map_price or rule.map_price, currency, rules, today, ROUND_CEILING)
    ceiling = _bound(own.msrp or rule.msrp, currency, rules, today, ROUND_FLOOR)
    margin = landed * 100 / (100 - rule.minimum_margin_percent)
    floor = Money.of(margin, currency, up=True)
    if map_price is not None and map_price > floor:
        floor = map_price
    return _Bounds(margin, floor, map_price, ceiling)


def _bound(text: MoneyText | None, currency: str, rules: Rules, today: date, rounding: str) -> Money | None:
    """A bound in the store's currency, rounded so that it is never loosened."""
    if text is None:
        return None
    scaled = exact_amount(text.money, currency, rules, today).scaleb(minor_digits(currency))
    return Money(minor=int(scaled.to_integral_value(rounding=rounding)), currency=currency)


def _cost_missing(sku: str) -> Reason:
    return Reason(
        code="COST_MISSING",
        message=f"the offer of SKU {sku} has no cost above zero, so it gets no price",
        fix="have the supplier's cost corrected, or wait for its next report",
        field="offer.cost",
    )


def _no_rule(sku: str) -> Reason:
    return Reason(
        code="NO_PRICE_RULE",
        message=f"no price rule fits SKU {sku} in this store",
        fix="add a rule under rules.prices in orderwright.yaml (one without skus, categories, stores fits all)",
        field="rules.prices",
    )


def _range_empty(floor: Money, ceiling: Money) -> Reason:
    return Reason(
        code="PRICE_RANGE_EMPTY",
        message=f"the lowest price allowed is {floor} (margin and MAP), the highest {ceiling} (MSRP)",
        fix="raise msrp, lower map_price or minimum_margin_percent, or take a cheaper offer",
        field="rules.prices",
    )


def guard(price: Money, floor: Money, ceiling: Money | None) -> bool:
    """The last check, right before publishing: above zero and floor <= price <= ceiling, all in one currency."""
    bounds = (floor,) if ceiling is None else (floor, ceiling)
    if price.minor <= 0 or any(bound.currency != price.currency for bound in bounds):
        return False
    return floor <= price and (ceiling is None or price <= ceiling)


def step_allowed(old: Money | None, new: Money, percent: Decimal) -> bool:
    """May the price change without approval? A first price may; a change above `percent` of the old one may not."""
    if old is None:
        return True
    if old.currency != new.currency or old.minor <= 0:
        return False
    return abs(new.minor - old.minor) * 100 <= percent * old.minor
