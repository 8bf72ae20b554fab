"""One WooCommerce shop over HTTP: keys, JSON, pages, and what each refusal means.

Keys go as HTTP Basic. Some hosts take that header away; then they go in the query, over https only, and never into a text.
An answer with status 200 that is not JSON comes from a cache or a firewall, and counts as none.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlencode

from orderwright.connectors.context import Context
from orderwright.connectors.http import HttpAnswer, exchange, is_good, refused, unclear
from orderwright.connectors.stores.woocommerce.nodes import WooNode
from orderwright.connectors.stores.woocommerce.order_mapping import TRASH, UNBORN
from orderwright.connectors.stores.woocommerce.settings import WooSettings
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable, VendorError

AGENT = "Orderwright (order automation)"
AT_ONCE = 100
"""Rows of a page, and entries of a batch."""
WRONG_SECRET = "woocommerce_rest_authentication_error"
NO_ROUTE = "rest_no_route"
GONE = frozenset({"woocommerce_rest_shop_order_invalid_id", "woocommerce_rest_order_invalid_id"})
_CODE = re.compile(r"[a-z_]{3,60}", re.ASCII)


class Reply(NamedTuple):
    """What came back, and how many rows and pages there are in all (0 where the shop does not say)."""

    data: Any
    total: int
    pages: int

    def is_last(self, page: int, rows: int) -> bool:
        """A page may lack rows that the shop left out. Hosts may drop the headers: then a page that is not full is the last."""
        return page >= self.pages if self.pages else rows < AT_ONCE


class WooClient:
    """Calls of one connection."""

    def __init__(self, context: Context[WooSettings]) -> None:
        self.id, self.settings, self.clock = context.id, context.settings, context.clock
        self.name = f"WooCommerce {context.id}"
        self._credentials = context.credentials
        self._http, self._timeout = context.http, context.timeout.total_seconds()
        self._base = context.settings.base_url.rstrip("/")
        self._by_query = False

    def call(
        self, operation: str, method: str, path: str, body: Mapping[str, Any] | None = None, *,
        query: Mapping[str, Any] | None = None, has_effect: bool = False, root: str = "wc/v3",
    ) -> Reply:  # fmt: skip
        """One exchange; `path` is below `root`. `has_effect`: a repeat would do it twice, or undo what came between.

        Raises Retryable, Rejected, Misconfigured, NotFound or OutcomeUnknown, with WooCommerce's own code where it has one.
        """
        target = f"{self._base}/wp-json/{root}/{path}".rstrip("/")
        answer = self._send(operation, method, target, body, query or {}, has_effect, self._by_query)
        if (
            answer.status == 401
            and not self._by_query
            and self._base.startswith("https:")
            and _code(answer) != WRONG_SECRET
        ):
            # Nothing was done, so the same call may go again with the keys where a host cannot take them away.
            answer = self._send(operation, method, target, body, query or {}, has_effect, True)
            self._by_query = is_good(answer.status)
        if not is_good(answer.status):
            raise self._refusal(operation, answer, has_effect)
        try:
            data = answer.json()
        except ValueError:
            data = None
        if not isinstance(data, (dict, list)):
            raise unclear(self.name, operation, "the answer is not JSON", has_effect=has_effect)
        return Reply(data, *(_number(answer, f"x-wp-total{which}") for which in ("", "pages")))

    def node(self, operation: str, method: str, path: str, *given: Any, **how: Any) -> WooNode:
        """The same for an answer that is one object."""
        data = self.call(operation, method, path, *given, **how).data
        if not isinstance(data, dict):
            raise unclear(self.name, operation, "the answer is no object", has_effect=how.get("has_effect", False))
        return WooNode(data, operation)

    def rows(self, operation: str, path: str, query: Mapping[str, Any] | None = None) -> list[WooNode]:
        """All rows of a list, page by page in the order of their ids. Retryable where one came or went meanwhile."""
        found: dict[str, WooNode] = {}
        total = 0
        for page in count(1):
            asked = {"per_page": AT_ONCE, "page": page, "orderby": "id", "order": "asc", **(query or {})}
            reply = self.call(operation, "GET", path, query=asked)
            if page > 1 and reply.total != total:
                raise Retryable(f"{self.name} {operation}: it changed while it was read", code="ORDER_CHANGED")
            total, rows = reply.total, self.listed(operation, reply)
            found |= {row.text("id"): row for row in rows}
            if reply.is_last(page, len(rows)):
                break
        return list(found.values())

    def by_ids(self, path: str, ids: set[str], fields: str) -> list[WooNode]:
        """Those of these ids that there are."""
        found: list[WooNode] = []
        for start in range(0, len(ids), AT_ONCE):
            part = sorted(ids)[start : start + AT_ONCE]
            asked = {"include": ",".join(part), "per_page": AT_ONCE, "_fields": fields}
            rows = self.listed("readProducts", self.call("readProducts", "GET", path, query=asked))
            if not ids.issuperset(row.text("id") for row in rows):
                # Without the filter these would be any goods: those that were asked for would seem to be gone.
                raise Retryable(f"{self.name} readProducts: the shop ignores `include`", code="UNREADABLE")
            found += rows
        return found

    def listed(self, operation: str, reply: Reply) -> list[WooNode]:
        """The rows of an answer that is a list."""
        if not isinstance(reply.data, list):
            raise unclear(self.name, operation, "the answer is no list", has_effect=False)
        return [WooNode(row, f"{operation}[{index}]") for index, row in enumerate(reply.data)]

    def _send(
        self, operation: str, method: str, target: str, body: Mapping[str, Any] | None, query: Mapping[str, Any],
        has_effect: bool, by_query: bool,
    ) -> HttpAnswer:  # fmt: skip
        key, secret = self._credentials.secret("consumer_key"), self._credentials.secret("consumer_secret")
        headers = {"accept": "application/json", "user-agent": AGENT}
        if by_query:
            query = {**query, "consumer_key": key, "consumer_secret": secret}
        else:
            headers["authorization"] = f"Basic {b64encode(f'{key}:{secret}'.encode()).decode()}"
        content = None
        if body is not None:
            # Sent as anything else the body is ignored, and an empty order is made.
            headers["content-type"] = "application/json; charset=utf-8"
            content = json.dumps(body).encode()
        url = f"{target}?{urlencode(query)}" if query else target
        return exchange(
            self._http, self.name, operation, method, url,
            headers=headers, body=content, timeout=self._timeout, has_effect=has_effect, any_status=True,
        )  # fmt: skip

    def _refusal(self, operation: str, answer: HttpAnswer, has_effect: bool) -> VendorError:
        code = _code(answer)
        what = f"{self.name} {operation}: HTTP {answer.status} {code}".rstrip()
        if answer.status == 404 and code in ("", NO_ROUTE):
            fix = "base_url must be the shop's home, its permalinks not plain, and WooCommerce active"
            return Misconfigured(f"{what}: connections.{self.id}: no such API there; {fix}", code="HTTP_404")
        if code in GONE:
            return NotFound(what, code=code.upper())
        error = refused(answer.status, answer.headers, self.name, operation, has_effect=has_effect)
        if isinstance(error, (Rejected, NotFound)) and code:
            return type(error)(what, code=code.upper())
        return error


def _code(answer: HttpAnswer) -> str:
    """WooCommerce's code of a refusal; some are numbers, which say nothing."""
    code = (answer.json_object() or {}).get("code")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def _number(answer: HttpAnswer, header: str) -> int:
    text = answer.headers.get(header, "")
    return int(text) if text.isascii() and text.isdigit() else 0


