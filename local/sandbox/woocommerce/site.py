"""The site: its settings, who may call, the routes, the one form of errors, times and queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.sandbox.kit.api import Api, Call, Refusal, Route, Violation, Words, operations
from local.sandbox.kit.paging import numbered
from local.sandbox.kit.signin import same
from local.sandbox.wire import Response, json_response

KIND, VERSION = "woocommerce", "11.0.1"
V3, TRACKING = "/wp-json/wc/v3", "/wp-json/wc-shipment-tracking/v3"
_LIST = (
    "page", "per_page", "order", "orderby", "include", "exclude", "status", "after", "before", "modified_after",
    "modified_before", "dates_are_gmt",
)  # fmt: skip
_EVERY = ("_fields", "consumer_key", "consumer_secret")


def _route(method: str, path: str, operation: str, *query: str, base: str = V3, to_all: bool = False) -> Route:
    return Route(method, base + path, operation, optional=(*_EVERY, *query), open_to_all=to_all)


ROUTES = (
    _route("GET", "", "readIndex", to_all=True),
    _route("GET", "/settings/{group}/{id}", "readSetting"),
    _route("GET", "/system_status", "readStatus"),
    _route("GET", "/orders", "listOrders", *_LIST),
    _route("GET", "/orders/{order}", "getOrder"),
    _route("PUT", "/orders/{order}", "updateOrder"),
    _route("GET", "/orders/{order}/notes", "listNotes", "type"),
    _route("POST", "/orders/{order}/notes", "createNote"),
    _route("GET", "/orders/{order}/refunds", "listRefunds", "page", "per_page"),
    _route("POST", "/orders/{order}/refunds", "createRefund"),
    _route("GET", "/orders/{order}/fulfillments", "listFulfillments"),
    _route("POST", "/orders/{order}/fulfillments", "createFulfillment"),
    _route("GET", "/orders/{order}/fulfillments/{id}", "getFulfillment"),
    _route("PUT", "/orders/{order}/fulfillments/{id}", "updateFulfillment"),
    _route("DELETE", "/orders/{order}/fulfillments/{id}", "deleteFulfillment"),
    _route("GET", "/orders/{order}/shipment-trackings", "listTrackings", base=TRACKING),
    _route("POST", "/orders/{order}/shipment-trackings", "createTracking", base=TRACKING),
    _route("DELETE", "/orders/{order}/shipment-trackings/{id}", "deleteTracking", base=TRACKING),
    _route("GET", "/products", "listProducts", *_LIST, "sku", "type", "slug"),
    _route("POST", "/products", "createProduct"),
    _route("POST", "/products/batch", "batchProducts"),
    _route("GET", "/products/{id}", "getProduct"),
    _route("PUT", "/products/{id}", "updateProduct"),
    _route("GET", "/variations", "listAllVariations", *_LIST, "sku"),
    _route("GET", "/products/{parent}/variations", "listVariations", *_LIST, "sku"),
    _route("POST", "/products/{parent}/variations", "createVariation"),
    _route("POST", "/products/{parent}/variations/batch", "batchVariations"),
    _route("GET", "/products/{parent}/variations/{id}", "getVariation"),
    _route("PUT", "/products/{parent}/variations/{id}", "updateVariation"),
    _route("GET", "/webhooks", "listWebhooks", "page", "per_page", "order", "orderby", "status"),
    _route("POST", "/webhooks", "createWebhook"),
    _route("GET", "/webhooks/{id}", "getWebhook"),
    _route("PUT", "/webhooks/{id}", "updateWebhook"),
    _route("DELETE", "/webhooks/{id}", "deleteWebhook", "force"),
)
OPERATIONS = operations(ROUTES)
NO_ROUTE = Refusal(404, "rest_no_route", "No route was found matching the URL and request method.")
WORDS = Words(
    refused=Refusal(400, "woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource."),
    missing=Refusal(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID."),
    failed=Refusal(500, "internal_server_error", "<p>There has been a critical error on this website.</p>"),
    throttled=Refusal(429, "too_many_requests", "The host limits this client."),
    away=Refusal(503, "briefly_unavailable", "Briefly unavailable for scheduled maintenance."),
)


@dataclass
class WooConfig:
    """One shop. `utc_offset` is the site's time zone. `taxed_prices`: how prices are typed in, of orders that are not taxed.

    Switches: `drops_authorization`, the host takes that header away; `demoted`, the keys' user lost its rights; `read_only` keys;
    `fulfillments`, the feature that a fresh shop has off; `tracking`, the Shipment Tracking plugin. `gateways` can refund.
    `queue_seconds`: how late webhooks leave; None: only when `run_queue` is called. `decimal_comma`: what the shop types.
    """

    consumer_key: str = "ck_sandbox"
    consumer_secret: str = "cs_sandbox"
    currency: str = "USD"
    utc_offset: timedelta = timedelta(hours=2)
    taxed_prices: bool = False
    drops_authorization: bool = False
    demoted: bool = False
    read_only: bool = False
    fulfillments: bool = True
    tracking: bool = False
    gateways: tuple[str, ...] = ("card",)
    queue_seconds: float | None = 0
    decimal_comma: bool = False


def problem(no: Refusal, _: Call) -> Response:
    """WordPress's error form. `details` that is no object stands for `data` as a whole."""
    data = {"status": no.status, **(no.details or {})} if isinstance(no.details, dict | None) else no.details
    return json_response({"code": no.code, "message": no.message, "data": data}, no.status, no.headers)


