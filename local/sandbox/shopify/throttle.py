"""Cost of a request in points; kit.throttle.Bucket pays for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_list_type,
)
from graphql.type import get_nullable_type

from local.sandbox.kit.throttle import Bucket

MUTATION_POINTS = 10
# Fields of a connection that carry no objects of their own.
FREE = frozenset(("pageInfo", "userErrors", "orderCancelUserErrors"))


@dataclass(frozen=True)
class CostModel:
    """An object costs 1, a scalar 0, a list `first` times its content, a mutation 10."""

    schema: GraphQLSchema
    document: DocumentNode
    variables: Mapping[str, Any]

    def requested(self, operation: OperationDefinitionNode) -> int:
        """What the request could cost at most."""
        if operation.operation.value == "mutation":
            return MUTATION_POINTS * len(operation.selection_set.selections)
        root = self.schema.query_type
        return self._selection(operation.selection_set, root, None) if root else 0

    def _selection(self, selection: SelectionSetNode, parent: Any, size: int | None) -> int:
        total = 0
        for node in selection.selections:
            if isinstance(node, FieldNode):
                total += self._field(node, parent, size)
            elif isinstance(node, FragmentSpreadNode):
                total += self._spread(node, size)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                kind = self.schema.get_type(condition.name.value) if condition else parent
                total += self._selection(node.selection_set, kind, size)
        return total

    def _spread(self, node: FragmentSpreadNode, size: int | None) -> int:
        for definition in self.document.definitions:
            if isinstance(definition, FragmentDefinitionNode) and definition.name.value == node.name.value:
                kind = self.schema.get_type(definition.type_condition.name.value)
                return self._selection(definition.selection_set, kind, size)
        return 0

    def _field(self, node: FieldNode, parent: Any, size: int | None) -> int:
        name = node.name.value
        if (
            name in FREE
            or node.selection_set is None
            or not isinstance(parent, (GraphQLObjectType, GraphQLInterfaceType))
        ):
            return 0
        definition = parent.fields.get(name)
        if definition is None:
            return 0
        kind = get_named_type(definition.type)
        given = self._first(node)
        if kind.name.endswith("Connection"):
            return 1 + self._selection(node.selection_set, kind, given or 0)
        inner = 1 + self._selection(node.selection_set, kind, None)
        times = size if size is not None and name in ("nodes", "edges") else given
        if name == "edges" and kind.name.endswith("Edge"):
            inner -= 1
        return inner * (times if times is not None and is_list_type(get_nullable_type(definition.type)) else 1)

    def _first(self, node: FieldNode) -> int | None:
        for argument in node.arguments:
            if argument.name.value in ("first", "ids"):
                value: Any = None
                if isinstance(argument.value, IntValueNode):
                    value = int(argument.value.value)
                elif isinstance(argument.value, VariableNode):
                    value = self.variables.get(argument.value.name.value)
                return len(value) if isinstance(value, list) else value
        return None


def objects_in(data: Any) -> int:
    """How many objects an answer really holds."""
    if isinstance(data, list):
        return sum(map(objects_in, data))
    if not isinstance(data, dict):
        return 0
    inner = [value for key, value in data.items() if isinstance(value, (dict, list)) and key not in FREE]
    return 1 + sum(map(objects_in, inner))


def throttle_status(bucket: Bucket) -> dict[str, float | int]:
    """throttleStatus of an answer."""
    return {
        "maximumAvailable": float(bucket.size),
        "currentlyAvailable": int(bucket.level),
        "restoreRate": float(bucket.restore),
    }