class WooPart:
    """A part of the connector: what it does with one shop's client."""

    def __init__(self, client: WooClient) -> None:
        self._client = client

    def error(self, kind: type[VendorError], text: str, *, code: str) -> VendorError:
        """An error that names the shop."""
        return kind(f"{self._client.name}: {text}", code=code)

    def sure(self, made: str, operation: str) -> str:
        """The id of what was made. Raises OutcomeUnknown where the answer has none."""
        if not made:
            raise self.error(OutcomeUnknown, f"{operation}: no id in the answer", code="OUTCOME_UNKNOWN")
        return made


class OrderPart(WooPart):
    """A part that reads orders."""

    def read_refunds(self, order: WooNode) -> list[WooNode]:
        """All refunds of an order; few have any."""
        path = f"orders/{order.text('id')}/refunds"
        return self._client.rows("listRefunds", path) if order.children("refunds") else []

    def read_order(self, order_id: str) -> WooNode:
        """The order as the shop gives it. Raises NotFound."""
        if order_id.isascii() and order_id.isdigit():
            order = self._client.node("getOrder", "GET", f"orders/{order_id}")
            if order.text("status") not in UNBORN | {TRASH}:
                return order
        raise self.error(NotFound, f"there is no order {order_id}", code="ORDER_NOT_FOUND")
