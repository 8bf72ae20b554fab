"""Why a SKU has no price in a store, with what to do about it."""

from __future__ import annotations

from orderwright.domain.money import Money
from orderwright.domain.order import Reason


def sells_nowhere() -> Reason:
    """No rule says what selling costs, wherever the store sells."""
    return Reason(
        code="DESTINATION_WITHOUT_RULE",
        message="there are fees, and no rule of tax and duty for where this store sells",
        fix="add rules.destinations and the store's sell_to in orderwright.yaml, then: orderwright apply",
        field="rules.destinations",
    )


def cost_missing(sku: str) -> Reason:
    """Its offer has no cost that can be believed."""
    return Reason(
        code="COST_MISSING",
        message=f"the offer of SKU {sku} has no cost above zero, so it gets no price",
        fix="have the supplier's cost corrected, or wait for its next report",
        field="offer.cost",
    )


def no_rule(sku: str) -> Reason:
    """Nothing in rules.prices fits it."""
    return Reason(
        code="NO_PRICE_RULE",
        message=f"no price rule fits SKU {sku} in this store",
        fix="add a rule under rules.prices in orderwright.yaml (one without skus, categories, stores fits all)",
        field="rules.prices",
    )


def range_empty(floor: Money, ceiling: Money) -> Reason:
    """The floor lies above the ceiling."""
    return Reason(
        code="PRICE_RANGE_EMPTY",
        message=f"the lowest price allowed is {floor} (margin and MAP), the highest {ceiling} (MSRP)",
        fix="raise msrp, lower map_price or minimum_margin_percent, or take a cheaper offer",
        field="rules.prices",
    )
