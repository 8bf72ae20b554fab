"""What `orderwright warehouse` refuses and books, at a shop with goods of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from orderwright.domain.catalogue import Offer, SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.config_check import faults_to_refuse
from orderwright.domain.connection_settings import settings_of
from orderwright.domain.unit_cost import UnitCost
from orderwright.messages import Message
from orderwright.papers import document
from orderwright.papers.warehouse import Piece, pick_list_pdf, slip_pdf
from orderwright.records import offer_key, sku_key
from orderwright.usecases.operator import counting, goods_in
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.operator.receipt_rows import Incoming
from orderwright.usecases.stock.own_offers import keep_offers_up
from orderwright.usecases.tracking import off_shelf
from tests.support.shop import FEED, STORE, Killed
from tests.support.stand import BUYER
from tests.unit.cli.cli_kit import operator_of
from tests.unit.usecases.order_shop import buy
from tests.unit.usecases.own_shop import HERE, NUMBER, SECOND, SKU, OwnShop, bought_here


@pytest.fixture
def own() -> Iterator[OwnShop]:
    shop = OwnShop()
    yield shop
    shop.close()
    assert shop.failed == []


def _faults(shop: OwnShop, *words: str, stdin: str = "") -> list[tuple[int, str]]:
    said = shop.ask(*words, "--json", stdin=stdin)
    assert said.code == 1
    return [(fault["line"], fault["field"]) for fault in json.loads(said.out)["error"]["faults"]]


@pytest.mark.parametrize(
    ("goods", "faults"),
    [
        (["HL-MS-400", "HL-UL-300=1@1"], [(1, "sku"), (1, "units"), (1, "cost")]),
        (["HL-MS-400=0@1.00", "=3@1.00"], [(1, "units"), (2, "sku")]),
        (["HL-MS-400=3", "HL-UL-300=3@0", "HL-PRO-1200=3@1.00EUR"], [(1, "cost"), (2, "cost"), (3, "cost")]),
        (["HL-MS-400=1.5@1", "HL-UL-300=2@1", "HL-UL-300=2@1"], [(1, "units"), (3, "sku")]),
        (["HL-MS-400=3@1.0000001"], [(1, "cost")]),
        (["NEW-1=3@1.00", "HL-MS-400=3@1.00"], [(1, "sku")]),
    ],
)
def test_what_cannot_be_received_is_named_by_line_and_field(
    own: OwnShop, goods: list[str], faults: list[tuple[int, str]]
) -> None:
    assert sorted(_faults(own, "receive", HERE, *goods)) == sorted(faults)
    assert own.did("receipts") == []


@pytest.mark.parametrize(
    ("table", "faults"),
    [
        ("sku,units\nA,1\n", [(1, "header")]),
        ("sku,units,cost,colour\nA,1,1,red\n", [(1, "header")]),
        ("sku,units,cost\nHL-MS-400,1\n", [(2, "row")]),
        ('sku,units,cost\n"HL-MS-400,1,2\n', [(2, "row")]),
        ("sku,units,cost\nHL-MS-400,1,2\nNOBODY,1,2\n", [(3, "sku")]),
    ],
)
def test_a_file_that_cannot_be_received_is_named_by_line(
    own: OwnShop, table: str, faults: list[tuple[int, str]]
) -> None:
    assert _faults(own, "receive", HERE, "-", stdin=table) == faults


def test_a_file_makes_the_skus_that_it_names_with_a_title(own: OwnShop, tmp_path: Path) -> None:
    file = tmp_path / "goods.csv"
    file.write_text("\ufeffSKU,units,cost,title\nNEW-1,4,3.275 USD,Lantern\nHL-MS-400,2,5,\n", "utf-8")
    number = own.did("receive", HERE, str(file))["number"]
    own.did("inspect", number)
    own.did("confirm", number)
    record = own.wiring.storage.get(sku_key("NEW-1"), SkuRecord)
    assert record is not None
    assert (record.model.title, own.figures("NEW-1")) == ("Lantern", (4, 0, 4))
    assert str(own.shelf("NEW-1").cost) == "3.275 USD"
    assert [one["sku"] for one in own.did("stock")] == ["HL-MS-400", "NEW-1"]
    own.get_in("NEW-1=4@3.28")
    assert str(own.shelf("NEW-1").cost) == "3.2775 USD"


def test_p3_a_receipt_that_was_interrupted_goes_on_where_it_was(own: OwnShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(goods_in, "AT_ONCE", 1)
    number = own.did("receive", HERE, f"{SKU}=3@1", f"{SECOND}=4@1")["number"]
    own.did("inspect", number)
    commit, left = own.wiring.storage.commit, [True, False]

    def killed(*changes: object, **more: object) -> None:
        commit(*changes, **more)  # type: ignore[arg-type]
        if left.pop():
            raise Killed("the command was interrupted")

    monkeypatch.setattr(own.wiring.storage, "commit", killed)
    with pytest.raises(Killed):
        own.ask("confirm", number)
    monkeypatch.setattr(own.wiring.storage, "commit", commit)
    own.did("confirm", number)
    assert (own.figures(), own.figures(SECOND)) == ((3, 0, 3), (4, 0, 4))


def test_damage_needs_a_reason_and_is_never_more_than_came(own: OwnShop) -> None:
    number = own.did("receive", HERE, f"{SKU}=3@1")["number"]
    for damaged, code in (
        (f"{SKU}=4", "DAMAGED_TOO_MANY"),
        (f"{SKU}=1", "WHY_MISSING"),
        (f"{SECOND}=1", "DAMAGED_TOO_MANY"),
    ):
        said = own.ask("inspect", number, "--damaged", damaged, "--json")
        assert said.json["error"]["code"] == code
    assert own.ask("confirm", number, "--json").json["error"]["code"] == "RECEIPT_NOT_INSPECTED"
    own.did("inspect", number, "--damaged", f"{SKU}=3", "--why", "water")
    own.did("confirm", number)
    assert own.wiring.storage.get(offer_key(SKU, HERE), Offer) is None
    assert own.ask("inspect", number, "--json").json["error"]["code"] == "RECEIPT_CONFIRMED"
    assert own.ask("count", f"{SKU}=3", "--json").json["error"]["code"] == "NOT_IN_WAREHOUSE"


def test_each_scanned_line_is_taken_or_says_why_not(own: OwnShop) -> None:
    own.get_in(f"{SKU}=9@1")
    name = bought_here(own)
    (po,) = own.purchase_orders(name)
    theirs = buy(own, ("HL-PRO-1200", 1))
    (other,) = own.purchase_orders(theirs)
    lines = [
        f"{po.reference}\t{NUMBER}", "", f"{po.reference}\t", f"NOBODY\t{NUMBER}", f"{other.reference}\t{NUMBER}",
        f"{po.reference}\tRR123456799FI\t{SECOND}=1", f"{po.reference}\t{'9' * 65}",
    ]  # fmt: skip
    said = own.ask("ship", "-", "--json", stdin="\r\n".join(lines))
    assert said.code == 1
    assert [(one["line"], one["result"]) for one in said.json] == [
        (1, "TAKEN"), (3, "NUMBER_MISSING"), (4, "NOT_FOUND"), (5, "NOT_IN_WAREHOUSE"), (6, "UNITS_WRONG"), (7, "NUMBER_MISSING"),
    ]  # fmt: skip
    own.run()
    assert own.figures() == (7, 0, 7)


def test_what_one_commit_does_not_take_leaves_with_the_next(own: OwnShop, monkeypatch: pytest.MonkeyPatch) -> None:
    own.get_in(f"{SKU}=3@1", f"{SECOND}=3@1")
    name = buy(own, (SKU, 1), (SECOND, 2))
    monkeypatch.setattr(off_shelf, "MOST_CHANGES", 0)
    own.scan(name)
    own.run()
    assert (own.figures(), own.figures(SECOND)) == ((2, 0, 2), (3, 2, 1))
    assert not own.purchase_orders(name)[0].reservation_closed
    own.pass_time(120)
    assert (own.figures(), own.figures(SECOND)) == ((2, 0, 2), (1, 0, 1))
    assert own.purchase_orders(name)[0].reservation_closed


def test_p3_no_file_may_write_the_stock_that_is_counted(own: OwnShop) -> None:
    config: Config = own._config
    feed = config.connections[FEED].model_copy(update={"offers_of": HERE})
    changed = config.model_copy(update={"connections": {**config.connections, FEED: feed}})
    (fault,) = [one for one in faults_to_refuse(changed, own.clock.now().date()) if one.path[-1] == "offers_of"]
    assert "your own warehouse" in fault.message


def test_buffer_and_parcel_cost_follow_the_settings(own: OwnShop) -> None:
    own.get_in(f"{SKU}=5@1")
    kind = settings_of("in_house").model_validate({"kind": "in_house", "buffer": 2, "parcel_cost": "3.10"})
    keep_offers_up(HERE, kind, own.wiring.storage, own.clock, "c-1")  # type: ignore[arg-type]
    assert (own.figures(), str(own.shelf().freight)) == ((5, 0, 3), "3.10 USD")


def test_another_currency_counts_once_the_shelf_is_empty(own: OwnShop) -> None:
    own.get_in(f"{SKU}=5@1")
    kind = settings_of("in_house").model_validate({"kind": "in_house", "currency": "EUR", "parcel_cost": "3.10"})
    keep_offers_up(HERE, kind, own.wiring.storage, own.clock, "c-1")  # type: ignore[arg-type]
    assert str(own.shelf().landed_cost) == "5.20 USD", "as it was bought"
    own._config = own._config.model_copy(update={"connections": {**own._config.connections, HERE: kind}})
    desk, cost = Desk(own.wiring.storage, own.clock, "mika"), UnitCost.parse("2", "EUR")
    number = goods_in.receive(desk, HERE, [Incoming(1, SKU, 4, cost)]).number
    goods_in.inspect(desk, HERE, number, {})
    with pytest.raises(Refused, match="lies here at a cost in USD"):
        goods_in.confirm(desk, kind, HERE, number)  # type: ignore[arg-type]
    counting.count(desk, own._config, HERE, {SKU: 0})
    own.clock.advance(1)
    goods_in.confirm(desk, kind, HERE, number)  # type: ignore[arg-type]
    assert str(own.shelf().landed_cost) == "5.10 EUR"


def test_p3_what_moves_right_after_a_count_of_a_fast_clock_counts(own: OwnShop) -> None:
    own.get_in(f"{SKU}=5@1")
    own.did("count", f"{SKU}=5", "--as-of", (own.clock.now() + timedelta(seconds=50)).isoformat())
    own.get_in(f"{SKU}=4@1")
    assert own.figures() == (9, 0, 9)


def test_without_a_warehouse_and_with_a_wrong_name_the_command_says_so(own: OwnShop) -> None:
    said = operator_of(own)("warehouse", "stock", "--of", "cj", "--json")
    assert said.json["error"]["code"] == "NOT_FOUND"
    assert own.ask("slip", "NOBODY", "--to", "x.pdf", "--json").json["error"]["code"] == "NOT_FOUND"


def test_papers_show_no_price_and_never_a_wrong_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, shown = list[str](), document._shown

    def kept(text: str, instead: str) -> str:
        drawn.append(shown(text, instead))
        return drawn[-1]

    monkeypatch.setattr(document, "_shown", kept)
    pieces = [Piece("HL-UL-300", "Lantern", 2, "OWABC7LMBGQCIJ3QZLV4MJ", "#1001")]
    to = BUYER.corrected({"line2": "東京"})
    for language in ("en", "de", "zh-Hans"):
        slip = slip_pdf(pieces, ["Nordlight", "Sample Road 1"], to, language)
        assert slip == slip_pdf(pieces, ["Nordlight", "Sample Road 1"], to, language)
        assert pick_list_pdf(pieces, "warehouse, 2026-11-30", language).startswith(b"%PDF-")
    assert "Esimerkkikatu 1" in drawn
    assert not [text for text in drawn if "東京" in text or "USD" in text or BUYER.phone in text]
    assert {"see the order", "siehe Auftrag"} <= {*drawn}


def test_the_daily_import_of_a_warehouse_maps_the_stores(own: OwnShop) -> None:
    own.get_in("NEW-1=4@3", "--title", "Lantern")
    message = Message("catalogue.import_due", "m-1", "now", connection=HERE)
    own.wiring.import_catalogue(message)
    file = own.wiring.storage.load_sku("NEW-1")
    assert STORE in file.listings
