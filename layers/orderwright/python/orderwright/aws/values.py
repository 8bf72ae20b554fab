"""Plain Python values to DynamoDB's typed JSON and back. Numbers are int or Decimal; a float is refused."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Typed = dict[str, Any]


def to_typed(value: Any) -> Typed:
    """One value in DynamoDB's wire form. Raises TypeError for a float or an unknown type, naming the type."""
    # What nearly every value is comes first, and texts without a call of their own: a write has hundreds of them.
    kind = type(value)
    if kind is str:
        return {"S": value}
    if kind is dict:
        return {"M": to_item(value)}
    if kind is int:
        return {"N": str(value)}
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int | Decimal):
        return {"N": str(value)}
    if isinstance(value, bytes):
        return {"B": value}
    if isinstance(value, list | tuple):
        return {"L": [to_typed(entry) for entry in value]}
    if isinstance(value, Mapping):
        return {"M": to_item(value)}
    raise TypeError(f"{type(value).__name__} cannot be stored; use text, int, Decimal, bool, list or dict")


def from_typed(typed: Typed) -> Any:
    """The plain value of DynamoDB's wire form; whole numbers become int, others Decimal."""
    ((kind, value),) = typed.items()
    # Texts first, and whole numbers without Decimal: an order's items are read some twenty times in its life.
    if kind == "S":
        return value
    if kind == "M":
        return from_item(value)
    if kind == "N":
        if value.lstrip("-").isdigit():
            return int(value)
        number = Decimal(value)
        return int(number) if number == number.to_integral_value() else number
    if kind == "L":
        return [from_typed(entry) for entry in value]
    if kind == "NULL":
        return None
    if kind in ("BOOL", "B"):
        return value
    raise TypeError(f"DynamoDB type {kind} is not used here")


def to_item(fields: Mapping[str, Any]) -> dict[str, Typed]:
    """A whole item in wire form."""
    return {name: {"S": value} if type(value) is str else to_typed(value) for name, value in fields.items()}


def from_item(item: Mapping[str, Typed]) -> dict[str, Any]:
    """A whole item as plain values."""
    return {name: value["S"] if len(value) == 1 and "S" in value else from_typed(value) for name, value in item.items()}
