"""Lists in pages: by number with totals, or behind a cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from local.sandbox.wire import Request

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page: its rows, how many rows and pages there are in all."""

    rows: Sequence[Row]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; 0 for no rows."""
        return -(-self.total // self.size)

    def link(self, request: Request, base: str = "", name: str = "page") -> dict[str, str]:
        """The Link header with next and prev (RFC 8288), as far as there are such pages."""
        found = {"prev": self.number - 1, "next": self.number + 1}
        texts = [
            f'<{base}{request.path}?{urlencode({**request.query, name: page})}>; rel="{rel}"'
            for rel, page in found.items()
            if 1 <= page <= self.pages
        ]
        return {"link": ", ".join(texts)} if texts else {}


def numbered(rows: Sequence[Row], number: int, size: int) -> Page[Row]:
    """Page `number`, counted from 1."""
    return Page(rows[(number - 1) * size : number * size], number, size, len(rows))


def after(rows: Sequence[Row], key: Callable[[Row], Any], cursor: str | None, size: int) -> tuple[Sequence[Row], bool]:
    """(the rows behind the one whose key is `cursor`, whether more follow); an unknown cursor begins at the start."""
    keys = [str(key(row)) for row in rows]
    start = keys.index(cursor) + 1 if cursor in keys else 0
    return rows[start : start + size], start + size < len(rows)
