"""GraphQL execution with short ways for what an app asks again and again, and for what an answer mostly consists of."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from graphql import (
    ExecutionContext,
    FieldNode,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    Undefined,
    default_field_resolver,
    is_leaf_type,
)
from graphql.pyutils import Path

COLLECTED_KEPT = 4096
_COLLECTED: dict[tuple[str, int], tuple[FieldNode, dict[str, list[FieldNode]]]] = {}
"""Type and node -> the node, and the fields that are asked for below it."""


@lru_cache(maxsize=1024)
def _leaves(kind: GraphQLObjectType) -> dict[str, Callable[[Any], Any]]:
    """How the plain fields of a type are written: those without arguments, resolvers and fields of their own."""
    found: dict[str, Callable[[Any], Any]] = {}
    for name, field in kind.fields.items():
        inner = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        if is_leaf_type(inner) and not field.args and field.resolve is None:
            found[name] = inner.serialize
    return found


class _Part(NamedTuple):
    """What a field shows: one record, or `many`."""

    kind: GraphQLObjectType
    many: bool


@lru_cache(maxsize=1024)
def _parts(kind: GraphQLObjectType) -> dict[str, _Part]:
    """The fields of a type that show other records: those without arguments and resolvers of their own."""
    found: dict[str, _Part] = {}
    for name, field in kind.fields.items():
        inner = _nullable(field.type)
        many = isinstance(inner, GraphQLList)
        if isinstance(inner, GraphQLList):
            inner = _nullable(inner.of_type)
        if isinstance(inner, GraphQLObjectType) and not field.args and field.resolve is None:
            found[name] = _Part(inner, many)
    return found


def _nullable(kind: Any) -> Any:
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind


class _Unusual(Exception):
    """A value that is no record."""


def shown(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """A field of a record. What nobody has asked for yet is refused: null would look like the store's own answer."""
    if isinstance(source, dict) and info.field_name not in source:
        raise GraphQLError(f"The sandbox does not show {info.parent_type.name}.{info.field_name}; add it to its view")
    return default_field_resolver(source, info, **arguments)


class StoreExecution(ExecutionContext):
    """graphql-core's own execution, which resolves each field by name; plain values and plain records need no resolver."""

    def execute_fields(
        self, parent_type: GraphQLObjectType, source_value: Any, path: Path | None, fields: dict[str, list[FieldNode]]
    ) -> Any:
        """The fields of one object. Whatever is no plain value goes the usual way."""
        if type(source_value) is not dict:
            return super().execute_fields(parent_type, source_value, path, fields)
        leaves, parts = _leaves(parent_type), _parts(parent_type)
        results: dict[str, Any] = {}
        for key, nodes in fields.items():
            name = nodes[0].name.value
            value, serialize = source_value.get(name), leaves.get(name)
            result = None
            if serialize is not None and value is not None and not callable(value):
                try:
                    result = serialize(value)
                except GraphQLError:
                    result = None
            elif value is not None and name in parts:
                result = self._records(parts[name], value, Path(path, key, parent_type.name), nodes)
            if result is None or result is Undefined:
                result = self.execute_field(parent_type, source_value, nodes, Path(path, key, parent_type.name))
            if result is not Undefined:
                results[key] = result
        return results

    def _records(self, part: _Part, value: Any, path: Path, nodes: list[FieldNode]) -> Any:
        """One record or many; None where anything is not as it should be: the usual way knows what to say of it."""
        try:
            shown = value(None) if callable(value) else value
            fields = self.collect_subfields(part.kind, nodes)
            if not part.many:
                return self._record(part.kind, shown, path, fields)
            return [self._record(part.kind, one, path.add_key(at), fields) for at, one in enumerate(shown)]
        except (_Unusual, GraphQLError, TypeError):
            return None

    def _record(self, kind: GraphQLObjectType, value: Any, path: Path, fields: dict[str, list[FieldNode]]) -> Any:
        if type(value) is not dict:
            raise _Unusual
        return self.execute_fields(kind, value, path, fields)

    def collect_subfields(
        self, return_type: GraphQLObjectType, field_nodes: list[FieldNode]
    ) -> dict[str, list[FieldNode]]:
        """The fields below a node; they depend on nothing else where the document has no @skip or @include."""
        first = field_nodes[0]
        if len(field_nodes) > 1 or first.loc is None or "@" in first.loc.source.body:
            return super().collect_subfields(return_type, field_nodes)
        known = _COLLECTED.get((return_type.name, id(first)))
        if known is not None and known[0] is first:
            return known[1]
        if len(_COLLECTED) >= COLLECTED_KEPT:
            _COLLECTED.clear()
        collected = super().collect_subfields(return_type, field_nodes)
        _COLLECTED[return_type.name, id(first)] = (first, collected)
        return collected
