"""Files of what prices follow: any form to named cells; what is ambiguous is refused, never guessed."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import ClassVar, Literal

import pytest

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.connectors.feeds.csv.cells import BadCell
from orderwright.connectors.signals.settings import SignalFile
from orderwright.connectors.signals.tables import Table, Wanted, read_table
from tests.support.workbook import workbook

WANTED = Wanted(
    {"gtin": "gtin|ean", "sku": "sku", "price": "price|price.amount"}, frozenset({"price"}), ("gtin", "sku"),
    frozenset({"price"}),
)  # fmt: skip
ROWS = [{"ean": "4006381333931", "price": 12.5}, {"sku": "LAMP", "price": "1299.00"}]


class _File(SignalFile):
    TELLS: ClassVar[Literal["competitors", "rates"]] = "rates"


def read(data: bytes | str, **settings: object) -> Table:
    form = _File.model_validate({"kind": "x", "url": "https://prices.example.com/a", **settings})
    return read_table([data.encode() if isinstance(data, str) else data], form, WANTED, {})


def told(table: Table) -> list[tuple[str, str, Decimal | None]]:
    return [(row.cells.get("gtin", ""), row.cells.get("sku", ""), table.number(row, "price")) for row in table]


@pytest.mark.parametrize(
    "data",
    [
        "EAN;Sku;Price\n4006381333931;;12,50\n;LAMP;1.299,00\n",
        "Prices of today\n\nean\tprice\tsku\textra\n4006381333931\t12.50\t\t\n\t\t\t\n\t1,299.00\tLAMP\tx\n",
        workbook({"A": [["ean", "sku", "price"], ["4006381333931", "", 12.5], ["", "LAMP", 1299.0]]}),
        json.dumps(ROWS),
        json.dumps({"at": "2026-12-01", "rows": ROWS, "none": []}),
        "\n".join(map(json.dumps, ROWS)),
        "\ufeff"
        + json.dumps(
            [
                {"ean": "4006381333931", "price": {"amount": 12.500}},
                {"sku": "LAMP", "price.amount": "1299.00", "new": True},
            ]
        ),
    ],
)
def test_any_form_is_read_to_the_same_rows(data: bytes | str) -> None:
    table = read(data)
    wanted = [("4006381333931", "", Decimal("12.5")), ("", "LAMP", Decimal(1299))]
    assert (told(table), table.bad) == (wanted, [])
    assert table.form is not None
    assert table.form.used["gtin"].lower() == "ean"


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        ("sku,price\nA,1.250\n", "FEED_NUMBERS_AMBIGUOUS", "set decimal_sign"),
        ("sku,price\nA,1.25\nB,\"1,25\"\n", "FEED_NUMBERS_AMBIGUOUS", "before the decimals"),
        ("name,price\nA,1.25\n", "FEED_HEADER", "'gtin|ean|sku'"),
        ("sku,cost\nA,1.25\n", "FEED_HEADER", "'price|price.amount'"),
        ("[{\"sku\": \"A\"}]", "FEED_HEADER", "'price|price.amount'"),
        ("sku,price\nA,1.25\nB", "FEED_TRUNCATED", "last row"),
        ("[{\"sku\": \"A\", \"pri", "FEED_TRUNCATED", "cut"),
        ("{\"sku\": \"A\", \"price\": 1}\n{\"sku\": \"A\", \"pri", "FEED_TRUNCATED", "cut"),
        ("[" * 100_000, "FEED_TRUNCATED", "damaged"),
        ("{\"a\": [{\"sku\": \"A\"}], \"b\": [{\"sku\": \"A\"}]}", "FEED_HEADER", "several lists"),
    ],
)  # fmt: skip
def test_what_cannot_be_trusted_is_refused_as_a_whole(data: str, code: str, says: str) -> None:
    with pytest.raises(FeedBroken, match=says.replace("|", r"\|")) as refused:
        told(read(data))
    assert refused.value.code == code


def test_a_bad_row_is_named_and_the_rest_is_taken() -> None:
    table = read('sku,price\nA,1.25\nB\nC,x\n"D,2.00\n')
    assert [(bad.line, bad.field) for bad in table.bad] == [(3, "row"), (5, "row")]
    good, odd = table
    assert table.number(good, "price") == Decimal("1.25")
    with pytest.raises(BadCell, match="is not a number"):
        table.number(odd, "price")
    assert [bad.line for bad in read('[{"sku": "A", "price": 1}, 7, "x"]').bad] == [2, 3]
    assert told(read("sku,price\nA,1.250\n", decimal_sign=",")) == [("", "A", Decimal(1250))]
