"""Reading a vendor's JSON field by field: a value of the wrong kind is refused by name, never by content."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from orderwright.domain.base import from_iso
from orderwright.domain.money import Money
from orderwright.errors import Rejected

MAX_QUANTITY = 10**9
# Above any real amount, below what would make exact arithmetic slow.
MAX_AMOUNT = Decimal(10) ** 15


def kind_of(value: object) -> str:
    """What a value is, without saying what it holds."""
    if value is None:
        return "missing"
    if isinstance(value, str):
        return f"text of {len(value)} characters"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float, Decimal)):
        return "a number"
    return "a list" if isinstance(value, list) else "an object"


class Node:
    """A JSON object and where it stands. Every reader raises Rejected (code UNREADABLE_ORDER) naming the field."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, Mapping):
            raise Rejected(f"{where}: expected an object, but it is {kind_of(value)}", code="UNREADABLE_ORDER")
        self._value: Mapping[str, Any] = value
        self._where = where

    def refuse(self, key: str, expected: str) -> NoReturn:
        """Raise for the value at `key`."""
        raise Rejected(
            f"{self._where}.{key}: expected {expected}, but it is {kind_of(self._value.get(key))}",
            code="UNREADABLE_ORDER",
        )

    def has(self, key: str) -> bool:
        """True where the field is present and not null."""
        return self._value.get(key) is not None

    def text(self, key: str) -> str:
        """A text; "" where it is missing or null. Numbers become text, since senders differ over postcodes."""
        value = self._value.get(key)
        if value is None:
            return ""
        if type(value) is int:
            return str(value)
        return value if isinstance(value, str) else self.refuse(key, "text")

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._value.get(key, default)
        if value is None:
            return default
        return value if isinstance(value, bool) else self.refuse(key, "true or false")

    def count(self, key: str) -> int:
        """A whole number from 0."""
        value = self._value.get(key)
        if type(value) is not int or not 0 <= value <= MAX_QUANTITY:
            self.refuse(key, "a whole number from 0")
        return value

    def instant(self, key: str) -> datetime:
        """A time with zone."""
        try:
            return from_iso(self.text(key))
        except ValueError:
            self.refuse(key, "a time with zone such as 2026-11-22T10:00:00Z")

    def child(self, key: str) -> Node | None:
        """An object, or None."""
        value = self._value.get(key)
        return None if value is None else Node(value, f"{self._where}.{key}")

    def children(self, key: str) -> list[Node]:
        """A list of objects; empty where it is missing or null."""
        value = self._value.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.refuse(key, "a list")
        return [Node(each, f"{self._where}.{key}[{index}]") for index, each in enumerate(value)]

    def rows(self, key: str) -> list[list[Node]]:
        """A list of lists of objects; empty where it is missing or null."""
        value = self._value.get(key)
        if value is not None and not isinstance(value, list):
            self.refuse(key, "a list of lists")
        return [Node({key: row}, self._where).children(key) for row in value or []]

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where it is missing or null."""
        value = self._value.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.refuse(key, "a list of texts")
        return tuple(value)

    def currency(self, key: str) -> str:
        """A three-letter currency code."""
        try:
            return Money.zero(self.text(key)).currency
        except ValueError:
            self.refuse(key, "a currency code such as USD")

    def decimal(self, key: str) -> Decimal:
        """An exact amount in major units, of a text or a JSON number."""
        value = self._value.get(key)
        if isinstance(value, (str, int, Decimal)) and not isinstance(value, bool):
            with suppress(InvalidOperation):
                amount = Decimal(value)
                if amount.is_finite() and abs(amount) <= MAX_AMOUNT:
                    return amount
        return self.refuse(key, 'an amount such as "22.99"')

    def money(self, key: str, currency: str) -> Money:
        """An amount in `currency`; trailing zeros are fine ("100.0" JPY), further digits are not."""
        try:
            return Money.parse(self.decimal(key), currency)
        except ValueError:
            self.refuse(key, f"an amount in {currency} with no more decimals than {currency} has")
