"""One BigCommerce store over HTTP: sign-in, JSON, pages of both versions, rate limits, and what each refusal means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from orderwright.connectors.context import Context
from orderwright.connectors.http import HttpAnswer, exchange, is_good, refused, retry_after, unclear
from orderwright.connectors.reading import Node
from orderwright.connectors.stores.bigcommerce.settings import BigCommerceSettings
from orderwright.errors import Retryable, VendorError

OVERLOADED = timedelta(minutes=1)
"""A 429 without rate limit headers is a store that has too much to do."""
LONGEST_WAIT = timedelta(minutes=5)
PAGE, MOST_PAGES = 250, 1000
SHORT_PAGE = 50
"""What V2 gives of a list at least, whatever it makes of `limit`: a page with fewer rows is the last one."""


def to_json(value: object) -> str:
    """As JSON, amounts as exact numbers."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(key)}:{to_json(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(to_json, value)) + "]"
    return json.dumps(value)


class BigCommerceClient:
    """Calls of one connection. Paths begin with the version: v2/orders."""

    def __init__(self, context: Context[BigCommerceSettings]) -> None:
        self.id, self.settings, self._credentials = context.id, context.settings, context.credentials
        self.name = f"BigCommerce {context.id}"
        self._http, self._timeout = context.http, context.timeout.total_seconds()

    def read(self, operation: str, path: str, **query: object) -> Any:
        """The answer's JSON; None where there is no body, as V2 says that a list is empty."""
        asked = urlencode({name: str(value) for name, value in query.items()})
        return self._call(operation, "GET", f"{path}?{asked}" if asked else path, None, has_effect=False)

    def one(self, operation: str, path: str, **query: object) -> Node:
        """One object; V3 has it in `data`."""
        found = self.read(operation, path, **query)
        if path.startswith("v3/") and isinstance(found, dict):
            found = found.get("data")
        if not isinstance(found, dict):
            raise self.unclear(operation, "the answer holds no object")
        return Node(found, operation)

    def rows(self, operation: str, path: str, **query: object) -> Iterator[Node]:
        """All rows of a list, page by page."""
        for number in range(1, MOST_PAGES):
            page, more = self.page(operation, path, number, **query)
            yield from page
            if not more:
                return
        raise self.unclear(operation, "its pages do not end")

    def page(self, operation: str, path: str, number: int, **query: object) -> tuple[list[Node], bool]:
        """One page of a list, and whether there may be another."""
        found = self.read(operation, path, **query, page=number, limit=PAGE)
        if found is None:
            return [], False
        pages = None
        if isinstance(found, dict):
            meta = Node(found, operation).child("meta")
            paging = meta.child("pagination") if meta else None
            pages = paging.count("total_pages") if paging and paging.has("total_pages") else None
            found = found.get("data")
        if not isinstance(found, list):
            raise self.unclear(operation, "the answer holds no list")
        rows = [Node(one, f"{operation}[{index}]") for index, one in enumerate(found)]
        return rows, len(rows) >= SHORT_PAGE if pages is None else number < pages

    def write(self, operation: str, method: str, path: str, body: object, *, has_effect: bool = True) -> Node:
        """The answer's object. Without one nobody knows what came of it."""
        found = self._call(operation, method, path, body, has_effect=has_effect)
        if not isinstance(found, dict):
            raise self.unclear(operation, "the answer holds no object", has_effect=has_effect)
        return Node(found, operation)

    def unclear(self, operation: str, what: str, *, has_effect: bool = False) -> VendorError:
        """What an answer comes to that cannot be made sense of."""
        return unclear(self.name, operation, what, has_effect=has_effect)

    def tell(self, operation: str, method: str, path: str, body: object = None) -> None:
        """A call that a repeat does not double, and whose answer says nothing."""
        self._call(operation, method, path, body, has_effect=False)

    def _call(self, operation: str, method: str, path: str, body: Any, *, has_effect: bool) -> Any:
        kind = "application/json"
        headers = {"accept": kind, "content-type": kind, "x-auth-token": self._credentials.secret("access_token")}
        url = f"{self.settings.base_url.rstrip('/')}/stores/{quote(self.settings.store_hash, safe='')}/{path}"
        answer = exchange(
            self._http, self.name, operation, method, url,
            headers=headers, body=None if body is None else to_json(body).encode(), timeout=self._timeout,
            has_effect=has_effect, any_status=True,
        )  # fmt: skip
        if not is_good(answer.status):
            raise self._refused(answer, operation, has_effect=has_effect)
        if not answer.body.strip():
            return None
        try:
            return answer.json()
        except ValueError:
            raise self.unclear(operation, "the answer is not JSON", has_effect=has_effect) from None

    def _refused(self, answer: HttpAnswer, operation: str, *, has_effect: bool) -> VendorError:
        if answer.status == 429:
            reset = answer.headers.get("x-rate-limit-time-reset-ms", "").strip()
            waited = timedelta(milliseconds=int(reset[:9])) if reset.isascii() and reset.isdigit() else None
            wait = waited if waited is not None else retry_after(answer.headers) or OVERLOADED
            what = "the store's calls are used up" if waited is not None else "the store has too much to do"
            return Retryable(f"{self.name} {operation}: {what}", after=min(wait, LONGEST_WAIT), code="RATE_LIMITED")
        error = refused(answer.status, answer.headers, self.name, operation, has_effect=has_effect)
        errors = (answer.json_object() or {}).get("errors")
        # Names of fields are the vendor's, and its sentences may repeat what was sent.
        fields = [name for name in errors if len(name) < 60 and name.isascii()] if isinstance(errors, dict) else []
        if not fields:
            return error
        return type(error)(f"{error.message}: {', '.join(fields[:5])}", code=error.code, after=error.after)
