"""The sandbox's schema is a strict subset of Shopify's own."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    build_client_schema,
)

from local.sandbox.shopify.admin_api import schema

CONTRACTS = Path(os.environ.get("ORDERWRIGHT_CONTRACTS", Path(__file__).parents[3] / "shared" / "contracts"))
FULL = CONTRACTS / "specs" / "shopify" / "admin_2026-10.json.gz"


@pytest.fixture(scope="module")
def shopify() -> GraphQLSchema:
    if not FULL.exists():
        pytest.skip("Shopify's schema file is not here; set ORDERWRIGHT_CONTRACTS to the folder of the contracts")
    introspection: dict[str, Any] = json.loads(gzip.decompress(FULL.read_bytes()))
    return build_client_schema(introspection["data"], assume_valid=True)


def _fields(ours: Any, theirs: Any, name: str) -> list[str]:
    problems = []
    for field_name, field in ours.fields.items():
        other = theirs.fields.get(field_name)
        if other is None:
            problems.append(f"{name}.{field_name} is not Shopify's")
            continue
        if str(field.type) != str(other.type):
            problems.append(f"{name}.{field_name} is {field.type}, Shopify has {other.type}")
        arguments = getattr(field, "args", {})
        for argument_name, argument in arguments.items():
            shape = other.args.get(argument_name)
            if shape is None or str(shape.type) != str(argument.type) or shape.default_value != argument.default_value:
                problems.append(f"{name}.{field_name}({argument_name}) differs from Shopify's")
        for argument_name, shape in getattr(other, "args", {}).items():
            if str(shape.type).endswith("!") and shape.default_value is Undefined and argument_name not in arguments:
                problems.append(f"{name}.{field_name} lacks the required argument {argument_name}")
    return problems


def _differences(ours: Any, theirs: Any, name: str) -> list[str]:
    if type(ours) is not type(theirs):
        return [f"{name} is another kind of type at Shopify"]
    if isinstance(ours, GraphQLEnumType):
        return [f"{name}.{value} is not Shopify's" for value in ours.values if value not in theirs.values]
    if isinstance(ours, GraphQLScalarType):
        return []
    if isinstance(ours, GraphQLUnionType):
        known = {kind.name for kind in theirs.types}
        return [f"{name} cannot be {kind.name}" for kind in ours.types if kind.name not in known]
    problems = _fields(ours, theirs, name)
    if isinstance(ours, (GraphQLObjectType, GraphQLInterfaceType)):
        known = {interface.name for interface in theirs.interfaces}
        problems += [f"{name} implements {i.name}" for i in ours.interfaces if i.name not in known]
    if isinstance(ours, GraphQLInputObjectType):
        for field_name, field in ours.fields.items():
            if field_name in theirs.fields and theirs.fields[field_name].default_value != field.default_value:
                problems.append(f"{name}.{field_name} has another default")
        for field_name, field in theirs.fields.items():
            if str(field.type).endswith("!") and field.default_value is Undefined and field_name not in ours.fields:
                problems.append(f"{name} lacks the required field {field_name}")
        if ours.is_one_of != theirs.is_one_of:
            problems.append(f"{name} differs in @oneOf")
    return problems


def test_every_type_field_argument_and_value_is_shopifys_own(shopify: GraphQLSchema) -> None:
    problems = []
    for name, ours in schema().type_map.items():
        if name.startswith("__"):
            continue
        theirs = shopify.type_map.get(name)
        problems += [f"{name} is not Shopify's"] if theirs is None else _differences(ours, theirs, name)
    assert problems == []


def test_the_idempotency_directive_has_shopifys_shape(shopify: GraphQLSchema) -> None:
    ours, theirs = schema().get_directive("idempotent"), shopify.get_directive("idempotent")
    assert ours is not None
    assert theirs is not None
    assert ours.locations == theirs.locations
    assert {name: str(a.type) for name, a in ours.args.items()} == {
        name: str(a.type) for name, a in theirs.args.items()
    }
