"""What a price may be, worked out anew from cost and rules; not with the product's own arithmetic, which is judged by it."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from orderwright.domain.config_values import MoneyText
from orderwright.domain.fx import RateUnknown, exact_amount
from orderwright.domain.rules import MapPrice, PriceRule, Rules
from orderwright.domain.unit_cost import UnitCost

CENTS = Decimal("0.01")


class Bounds(NamedTuple):
    """Promise P4: max(floor, MAP) and the ceiling, if there is one; in major units of the store's currency."""

    lowest: Decimal
    highest: Decimal | None

    def hold(self, price: Decimal) -> bool:
        """Is this price allowed?"""
        return self.lowest <= price and (self.highest is None or price <= self.highest)


def bounds(
    cost: UnitCost, freight: UnitCost, rules: Rules, sku: str, category: str, store: str, currency: str, today: date
) -> Bounds | None:
    """None where the rules allow no price at all."""
    rule = rule_of(rules, sku, category, store)
    if rule is None or not cost.is_positive:
        return None
    try:
        landed = exact_amount(cost, currency, rules, today) + exact_amount(freight, currency, rules, today)
        own = rules.sku_prices.get(sku, MapPrice())
        at_least = _in(own.map_price or rule.map_price, currency, rules, today)
        at_most = _in(own.msrp or rule.msrp, currency, rules, today)
    except RateUnknown:
        return None
    margin = landed * 100 / (100 - rule.minimum_margin_percent)
    lowest = max(margin, at_least or Decimal(0)).quantize(CENTS, rounding=ROUND_CEILING)
    highest = None if at_most is None else at_most.quantize(CENTS, rounding=ROUND_FLOOR)
    return None if highest is not None and highest < lowest else Bounds(lowest, highest)


def rule_of(rules: Rules, sku: str, category: str, store: str) -> PriceRule | None:
    """The first one that fits."""
    for rule in rules.prices:
        named = not rule.skus or sku in rule.skus
        filed = not rule.categories or category.casefold() in {one.casefold() for one in rule.categories}
        if named and filed and (not rule.stores or store in rule.stores):
            return rule
    return None


def _in(text: MoneyText | None, currency: str, rules: Rules, today: date) -> Decimal | None:
    return None if text is None else exact_amount(text.money, currency, rules, today)
