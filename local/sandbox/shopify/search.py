"""Search queries and pages of the Admin API: `sku:X OR sku:Y`, `updated_at:>='...'`, keyset cursors."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError

PAGE_LIMIT = 250
TERM = re.compile(r"(-)?([a-z_]+):(>=|<=|>|<)?('[^']*'|\"[^\"]*\"|[^\s()]+)")

Facts = Mapping[str, Callable[[Any], Any]]
"""The fields that can be searched for, each with how a record shows it: only what a query names is worked out."""


def bad_request(message: str, code: str = "BAD_REQUEST") -> GraphQLError:
    """An error of the whole request, in Shopify's form."""
    return GraphQLError(message, extensions={"code": code})


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise bad_request(f"Invalid timestamp in search query: {text}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _matches(value: Any, operator: str | None, wanted: str) -> bool:
    if isinstance(value, (list, tuple, set)):
        return any(_matches(each, operator, wanted) for each in value)
    if isinstance(value, datetime):
        right = _time(wanted)
        return {">=": value >= right, "<=": value <= right, ">": value > right, "<": value < right}.get(
            operator or "", value == right
        )
    if operator:
        try:
            left, limit = int(value), int(wanted)
        except (TypeError, ValueError) as error:
            raise bad_request(f"Invalid comparison in search query: {operator}{wanted}") from error
        return {">=": left >= limit, "<=": left <= limit, ">": left > limit, "<": left < limit}[operator]
    text, low = str(value if value is not None else "").lower(), wanted.lower()
    return text.startswith(low[:-1]) if low.endswith("*") else text == low


def matcher(query: str | None, facts: Facts) -> Callable[[Any], bool]:
    """A test for one record.

    Shopify ignores a field that it does not know; a sandbox that did the same would hide a misspelt filter, so an
    unknown field or a piece of text without field is refused.
    """
    if not query or not query.strip():
        return lambda _: True
    alternatives: list[list[tuple[bool, str, str | None, str]]] = []
    for part in re.split(r"\s+OR\s+", query.strip()):
        terms, rest = [], TERM.sub("", part)
        for found in TERM.finditer(part):
            if found[2] not in facts:
                raise bad_request(f"Unknown search field: {found[2]}")
            terms.append((bool(found[1]), found[2], found[3], found[4].strip("'\"")))
        if rest.replace("AND", "").strip(" ()") or not terms:
            raise bad_request("The search query must be terms of the form field:value joined by AND or OR")
        alternatives.append(terms)

    def accepts(row: Any) -> bool:
        return any(
            all(_matches(facts[name](row), operator, wanted) != negated for negated, name, operator, wanted in terms)
            for terms in alternatives
        )

    return accepts


def _encode(key: tuple[Any, int]) -> str:
    value, number = key
    shown = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([shown, number]).encode()).decode()


def _decode(cursor: str) -> tuple[Any, int]:
    try:
        value, number = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return value, int(number)
    except (ValueError, TypeError) as error:
        raise bad_request("Invalid cursor for current pagination sort.") from error


def connection(
    rows: Iterable[Any],
    view: Callable[[Any], Any],
    first: int | None,
    after: str | None = None,
    reverse: bool = False,
    key: Callable[[Any], tuple[Any, int]] = lambda row: (0, row.number),
) -> dict[str, Any]:
    """One page of a list. Pages follow the sort key, so a row that moves while one pages is seen again, not lost."""
    if first is None:
        raise bad_request("you must provide one of first or last")
    if not 0 <= first <= PAGE_LIMIT:
        raise bad_request(f"first must be between 0 and {PAGE_LIMIT}", "ARGUMENT_OUT_OF_RANGE")
    ordered = sorted(rows, key=key, reverse=reverse)
    if after is not None:
        value, number = _decode(after)
        start = (
            datetime.fromisoformat(value) if ordered and isinstance(key(ordered[0])[0], datetime) else value,
            number,
        )
        ordered = [row for row in ordered if (key(row) < start if reverse else key(row) > start)]
    page = ordered[:first]
    nodes = [view(row) for row in page]
    return {
        "nodes": nodes,
        "edges": lambda _: [{"node": node, "cursor": _encode(key(row))} for node, row in zip(nodes, page, strict=True)],
        "pageInfo": {
            "hasNextPage": len(ordered) > first,
            "hasPreviousPage": after is not None,
            "startCursor": _encode(key(page[0])) if page else None,
            "endCursor": _encode(key(page[-1])) if page else None,
        },
    }


def pages(
    rows: Iterable[Any] | Callable[[], Iterable[Any]],
    view: Callable[[Any], Any],
    key: Callable[[Any], tuple[Any, int]] = lambda row: (0, row.number),
) -> Callable[..., dict[str, Any]]:
    """A field that shows a list in pages; `rows` is asked for when it is a function."""

    def resolve(_: Any, first: int | None = None, after: str | None = None, reverse: bool = False, **__: Any) -> Any:
        return connection(rows() if callable(rows) else rows, view, first, after, reverse, key)

    return resolve
