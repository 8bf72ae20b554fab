"""Tolerant readers of CJ's answers: amounts, counts, texts, lists. Unknown stays None, which is not zero."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from orderwright.domain.money import Money
from orderwright.domain.unit_cost import MOST_DECIMALS, UnitCost

CURRENCY = "USD"


def usd(value: object) -> Money | None:
    """An amount to pay in USD, fractions of a cent rounded up; None when it is missing, negative or no number."""
    amount = _amount(value)
    return None if amount is None else Money.of(amount, CURRENCY, up=True)


def unit_usd(value: object) -> UnitCost | None:
    """A cost or freight in USD with its digits; None when it is missing, negative or no number.

    Behind the sixth digit stands only noise of floating point (9.200000000000001): rounded to the nearest.
    """
    amount = _amount(value)
    return None if amount is None else UnitCost.parse(round(amount, MOST_DECIMALS), CURRENCY)


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < 10**9 else None


def count(value: object) -> int | None:
    """A number of units; None when it is missing, negative or not whole."""
    number = _amount(value)
    return int(number) if number is not None and number == number.to_integral_value() else None


def stock_count(value: object) -> int | None:
    """Units in a warehouse. Fewer than none, where more was sold than there is, are none to sell."""
    amount = str(value).strip() if isinstance(value, str | int | Decimal) else ""
    return 0 if amount.startswith("-") and count(amount[1:]) is not None else count(value)


def text(data: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that holds text or a number, as text; "" when none does."""
    for name in names:
        value = data.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def rows(value: object) -> list[dict[str, Any]]:
    """The objects of a list; empty when it is none."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def mapping(value: object) -> dict[str, Any]:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}
