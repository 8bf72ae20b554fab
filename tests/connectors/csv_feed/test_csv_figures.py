"""Files that tell a part only: stock without cost, cost without stock, a column for each warehouse (promise P3)."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.domain.stock_diff import NOT_TOLD, places_in
from orderwright.ports.feed import BadRow
from tests.support.feed_rows import scan_rows


def settings(**more: Any) -> CsvSettings:
    return CsvSettings(kind="csv", url="https://feed.example.com/a.csv", offers_of="cj", **more)


def scan(text: str, **more: Any) -> list[Any]:
    return list(scan_rows([text.encode()], settings(**more)))


@pytest.mark.parametrize(
    ("columns", "stocks"),
    [(["Nord"], [5, 0, 7]), (["Nord", "Sued"], [9, 1, 7]), (["Nord", "Extern", "Sued"], [109, 101, 7])],
)  # fmt: skip
def test_the_stocks_of_the_columns_that_count_are_added_up(columns: Any, stocks: list[int]) -> None:
    """One of the rows of each batch has a blank cell or a word, and is read alone."""
    text = "sku,Nord,Extern,Sued,cost\nA,5,100,4,1.00\nB,0,100,1,1.00\nC,some,,-3,1.00\n"
    assert [row[1] for row in scan(text, warehouse_columns=columns, stock_words={"some": 7})] == stocks


def test_p3_a_blank_warehouse_says_nothing_and_a_row_of_blanks_or_with_a_bad_one_is_bad() -> None:
    rows = scan("sku,Nord,Sued,cost\nA,5,,1.00\nB, ,,1.00\nC,5,many,1.00\n", warehouse_columns=["Nord", "Sued"])
    assert (rows[0][:2], places_in(rows[0])) == (("A", 5), {"Nord": 5})
    assert rows[1] == BadRow(3, "stock", "is empty for every warehouse, and unknown is not zero", "B")
    assert (rows[2].line, rows[2].sku) == (4, "C")
    assert "(column Sued)" in rows[2].why


def test_the_decimal_sign_of_the_stocks_may_be_shown_by_any_of_the_columns() -> None:
    rows = scan("sku;Nord;Sued;cost\nA;1.000;2;1,50\nB;3;4,0;1,50\n", warehouse_columns=["Nord", "Sued"])
    assert [(row[0], row[1]) for row in rows] == [("A", 1002), ("B", 7)]
    with pytest.raises(FeedBroken, match=r"Nord \+ Sued"):
        scan("sku;Nord;Sued;cost\nA;1.000;2;1,50\n", warehouse_columns=["Nord", "Sued"])


def test_a_warehouse_whose_column_is_not_there_or_counts_twice_refuses_the_file() -> None:
    with pytest.raises(FeedBroken, match="would count twice"):
        scan("sku,Nord,cost\nA,5,1.00\n", warehouse_columns=["Nord", "NORD"])
    with pytest.raises(FeedBroken, match="no column 'Sued'"):
        scan("sku,Nord,cost\nA,5,1.00\n", warehouse_columns=["Nord", "Sued"])
    row = scan("A,5,4,1.00\n", header=False, sku_column=1, warehouse_columns=[2, 3], cost_column=4)
    assert row == [("A", 9, 100, "USD\t2=5\x1f3=4")]
    assert places_in(row[0]) == {"2": 5, "3": 4}


def test_a_file_without_stocks_tells_costs_and_one_without_costs_stocks() -> None:
    assert scan("sku,cost\nA,1.00\nB,\n", stock_column="") == [
        ("A", NOT_TOLD, 100, "USD"), BadRow(3, "cost", "is empty, and unknown is not zero", "B"),
    ]  # fmt: skip
    assert scan("sku,qty\nA,3\n", cost_column="") == [("A", 3, None, "USD")]


@pytest.mark.parametrize(
    ("fields", "named"),
    [({"warehouse_column": "Lager", "warehouse_columns": ["Nord"]}, "take warehouse_column out"),
     ({"warehouse_column": "Lager", "stock_column": ""}, "needs stock_column"),
     ({"header": False, "sku_column": 1, "warehouse_columns": ["Nord"], "cost_column": ""}, "a number from 1 to 1000")],
)  # fmt: skip
def test_settings_that_contradict_each_other_are_refused(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        settings(**fields)


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"stock_column": "", "cost_column": ""}, "stock_column"), ({"warehouse_columns": ["Nord", "sku"]}, "warehouse_columns"),
     ({"warehouse_columns": ["Nord"], "stock_column": "sku"}, "")],
)  # fmt: skip
def test_a_file_that_tells_nothing_and_a_column_that_is_named_twice_are_faults(
    fields: dict[str, Any], field: str
) -> None:
    assert [str(fault.path[0]) for fault in settings(**fields).faults()] == ([field] if field else [])
