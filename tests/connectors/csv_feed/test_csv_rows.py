"""A stock file's rows: tolerant of form, strict about values."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.domain.catalogue import OfferReport
from orderwright.domain.stock_diff import Row, diff_shard
from orderwright.domain.unit_cost import UnitCost
from orderwright.ports.feed import BadRow
from orderwright.usecases.stock.feed_rows import report_of
from tests.support.feed_rows import loaded, scan_rows

SAMPLES = Path(os.environ.get("ORDERWRIGHT_CONTRACTS", Path(__file__).parents[4] / "shared" / "contracts"))
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def settings(**changes: Any) -> CsvSettings:
    return CsvSettings(kind="csv", url="https://feeds.example.com/stock.csv", offers_of="cj-main", **changes)


def scan(text: str | bytes, **changes: Any) -> list[Row | BadRow]:
    body = text if isinstance(text, bytes) else text.encode()
    return list(scan_rows([body], settings(**changes)))


def sample(name: str) -> bytes:
    path = SAMPLES / "suppliers" / "csv_feeds" / name
    if not path.exists():
        pytest.skip(f"no vendor samples at {SAMPLES}")
    return path.read_bytes()


def test_the_plain_sample_parses() -> None:
    assert scan(sample("feed_ok.csv")) == [("ABC-1", 10, 355, "USD"), ("ABC-2", 0, 1200, "USD")]
    row = scan(sample("feed_ok.csv"))[0]
    assert not isinstance(row, BadRow)
    assert report_of(row, AT) == OfferReport("ABC-1", "", 10, UnitCost.parse("3.55", "USD"), AT)


def test_the_sample_with_byte_order_mark_blank_line_and_repeated_sku_parses() -> None:
    assert scan(sample("feed_bom_crlf.csv")) == [("ABC-1", 5, 110, "USD"), ("ABC-1", 7, 120, "USD")]


def test_every_row_of_the_bad_sample_is_refused_with_its_reason() -> None:
    rows = scan(sample("feed_bad_rows.csv"))
    assert [(row.line, row.field, row.sku) for row in rows if isinstance(row, BadRow)] == [
        (3, "sku", ""),
        (4, "stock", "ABC-3"),
        (5, "stock", "ABC-4"),
        (6, "sku", ""),
    ]
    assert rows[0] == ("ABC-1", 0, 110, "USD"), "less than nothing is none to sell"
    assert len(rows) == 5


def test_the_cut_sample_is_truncated() -> None:
    with pytest.raises(FeedBroken, match="the last row is incomplete"):
        scan(sample("feed_truncated.csv"))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_separators_line_ends_and_encodings(separator: str, end: str, encoding: str) -> None:
    lines = ["", "SKU,qty, Cost ", "ÄB-1,5,1.10", '"A ""B"" 2",6,2.20', "", ",,", "C-3,0,3.30"]
    body = end.join(line.replace(",", separator) for line in lines).encode(encoding)
    expected = [("ÄB-1", 5, 110, "USD"), ('A "B" 2', 6, 220, "USD"), ("C-3", 0, 330, "USD")]
    assert scan(body) == expected
    # The portions in which the bytes arrive do not matter.
    assert list(scan_rows((body[i : i + 1] for i in range(len(body))), settings())) == expected


@given(
    st.lists(st.sampled_from(["a", "é", "1", ",", "\n", "\r\n", "\r", '"', " ", "\x00", "ÿ"]), max_size=60),
    st.integers(1, 7),
)
def test_whatever_comes_gives_rows_or_a_reason_and_never_depends_on_the_portions(marks: list[str], size: int) -> None:
    body = ("sku,qty,cost\n" + "".join(marks)).encode()

    def outcome(pieces: list[bytes]) -> Any:
        try:
            return list(scan_rows(pieces, settings()))
        except FeedBroken as broken:
            return broken.code

    assert outcome([body]) == outcome([body[start : start + size] for start in range(0, len(body), size)])


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("3.55", 355),
        (" 3.5 ", 350),
        ("3", 300),
        ("3.", 300),
        ("0.01", 1),
        ("3,55", 355),
        ("1.234,50", 123450),
        ("1,234.50", 123450),
        ("12,5", 1250),
        ("0,275", Decimal("27.5")),
        ("3.2750000", Decimal("327.5")),
        ("3.2000", 320),
        ("0.000001", Decimal("0.0001")),
        ("1.234,567", Decimal("123456.7")),
    ],
)
def test_costs_with_point_and_comma(text: str, minor: int | Decimal) -> None:
    assert scan(f"sku;qty;cost\nA;1;{text}\n") == [("A", 1, minor, "USD")]


@pytest.mark.parametrize(
    "text",
    ["", "0", "0.00", "-1", "-1,50", "1e3", "free", "NaN", "Infinity", "3.2750001", "$3", "3 USD", "٣", "1_0", ".", ",",
     "3,", "1.23.4", "1,2,3", "12345678901.00", "+1", "0x1", " "],
)  # fmt: skip
def test_a_cost_that_is_not_plainly_one_is_refused(text: str) -> None:
    (row,) = scan(f"sku;qty;cost\nA;1;{text}\nB;1;1\n")[:1]
    assert isinstance(row, BadRow)
    assert (row.line, row.field, row.sku) == (2, "cost", "A")
    assert text.strip() == "" or text not in row.why.split()


def test_a_cost_keeps_its_digits_and_so_does_the_snapshot() -> None:
    shards = loaded([b"sku,qty,cost\nA,1,3.275\n"], settings(shards=1, decimal_sign=".")).shards
    first = diff_shard(None, shards.take(0)[0])
    (row,) = first.changed()
    assert row == ("A", 1, Decimal("327.5"), "USD")
    assert report_of(row, AT).cost == UnitCost.parse("3.275", "USD")
    assert diff_shard(first.snapshot, b"A\t1\t327.5\tUSD\n").snapshot is first.snapshot


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("3.2750001", "more than 6 digits after the decimal sign"),
        ("3.2x", "not a number such as 12.50"),
        ("1234567890.5", "more than 9 digits"),
    ],
)
def test_a_wrong_decimal_is_refused_with_column_and_kind(text: str, why: str) -> None:
    (row,) = scan(f"sku;qty;cost\nA;1;{text}\n")
    assert isinstance(row, BadRow)
    assert row.field == "cost"
    assert why in row.why


@pytest.mark.parametrize(
    "text", ["", "-", "-1,5", "1e3", "12,5", "1.5", ">100", "many", "1 000", "٣", "9999999999", "+1"]
)
def test_a_stock_that_is_not_whole_units_is_refused(text: str) -> None:
    (row,) = scan(f'sku,qty,cost\nA,"{text}",1.00\n')
    assert isinstance(row, BadRow)
    assert (row.field, row.sku) == ("stock", "A")


@pytest.mark.parametrize(
    "sku", ["", "  ", "=1+1", "+1", "-1", "@x", "a\x07b", "x" * 121, "\u200b", "\u200b=1", "a\u2028b"]
)
def test_a_sku_that_is_none_is_refused(sku: str) -> None:
    (row,) = scan(f'sku,qty,cost\n"{sku}",1,1.00\n')
    assert isinstance(row, BadRow)
    assert (row.field, row.sku) == ("sku", "")


@pytest.mark.parametrize("sku", ["a\u200bb", "a\u00a0b", "\ufeffab", "a b"])
def test_a_sku_with_a_sign_that_nobody_sees_is_read_as_it_stands(sku: str) -> None:
    assert scan(f"sku,qty,cost\n{sku},1,1.00\n") == [(sku, 1, 100, "USD")]


@pytest.mark.parametrize("line", ["A,1", "A,1,3,55", "A"])
def test_a_row_of_another_width_is_refused_since_its_cells_may_have_moved(line: str) -> None:
    row, good = scan(f"sku,qty,cost\n{line}\nB,1,1.00\n")
    assert isinstance(row, BadRow)
    assert (row.field, row.sku) == ("row", "A")
    assert good == ("B", 1, 100, "USD")


def test_empty_cells_behind_the_last_column_do_no_harm() -> None:
    assert scan("sku,qty,cost\nA,1,1.00,,\n") == [("A", 1, 100, "USD")]


def test_currencies_by_row_with_their_own_decimals() -> None:
    rows = scan(
        "sku,qty,cost,currency\nA,1,100,JPY\nB,1,1.234,KWD\nC,1,1.00,eur\nD,1,1.00,\nE,1,1.00,Euro\nF,1,1.500,JPY\n"
        "G,1,1.5,JPY\n"
    )
    assert rows[:4] == [("A", 1, 100, "JPY"), ("B", 1, 1234, "KWD"), ("C", 1, 100, "EUR"), ("D", 1, 100, "USD")]
    assert [row.field for row in rows[4:] if isinstance(row, BadRow)] == ["currency", "cost"]
    assert rows[6] == ("G", 1, Decimal("1.5"), "JPY")


def test_columns_by_other_names_and_a_feed_without_costs() -> None:
    names = {"sku_column": "Article|item no", "stock_column": "On hand", "cost_column": ""}
    assert scan("Item No;Text;ON HAND\nA;lamp;3\n", **names) == [("A", 3, None, "USD")]


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("", "FEED_EMPTY", "empty"),
        ("\n \n", "FEED_EMPTY", "empty"),
        ("a,b,c\n1,2,3\n", "FEED_HEADER", "'sku'"),
        ("sku,qty\nA,1\n", "FEED_HEADER", "'cost'"),
        ("sku,sku,qty,cost\n", "FEED_HEADER", "2 columns"),
        (",".join(map(str, range(1001))), "FEED_HEADER", "more than 1,000 columns"),
        ("sku,qty,cost\nA,1,1.00," + "x" * 1_100_000 + "\n", "FEED_UNREADABLE", "1,048,576"),
        ("sku,qty,cost\nA,1,1.00," + "x" * 140_000 + "\n", "FEED_UNREADABLE", "131,072"),
        ('sku,qty,cost\n"A' + "x" * 140_000, "FEED_UNREADABLE", "quote"),
    ],
)
def test_a_file_that_is_no_such_file_is_refused_as_a_whole(text: str, code: str, named: str) -> None:
    with pytest.raises(FeedBroken, match=named) as broken:
        scan(text)
    assert broken.value.code == code


def test_a_header_alone_gives_no_rows() -> None:
    assert scan("sku,qty,cost\n") == []
    assert scan("sku,qty,cost") == []


@pytest.mark.parametrize("tail", ["B", "B,", "B,4", "B,4,", 'B,4,"1.1'])
def test_a_file_cut_in_its_last_row_is_truncated(tail: str) -> None:
    body = f"sku,qty,cost,currency\nA,1,1.00,USD\n{tail}"
    with pytest.raises(FeedBroken, match="the last row is incomplete"):
        scan(body)


def test_a_complete_last_row_needs_no_line_end() -> None:
    assert scan("sku,qty,cost\nA,1,1.00")[-1] == ("A", 1, 100, "USD")


def test_a_file_cut_inside_a_character_is_truncated() -> None:
    with pytest.raises(FeedBroken, match="the last row is incomplete"):
        scan("sku,qty,cost\nÄ,1,1.00\nÄ".encode()[:-1])


def test_the_fast_way_and_the_exact_way_agree_over_many_batches() -> None:
    plain = [(f"SKU-{number}", number % 90, 100 + number % 700, "USD") for number in range(1500)]
    lines = [f"{sku},{stock},{cost // 100}.{cost % 100:02d},USD" for sku, stock, cost, _ in plain]
    lines[700] = "SKU-700,many,1.00,USD"
    rows = scan("sku,qty,cost,currency\n" + "\n".join(lines) + "\n")
    assert rows[:700] == plain[:700]
    assert rows[700] == BadRow(702, "stock", "is not a whole number of at most 9 digits", "SKU-700")
    assert rows[701:] == plain[701:]


def test_a_whole_feed_is_parted_by_shard_and_its_bad_rows_keep_what_was_known() -> None:
    feed = loaded([b"sku,qty,cost\nA,1,1.00\nB,x,1.00\n,2,1\n"], settings(shards=3))
    assert (feed.shards.rows, feed.bad_rows, len(feed.examples)) == (1, 2, 2)
    taken = [feed.shards.take(shard) for shard in range(3)]
    assert b"".join(packed for packed, _ in taken) == b"A\t1\t100\tUSD\n"
    assert frozenset[str]().union(*(kept for _, kept in taken)) == {"B"}
    assert sum(diff_shard(None, packed).counts.added for packed, _ in taken) == 1


def test_a_file_of_bad_rows_alone_takes_little_memory() -> None:
    rows = (b"".join(b"SKU-%07d,many,1.00\n" % (start + n) for n in range(1000)) for start in range(0, 20_000, 1000))
    tracemalloc.start()
    try:
        feed = loaded(chain([b"sku,qty,cost\n"], rows), settings())
        assert tracemalloc.get_traced_memory()[1] < 1.5 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert feed.bad_rows == 20_000
    assert sum(len(feed.shards.take(shard)[1]) for shard in range(16)) == 20_000


def test_rows_are_read_while_they_arrive() -> None:
    def endless() -> Iterator[bytes]:
        yield b"sku,qty,cost\n"
        while True:
            yield b"A,1,1.00\n" * 10_000

    rows = scan_rows(endless(), settings())
    assert next(rows) == ("A", 1, 100, "USD")
