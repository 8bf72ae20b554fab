"""The site: its settings, who may call, its routes, errors, times and lists."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from local.sandbox.kit.api import Api, Call, Refusal, Route, Violation, Words, operations
from local.sandbox.kit.paging import numbered
from local.sandbox.kit.signin import same
from local.sandbox.wire import Response, json_response

KIND, VERSION = "woocommerce", "11.0.1"
V3, TRACKING = "/wp-json/wc/v3", "/wp-json/wc-shipment-tracking/v3"
_DATES = ("after", "before", "modified_after", "modified_before")
_LIST = ("page", "per_page", "order", "orderby", "include", "status", "dates_are_gmt", *_DATES)
_EVERY = ("_fields", "consumer_key", "consumer_secret")


def _routes(*rows: str, **queries: tuple[str, ...]) -> tuple[Route, ...]:
    """Of texts: a path, and what each method there is called."""
    made: list[Route] = []
    for path, *calls in map(str.split, rows):
        for method, _, operation in (call.partition("=") for call in calls):
            base = TRACKING if "Tracking" in operation else V3
            made.append(Route(method, base + path, operation, optional=_EVERY + queries.get(operation, ())))
    return tuple(made)


ROUTES = _routes(
    "/settings/{group}/{id} GET=readSetting",
    "/system_status GET=readStatus",
    "/payment_gateways/{id} GET=readGateway",
    "/orders GET=listOrders",
    "/orders/{order} GET=getOrder PUT=updateOrder",
    "/orders/{order}/notes GET=listNotes POST=createNote",
    "/orders/{order}/refunds GET=listRefunds POST=createRefund",
    "/orders/{order}/fulfillments GET=listFulfillments POST=createFulfillment",
    "/orders/{order}/fulfillments/{id} PUT=updateFulfillment",
    "/orders/{order}/shipment-trackings GET=listTrackings POST=createTracking",
    "/orders/{order}/shipment-trackings/{id} DELETE=deleteTracking",
    "/products GET=listProducts POST=createProduct",
    "/products/batch POST=batchProducts",
    "/products/{id} GET=getProduct PUT=updateProduct",
    "/variations GET=listVariations",
    "/products/{parent}/variations GET=listVariations POST=createProduct",
    "/products/{parent}/variations/batch POST=batchProducts",
    "/products/{parent}/variations/{id} PUT=updateProduct",
    "/webhooks GET=listWebhooks POST=createWebhook",
    "/webhooks/{id} PUT=updateWebhook DELETE=deleteWebhook",
    listOrders=(*_LIST, "customer"), listNotes=("type",), listRefunds=_LIST, listProducts=(*_LIST, "sku"),
    listVariations=(*_LIST, "sku"), listWebhooks=_LIST, deleteWebhook=("force",),
)  # fmt: skip
OPERATIONS = operations(ROUTES)
NO_ROUTE = Refusal(404, "rest_no_route", "No route was found matching the URL and request method.")
NO_ORDER = Refusal(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
WORDS = Words(
    refused=Refusal(400, "woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource."),
    missing=NO_ORDER,
    failed=Refusal(500, "internal_server_error", "<p>There has been a critical error on this website.</p>"),
    throttled=Refusal(429, "too_many_requests", "The host limits this client."),
    away=Refusal(503, "briefly_unavailable", "Briefly unavailable for scheduled maintenance."),
)


@dataclass
class WooConfig:
    """One shop. `utc_offset` is the site's time zone.

    Switches: `drops_authorization`, the host takes that header away; `demoted`, the keys' user lost its rights; `fulfillments`,
    the feature that a fresh shop has off; `tracking`, the Shipment Tracking plugin. `gateways` are the ways of payment that
    can give back; those in `breaking` move the money, and then fail. `queue_seconds`: how late webhooks leave.
    """

    consumer_key: str = "ck_sandbox"
    consumer_secret: str = "cs_sandbox"
    currency: str = "USD"
    utc_offset: timedelta = timedelta(hours=2)
    drops_authorization: bool = False
    demoted: bool = False
    fulfillments: bool = True
    tracking: bool = False
    gateways: tuple[str, ...] = ("card",)
    breaking: tuple[str, ...] = ()
    queue_seconds: float = 0


def error_body(no: Refusal) -> dict[str, Any]:
    """WordPress's error form. `details` that is no object stands for `data` as a whole."""
    data = {"status": no.status, **(no.details or {})} if isinstance(no.details, dict | None) else no.details
    return {"code": no.code, "message": no.message, "data": data}


