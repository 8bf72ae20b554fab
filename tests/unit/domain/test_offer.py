"""What a report, its supplier's catalogue and an end of sale make of an offer (promises P3, P4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from orderwright.domain.catalogue import NEVER, Article, Offer, OfferReport, SkuRecord, SupplierGoods
from orderwright.domain.sources import Sources
from orderwright.domain.time_line import Stamp
from tests.unit.domain.order_kit import NOW, offer, unit_usd

SOURCES = Sources("cj", ("first", "second"))
STAMP = Stamp(NOW, "poll_stock", "run")
LATER, EARLIER = NOW + timedelta(minutes=1), NOW - timedelta(minutes=1)


def report(stock: int | None = None, cost: str = "", at: datetime = LATER, **more: Any) -> OfferReport:
    return OfferReport("X", "", stock, unit_usd(cost) if cost else None, at, **more)


def goods(at: datetime = LATER, **more: Any) -> SupplierGoods:
    values = {"supplier_sku": "cj-HL-MS-400", "supplier_ref": "", "sku": SkuRecord(sku="HL-MS-400", title="Head torch"),
              "cost": unit_usd("6.40"), "freight": unit_usd("2.90"), "observed_at": at}  # fmt: skip
    return SupplierGoods.model_validate(values | more)


@pytest.mark.parametrize(
    ("fields", "said", "by", "stock", "sellable", "matters"),
    [
        ({}, report(4), "cj", 4, 1, True),
        ({}, report(-3), "cj", 0, -3, True),
        ({}, report(None), "cj", 10, 10, False),
        ({}, report(4, at=NOW), "cj", 10, 10, False),
        ({"stock_from": "gone"}, report(4, at=EARLIER), "cj", 4, 1, True),
        ({"stock_from": "gone", "stock": 4, "sellable": 1}, report(4), "cj", 4, 1, True),
        ({"off_sale": True}, report(4), "cj", 0, -3, True),
        ({"feed": "first"}, report(4), "second", 10, 10, False),
        ({"feed": "second", "stock_from": "second"}, report(4, at=EARLIER), "first", 4, 1, True),
        ({"feed": "second"}, report(0, left=True), "first", 10, 10, False),
    ],
    ids=["newer", "below zero", "unknown", "not newer", "over a source that is gone", "known again", "off sale",
         "behind in the order", "before it in the order", "left a file that it was not of"],
)  # fmt: skip
def test_a_report_counts_if_it_is_newer_and_known(
    fields: dict[str, Any], said: OfferReport, by: str, stock: int, sellable: int, *, matters: bool
) -> None:
    before = offer(buffer=1, open={"a": 2}, **fields)
    done = before.reported(said, by, SOURCES, STAMP)
    assert (done.offer.stock, done.offer.sellable, done.matters) == (stock, sellable, matters)
    assert len(done.offer.log) == matters


def test_p3_what_is_held_back_counts_beside_the_settings_buffer_and_stays_over_imports_and_polls() -> None:
    held = offer(buffer=2, sellable=8).held(5, 2, STAMP)
    assert (held.buffer, held.sellable, held.log[-1].why) == (5, 3, "buffer 2 -> 5")
    assert held.held(5, 2, STAMP) == held
    polled = held.reported(report(20), "cj", SOURCES, STAMP).offer
    assert (polled.buffer, polled.sellable) == (5, 15)
    assert polled.imported(goods(), 7, SOURCES, STAMP).buffer == 7
    assert polled.imported(goods(), 2, SOURCES, STAMP).kept_with(1, unit_usd("2.90"), STAMP).buffer == 5
    assert polled.held(0, 2, STAMP).buffer == 2


def test_stock_by_warehouse_is_kept_until_somebody_says_another_sum() -> None:
    told = offer(stock=10).reported(report(9, places={"Nord": 7, "Sued": 2, "Ost": 0}), "cj", SOURCES, STAMP).offer
    assert told.places == {"Nord": 7, "Sued": 2}
    moved = told.reported(report(9, at=LATER + timedelta(1), places={"Nord": 9}), "cj", SOURCES, STAMP)
    assert (moved.offer.places, moved.matters) == ({"Nord": 9}, False)
    later = LATER + timedelta(2)
    assert told.imported(goods(later, stock=9), 0, SOURCES, STAMP).places == told.places
    assert told.imported(goods(later, stock=8), 0, SOURCES, STAMP).places == {}
    assert told.sale_changed(on_sale=False, stamp=STAMP).places == {}


@pytest.mark.parametrize("cost", ["0.00", "-1.00"])
def test_a_cost_that_cannot_be_is_refused_and_the_stock_beside_it_counts(cost: str) -> None:
    done = offer().reported(report(4, cost), "cj", SOURCES, STAMP)
    assert done.refused is not None
    assert (done.refused.code, done.offer.cost, done.offer.stock) == ("COST_NOT_POSITIVE", unit_usd("6.40"), 4)


def test_stock_and_cost_have_clocks_of_their_own() -> None:
    before = offer(cost_observed_at=LATER)
    after = before.reported(report(4, "5.00"), "cj", SOURCES, STAMP).offer
    assert (after.stock, after.cost) == (4, unit_usd("6.40"))


def test_what_left_its_file_belongs_to_no_feed() -> None:
    after = offer(feed="first", stock_from="first").reported(report(0, left=True), "first", SOURCES, STAMP).offer
    assert (after.stock, after.feed, after.stock_from) == (0, "", "")


def test_an_end_of_sale_holds_until_the_supplier_sells_it_again_and_says_its_stock() -> None:
    ended = offer(open={"a": 2}).sale_changed(on_sale=False, stamp=STAMP)
    assert (ended.off_sale, ended.stock, ended.sellable, ended.observed_at) == (True, 0, -2, NOW)
    again = ended.sale_changed(on_sale=True, stamp=STAMP)
    assert (again.off_sale, again.stock, again.observed_at) == (False, 0, NEVER)
    assert again.reported(report(7, at=EARLIER), "cj", SOURCES, STAMP).offer.sellable == 5


def test_a_confirmation_of_the_catalogue_is_the_same_offer() -> None:
    before = offer(cost_from="cj", stock_from="cj")
    assert before.imported(goods(stock=10), 0, SOURCES, STAMP) is before


@pytest.mark.parametrize(
    ("fields", "given", "buffer", "stock", "sellable", "off_sale"),
    [
        ({}, goods(stock=3), 2, 3, -1, False),
        ({}, goods(), 2, 10, 6, False),
        ({"off_sale": True}, goods(stock=3), 0, 10, 8, True),
        ({"off_sale": True}, goods(stock=3, on_sale=True), 0, 3, 1, False),
        ({"off_sale": True}, goods(EARLIER, stock=3, on_sale=True), 0, 10, 8, True),
    ],
    ids=["newer", "unknown stock", "off sale", "sold again", "sold before it was taken off"],
)
def test_the_catalogue_leaves_reservations_and_what_it_does_not_know(
    fields: dict[str, Any], given: SupplierGoods, buffer: int, stock: int, sellable: int, *, off_sale: bool
) -> None:
    after = offer(open={"a": 2}, **fields).imported(given, buffer, SOURCES, STAMP)
    assert (after.stock, after.sellable, after.off_sale) == (stock, sellable, off_sale)


def test_new_goods_of_unknown_stock_are_not_sold_and_any_report_is_newer() -> None:
    made = Offer.first(goods(), "cj", 3)
    assert (made.stock, made.sellable, made.observed_at, made.stock_from) == (0, -3, NEVER, "")


def test_only_the_newest_lines_of_an_offer_are_kept() -> None:
    ends = offer()
    for on_sale in (False, True, False, True):
        ends = ends.sale_changed(on_sale=on_sale, stamp=STAMP)
    assert [line.what.partition(",")[0] for line in ends.retired_at(STAMP, "left").log] == [
        "not sold by the supplier any more",
        "sold by the supplier again",
        "retired",
    ]


def test_what_the_operator_said_of_customs_stays_until_it_is_taken_back() -> None:
    said = SkuRecord(sku="A", title="A", hs6="111111").corrected({"hs6": "222222", "mpn": "M"})
    again = said.imported(SkuRecord(sku="A", title="B", hs6="333333"))
    assert (again.title, again.heading, again.maker_number) == ("B", "222222", "M")
    assert again.corrected({"hs6": ""}).heading == "333333"


def test_what_a_sku_is_a_variant_of_is_the_suppliers_word_and_stays_when_the_operator_corrects_the_record() -> None:
    article = Article(key="cj-P-1", title="Lamp", choices={"Colour": "Black"})
    imported = SkuRecord(sku="A", title="A").imported(SkuRecord(sku="A", title="Lamp, Black", article=article))
    assert imported.corrected({"hs6": "851310"}).article == article
    assert imported.imported(SkuRecord(sku="A", title="Lamp")).article is None
