"""Money as data."""

from __future__ import annotations

from orderwright.domain.money import Money
from orderwright.domain.unit_cost import UnitCost


def money(value: Money | UnitCost | None) -> dict[str, str] | None:
    """Money as data: {"amount": "22.99", "currency": "USD"}. A cost of one piece has all its digits."""
    if value is None:
        return None
    amount = value.exact if isinstance(value, UnitCost) else value.decimal
    return {"amount": f"{amount:f}", "currency": value.currency}