def problem(no: Refusal, _: Call) -> Response:
    """An error as an answer."""
    return json_response(error_body(no), no.status, no.headers)


def shown(data: Any, call: Call) -> Response:
    """An answer with the fields that `_fields` names; 201 for what was made."""
    if fields := {one.strip().partition(".")[0] for one in call.query.get("_fields", "").split(",")} - {""}:
        rows = [{key: row[key] for key in row if key in fields} for row in (data if isinstance(data, list) else [data])]
        data = rows if isinstance(data, list) else rows[0]
    return json_response(data, 201 if call.operation.startswith("create") else 200)


def invalid(name: str, why: str, code: str) -> Refusal:
    """A parameter that cannot be."""
    details = {"params": {name: why}, "details": {name: {"code": code, "message": why, "data": None}}}
    return Refusal(400, "rest_invalid_param", f"Invalid parameter(s): {name}", details)


def violated(wrong: Violation) -> Refusal:
    """A request that breaks the contract."""
    if wrong.kind in ("path", "method"):
        return NO_ROUTE
    if wrong.kind == "query_value":
        return invalid(wrong.problems[0][1].split()[0], wrong.problems[0][1], "rest_out_of_bounds")
    if missing := [str(name) for name, why in wrong.problems if why == "missing"]:
        text = f"Missing parameter(s): {', '.join(missing)}"
        return Refusal(400, "rest_missing_callback_param", text, {"params": missing})
    name = str(wrong.problems[0][0]).removeprefix("query ").partition(".")[0]
    return invalid(name, f"{name} is not of its type.", "rest_invalid_type")


def sign_in(config: WooConfig, installed: Callable[[], bool]) -> Callable[[Call], None]:
    """The gate: keys by HTTP Basic, or in the query. Each way to be wrong has its own answer."""

    def stand(call: Call) -> None:
        scheme, _, text = call.request.headers.get("authorization", "").partition(" ")
        keys = call.query.get("consumer_key", ""), ":", call.query.get("consumer_secret", "")
        if scheme == "Basic" and not config.drops_authorization:
            keys = base64.b64decode(f"{text}==").decode(errors="replace").partition(":")
        known, right = same(keys[0], config.consumer_key) and installed(), same(keys[2], config.consumer_secret)
        if known and not right:
            raise Refusal(401, "woocommerce_rest_authentication_error", "Consumer secret is invalid.")
        if not known or config.demoted:
            text = "Sorry, you cannot list resources."
            raise Refusal(403 if known else 401, "woocommerce_rest_cannot_view", text)

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


class Row(NamedTuple):
    """One entry of a list: what filters and sorting look at, and what is shown of it."""

    id: int
    date: datetime
    modified: datetime
    status: str
    shown: Callable[[], dict[str, Any]]


def listed(api: Api, call: Call, found: Sequence[Row], statuses: Sequence[str], offset: timedelta) -> Response:
    """A page of the rows that a query asks for, with the totals in its headers; a page beyond the last has none."""
    query = call.query
    wanted = query.get("status", "any").split(",")
    if wrong := [one for one in wanted if one not in (*statuses, "any", "trash")]:
        raise invalid("status", f"status: {wrong[0]} is not one of any, {', '.join(statuses)}.", "rest_not_in_enum")
    if wanted in (["any"], ["all"]):
        wanted = [one for one in statuses if one not in ("trash", "auto-draft", "checkout-draft")]
    found = [one for one in found if one.status in wanted]
    for name in _DATES:
        if name in query:
            limit = _moment(name, query[name], query.get("dates_are_gmt") in ("true", "1"), offset)
            rows = [(one, one.modified if "modified" in name else one.date) for one in found]
            found = [one for one, at in rows if (at > limit if "after" in name else at < limit)]
    if named := query.get("include"):
        found = [one for one in found if str(one.id) in named.split(",")]
    by, orders = query.get("orderby", "date"), ("date", "id", "include", "title", "slug", "modified")
    if by not in orders:
        raise invalid("orderby", f"orderby is not one of {', '.join(orders)}.", "rest_not_in_enum")
    place = {"date": 1, "modified": 2}.get(by, 0)
    found = sorted(found, key=lambda one: (one[place], one.id), reverse=query.get("order", "desc") == "desc")
    page = numbered(found, api.whole(call, "page", 1), api.whole(call, "per_page", 10, 1, 100))
    answer = shown([row.shown() for row in page.rows], call)
    total, pages = (page.total, page.pages) if page.rows else (0, 0)
    return replace(answer, headers={**answer.headers, "x-wp-total": str(total), "x-wp-totalpages": str(pages)})