def invalid(name: str, why: str, code: str = "rest_invalid_param") -> Refusal:
    """A parameter that cannot be."""
    detail = {"code": code, "message": why, "data": None}
    told = {"params": {name: why}, "details": {name: detail}}
    return Refusal(400, "rest_invalid_param", f"Invalid parameter(s): {name}", told)


def violated(wrong: Violation) -> Refusal:
    """A request that breaks the contract. The real one ignores names that it does not know: they are refused here."""
    if wrong.kind in ("path", "method"):
        return NO_ROUTE
    if wrong.kind == "not_json":
        return Refusal(400, "rest_invalid_json", "Invalid JSON body passed.")
    if wrong.kind == "query_value":
        return invalid(wrong.problems[0][1].split()[0], wrong.problems[0][1], "rest_out_of_bounds")
    missing = [str(name) for name, why in wrong.problems if why == "missing"]
    if missing:
        text = f"Missing parameter(s): {', '.join(missing)}"
        return Refusal(400, "rest_missing_callback_param", text, {"params": missing})
    name, why = wrong.problems[0]
    return invalid(str(name).partition(".")[0].removeprefix("query "), f"{name}: {why}", "rest_invalid_type")


def sign_in(config: WooConfig, credentials: Callable[[Call], tuple[str, str]], installed: Callable[[], bool]) -> Any:
    """The gate: keys by HTTP Basic, or in the query; each way to be wrong has its own answer."""

    def stand(call: Call) -> None:
        if call.route.open_to_all:
            return
        key, secret = credentials(call)
        refused = Refusal(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        if not installed() or not same(key, config.consumer_key):
            raise refused
        if not same(secret, config.consumer_secret):
            raise Refusal(401, "woocommerce_rest_authentication_error", "Consumer secret is invalid.")
        if config.demoted:
            raise Refusal(403, refused.code, refused.message)
        if config.read_only and call.request.method != "GET":
            text = "The API key provided does not have write permissions."
            raise Refusal(401, "woocommerce_rest_authentication_error", text)

    return stand


def gmt(at: datetime | None) -> str | None:
    """UTC without an offset, as the _gmt fields have it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S") if at else None


def dates(offset: timedelta, **times: datetime | None) -> dict[str, str | None]:
    """date_<name> in the site's time, and date_<name>_gmt."""
    local = {f"date_{name}": gmt(at and at + offset) for name, at in times.items()}
    return local | {f"date_{name}_gmt": gmt(at) for name, at in times.items()}


_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d(?::\d\d)?)?")


