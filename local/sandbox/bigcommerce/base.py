"""What all parts of the store share: its settings, its articles, error forms, amounts, times and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any, TypeVar

from local.sandbox.bigcommerce.hooks import StoreHooks
from local.sandbox.kit.api import Api, Call, Refusal, Violation
from local.sandbox.kit.money import ZERO
from local.sandbox.kit.orders import Order
from local.sandbox.kit.paging import numbered
from local.sandbox.kit.shop import Store
from local.sandbox.wire import Response, json_response

KIND = "bigcommerce"
Row = TypeVar("Row")


@dataclass
class BigCommerceConfig:
    """One store. `calls` None: no limit. `stock_lag`: seconds until an adjustment of stock is seen."""

    store_hash: str = "sandboxhash"
    access_token: str = "bc_sandbox_token"
    client_id: str = "bc_sandbox_client"
    client_secret: str = "bc_sandbox_secret"
    currency: str = "USD"
    locations: tuple[str, ...] = ("Orderwright dropship", "Shop floor")
    """Their ids count from 1. Buyers are sold what lies in the first one."""
    calls: int | None = 150
    stock_lag: float = 0
    mails_shipped: bool = True
    """The mail that tells a buyer of a shipment: the merchant can switch it off."""


@dataclass
class Product:
    """An article. `facts` are its plain fields; `options` rows are {id, display_name, type, option_values}."""

    number: int
    created_at: datetime
    facts: dict[str, Any]
    options: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)

    @property
    def tracked(self) -> bool:
        """Is its stock counted?"""
        return bool(self.facts["inventory_tracking"] != "none")


@dataclass
class StoreOrder(Order):
    """`discount` is the whole order's; `extra` has status, address_id and deleted."""

    discount: Decimal = ZERO

    @property
    def extras_now(self) -> Decimal:
        """A discount leaves the tax as it is."""
        return super().extras_now - self.discount


class Base(Store):
    """The desk and the shelf with what the calls need."""

    config: BigCommerceConfig
    hooks: StoreHooks
    api: Api
    products: dict[int, Product]


def four(amount: Decimal) -> str:
    """An amount as V2 writes it."""
    return f"{amount:.4f}"


def rfc(at: datetime) -> str:
    """A time as V2 writes it."""
    return format_datetime(at.astimezone(UTC))


def exact(number: float) -> Decimal:
    """A JSON number as it was written."""
    return Decimal(str(number))


def whole(data: Any, status: int = 200) -> Response:
    """V3's envelope."""
    return json_response({"data": data, "meta": {}}, status)


def paged(api: Api, call: Call, rows: Sequence[Row]) -> Sequence[Row]:
    """One page of V2."""
    return numbered(rows, api.whole(call, "page", 1), api.whole(call, "limit", 50, high=250)).rows


def v2(rows: Sequence[Any]) -> Response:
    """A V2 list: an empty one has no body at all."""
    return json_response(list(rows)) if rows else Response(204)


def v3(api: Api, call: Call, rows: Sequence[Row], show: Any, most: int = 250) -> Response:
    """A V3 list with its page."""
    page = numbered(rows, api.whole(call, "page", 1), api.whole(call, "limit", 50, high=most))
    links = {"current": f"?page={page.number}&limit={page.size}"}
    links |= {"next": f"?page={page.number + 1}&limit={page.size}"} if page.number < page.pages else {}
    links |= {"previous": f"?page={page.number - 1}&limit={page.size}"} if page.number > 1 else {}
    counts = {
        "total": page.total, "count": len(page.rows), "per_page": page.size, "current_page": page.number,
        "total_pages": page.pages, "links": links,
    }  # fmt: skip
    return json_response({"data": [show(row) for row in page.rows], "meta": {"pagination": counts}})


def ids_in(call: Call, name: str) -> set[str]:
    """The comma separated values of a filter."""
    return {part.strip() for part in call.query.get(name, "").split(",") if part.strip()}


_NOT_FOUND = {"2": "The requested resource was not found.", "3": "The resource was not found."}


def no_such() -> Refusal:
    """There is no such thing."""
    return Refusal(404, None, "")


def unfit(title: str, **errors: str) -> Refusal:
    """A request that cannot be carried out. V2 says 400 for it."""
    return Refusal(422, None, title, errors)


def violated(wrong: Violation) -> Refusal:
    """A request that is not as documented."""
    if wrong.kind in ("path", "method"):
        return no_such() if wrong.kind == "path" else Refusal(405, None, "Method not allowed")
    return unfit("JSON data is missing or invalid", **{name or "body": text for name, text in wrong.problems})


def error(no: Refusal, call: Call) -> Response:
    """V2's list of messages, or V3's problem; `code` is a body of another form."""
    old = call.request.path.split("/")[3:4] == ["v2"]
    text = no.message or _NOT_FOUND["2" if old else "3"]
    if no.code is not None:
        return json_response(no.code, no.status, no.headers)
    if old:
        status = 400 if no.status == 422 else no.status
        return json_response([{"status": status, "message": text}], status, no.headers)
    kind = "application/problem+json" if "/inventory/" in call.request.path else "application/json"
    told = {"status": no.status, "title": text, "type": "/api-docs/getting-started/api-status-codes"}
    told |= {"errors": no.details or {}} if no.status == 422 else {}
    return json_response(told, no.status, {**no.headers, "content-type": kind})
