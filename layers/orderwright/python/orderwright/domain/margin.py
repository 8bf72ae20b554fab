"""What an order leaves after the supplier is paid, and the gate at order time (promise P10)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from orderwright.domain.fx import RateUnknown, convert
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.rules import Rules


def purchase_margin(revenue: Money, cost: Money, rules: Rules, today: date) -> Money:
    """Revenue less cost, in the revenue's currency; a converted cost is rounded up. Raises RateUnknown."""
    return revenue - convert(cost, revenue.currency, rules, today, up=True)


def margin_allowed(revenue: Money, cost: Money, minimum_percent: Decimal, rules: Rules, today: date) -> Reason | None:
    """None when the margin is at least `minimum_percent` of the revenue.

    Else the reason: MARGIN_TOO_LOW, COST_MISSING (a cost of nothing is a mistake), RATE_MISSING or RATE_STALE.
    """
    if cost.minor <= 0:
        return Reason(
            code="COST_MISSING",
            message="the supplier's cost is not above zero, so the margin is not known",
            fix="check the cost at the supplier, then retry",
            field="cost",
        )
    try:
        margin = purchase_margin(revenue, cost, rules, today)
    except RateUnknown as unknown:
        return unknown.reason
    if margin.minor * 100 >= minimum_percent * revenue.minor:
        return None
    return Reason(
        code="MARGIN_TOO_LOW",
        message=f"the lines were sold for {revenue} and cost {cost}: a margin of {margin}, "
        f"below the minimum of {minimum_percent} %",
        fix="release it to buy all the same, cancel it in the store, or lower limits.minimum_order_margin_percent",
        field="limits.minimum_order_margin_percent",
    )
