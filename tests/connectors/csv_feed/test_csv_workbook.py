"""A workbook is read like a CSV file, and nothing that a spreadsheet made of a value is taken for it."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest

from orderwright.connectors.feeds.csv import workbook as reading
from orderwright.connectors.feeds.csv import workbook_size as size
from orderwright.connectors.feeds.csv.container import content_of
from orderwright.connectors.feeds.csv.form import told_form
from orderwright.connectors.feeds.csv.goods import read_goods
from orderwright.connectors.feeds.csv.rows import FeedReader
from orderwright.domain.stock_diff import Row
from orderwright.errors import Rejected
from orderwright.ports.feed import BadRow, GoodsRow
from tests.connectors.csv_feed.test_csv_rows import settings
from tests.support.workbook import DATE, ERROR, NO_VALUE, TRUE, Cell, workbook

HEAD = ["sku", "qty", "cost"]


def scan(data: bytes, **given: Any) -> tuple[list[Row], list[BadRow]]:
    """As a poll reads it, out of what was sent."""
    good, bad = list[Row](), list[BadRow]()
    for portion in FeedReader(content_of("feed", [data]), settings(**given)).portions():
        good += portion.good
        bad += portion.bad
    return good, bad


def sheet(*rows: Sequence[Cell], **more: Any) -> bytes:
    return workbook({"Stock": [HEAD, *rows]}, **more)


def test_numbers_are_whole_where_they_are_and_exact_where_they_are_not() -> None:
    good, bad = scan(
        sheet([123, 5, 0.1 + 0.2], ["00123", 7.0, 12.5], ["A", "8", 1.234], ["B", 1250, 1250], ["C", 1, 3.275])
    )
    assert bad == []
    assert [(row[0], row[1], str(row[2])) for row in good] == [
        ("123", 5, "30"), ("00123", 7, "1250"), ("A", 8, "123.4"), ("B", 1250, "125000"), ("C", 1, "327.5"),
    ]  # fmt: skip


def test_a_comma_in_texts_goes_with_numbers_where_it_is_declared() -> None:
    good, bad = scan(sheet(["A", 1, "1.299,50"], ["B", 2, 12.5]), decimal_sign=",")
    assert (bad, [str(row[2]) for row in good]) == ([], ["129950", "1250"])


@pytest.mark.parametrize(
    ("row", "field", "why"),
    [
        ([DATE, 5, 1], "sku", "date"), (["A", DATE, 1], "stock", "date"), (["A", 5, DATE], "cost", "date"),
        (["A", ERROR, 1], "stock", "empty"), (["A", 5, NO_VALUE], "cost", "empty"), ([ERROR, 5, 1], "sku", "empty"),
        (["A", TRUE, 1], "stock", "whole number"), (["A", 5.5, 1], "stock", "whole number"), (["A", -1.5, 1], "stock", "whole"),
        (["A", 1e16, 1], "stock", "15 digits"), (["A", 5, 1e-9], "cost", "digits"), (["=A1", 5, 1], "sku", "formula"),
        (["A\x1ad", 5, 1], "sku", "characters"),
    ],
)  # fmt: skip
def test_what_is_no_value_is_a_bad_cell_and_names_its_line(row: list[Cell], field: str, why: str) -> None:
    good, bad = scan(sheet(["G", 1.0, 1], row, [True and "H", 2, 1]))
    assert [one[0] for one in good] == ["G", "H"]
    assert [(one.line, one.field, why in one.why) for one in bad] == [(3, field, True)]


def test_goods_of_a_workbook_leave_out_what_a_spreadsheet_made_of_a_code() -> None:
    data = workbook({"S": [[*HEAD, "title", "freight", "mpn", "tags"], ["A", 1, 1, "Lamp", 2.5, 1e16, DATE]]})
    (goods,) = read_goods([data], settings(catalogue={}), {})
    assert isinstance(goods, GoodsRow)
    assert (goods.record.title, goods.record.mpn, goods.record.tags) == ("Lamp", "", ())


def test_a_formula_counts_with_its_cached_value() -> None:
    data = sheet(["A", 1, 1])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read("xl/worksheets/s1.xml").replace(b"<c r='B2'><v>1<", b"<c r='B2'><f>40+2</f><v>42<")
    assert scan(sheet(["A", 1, 1], extra={"xl/worksheets/s1.xml": text}))[0][0][1] == 42


def test_skus_that_a_spreadsheet_rounded_refuse_the_file() -> None:
    for given in ({}, {"sku_may_look_scientific": True}):
        assert refused(sheet([4.00642e19, 1, 1]), **given) == "FEED_SKUS_DAMAGED"


def test_texts_stay_one_cell_whatever_is_in_them() -> None:
    odd = 'a "b"\tc\nd'
    rows: list[list[Cell]] = [["Generated on"], [], ["title", "s\nku", "qty", "cost"]]
    rows += [[odd, "A", 1, 1], ['"open', "B", 2, 1], [" \x1ad", "C", 3, 1]]
    good, bad = scan(workbook({"S": rows}), sku_column="s ku")
    assert (bad, [row[:2] for row in good]) == ([], [("A", 1), ("B", 2), ("C", 3)])
    assert scan(workbook({"S": [[None, "A", 1, 1]]}), header=False, sku_column=2, stock_column=3, cost_column=4)[0] == [
        ("A", 1, 100, "USD")
    ]


def test_the_first_sheet_that_people_see_is_read_or_the_one_that_is_named() -> None:
    data = workbook({"Old": [HEAD, ["O", 1, 1]], "Now": [HEAD, ["N", 1, 1]], "Ö": [HEAD, ["X", 1, 1]]}, hidden=["Old"])
    read = {wanted: scan(data, sheet=wanted)[0][0][0] for wanted in ("", " now", "old", 1, 3, "Ö")}
    assert read == {"": "N", " now": "N", "old": "O", 1: "O", 3: "X", "Ö": "X"}
    for wanted in ("Other", 0, 4, -1):
        assert refused(data, sheet=wanted) == "FEED_SHEET"
    assert refused(workbook({"A": [HEAD]}, hidden=["A"])) == "FEED_SHEET"


def test_the_form_of_a_workbook_suggests_no_settings_of_a_text() -> None:
    reader = FeedReader([sheet(["A", 1, 12.5])], settings())
    list(reader.portions())
    assert reader.form is not None
    form = told_form(reader.form, reader.encoding, reader.signs, settings())
    assert (form.encoding, form.settings) == ("xlsx", {"decimal_sign": "."})


def refused(data: bytes, **given: Any) -> str:
    with pytest.raises(Rejected) as raised:
        scan(data, **given)
    return raised.value.code


def encrypted() -> bytes:
    """A zip whose files are encrypted, as its list says."""
    data = bytearray(sheet(["A", 1, 1]))
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "FEED_NOT_CSV"),
        (b"<html><table><tr><td>sku</td></tr></table></html>", "FEED_NOT_CSV"),
        (zipped(book=sheet(["A", 1, 1])), "FEED_NOT_CSV"),
        (zipped(**{"a.csv": zipped(b=b"sku")}), "FEED_NOT_CSV"),
        (zipped(**{"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"}), "FEED_NOT_CSV"),
        (encrypted(), "FEED_ARCHIVE"),
        (sheet(["A", 1, 1])[:-30], "FEED_TRUNCATED"),
        (sheet(extra={"xl/worksheets/s1.xml": b"<worksheet><sheetData><row>"}), "FEED_UNREADABLE"),
        (sheet(extra={"xl/workbook.xml": b"not xml"}), "FEED_UNREADABLE"),
        (workbook({"S": []}), "FEED_EMPTY"),
        (workbook({"S": [["a", "b"], [1, 2]]}), "FEED_HEADER"),
    ],
)  # fmt: skip
def test_what_is_no_whole_workbook_is_refused_in_clear_words(data: bytes, code: str) -> None:
    assert refused(data) == code


@pytest.mark.parametrize(
    "rows",
    [
        b"<row r='1'><c r='A1'><v>1</v></c><c  r = \"XFD1048576\"><v>1</v></c></row>",
        b"<row r='1'><c/></row><x:row r='1000000'>" + b"<x:c><v>1</v></x:c>" * 6 + b"</x:row>",
        b"<row/>" * 1001 + b"<row>" + b"<c/>" * 5000 + b"</row>",
        b"<row r='1'><c r='A1'/></row><row r='5000001'/>",
    ],
)
@pytest.mark.parametrize("name", ["worksheets/s1.xml", "media/picture.png"])
def test_a_sheet_that_reaches_too_far_is_refused_whatever_it_is_called(rows: bytes, name: str) -> None:
    assert refused(sheet(extra={f"xl/{name}": b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"})) == (
        "FEED_TOO_LARGE"
    )


def test_cells_that_do_not_say_where_they_are_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "_PIECE", 64)
    cells = "".join(f"<row><c><v>{number}</v></c><c><v>5</v></c><c><v>1.5</v></c></row>" for number in range(200))
    head = "".join(f"<c t='inlineStr'><is><t>{name}</t></is></c>" for name in HEAD)
    monkeypatch.setattr(size, "MOST_CELLS", 201 * 3)
    text = f"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData><row>{head}</row>{cells}</sheetData></worksheet>"
    good, bad = scan(sheet(extra={"xl/worksheets/s1.xml": text.encode()}))
    assert (len(good), bad) == (200, [])


def test_bombs_are_refused_before_they_are_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "MOST_UNPACKED", 1_000_000)
    monkeypatch.setattr(size, "MOST_TEXTS", 10_000)
    assert refused(sheet(extra={"xl/sharedStrings.xml": b" " * 5_000_000})) == "FEED_TOO_LARGE"
    assert refused(sheet(extra={"xl/sharedStrings.xml": b"<sst>" + b"<si><t>a</t></si>" * 10_001})) == "FEED_TOO_LARGE"
    monkeypatch.setattr(reading, "MOST_PACKED", 100)
    assert refused(sheet(["A", 1, 1])) == "FEED_TOO_LARGE"


def test_p3_a_damaged_workbook_never_gives_other_values() -> None:
    rows: list[list[Cell]] = [[f"SKU-{number}", number, number + 0.5] for number in range(50)]
    whole = sheet(*rows)
    wanted, dice, codes = scan(whole), random.Random(7), set[str]()
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(dice.randrange(1, 4)):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        try:
            read = scan(bytes(data))
        except Rejected as error:
            codes.add(error.code)
        else:
            assert read == wanted
    assert all(code.startswith("FEED_") for code in codes)
