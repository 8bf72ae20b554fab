"""Holds every request against Shopify's own schema of 2026-10, and against the rules that a schema cannot say."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLInputField,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_client_schema,
    execute_sync,
    get_named_type,
    is_composite_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    parse,
    validate,
    visit,
)
from graphql.execution.values import get_argument_values, get_variable_values

QUERY_LIMIT = 1000
LIST_LIMIT = 250
KEYED = frozenset(
    {
        "inventoryActivate",
        "inventoryAdjustQuantities",
        "inventoryMoveQuantities",
        "inventorySetOnHandQuantities",
        "inventorySetQuantities",
        "inventoryShipmentAddItems",
        "inventoryShipmentCreate",
        "inventoryShipmentCreateInTransit",
        "inventoryShipmentReceive",
        "inventoryTransferCreate",
        "inventoryTransferCreateAsReadyToShip",
        "inventoryTransferDuplicate",
        "inventoryTransferSetItems",
        "locationActivate",
        "locationDeactivate",
        "refundCreate",
    }
)


class Violation(AssertionError):
    """A request that Shopify would refuse, or worse, would misunderstand."""


def load_schema(contracts: Path) -> GraphQLSchema:
    """Shopify's Admin schema; `assume_valid` because Shopify's own introspection has slips."""
    with gzip.open(contracts / "specs/shopify/admin_2026-10.json.gz") as file:
        return build_client_schema(json.load(file)["data"], assume_valid=True)


def _walk(value: Any, kind: Any) -> Iterator[str]:
    """Deprecated fields and over-long lists inside a coerced input value."""
    if is_non_null_type(kind):
        kind = kind.of_type
    if is_list_type(kind) and isinstance(value, list):
        if len(value) > LIST_LIMIT:
            yield f"a list of {len(value)} entries"
        for each in value:
            yield from _walk(each, kind.of_type)
    elif is_input_object_type(kind) and isinstance(value, dict):
        for name, inner in value.items():
            field: GraphQLInputField = kind.fields[name]
            if field.deprecation_reason:
                yield f"{kind.name}.{name} is deprecated"
            yield from _walk(inner, field.type)


class _Deprecated(Visitor):
    """graphql-core's own rule fails on an introspected schema."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.found: list[str] = []

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        field = self.info.get_field_def()
        if field is not None and field.deprecation_reason:
            self.found.append(node.name.value)

    def enter_argument(self, node: Any, *_: Any) -> None:
        argument: GraphQLArgument | None = self.info.get_argument()
        if argument is not None and argument.deprecation_reason:
            self.found.append(node.name.value)


