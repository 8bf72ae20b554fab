"""Write units of DynamoDB from the items themselves, since an emulator's ConsumedCapacity is not AWS's.

The rules are those of the developer guide (read/write capacity, item sizes, secondary indexes, transactions):
one unit per started KB of the larger of the item before and after; twice that in a transaction, also for a condition
check; one unit more for each entry that a keys-only index gets, loses or (two: out and in) moves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

Item = Mapping[str, Any]
"""An item in wire form: {"pk": {"S": "..."}, ...}."""
Indexes = Mapping[str, tuple[str, str]]
"""Index name -> its hash and range attribute."""

KEY_ATTRIBUTES = ("pk", "sk")


class Written(NamedTuple):
    """Units of one write: in the table, and in its indexes."""

    table: int
    indexes: int

    @property
    def total(self) -> int:
        """Both."""
        return self.table + self.indexes


def item_bytes(item: Item) -> int:
    """The size that AWS bills an item with: names and values in UTF-8, numbers by their digits."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        return _number_bytes(value)
    if kind == "B":
        return len(value)
    if kind == "L":
        return 3 + sum(1 + _value_bytes(entry) for entry in value)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_bytes(entry) for name, entry in value.items())
    if kind in ("NULL", "BOOL"):
        return 1
    raise ValueError(f"DynamoDB type {kind} is not used here")


def _number_bytes(text: str) -> int:
    number = Decimal(text)
    digits = len("".join(map(str, number.as_tuple().digits)).strip("0"))
    return math.ceil(digits / 2) + 1 + (number < 0)


def units(item: Item | None) -> int:
    """One unit per started KB; an item that is not there costs one as well."""
    return max(1, math.ceil(item_bytes(item or {}) / 1024))


def index_units(before: Item | None, after: Item | None, indexes: Indexes) -> int:
    """What a write costs in the keys-only indexes of its table. Their entries are far below one KB here."""
    return sum(_entry_units(_entry(before, keys), _entry(after, keys)) for keys in indexes.values())


def _entry(item: Item | None, keys: tuple[str, str]) -> tuple[Any, ...] | None:
    if item is None or any(name not in item for name in keys):
        return None
    return tuple(item[name] for name in (*keys, *KEY_ATTRIBUTES))


def _entry_units(before: tuple[Any, ...] | None, after: tuple[Any, ...] | None) -> int:
    if before == after:
        return 0
    return (before is not None) + (after is not None)


def write_cost(before: Item | None, after: Item | None, indexes: Indexes, *, in_transaction: bool) -> Written:
    """A put, update or delete. `after` None is a delete; both None a write that found nothing."""
    return Written(max(units(before), units(after)) * (2 if in_transaction else 1), index_units(before, after, indexes))


def check_cost(item: Item | None) -> Written:
    """A condition check of a transaction."""
    return Written(units(item) * 2, 0)
