"""What customs ask of a SKU, from the operator's own table, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orderwright.domain.catalogue import SkuRecord, has_battery
from orderwright.records import sku_key
from orderwright.usecases.operator.attributes import CLEAR, Row, read_rows
from tests.support.shop import Shop, test_config
from tests.unit.cli.cli_kit import Operator, operator_of

SKU = "HL-MS-400"


def record(shop: Shop, sku: str = SKU) -> SkuRecord:
    found = shop.wiring.storage.get(sku_key(sku), SkuRecord)
    assert found is not None
    return found.model


def table(folder: Path, *lines: str) -> str:
    path = folder / "codes.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


def test_imported_attributes_are_written_told_and_priced_anew(shop: Shop, operator: Operator, tmp_path: Path) -> None:
    before = record(shop)
    said = operator(
        "catalogue",
        "attributes",
        "import",
        table(tmp_path, "mpn,sku,hs6,origin,battery", f"NL-400,{SKU},85131000,CN,Yes"),
        "--json",
    )
    assert said.code == 0
    assert said.json == {
        "rows": 1,
        "changed": [
            {
                "sku": SKU,
                "hs6": {"from": before.heading, "to": "85131000"},
                "origin": {"from": "", "to": "CN"},
                "mpn": {"from": "", "to": "NL-400"},
                "battery": {"from": before.battery, "to": "yes"},
            }
        ],
        "warnings": [],
    }
    assert "operator mika" in record(shop).log[-1].who
    raw = shop.wiring.storage.get_raw(sku_key(SKU))
    assert raw is not None
    assert [fact["type"] for fact in json.loads(raw[0]["facts"])] == ["offer.changed"]
    kept = record(shop)
    assert (kept.heading, kept.made_in, kept.maker_number) == ("85131000", "CN", "NL-400")
    assert has_battery(kept)
    shown = operator("catalogue", "show", SKU).out
    assert (
        "customs: hs6 85131000, origin CN, mpn NL-400, battery yes (imported by hand: battery, hs6, mpn, origin)"
        in shown
    )


def test_an_empty_cell_leaves_a_value_and_a_dash_gives_the_suppliers_back(
    shop: Shop, operator: Operator, tmp_path: Path
) -> None:
    supplied = record(shop).hs6
    operator("catalogue", "attributes", "import", table(tmp_path, "sku,hs6,origin", f"{SKU},851310,CN"))
    said = operator("catalogue", "attributes", "import", table(tmp_path, "sku,hs6,origin", f"{SKU},-,"))
    assert (said.code, record(shop).set_by_hand) == (0, {"origin": "CN"})
    assert record(shop).heading == supplied
    again = operator("catalogue", "attributes", "import", table(tmp_path, "sku,hs6,origin", f"{SKU},-,CN"), "--json")
    assert again.json["changed"] == []


def test_one_bad_line_and_nothing_is_written_with_each_fault_named(
    shop: Shop, operator: Operator, tmp_path: Path
) -> None:
    lines = ["sku,hs6,origin", f"{SKU},851310,CN", "HL-KID-120,8513,QQ", "NO-SUCH,85131000000,", f"{SKU},851310,DE"]
    said = operator("catalogue", "attributes", "import", table(tmp_path, *lines), "--json")
    faults = [(one["line"], one["field"]) for one in said.json["error"]["faults"]]
    assert said.code == 1
    assert faults == [(3, "hs6"), (3, "origin"), (4, "hs6"), (4, "sku"), (5, "sku")]
    assert all(one["message"] and one["fix"] for one in said.json["error"]["faults"])
    assert "got 4 characters" in said.out
    assert "got 11 characters" in said.out
    assert record(shop).set_by_hand == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", (1, "header")),
        ("hs6,origin\n851310,CN\n", (1, "header")),
        ("sku,hs6,colour\nA,851310,red\n", (1, "header")),
        ("sku,hs6,hs6\nA,851310,851310\n", (1, "header")),
        ("sku,hs6\nA\n", (2, "row")),
        ("sku,hs6\n,851310\n", (2, "sku")),
        ("sku,origin\nA,ES-CN\n", (2, "origin")),
        ("sku,battery\nA,AAA\n", (2, "battery")),
        ("sku,mpn\nA,x\u202ey\n", (2, "mpn")),
        ('sku,mpn\nA,"x\n', (2, "row")),
    ],
)
def test_each_fault_of_a_table_is_named_by_line_and_field(text: str, fault: tuple[int, str]) -> None:
    _, faults = read_rows(text)
    assert [(one.line, one.field) for one in faults] == [fault]


def test_a_table_may_have_a_mark_in_front_blank_lines_and_any_order_of_columns() -> None:
    rows, faults = read_rows("\ufefforigin,SKU\n\nCN,A\n-,B\n,C\n")
    assert not faults
    assert rows == [Row(3, "A", {"origin": "CN"}), Row(4, "B", {"origin": CLEAR}), Row(5, "C", {})]


def test_bytes_that_are_no_utf_8_are_refused_with_their_line(operator: Operator, tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_bytes(b"sku,mpn\nA,\xe4\n")
    said = operator("catalogue", "attributes", "import", str(path), "--json")
    assert (said.code, said.json["error"]["faults"][0]["line"]) == (1, 2)


def test_goods_for_the_eu_without_a_makers_number_are_warned_of(
    tmp_path: Path,
) -> None:
    shop = Shop(test_config(ship_to_countries=["FI", "NO"]))
    shop.connect()
    shop.stock_up()
    operator = operator_of(shop)
    shown = operator("catalogue", "show", SKU, "--json").json
    assert [why["code"] for why in shown["warnings"]] == ["IDENTIFIER_MISSING"]
    said = operator("catalogue", "attributes", "import", table(tmp_path, "sku,origin", f"{SKU},CN"))
    assert (said.code, "IDENTIFIER_MISSING" in said.out) == (0, True)
    said = operator("catalogue", "attributes", "import", table(tmp_path, "sku,mpn", f"{SKU},NL-400"))
    assert "IDENTIFIER_MISSING" not in said.out
    shop.close()
