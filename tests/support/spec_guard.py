"""Holds requests against the vendors' own specifications, where the folder of contracts is there: names, types, closed bodies.

A kind is checked if SPECS has it. What a vendor documents elsewhere than in its specification, or only shows, stands in WAIVED
(whole operations), EVERYWHERE and ENDS (of a query) and MORE (names in a body), each with its reason; what it asks for beyond
them stands in NEEDED and HEADERS.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from local.sandbox.wire import Request, Response
from tests.support.openapi import File, Operation, Parameter, faults, validator
from tests.support.source import ROOT

FOLDER = Path(os.environ.get("ORDERWRIGHT_CONTRACTS", ROOT.parent / "shared" / "contracts"))
ABSENT = "the vendors' contracts are not on this machine: set ORDERWRIGHT_CONTRACTS"


class Violation(AssertionError):
    """A request that the vendor would refuse, or worse, would misunderstand."""


class Waiver(NamedTuple):
    """A request that is not checked, and why."""

    methods: str
    path: str
    why: str


WAIVED: Mapping[str, tuple[Waiver, ...]] = {
    "bigcommerce": (
        Waiver(
            "POST", r"/catalog/products/\d+/options/\d+/values", "declared in a file of options, which is not there"
        ),
    ),
    "woocommerce": (
        Waiver("GET POST PUT DELETE", r"/wc/v3/orders/\d+/fulfillments.*", "newer than the file; recorded of 11.0.1"),
        Waiver("GET POST DELETE", r"/wc-shipment-tracking/v3/orders/\d+/shipment-trackings.*", "a plugin's"),
        Waiver("GET", r"/wc/v3/(settings|system_status|data|payment_gateways).*", "read only, and not in the file"),
        Waiver("GET", r"/wc/v3/variations", "newer than the file; recorded of 11.0.1"),
    ),
}
EVERYWHERE: Mapping[str, frozenset[str]] = {
    # _fields is WordPress's own; the keys go into the query where a host drops the header.
    "woocommerce": frozenset({"_fields", "consumer_key", "consumer_secret"}),
}
ENDS: Mapping[tuple[str, str], str] = {
    # The text beside its enum says that a direction may follow.
    ("bigcommerce", "sort"): ":(asc|desc)$",
    # Called a list in words, and an integer in the schema.
    ("bigcommerce", "variant_id:in"): r"(,\d+)*$",
    ("bigcommerce", "product_id:in"): r"(,\d+)*$",
    ("bigcommerce", "location_id:in"): r"(,\d+)*$",
}
MORE: Mapping[tuple[str, str], Mapping[str, Any]] = {
    # Recorded of 11.0.1: a change of stock instead of a stock.
    ("woocommerce", "products"): {"inventory_delta": {"type": "number"}},
}
NEEDED: Mapping[tuple[str, str], Mapping[str, Any]] = {
    # What BigCommerce's texts ask for, and its schemas do not.
    ("bigcommerce", "POST /orders/{order_id}/shipments"): {
        "required": ["order_address_id", "items"],
        "properties": {"items": {"minItems": 1}, "tracking_link": {"maxLength": 500}},
    },
    ("bigcommerce", "PUT /catalog/variants"): {"maxItems": 50},
}
HEADERS: Mapping[str, tuple[str, ...]] = {"bigcommerce": ("x-auth-token",)}


class Spec(Protocol):
    """A vendor's specification."""

    def faults(self, request: Request) -> Iterator[str]:
        """All that is wrong with a request."""

    def answer_faults(self, request: Request, answer: Response) -> Iterator[str]:
        """All that is wrong with an answer. More names than are declared are no fault."""


