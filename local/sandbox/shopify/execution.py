"""GraphQL execution with a short way for what an answer mostly consists of: texts and numbers that are there already."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from graphql import (
    ExecutionContext,
    FieldNode,
    GraphQLError,
    GraphQLNonNull,
    GraphQLObjectType,
    Undefined,
    is_leaf_type,
)
from graphql.pyutils import Path


@lru_cache(maxsize=1024)
def _leaves(kind: GraphQLObjectType) -> dict[str, Callable[[Any], Any]]:
    """How the plain fields of a type are written: those without arguments, resolvers and fields of their own."""
    found: dict[str, Callable[[Any], Any]] = {}
    for name, field in kind.fields.items():
        inner = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        if is_leaf_type(inner) and not field.args and field.resolve is None:
            found[name] = inner.serialize
    return found


class StoreExecution(ExecutionContext):
    """graphql-core's own execution, which resolves each field by name; a plain value needs no resolver."""

    def execute_fields(
        self, parent_type: GraphQLObjectType, source_value: Any, path: Path | None, fields: dict[str, list[FieldNode]]
    ) -> Any:
        """The fields of one object. Whatever is no plain value goes the usual way."""
        if type(source_value) is not dict:
            return super().execute_fields(parent_type, source_value, path, fields)
        leaves = _leaves(parent_type)
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
            if result is None or result is Undefined:
                result = self.execute_field(parent_type, source_value, nodes, Path(path, key, parent_type.name))
            if result is not Undefined:
                results[key] = result
        return results
