"""How a stock file may be written: found in the file, or declared in the settings."""

from __future__ import annotations

import codecs
import tracemalloc
from typing import Any

import pytest
from pydantic import ValidationError

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.connectors.feeds.csv.rows import FeedReader
from orderwright.domain.stock_diff import diff_shard
from orderwright.ports.feed import BadRow
from tests.connectors.csv_feed.test_csv_rows import scan, settings
from tests.support.feed_rows import loaded

BODY = "sku;qty;cost\nÄ-1;5;1,10\n"
ROWS = [("Ä-1", 5, 110, "USD")]
MARK = codecs.BOM_UTF8


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (MARK + MARK + BODY.encode(), {}),
        (BODY.encode("utf-16-le"), {}),
        (BODY.encode("utf-16-be"), {}),
        (BODY.encode("utf-16"), {"encoding": "utf-16"}),
        (BODY.encode("utf-16-be"), {"encoding": "utf-16"}),
        (BODY.encode("utf-16-le"), {"encoding": "utf-16-le"}),
        (BODY.encode("cp1252"), {"encoding": "cp1252"}),
        ("sep=;\n" + BODY, {}),
        ('"sep=;"\n' + BODY, {}),
        ("sep=^\n" + BODY.replace(";", "^"), {}),
        ("Stock list, 30 November\n\n" + BODY, {}),
        ("Stock; as of\n;;\n" + BODY, {"lines_above_header": 2}),
        (BODY.replace("qty", '"Pieces\n on  hand"'), {"stock_column": "pieces ON hand"}),
        (BODY.replace("Ä-1;", ' "Ä-1" ; '), {}),
        (BODY.replace("Ä-1;", '="Ä-1";'), {}),
        (BODY.replace("Ä-1;", '"=""Ä-1""";'), {}),
        ("Ä-1;5;1,10\n", {"header": False, "sku_column": 1, "stock_column": 2, "cost_column": "3"}),
        ("a title\nx;Ä-1;5;1,10\n", {"header": False, "lines_above_header": 1, "sku_column": 2, "stock_column": 3,
                                      "cost_column": 4}),
        (BODY.replace(";", "\t"), {"separator": "\t"}),
    ],
)  # fmt: skip
def test_a_file_in_another_form_gives_the_same_rows(body: str | bytes, changes: dict[str, Any]) -> None:
    assert scan(body, **changes) == ROWS


def test_old_exports_with_windows_characters_are_read_and_a_declared_encoding_stays() -> None:
    assert scan("sku;qty;cost\n€-1;5;1,10\n".encode("cp1252"))[0][0] == "€-1"
    (row,) = scan(BODY.encode("cp1252"), encoding="utf-8")
    assert isinstance(row, BadRow)
    assert "set encoding" in row.why


@pytest.mark.parametrize("size", [1, 1000, 10_000_000])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_damaged_byte_changes_no_other_row_wherever_pieces_end(encoding: str, size: int) -> None:
    rows = [f"{'Ä' if number % 500 == 3 else 'A'}-{number},name,1,1.10" for number in range(9000)]
    body = "\n".join(("sku,name,qty,cost", *rows, "")).encode(encoding).replace(b"A-7000,name", b"A-7000,n\x81me")
    reader = FeedReader((body[at : at + size] for at in range(0, len(body), size)), settings())
    skus = [row[0] for good, bad, _ in reader.portions() for row in (*good, *bad)]
    assert skus == [row.partition(",")[0] for row in rows]
    assert reader.encoding == encoding


def test_leading_zeros_of_a_text_formula_stay_and_other_formulas_are_refused() -> None:
    rows = scan('sku;qty;cost\n="0012345";1;1,10\n="=1+1";1;1,10\n=A1;1;1,10\n')
    assert rows[0] == ("0012345", 1, 110, "USD")
    assert all(isinstance(row, BadRow) and row.field == "sku" for row in rows[1:])


@pytest.mark.parametrize(
    ("text", "changes", "named"),
    [
        (BODY, {"separator": ","}, "no column 'sku'"),
        (BODY, {"lines_above_header": 1}, "no column 'sku'"),
        (BODY, {"lines_above_header": 9}, "no line with headings"),
        (BODY, {"header": False, "sku_column": 1, "stock_column": 2, "cost_column": 7}, "column 7"),
        ('sku;"qty\n' * 40, {}, "quote"),
        ("sku;qty;cost;" + "x;" * 300_000 + "\n", {}, "more than 1,000 columns"),
    ],
)
def test_a_form_that_does_not_fit_is_refused_with_what_is_there(text: str, changes: Any, named: str) -> None:
    with pytest.raises(FeedBroken, match=named) as broken:
        scan(text, **changes)
    assert broken.value.code == "FEED_HEADER"


@pytest.mark.parametrize(
    "changes",
    [{"header": False}, {"header": False, "sku_column": 0, "stock_column": 2}, {"warehouses": ["north"]}, {"decimal_sign": ";"},
     {"stock_words": {"some": -1}}],
)  # fmt: skip
def test_settings_that_contradict_each_other_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**changes)


def test_a_header_of_a_million_columns_and_a_line_without_end_are_refused_in_little_memory() -> None:
    for piece in (b"column,", b"x"):
        tracemalloc.start()
        with pytest.raises(FeedBroken):
            scan_all(piece)
        assert tracemalloc.get_traced_memory()[1] < 24 * 1024 * 1024
        tracemalloc.stop()


def scan_all(piece: bytes) -> None:
    list(FeedReader((piece * 10_000 for _ in range(10_000)), settings()).portions())


WAREHOUSES = (
    "sku;site;qty;cost\nA;North;5;1,10\nA;South;7;1,20\nB;South;3;2,00\nA;north ;6;1,10\nC;South;x;1,00\nC;North;1;1,00\n"
    "D;North;1;\n"
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # North of A comes twice: its last row counts. A row of C cannot be read: C keeps what was known.
        ({"warehouse_column": "site"}, [("A", 13, 120, "USD\tnorth=6\x1fsouth=7"), ("B", 3, 200, "USD\tsouth=3")]),
        ({"warehouse_column": "site", "warehouses": ["NORTH"]}, [("A", 6, 110, "USD\tnorth=6"), ("B", 0, None, "USD")]),
        ({}, [("A", 6, 110, "USD"), ("B", 3, 200, "USD"), ("C", 1, 100, "USD")]),
    ],
)
def test_warehouses_of_a_sku_are_added_up_where_the_settings_say_so(changes: Any, expected: list[Any]) -> None:
    feed = loaded([WAREHOUSES.encode()], settings(shards=1, **changes))
    packed, kept = feed.shards.take(0)
    assert sorted(diff_shard(None, packed, kept).changed()) == expected
    assert kept == {"C", "D"}


def test_a_warehouse_that_the_file_does_not_know_is_refused() -> None:
    with pytest.raises(FeedBroken) as broken:
        scan(WAREHOUSES, warehouse_column="site", warehouses=["nroth"])
    assert broken.value.code == "FEED_WAREHOUSES"


def test_costs_of_two_currencies_are_no_cost() -> None:
    body = b"sku;site;qty;cost;currency\nA;N;5;1,10;USD\nA;S;7;1,20;EUR\n"
    packed = loaded([body], settings(shards=1, warehouse_column="site")).shards.take(0)[0]
    assert packed == b"A\t12\t\tEUR\tn=5\x1fs=7\n"