class Guard:
    """Checks GraphQL requests; remembers idempotency keys over a test."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._keys: dict[tuple[str, str], Any] = {}

    def answer(self, text: str, variables: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
        """What Shopify would send of `root`: the selected fields only. Raises Violation for a bad request or root."""
        self.check(text, variables)
        result = execute_sync(self.schema, parse(text), root_value=root, variable_values=dict(variables))
        if result.errors:
            raise Violation(f"the scripted answer does not fit the schema: {result.errors[0]}")
        return dict(result.data or {})

    def check(self, text: str, variables: Mapping[str, Any]) -> None:
        """Raises Violation for anything that Shopify's schema or its documented rules forbid."""
        document = parse(text)
        errors: list[GraphQLError] = validate(self.schema, document)
        if errors:
            raise Violation(errors[0].message)
        info = TypeInfo(self.schema)
        deprecated = _Deprecated(info)
        visit(document, TypeInfoVisitor(info, deprecated))
        if deprecated.found:
            raise Violation(f"deprecated: {', '.join(deprecated.found)}")
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        if len(operations) != 1:
            raise Violation("one operation per document")
        operation = operations[0]
        declared = {definition.variable.name.value for definition in operation.variable_definitions or ()}
        if set(variables) - declared:
            raise Violation(f"undeclared variables: {sorted(set(variables) - declared)}")
        coerced = get_variable_values(self.schema, operation.variable_definitions or (), dict(variables))
        if isinstance(coerced, list):
            raise Violation(coerced[0].message)
        mutation = operation.operation is OperationType.MUTATION
        root = self.schema.mutation_type if mutation else self.schema.query_type
        assert root is not None
        for field in operation.selection_set.selections:
            assert isinstance(field, FieldNode)
            definition = root.fields[field.name.value]
            arguments = get_argument_values(definition, field, coerced)
            for name, value in arguments.items():
                for problem in _walk(value, definition.args[name].type):
                    raise Violation(f"{field.name.value}: {problem}")
            if mutation:
                self._mutation(field, arguments, coerced)
        if not mutation and (cost := self._cost(operation, root, coerced)) > QUERY_LIMIT:
            raise Violation(f"the query costs about {cost} points")

    def _cost(self, node: Any, kind: Any, coerced: Any) -> int:
        total = 0
        for field in node.selection_set.selections if node.selection_set else ():
            if not isinstance(field, FieldNode):
                total += self._cost(field, self.schema.type_map[field.type_condition.name.value], coerced)
                continue
            definition = getattr(kind, "fields", {}).get(field.name.value)
            if definition is None or not is_composite_type(get_named_type(definition.type)):
                continue
            named = get_named_type(definition.type)
            arguments = get_argument_values(definition, field, coerced)
            inner = self._cost(field, named, coerced)
            size = arguments.get("first") or len(arguments.get("ids") or ()) or 1
            if size > LIST_LIMIT:
                raise Violation(f"{field.name.value}: first is above {LIST_LIMIT}")
            connection = named.name.endswith("Connection") or named.name == "PageInfo"
            total += size * (inner + (0 if connection else 1))
        return total

    def _mutation(self, field: FieldNode, arguments: dict[str, Any], coerced: Any) -> None:
        name = field.name.value
        directives = [each for each in field.directives or () if each.name.value == "idempotent"]
        if (name in KEYED) != bool(directives):
            raise Violation(f"{name}: @idempotent must be {'there' if name in KEYED else 'left out'}")
        if directives:
            key = get_argument_values(self.schema.get_directive("idempotent"), directives[0], coerced)["key"]  # type: ignore[arg-type]
            if not 0 < len(key) <= 255:
                raise Violation(f"{name}: the key must have 1 to 255 characters")
            if self._keys.setdefault((name, key), arguments) != arguments:
                raise Violation(f"{name}: IDEMPOTENCY_KEY_PARAMETER_MISMATCH")
        rule = getattr(self, f"_rule_{name}", None)
        if rule is not None:
            rule(arguments)

    def _rule_inventorySetQuantities(self, arguments: dict[str, Any]) -> None:
        given = arguments["input"]
        if given["name"] not in ("available", "on_hand"):
            raise Violation("name must be available or on_hand")
        pairs = [(row["inventoryItemId"], row["locationId"]) for row in given["quantities"]]
        if not pairs or len(set(pairs)) != len(pairs):
            raise Violation("each item and location once, and at least one")
        for row in given["quantities"]:
            if "changeFromQuantity" not in row:
                raise Violation("changeFromQuantity must be present")
            if abs(row["quantity"]) > 1_000_000_000:
                raise Violation("quantity out of range")

    def _rule_productVariantsBulkUpdate(self, arguments: dict[str, Any]) -> None:
        for row in arguments["variants"]:
            if not row.get("id") or "inventoryQuantities" in row:
                raise Violation("variants need their id and cannot set inventoryQuantities")

    def _rule_fulfillmentCreate(self, arguments: dict[str, Any]) -> None:
        given = arguments["fulfillment"]
        for entry in given["lineItemsByFulfillmentOrder"]:
            if not 0 < len(entry.get("fulfillmentOrderLineItems") or ()) <= 512:
                raise Violation("without lines everything would be fulfilled; at most 512")
        tracking = given.get("trackingInfo") or {}
        if {"number", "numbers"} <= set(tracking) or given["notifyCustomer"]:
            raise Violation("either number or numbers; the customer is told by us")

    def _rule_fulfillmentOrderHold(self, arguments: dict[str, Any]) -> None:
        if not 0 < len(arguments["fulfillmentHold"].get("handle") or "") <= 64:
            raise Violation("a hold needs a handle of at most 64 characters")

    def _rule_orderCancel(self, arguments: dict[str, Any]) -> None:
        if len(arguments.get("staffNote") or "") > 255:
            raise Violation("staffNote: at most 255 characters")

    def _rule_refundCreate(self, arguments: dict[str, Any]) -> None:
        given = arguments["input"]
        if given.get("allowOverRefunding") or not given.get("currency") or not given.get("transactions"):
            raise Violation("a refund names the buyer's currency and its payments, and never more than was paid")

    def _rule_webhookSubscriptionCreate(self, arguments: dict[str, Any]) -> None:
        if not arguments["webhookSubscription"].get("uri"):
            raise Violation("a subscription needs its uri")
