"""POST /admin/api/<version>/graphql.json: validation, throttle, execution, and scripted misbehaviour."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import get_argument_values, get_variable_values

from local.sandbox.kit.throttle import Bucket
from local.sandbox.scripted import AWAY_FOR, Forms, LateEffects, act
from local.sandbox.shopify.config import API_VERSION
from local.sandbox.shopify.execution import StoreExecution, shown
from local.sandbox.shopify.state import Shop
from local.sandbox.shopify.throttle import MUTATION_POINTS, CostModel, objects_in, throttle_status
from local.sandbox.wire import Request, Response, json_response

SCHEMA_FILE = Path(__file__).with_name("schema.graphql")
HEADERS = {"X-Shopify-API-Version": API_VERSION}
HTTP_MESSAGES = {
    401: "[API] Invalid API key or access token (unrecognized login or wrong password)",
    404: "Not Found",
    429: "Exceeded the rate limit. Please try again later.",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
ROOT_FIELDS: tuple[str, ...] = (
    "order", "orders", "productVariants", "productVariant", "product", "productByIdentifier", "products", "locations",
    "location", "inventoryItem", "inventoryLevel", "nodes", "node", "fulfillmentOrder", "fulfillment", "refund",
    "webhookSubscriptions", "webhookSubscription", "shop", "publications", "job",
    "fulfillmentCreate", "fulfillmentTrackingInfoUpdate", "inventorySetQuantities",
    "inventoryActivate", "inventoryItemUpdate", "productVariantsBulkUpdate",
    "productVariantsBulkCreate", "productSet", "productUpdate",
    "publishablePublish", "webhookSubscriptionCreate",
    "webhookSubscriptionUpdate", "webhookSubscriptionDelete", "orderCancel", "refundCreate", "tagsAdd",
)  # fmt: skip
"""Every query and mutation of the schema, by which faults are scripted; a request with several roots takes the first."""


def _decimal_text(value: Any) -> str:
    """Money and Decimal inputs: text or a JSON number."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise GraphQLError(f"invalid decimal '{value}'") from error
    if isinstance(value, bool) or not amount.is_finite():
        raise GraphQLError(f"invalid decimal '{value}'")
    return str(amount)


def _moment(value: Any) -> str:
    """DateTime inputs: ISO 8601 with an offset."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise GraphQLError(f"invalid DateTime '{value}'") from error
    if moment.tzinfo is None:
        raise GraphQLError(f"DateTime '{value}' has no offset")
    return moment.isoformat()


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """The store's schema, with the input checks of its scalars."""
    built = build_schema(SCHEMA_FILE.read_text(encoding="utf-8"))
    for name, check in {"Money": _decimal_text, "Decimal": _decimal_text, "DateTime": _moment}.items():
        scalar = built.type_map[name]
        if isinstance(scalar, GraphQLScalarType):
            scalar.parse_value = check  # type: ignore[method-assign]
    return built


@dataclass(frozen=True)
class Call:
    """One validated request: its operation, root fields, variables and worst-case cost in points."""

    document: DocumentNode
    operation: OperationDefinitionNode
    name: str | None
    variables: Mapping[str, Any]
    points: int

    @property
    def roots(self) -> list[str]:
        """Names of the root fields."""
        return [node.name.value for node in self.operation.selection_set.selections if isinstance(node, FieldNode)]

    def nothing(self) -> dict[str, Any]:
        """The data of an answer that found nothing: null, an empty page for a list, a null for each id of `nodes`."""
        page = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
        empty = {"nodes": [], "edges": [], "pageInfo": page}
        kind = schema().query_type if self.operation.operation.value == "query" else schema().mutation_type
        found: dict[str, Any] = {}
        for node in self.operation.selection_set.selections:
            if isinstance(node, FieldNode):
                root = kind.fields[node.name.value] if kind else None
                key = node.alias.value if node.alias else node.name.value
                found[key] = empty if root and str(root.type).endswith("Connection!") else None
                if root and "ids" in root.args:
                    found[key] = [None] * len(get_argument_values(root, node, dict(self.variables))["ids"])
        return found


@lru_cache(maxsize=256)
def _document(text: str) -> DocumentNode:
    """A document that fits the schema; an app sends the same few again and again. Raises _Invalid."""
    try:
        document = parse(text)
    except GraphQLError as error:
        raise _Invalid([dict(error.formatted)]) from error
    errors = validate(schema(), document)
    if errors:
        raise _Invalid([dict(error.formatted) for error in errors])
    return document


