"""What a purchase or a sale leaves, term by term."""

from __future__ import annotations

from typing import Any

from orderwright.domain.reckoning import AMOUNTS, Reckoning, in_words
from orderwright.usecases.operator.views.amounts import money

GOODS_AND_FREIGHT_ONLY = "goods and freight only: no rules say what tax, duty and fees cost"


def reckoning_data(one: Reckoning | None) -> dict[str, Any] | None:
    """Every term as an amount, and the rules that it comes from."""
    if one is None:
        return None
    return {
        **{name: money(getattr(one, name)) for name in AMOUNTS},
        "margin_percent": one.percent,
        "destination": one.destination,
        "day": one.day,
        "rule": one.rule,
        "rule_from": one.rule_from,
        "rule_source": one.rule_source,
        "rule_confirmed_by": one.rule_confirmed_by,
        "fee_rule": one.fee_rule,
        "estimates": list(one.estimates),
        "stale": one.stale,
        "goods_and_freight_only": one.goods_and_freight_only,
    }


def in_short(one: Reckoning | None) -> str:
    """One line: net revenue, tax, landed cost, duty, fees, margin, and the rule."""
    if one is None:
        return "margin not known yet"
    rest = f", {one.percent} % of net revenue" if one.percent is not None else ""
    later = f"; the store's later figures are not clear ({one.stale})" if one.stale else ""
    return f"{in_words(one)}{rest}{later}"