def _moment(name: str, text: str, flag: bool, offset: timedelta) -> datetime:
    """What a date filter means, in UTC. With an offset in the text and the flag it is hours away: rows are lost silently."""
    if not _DATE.fullmatch(text):
        raise invalid(name, "Invalid date.", "rest_invalid_date")
    at = datetime.fromisoformat(text)
    site = at.astimezone(UTC).replace(tzinfo=None) + offset if at.tzinfo else at
    return (site if flag else site - offset).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """One entry of a list: what filters and sorting look at."""

    id: int
    created: datetime
    modified: datetime
    status: str
    title: str
    entry: Any


def listed(api: Api, call: Call, rows: Sequence[Row], statuses: Sequence[str], offset: timedelta) -> list[Row]:
    """The rows that a query asks for, in its order. `statuses` are those that there are, without those of extensions."""
    query, found = call.query, list(rows)
    flag = query.get("dates_are_gmt", "") in ("true", "1")
    wanted = [one for one in query.get("status", "any").split(",") if one]
    for number, one in enumerate(wanted):
        if one not in (*statuses, "any", "trash"):
            known = ", ".join(("any", "trash", *statuses))
            raise invalid("status", f"status[{number}] is not one of {known}.", "rest_not_in_enum")
    hidden = ("trash", "auto-draft", "checkout-draft")
    found = [
        one for one in found if one.status in wanted or (wanted in (["any"], ["all"]) and one.status not in hidden)
    ]
    for name, when, later in (
        ("after", "created", True), ("before", "created", False), ("modified_after", "modified", True),
        ("modified_before", "modified", False),
    ):  # fmt: skip
        if name in query:
            limit = _moment(name, query[name], flag, offset)
            found = [one for one in found if getattr(one, when) != limit and (getattr(one, when) > limit) == later]
    for name, keeps in (("include", True), ("exclude", False)):
        if query.get(name):
            named = query[name].split(",")
            found = [one for one in found if (str(one.id) in named) == keeps]
    by, orders = query.get("orderby", "date"), ("date", "id", "include", "title", "slug", "modified")
    if by not in orders or query.get("order", "desc") not in ("asc", "desc"):
        raise invalid("orderby", f"orderby is not one of {', '.join(orders)}.", "rest_not_in_enum")
    keys = {"date": lambda one: one.created, "modified": lambda one: one.modified, "title": lambda one: one.title}
    key: Callable[[Row], Any] = keys.get(by, lambda one: one.id)
    if by == "include":
        asked = query.get("include", "").split(",")
        return sorted(found, key=lambda one: asked.index(str(one.id)) if str(one.id) in asked else 0)
    return sorted(found, key=lambda one: (key(one), one.id), reverse=query.get("order", "desc") == "desc")


def paged(api: Api, call: Call, rows: Sequence[Any], shown: Callable[[Any], dict[str, Any]]) -> Response:
    """One page, with the totals in its headers; a page beyond the last has none."""
    page = numbered(rows, api.whole(call, "page", 1), api.whole(call, "per_page", 10, 1, 100))
    total, pages = (page.total, page.pages) if page.rows else (0, 0)
    data = [shown(row) for row in page.rows]
    return answer(call, data, headers={"x-wp-total": str(total), "x-wp-totalpages": str(pages)})


def answer(call: Call, data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer with the fields that `_fields` names."""
    if fields := {one.strip().partition(".")[0] for one in call.query.get("_fields", "").split(",")} - {""}:
        rows = data if isinstance(data, list) else [data]
        kept = [{name: value for name, value in row.items() if name in fields} for row in rows]
        data = kept if isinstance(data, list) else kept[0]
    return json_response(data, status, headers)
