"""What all parts of the store share: its settings, its articles, amounts, pages, and the forms of its errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from local.sandbox.bigcommerce.hooks import StoreHooks
from local.sandbox.kit.api import Api, Call, Refusal, Violation
from local.sandbox.kit.orders import Variant
from local.sandbox.kit.paging import Page, numbered
from local.sandbox.kit.shop import Store
from local.sandbox.wire import Response, json_response

KIND = "bigcommerce"
Row = TypeVar("Row")


@dataclass
class BigCommerceConfig:
    """One store. `calls` are those of 30 seconds, None: no limit. Buyers are sold what lies in the first of `locations`, whose
    ids count from 1. `v2_page`: the most that a V2 list gives at once, whatever is asked for. `stock_lag`: seconds until an
    adjustment of stock is seen. `mails_shipped`: the mail of a shipment, which the merchant can switch off."""

    store_hash: str = "sandboxhash"
    access_token: str = "bc_sandbox_token"
    client_secret: str = "bc_sandbox_secret"
    locations: tuple[str, ...] = ("Orderwright dropship", "Shop floor")
    calls: int | None = 150
    v2_page: int = 250
    stock_lag: float = 0
    mails_shipped: bool = True


@dataclass
class Product:
    """An article. `facts` are its plain fields; `options` are as they are shown."""

    number: int
    created_at: datetime
    facts: dict[str, Any]
    variants: list[Variant] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)


class Base(Store):
    """The desk and the shelf, with what calls need."""

    config: BigCommerceConfig
    hooks: StoreHooks
    api: Api
    products: dict[int, Product]

    def given(self, call: Call, body: Any) -> Any:
        """The fields of a request's body, checked."""
        return self.api.body(call, body).model_dump(exclude_unset=True)

    def v2(self, call: Call, rows: Sequence[Row], show: Callable[[Row], Any]) -> Response:
        """A page of V2. An empty one has no body at all."""
        size = min(self.api.whole(call, "limit", 50), self.config.v2_page)
        page = numbered(rows, self.api.whole(call, "page", 1), size)
        return json_response([show(row) for row in page.rows]) if page.rows else Response(204)

    def v3(self, call: Call, rows: Sequence[Row], show: Callable[[Row], Any], most: int = 250) -> Response:
        """A page of V3."""
        page: Page[Row] = numbered(rows, self.api.whole(call, "page", 1), self.api.whole(call, "limit", 50, high=most))
        told = {"total": page.total, "count": len(page.rows), "per_page": page.size, "current_page": page.number}
        meta = {"pagination": {**told, "total_pages": page.pages, "links": {}}}
        return json_response({"data": [show(row) for row in page.rows], "meta": meta})


def exact(number: float) -> Decimal:
    """A JSON number as it was written."""
    return Decimal(str(number))


def whole(data: Any, status: int = 200) -> Response:
    """V3's envelope of one thing."""
    return json_response({"data": data, "meta": {}}, status)


def asked(call: Call, name: str) -> set[str]:
    """The comma separated values of a filter."""
    return {part.strip() for part in call.query.get(name, "").split(",") if part.strip()}


def no_such() -> Refusal:
    """There is no such thing."""
    return Refusal(404, None, "The requested resource was not found.")


def unfit(title: str, *fields: str, status: int = 422) -> Refusal:
    """A request that cannot be carried out; V2 says 400 for 422."""
    return Refusal(status, None, title, dict.fromkeys(fields, "invalid"))


def violated(wrong: Violation) -> Refusal:
    """A request that is not as documented."""
    if wrong.kind in ("path", "method"):
        return no_such()
    return unfit("JSON data is missing or invalid", *(name or "body" for name, _ in wrong.problems))


def error(no: Refusal, call: Call) -> Response:
    """V2's list of messages, or V3's problem. `code` is a body of another form."""
    if no.code is not None:
        return json_response(no.code, no.status)
    if call.request.path.split("/")[3:4] == ["v2"]:
        status = 400 if no.status == 422 else no.status
        return json_response([{"status": status, "message": no.message}], status, no.headers)
    told = {"status": no.status, "title": no.message, "type": "/api-docs/getting-started/api-status-codes"}
    return json_response(told | ({"errors": no.details or {}} if no.status == 422 else {}), no.status, no.headers)
