"""Filter patterns of event mappings: what passes as on AWS, and that an unknown operator is never guessed at."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulation.cloud.filters import filter_matches

FACTS = {"dynamodb": {"NewImage": {"facts": {"S": [{"exists": True}]}}}}


def image(**attributes: Any) -> dict[str, Any]:
    """A stream record with this new image, in wire form."""
    return {"eventName": "MODIFY", "dynamodb": {"NewImage": attributes}}


def test_a_record_passes_when_its_new_image_has_the_field_as_a_leaf() -> None:
    assert filter_matches(FACTS, image(facts={"S": "[]"}))
    assert not filter_matches(FACTS, image(state={"S": "NEW"}))
    assert not filter_matches(FACTS, image(facts={"L": [{"S": "a"}]}))
    assert not filter_matches(FACTS, image(facts={"S": {"inner": "no leaf"}}))


def test_a_deleted_record_without_a_new_image_does_not_pass() -> None:
    assert not filter_matches(FACTS, {"eventName": "REMOVE", "dynamodb": {"OldImage": {"facts": {"S": "[]"}}}})


@pytest.mark.parametrize("record", [{}, {"a": {}}, {"a": "text"}, {"a": {"b": {"c": 1}}}, {"a": {"b": []}}])
def test_exists_false_wants_no_leaf_at_that_place(record: dict[str, Any]) -> None:
    assert filter_matches({"a": {"b": [{"exists": False}]}}, record)
    assert not filter_matches({"a": {"b": [{"exists": True}]}}, record)


def test_null_is_a_leaf_that_exists() -> None:
    assert filter_matches({"a": [{"exists": True}]}, {"a": None})
    assert filter_matches({"a": [None]}, {"a": None})
    assert not filter_matches({"a": [None]}, {})


def test_one_of_the_values_is_enough_and_all_fields_are_needed() -> None:
    pattern = {"kind": ["INSERT", "MODIFY"], "where": {"table": ["orders"]}}
    assert filter_matches(pattern, {"kind": "MODIFY", "where": {"table": "orders"}})
    assert not filter_matches(pattern, {"kind": "REMOVE", "where": {"table": "orders"}})
    assert not filter_matches(pattern, {"kind": "INSERT", "where": {"table": "control"}})


def test_a_list_in_the_record_passes_by_any_of_its_elements() -> None:
    assert filter_matches({"tags": ["b"]}, {"tags": ["a", "b"]})
    assert filter_matches({"lines": {"sku": ["x"], "count": [2]}}, {"lines": [{"sku": "y"}, {"sku": "x", "count": 2}]})
    assert not filter_matches({"lines": {"sku": ["x"], "count": [2]}}, {"lines": [{"sku": "x"}, {"count": 2}]})


def test_values_of_different_types_are_different() -> None:
    assert not filter_matches({"a": [1]}, {"a": "1"})
    assert not filter_matches({"a": [1]}, {"a": True})
    assert not filter_matches({"a": [False]}, {"a": 0})


def test_prefix_looks_at_texts_only() -> None:
    assert filter_matches({"pk": [{"prefix": "lamp-shop#"}]}, {"pk": "lamp-shop#1001"})
    assert not filter_matches({"pk": [{"prefix": "1"}]}, {"pk": 1001})


def test_numeric_takes_a_range_and_never_a_number_in_a_text() -> None:
    pattern = {"n": [{"numeric": [">", 0, "<=", 5]}]}
    assert filter_matches(pattern, {"n": 5})
    assert not filter_matches(pattern, {"n": 0})
    assert not filter_matches(pattern, {"n": "5"})
    assert not filter_matches(pattern, {"n": True})


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ({"a": {"b": [{"wildcard": "x*"}]}}, r"filter\.a\.b: the operator wildcard"),
        ({"a": [{"anything-but": ["x"]}]}, r"filter\.a: the operator anything-but"),
        ({"$or": [{"a": ["x"]}, {"b": ["x"]}]}, r"filter: the operator \$or"),
        ({"a": [{"exists": True, "prefix": "x"}]}, r"filter\.a: expected a value or one operator"),
        ({"a": [["x"]]}, r"filter\.a: expected a value or one operator"),
        ({"a": [{"exists": "yes"}]}, r"filter\.a: exists cannot take 'yes'"),
        ({"a": [{"numeric": [">"]}]}, r"filter\.a: numeric cannot take"),
        ({"a": [{"numeric": ["about", 5]}]}, r"filter\.a: numeric cannot take"),
        ({"a": [{"numeric": [">", True]}]}, r"filter\.a: numeric cannot take"),
        ({"a": "x"}, r"filter\.a: expected a list"),
        ({"a": []}, r"filter\.a: expected a list"),
        ({"a": {}}, r"filter\.a: expected fields"),
        ({}, r"filter: expected fields"),
    ],
)
def test_a_pattern_that_is_not_known_is_refused_whatever_the_record(pattern: dict[str, Any], said: str) -> None:
    for record in ({}, {"a": {"b": "x"}}):
        with pytest.raises(ValueError, match=said):
            filter_matches(pattern, record)
