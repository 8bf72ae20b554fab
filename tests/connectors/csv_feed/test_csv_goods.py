"""A stock file's rows as goods (R1): what is missing or wrong is named with its line and cell, and the good rows go on."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.connectors.feeds.csv.goods import read_goods
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.ports.feed import BadRow, GoodsRow
from tests.support.feed_rows import loaded
from tests.unit.domain.order_kit import unit_usd

HEADER = "sku;qty;cost;title;images;gtin;hs6;origin;weight_grams;freight\n"


def settings(catalogue: dict[str, Any] | None = None, **more: Any) -> CsvSettings:
    fields = {"kind": "csv", "url": "https://feed.example.com/a.csv", "offers_of": "cj", "catalogue": catalogue or {}}
    return CsvSettings.model_validate(fields | more)


def read(text: str, catalogue: dict[str, Any] | None = None, **more: Any) -> tuple[list[GoodsRow], list[BadRow]]:
    rows = list(read_goods([text.encode()], settings(catalogue, **more), {}))
    return [row for row in rows if isinstance(row, GoodsRow)], [row for row in rows if isinstance(row, BadRow)]


def test_a_row_is_goods_with_all_that_its_columns_say() -> None:
    pictures = "https://img.example.com/a,b.jpg, https://img.example.com/c.jpg|https://img.example.com/a,b.jpg"
    text = (
        "Artikel;Bestand;EK;Name;Text;Bild;Bild 2;Warengruppe;tags;Marke;gtin;mpn;hs6;origin;weight_grams;Fracht\n"
        f"L-1;4;6,40;Lampe  rot;<p>Hell</p>;{pictures};https://img.example.com/d.jpg;Licht;rot, hell;Acme;"
        '="4006381333931";M-1;8513.10 00;de;120,0;2,90\n'
    )
    columns = {"title": "Name", "description": "Text", "images": ["Bild", "Bild 2"], "category": "Warengruppe",
               "brand": "Marke", "freight": "Fracht"}  # fmt: skip
    (row,), bad = read(text, columns, sku_column="Artikel", stock_column="Bestand", cost_column="EK")
    assert (bad, row.bad, row.line, row.cost, row.freight) == ([], (), 2, unit_usd("6.40"), unit_usd("2.90"))
    assert row.record.model_dump(include={"sku", "title", "description_html", "category", "tags", "brand", "weight_grams"}) == {
        "sku": "L-1", "title": "Lampe rot", "description_html": "<p>Hell</p>", "category": "Licht", "tags": ("rot", "hell"),
        "brand": "Acme", "weight_grams": 120,
    }  # fmt: skip
    assert row.record.images == tuple(f"https://img.example.com/{name}.jpg" for name in ("a,b", "c", "d"))
    codes = (row.record.gtin, row.record.mpn, row.record.hs6, row.record.origin)
    assert codes == ("4006381333931", "M-1", "85131000", "DE")


def test_rows_without_a_title_twice_or_with_a_bad_code_are_named_and_the_others_go_on() -> None:
    text = HEADER + (
        "A;1;1.00;Lamp;;;;;;2.00\nB;1;1.00; ;;;;;;2.00\nA;2;1.00;Lamp again;;;;;;2.00\nC;1;x;Lamp;;;;;;2.00\n"
        "D;1;1.00;Lamp;;4006381333932;85;XX;heavy;2.00\nE;1;1.00;Lamp;;;;;;\nF;1;1.00;Lamp;;;;;;0,00\nG;1\n"
    )
    goods, bad = read(text)
    assert [row.record.sku for row in goods] == ["A", "D", "F"]
    assert goods[2].freight == unit_usd("0.00")
    assert [(row.line, row.field, row.sku) for row in sorted(bad)] == [
        (3, "title", "B"), (4, "sku", "A"), (5, "cost", "C"), (7, "freight", "E"), (9, "row", "G"),
    ]  # fmt: skip
    assert [row.field for row in goods[1].bad] == ["weight_grams", "gtin", "hs6", "origin"]
    record = goods[1].record
    assert (record.gtin, record.hs6, record.origin, record.weight_grams) == ("", "", "", None)


def test_what_a_number_means_is_known_from_the_whole_file() -> None:
    goods, _ = read("sku;qty;cost;title\nA;1;1.250;Lamp\nB;1;1,25;Lamp\n", {"freight_per_piece": "4.9"})
    assert [(row.cost, row.freight) for row in goods] == [
        (unit_usd("1250.00"), unit_usd("4.90")), (unit_usd("1.25"), unit_usd("4.90")),
    ]  # fmt: skip


def test_what_a_freight_means_is_known_before_the_first_row_is_given() -> None:
    text = "sku;qty;EK;title;freight\nA;1;7,00;Lamp;1.250\nB;1;7,00;Lamp;2,50\n"
    assert [str(row.freight) for row in read(text, cost_column="EK")[0]] == ["1250.00 USD", "2.50 USD"]
    assert [str(row.freight) for row in read(text.replace("2,50", "2"), cost_column="EK")[0]] == [
        "1250.00 USD",
        "2.00 USD",
    ]
    with pytest.raises(FeedBroken, match="freight"):
        next(read_goods([(text + "C;1;7,00;Lamp;2.5\n").encode()], settings(cost_column="EK", catalogue={}), {}))


def test_a_sku_with_a_row_for_each_warehouse_is_one_article() -> None:
    text = "sku,qty,cost,title,wh\nA,1,1.00,Lamp,S\nA,1,2.00,Lamp,N\nA,5,2.00,Lamp,N2\n"
    more = {"warehouse_column": "wh", "warehouses": ["N"]}
    goods, bad = read(text, {"freight_per_piece": 0}, **more)
    assert ([(row.line, row.cost) for row in goods], bad) == ([(3, unit_usd("2.00"))], [])


@pytest.mark.parametrize(
    ("text", "catalogue", "code"),
    [(HEADER + "A;1;1.00;Lamp;;;;;;2.00\nB;1", {}, "FEED_TRUNCATED"), ("", {}, "FEED_EMPTY"),
     ("sku;qty;cost;freight\n", {}, "FEED_HEADER"), ("sku;qty;cost;title\nA;1;1.00;Lamp\n", {}, "FEED_HEADER"),
     (HEADER, {"brand": "Marke"}, "FEED_HEADER")],
)  # fmt: skip
def test_p3_a_file_that_is_cut_or_lacks_a_column_gives_no_goods_at_all(
    text: str, catalogue: dict[str, Any], code: str
) -> None:
    rows = read_goods([text.encode()], settings(catalogue), {})
    with pytest.raises(FeedBroken) as broken:
        next(rows)
    assert broken.value.code == code


def test_the_stock_of_a_file_is_read_though_a_column_of_its_goods_is_missing() -> None:
    content = loaded([b"sku,qty,cost\nA,4,1.00\n"], settings({}))
    assert (content.shards.rows, content.bad_rows) == (1, 0)


def test_columns_by_number_and_settings_that_cannot_be() -> None:
    numbers = {"header": False, "sku_column": 1, "stock_column": 2, "cost_column": 3}
    goods, _ = read("A,4,1.00,Lamp\n", {"title": 4, "freight_per_piece": "1"}, **numbers)
    assert goods[0].record.title == "Lamp"
    for wrong in ({"freight_per_piece": "1"}, {"title": 4}, {"title": 4, "freight_per_piece": "-1"}):
        with pytest.raises(ValidationError):
            settings(wrong, **numbers)