@lru_cache(maxsize=256)
def _prepared(body: bytes) -> Call:
    """The call in a request; an app asks the same of the same records again and again. Raises _Invalid."""
    given = json.loads(body)
    document = _document(given["query"])
    name = given.get("operationName")
    operation = get_operation_ast(document, name)
    if operation is None:
        raise _Invalid([{"message": "An operation name is required"}])
    variables = given.get("variables") or {}
    coerced = get_variable_values(schema(), operation.variable_definitions or (), variables)
    if isinstance(coerced, list):
        raise _Invalid([dict(error.formatted) for error in coerced])
    return Call(document, operation, name, variables, CostModel(schema(), document, coerced).requested(operation))


def _http_error(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """An answer of the store's front door, before GraphQL."""
    return json_response({"errors": HTTP_MESSAGES.get(status, "Error")}, status, {**HEADERS, **(headers or {})})


@dataclass
class AdminApi:
    """The GraphQL endpoint of one store. `late` holds effects that a fault has put off."""

    shop: Shop
    root: dict[str, Any]
    bucket: Bucket
    late: LateEffects = field(init=False)

    def __post_init__(self) -> None:
        self.late = LateEffects(self.shop.world)

    def handle(self, request: Request) -> Response:
        """Answer one authorised request."""
        try:
            given = request.json()
        except ValueError:
            given = None
        if (
            not isinstance(given, dict)
            or not isinstance(given.get("query"), str)
            or not isinstance(given.get("variables"), dict | None)
        ):
            return json_response({"errors": {"query": "Required parameter missing or invalid"}}, 400, HEADERS)
        try:
            call = _prepared(request.body)
            self._check_cost(call)
        except _Invalid as invalid:
            return json_response({"errors": invalid.errors}, 200, HEADERS)
        return self._with_fault(call)

    def _check_cost(self, call: Call) -> None:
        limit = self.shop.config.max_query_points
        if call.points > limit:
            message = f"Query cost is {call.points}, which exceeds the single query max cost limit ({limit})."
            extensions = {"code": "MAX_COST_EXCEEDED", "cost": call.points, "maxCost": limit}
            raise _Invalid([{"message": message, "extensions": extensions}])

    def _with_fault(self, call: Call) -> Response:
        faults = self.shop.config.faults
        behaviour = next((taken for taken in map(faults.take, call.roots) if taken != "ok"), "ok")
        effect, forms = (lambda: self._run(call)), (lambda: self._forms(call))
        return act(behaviour, ", ".join(call.roots), effect, forms, self.late, faults.late_seconds)

    def _forms(self, call: Call) -> Forms:
        error = {
            "message": f"Access denied for {call.roots[0]} field.",
            "extensions": {"code": "ACCESS_DENIED"},
            "path": [call.roots[0]],
        }
        return Forms(
            error_500=_http_error(500),
            rate_limited=self._throttled(call),
            rate_limited_bare=_http_error(429),
            unavailable=_http_error(503, AWAY_FOR),
            refused=json_response({"errors": [error], "data": call.nothing()}, 200, HEADERS),
            not_found=json_response({"data": call.nothing(), "extensions": self._cost(call, 0)}, 200, HEADERS),
            own={f"error_{status}": partial(_http_error, status) for status in HTTP_MESSAGES},
        )

    def _run(self, call: Call) -> Response:
        if not self.bucket.take(call.points):
            return self._throttled(call)
        result = execute_sync(
            schema(),
            call.document,
            self.root,
            variable_values=dict(call.variables),
            operation_name=call.name,
            field_resolver=shown,
            execution_context_class=StoreExecution,
        )
        if not isinstance(result, ExecutionResult):
            raise TypeError("the store's resolvers must not be asynchronous")
        for error in result.errors or []:
            cause = error.original_error
            if cause is not None and not isinstance(cause, GraphQLError):
                raise cause
        mutation = call.operation.operation.value == "mutation"
        used = MUTATION_POINTS * len(call.roots) if mutation else max(objects_in(result.data) - 1, 0)
        used = min(used, call.points)
        self.bucket.give_back(call.points - used)
        body: dict[str, Any] = {"data": result.data, "extensions": self._cost(call, used)}
        if result.errors:
            body["errors"] = [dict(error.formatted) for error in result.errors]
        return json_response(body, 200, HEADERS)

    def _cost(self, call: Call, used: int | None) -> dict[str, Any]:
        status = throttle_status(self.bucket)
        return {"cost": {"requestedQueryCost": call.points, "actualQueryCost": used, "throttleStatus": status}}

    def _throttled(self, call: Call) -> Response:
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        return json_response({"errors": [error], "extensions": self._cost(call, None)}, 200, HEADERS)


class _Invalid(Exception):
    """A request that is refused before it runs; `errors` as they are answered."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("invalid request")
        self.errors = errors