class OpenApi:
    """Several OpenAPI files of one vendor."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._kind = kind
        files = sorted({*folder.glob("*.yml"), *folder.glob("*.yml.gz")})
        made: list[tuple[str, re.Pattern[str], Operation]] = [row for file in files for row in File(file).operations]
        self._operations = sorted(made, key=lambda row: row[1].groups)
        self._bodies: dict[str, Any] = {}

    def _found(self, request: Request) -> tuple[Operation, re.Match[str]] | None:
        for method, pattern, operation in self._operations:
            if method == request.method and (match := pattern.fullmatch(request.path)):
                return operation, match
        return None

    def faults(self, request: Request) -> Iterator[str]:
        found = self._found(request)
        if found is None:
            yield "no such operation"
            return
        operation, match = found
        declared = {(one.where, one.name): one for one in operation.parameters}
        parts = [value for name, value in match.groupdict().items() if not name.startswith("store_hash")]
        in_path = [one for one in operation.parameters if one.where == "path" and one.name != "store_hash"]
        for parameter, value in zip(in_path, parts, strict=False):
            yield from parameter.faults(value)
        yield from _query(
            self._kind, request, {name: one for (where, name), one in declared.items() if where == "query"}
        )
        needed = [one.name for one in operation.parameters if one.required and one.where == "header"]
        for name in (*needed, *HEADERS.get(self._kind, ())):
            if not request.headers.get(name.lower()):
                yield f"the header {name} is missing"
        if operation.body is None:
            yield from ["it takes no body"] if request.body else []
            return
        if operation.name not in self._bodies:
            more = NEEDED.get((self._kind, operation.name), {})
            self._bodies[operation.name] = validator({"allOf": [operation.body, more]})
        yield from _body(request, self._bodies[operation.name])

    def answer_faults(self, request: Request, answer: Response) -> Iterator[str]:
        found = self._found(request)
        schema = found[0].answer(answer.status) if found else None
        if schema is not None and answer.body:
            yield from faults(schema, json.loads(answer.body))


class WordPress:
    """The routes of WooCommerce's plugin, with the arguments that each one registers."""

    def __init__(self, kind: str, folder: Path) -> None:
        (file,) = folder.glob("wc-v3-schemas-*.json")
        self._kind, self._routes = kind, json.loads(file.read_bytes())["routes"]

    def faults(self, request: Request) -> Iterator[str]:
        _, _, path = request.path.partition("/wp-json")
        rows: list[dict[str, Any]] = next(
            (rows for route, rows in self._routes.items() if re.fullmatch(route, path)), []
        )
        row = next((one for one in rows if request.method in one["methods"].split(", ")), None)
        if row is None:
            yield "no such operation"
            return
        names = {name: _argument(one) for name, one in row["args"].items()}
        if request.method in ("GET", "DELETE"):
            known = {name: Parameter(name, "query", False, one) for name, one in names.items()}
            yield from _query(self._kind, request, known)
            yield from ["it takes no body"] if request.body else []
            return
        yield from _query(self._kind, request, {})
        more = MORE.get((self._kind, path.split("/")[3]), {})
        required = [name for name, one in row["args"].items() if one.get("required") is True]
        entry = {"type": "object", "properties": {**names, **more}, "additionalProperties": False}
        if path.endswith("/batch"):
            several = {"type": "array", "items": {**entry, "properties": {"id": {"type": "integer"}, **names, **more}}}
            ids = {"type": "array", "items": {"type": "integer"}}
            yield from _body(request, _object({"create": several, "update": several, "delete": ids}))
            if sum(len(one) for one in json.loads(request.body).values()) > 100:
                yield "more than 100 entries in one batch"
            return
        yield from _body(request, {**entry, "required": required})

    def answer_faults(self, request: Request, answer: Response) -> Iterator[str]:
        """The recordings settle what it answers."""
        yield from ()


def _object(names: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": names, "additionalProperties": False}


def _argument(given: Mapping[str, Any]) -> dict[str, Any]:
    """WordPress's kind of schema, closed, and without what only answers have; the ids of rows are needed in requests too."""
    made = {key: value for key, value in given.items() if key in ("type", "enum", "minimum", "maximum")}
    if isinstance(made.get("type"), dict):  # a field whose own name is "type"
        made = {}
    if made.get("type") in ("mixed", "date-time"):
        made = {"type": "string"} if made["type"] == "date-time" else {}
    if isinstance(given.get("properties"), dict):
        shown = {
            name: one for name, one in given["properties"].items() if name == "id" or one.get("readonly") is not True
        }
        made |= {"properties": {name: _argument(one) for name, one in shown.items()}, "additionalProperties": False}
    if isinstance(given.get("items"), dict):
        made["items"] = _argument(given["items"])
    return made


def _query(kind: str, request: Request, known: Mapping[str, Parameter]) -> Iterator[str]:
    for name, text in request.query.items():
        if name in known:
            yield from known[name].faults(re.sub(ENDS.get((kind, name), "$"), "", text))
        elif name not in EVERYWHERE.get(kind, ()):
            yield f"the query has {name}, which is not declared"
    missing = [name for name, one in known.items() if one.required and name not in request.query]
    yield from (f"the query has no {name}" for name in missing)


def _body(request: Request, schema: Any) -> Iterator[str]:
    if "json" not in request.headers.get("content-type", ""):
        yield "the body is not sent as JSON"
    try:
        value = json.loads(request.body)
    except ValueError:
        yield "the body is not JSON"
        return
    yield from faults(schema, value)


SPECS: Mapping[str, Callable[[str, Path], Spec]] = {"bigcommerce": OpenApi, "woocommerce": WordPress}


@cache
def spec(kind: str) -> Spec | None:
    """The specification of a kind's vendor; None where it has none here, or the contracts are absent."""
    folder = FOLDER / "specs" / kind
    return SPECS[kind](kind, folder) if kind in SPECS and folder.is_dir() else None


def check(kind: str, request: Request) -> None:
    """Raises Violation for a request that the vendor's specification does not have so."""
    held = spec(kind)
    if held is None or any(_waived(one, request) for one in WAIVED.get(kind, ())):
        return
    found = list(held.faults(request))
    if found:
        raise Violation(f"{kind}: {request.method} {request.path}: {'; '.join(found)}")


def _waived(one: Waiver, request: Request) -> bool:
    return request.method in one.methods.split() and bool(re.fullmatch(f".*?{one.path}", request.path))


def check_answer(kind: str, request: Request, answer: Response) -> None:
    """Raises Violation for an answer of a stand-in that the vendor's specification does not have so."""
    held = spec(kind)
    found = list(held.answer_faults(request, answer)) if held else []
    if found:
        raise Violation(f"{kind}: the answer to {request.method} {request.path}: {'; '.join(found)}")
