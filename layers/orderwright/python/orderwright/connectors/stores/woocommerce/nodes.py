"""WooCommerce's JSON: amounts are texts that may be empty, times without zone are UTC, numbers may be texts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from html import unescape

from orderwright.connectors.reading import Node
from orderwright.domain.base import from_iso

EMPTY = (None, "", "-")
"""What stands for no amount: a refund of units alone totals "-"."""


class WooNode(Node):
    """A JSON object of WooCommerce."""

    def children(self, key: str) -> list[WooNode]:  # type: ignore[override]
        """See Node. PHP writes a list with a gap in it, as a plugin leaves it, as an object."""
        value = self._value.get(key)
        whole = {key: list(value.values()) if isinstance(value, dict) else value}
        return [WooNode(one._value, one._where) for one in Node(whole, self._where).children(key)]

    def text(self, key: str) -> str:
        """See Node. A plugin may write a number with a fraction as a SKU; true and false are WordPress's words for nothing."""
        value = self._value.get(key)
        if isinstance(value, bool):
            return ""
        return str(value) if isinstance(value, Decimal) else super().text(key)

    def child(self, key: str) -> WooNode | None:
        """See Node."""
        found = super().child(key)
        return None if found is None else WooNode(found._value, found._where)

    def texts(self, key: str) -> tuple[str, ...]:
        """See Node. PHP writes a list with a gap in it as an object."""
        value = self._value.get(key)
        return Node({key: list(value.values())} if isinstance(value, dict) else self._value, self._where).texts(key)

    def amount(self, key: str) -> Decimal:
        """An amount in major units; 0 where there is none."""
        return Decimal(0) if self._value.get(key) in EMPTY else self.decimal(key)

    def whole(self, key: str) -> int:
        """A number of pieces, of a number or a text, cut to whole ones; 0 where there is none."""
        return int(self.amount(key))

    def gmt(self, key: str) -> datetime:
        """The time at `<key>_gmt`; refused where it is missing."""
        try:
            return from_iso(f"{self.text(f'{key}_gmt')}Z")
        except ValueError:
            self.refuse(f"{key}_gmt", "a time such as 2026-11-22T10:00:00")

    def has_time(self, key: str) -> bool:
        """Is there a time at `<key>_gmt`? A text of zeros, or an empty one, is none."""
        return self.text(f"{key}_gmt")[:1] in tuple("12")

    def words(self, key: str) -> str:
        """A text without HTML entities."""
        return unescape(self.text(key))

    def ident(self, key: str) -> str:
        """An id as text; "" for 0 and for what is missing."""
        found = self.text(key)
        return "" if found == "0" else found

    def metas(self) -> Iterator[tuple[str, object]]:
        """Keys and values of `meta_data`; values are of any kind."""
        listed = self._value.get("meta_data")
        for entry in listed.values() if isinstance(listed, dict) else listed if isinstance(listed, list) else ():
            if isinstance(entry, dict) and isinstance(entry.get("key"), str):
                yield entry["key"], entry.get("value")

    def meta(self, key: str) -> object:
        """The value of one key; None where it is not there."""
        return next((value for name, value in self.metas() if name == key), None)

    def listed(self, key: str) -> bool:
        """True where the value is a list that is not empty."""
        found = self._value.get(key)
        return isinstance(found, list) and bool(found)

    def is_true(self, key: str) -> bool:
        """True only for a JSON true: manage_stock may be "parent"."""
        return self._value.get(key) is True
