"""Write units by the rules of DynamoDB, from items before and after."""

from __future__ import annotations

from typing import Any

import pytest

from local.bench.write_units import check_cost, index_units, item_bytes, units, write_cost

INDEXES = {"due": ("due_shard", "due_at"), "by_ref": ("ref", "sk")}


def item(**attributes: Any) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": "s"}, **attributes}


def of_size(size: int) -> dict[str, Any]:
    bare = item_bytes(item(a={"S": ""}))
    return item(a={"S": "x" * (size - bare)})


def test_names_and_values_count_in_utf8() -> None:
    assert item_bytes({"pk": {"S": "äö"}}) == 2 + 4


@pytest.mark.parametrize(
    ("typed", "size"),
    [
        ({"N": "0"}, 1),
        ({"N": "7"}, 2),
        ({"N": "1200"}, 2),
        ({"N": "-12345"}, 5),
        ({"N": "0.05"}, 2),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"S": "c"}]}, 3 + (1 + 2) + (1 + 1)),
        ({"M": {"k": {"S": "ab"}}}, 3 + 1 + 1 + 2),
    ],
)
def test_a_value_has_the_size_that_aws_bills(typed: dict[str, Any], size: int) -> None:
    assert item_bytes({"a": typed}) == 1 + size


def test_an_unused_type_is_refused() -> None:
    with pytest.raises(ValueError, match="SS"):
        item_bytes({"a": {"SS": ["x"]}})


def test_each_started_kb_is_a_unit() -> None:
    assert [units(of_size(size)) for size in (100, 1024, 1025, 2048, 2049)] == [1, 1, 2, 2, 3]


def test_a_write_that_finds_nothing_costs_a_unit() -> None:
    assert write_cost(None, None, INDEXES, in_transaction=False) == (1, 0)


def test_the_larger_of_before_and_after_counts() -> None:
    small, large = of_size(500), of_size(2500)
    assert write_cost(small, large, INDEXES, in_transaction=False).table == 3
    assert write_cost(large, small, INDEXES, in_transaction=False).table == 3
    assert write_cost(large, None, INDEXES, in_transaction=False).table == 3


def test_a_transaction_doubles_the_table_but_not_the_index() -> None:
    after = item(ref={"S": "po#1"})
    assert write_cost(None, after, INDEXES, in_transaction=True) == (2, 1)


def test_a_condition_check_is_a_transactional_write() -> None:
    assert check_cost(None) == (2, 0)
    assert check_cost(of_size(1500)) == (4, 0)


def test_an_index_entry_costs_when_it_comes_moves_or_goes() -> None:
    none = item()
    early = item(due_shard={"S": "due-0"}, due_at={"S": "1"})
    late = item(due_shard={"S": "due-0"}, due_at={"S": "2"})
    assert index_units(None, early, INDEXES) == 1
    assert index_units(none, early, INDEXES) == 1
    assert index_units(early, late, INDEXES) == 2
    assert index_units(late, none, INDEXES) == 1
    assert index_units(late, None, INDEXES) == 1


def test_an_entry_that_stays_costs_nothing() -> None:
    before = item(ref={"S": "po#1"}, body={"S": "old"})
    after = item(ref={"S": "po#1"}, body={"S": "new"})
    assert index_units(before, after, INDEXES) == 0


def test_an_item_with_half_of_an_indexs_keys_is_not_in_it() -> None:
    assert index_units(None, item(due_shard={"S": "due-0"}), INDEXES) == 0
