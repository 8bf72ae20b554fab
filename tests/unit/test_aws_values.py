"""DynamoDB's typed JSON: what goes in comes out, and what could lose a cent is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderwright.aws.values import from_item, from_typed, to_item, to_typed

_numbers = st.integers(-(10**37), 10**37) | st.decimals(
    allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12
)
_scalars = st.none() | st.booleans() | st.text(max_size=20) | _numbers | st.binary(max_size=8)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(_values)
def test_every_value_that_is_stored_comes_back_as_it_was(value: Any) -> None:
    assert from_typed(to_typed(value)) == value


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.dictionaries(st.text(min_size=1, max_size=8), _values, max_size=5))
def test_every_item_comes_back_as_it_was(fields: dict[str, Any]) -> None:
    assert from_item(to_item(fields)) == fields


def test_whole_numbers_come_back_as_int_and_others_as_decimal() -> None:
    assert type(from_typed({"N": "3"})) is int
    assert from_typed({"N": "3.10"}) == Decimal("3.10")
    assert type(from_typed({"N": "3.10"})) is Decimal


def test_true_is_no_number() -> None:
    assert to_typed(True) == {"BOOL": True}
    assert to_typed(1) == {"N": "1"}


@pytest.mark.parametrize("value", [1.0, [0.1], {"price": 22.99}, {"a": [{"b": 1.5}]}])
def test_a_float_is_refused_by_its_kind_however_deep(value: Any) -> None:
    with pytest.raises(TypeError, match="float cannot be stored"):
        to_typed(value)


@pytest.mark.parametrize("value", [object(), {1, 2}, 1j])
def test_an_unknown_kind_is_refused_without_showing_its_value(value: Any) -> None:
    with pytest.raises(TypeError, match=f"{type(value).__name__} cannot be stored"):
        to_typed(value)


def test_a_type_of_dynamodb_that_is_not_used_is_refused() -> None:
    with pytest.raises(TypeError, match="SS is not used"):
        from_typed({"SS": ["a"]})


@pytest.mark.parametrize("value", [{"S": "text", "N": "1"}, {}, {"SS": ["text"]}])
def test_a_value_that_is_not_of_one_type_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        from_item({"name": value})
