"""`orderwright feed check`: a stock file is read as the poll reads it, and nothing is applied."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from orderwright.connectors.feeds.csv.feed import CsvFeedConnector
from orderwright.domain.feed_state import FeedState, manifest
from orderwright.domain.stock_diff import encode_shard, shard_of
from orderwright.records import feed_key
from orderwright.storage import Put
from tests.connectors.csv_feed.test_csv_rows import sample
from tests.support.fakes import FakeSnapshots
from tests.support.shop import FEED, Shop
from tests.unit.cli.cli_kit import Operator


@pytest.mark.parametrize(
    ("name", "code", "rows", "bad", "refused"),
    [("feed_ok.csv", 0, 2, 0, None), ("feed_bom_crlf.csv", 0, 2, 0, None), ("feed_bad_rows.csv", 1, 1, 4, None),
     ("feed_truncated.csv", 1, 0, 0, "FEED_TRUNCATED")],
)  # fmt: skip
def test_every_sample_is_shown_as_it_would_be_read(
    operator: Operator, tmp_path: Path, name: str, code: int, rows: int, bad: int, refused: str | None
) -> None:
    file = tmp_path / name
    file.write_bytes(sample(name))
    said = operator("feed", "check", str(file), "--json")
    assert said.code == code
    told = said.json
    assert (told["rows"], told["bad_rows"]) == (rows, bad)
    assert (told["refused"] or {}).get("code") == refused
    assert told["form"]["used"]["stock"] == "qty"
    assert told["settings"]["separator"] == ","
    assert "header in line 1" in operator("feed", "check", str(file)).out


def test_settings_may_be_tried_and_wrong_ones_are_named(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("List of today\nArtikel;Lager;Preis\nA;ja;1.250\n", "utf-8")
    columns = ("--set", "sku_column=Artikel", "--set", "stock_column=Lager", "--set", "cost_column=Preis")
    said = operator("feed", "check", str(file), "--json", *columns, "--set", "stock_words=ja:5")
    assert said.json["refused"]["code"] == "FEED_NUMBERS_AMBIGUOUS"
    assert said.json["settings"]["lines_above_header"] == 1
    said = operator(
        "feed", "check", str(file), "--json", *columns, "--set", "stock_words=ja:5", "--set", "decimal_sign=,"
    )
    assert said.json["first"] == [{"sku": "A", "stock": 5, "cost": {"amount": "1250.00", "currency": "USD"}}]
    for wrong in ("colour=red", "decimal_sign=x"):
        said = operator("feed", "check", str(file), "--set", wrong)
        assert said.code == 1
        assert wrong.partition("=")[0] in said.err
    assert "cannot be read" in operator("feed", "check", "no-such-file.csv").err
    assert operator("feed", "check").code == 1


def test_the_goods_of_a_file_are_shown_as_an_import_would_take_them(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("sku,qty,cost,title,gtin\nA,1,1.00,Lamp,40\nB,2,2.00,,\n", "utf-8")
    asked = ("feed", "check", str(file), "--set")
    said = operator(*asked, "catalogue=title:title,freight_per_piece:2.90", "--json").json
    assert said["form"]["used"]["catalogue.title"] == "title"
    goods = said["goods"]
    assert (goods["rows"], goods["bad"], [one["field"] for one in goods["problems"]]) == (1, 2, ["gtin", "title"])
    assert goods["first"][0] == {"sku": "A", "title": "Lamp", "pictures": 0, "cost": {"amount": "1.00", "currency": "USD"},
                                 "freight": {"amount": "2.90", "currency": "USD"}}  # fmt: skip
    out = operator(*asked, "catalogue=title:title,freight_per_piece:2.90").out
    assert "goods: 1 would be imported, 2 cells or rows cannot be taken" in out
    assert "Problems of the goods" in out
    assert "none can be taken: FEED_HEADER" in operator(*asked, "catalogue=title:Name").out


def test_a_feed_that_does_not_know_how_its_file_is_written_is_read_all_the_same(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, whole = tmp_path / "stock.csv", CsvFeedConnector.read_feed
    file.write_text("sku,qty,cost\nA,1,1.00\nB,x,2.00\n", "utf-8")
    monkeypatch.setattr(
        CsvFeedConnector, "read_feed", lambda self, pieces, signs, tell, newer: whole(self, pieces, signs)
    )
    told = operator("feed", "check", str(file), "--json").json
    assert (told["rows"], told["problems"][0]["sku"], told["form"], told["settings"]) == (1, "B", None, {})
    assert "First rows" in operator("feed", "check", str(file)).out


def test_a_file_of_any_size_is_read_while_it_comes(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    with file.open("wb") as out:
        out.write(b"sku,qty,cost\nA,1,1.00\n")
        out.truncate(64 * 1024 * 1024)
    tracemalloc.start()
    try:
        said = operator("feed", "check", str(file))
        assert tracemalloc.get_traced_memory()[1] < 24 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert "nothing would be applied: FEED_UNREADABLE: a line has more than" in said.out


def test_a_feeds_own_address_is_compared_with_its_last_good_file(shop: Shop, operator: Operator) -> None:
    said = operator("feed", "check", "--feed", FEED, "--json")
    skus = [row["sku"] for row in said.json["first"]]
    assert (said.json["changes"]["added"], said.json["changes"]["changed"]) == (said.json["rows"], 0), (
        "all is new at first"
    )
    shards = shop.wiring.config().connections[FEED].shards  # type: ignore[union-attr]
    snapshots = FakeSnapshots()
    for number in range(shards):
        rows = [(sku, 999, 100, "USD") for sku in (*skus, *(f"OLD-{n}" for n in range(40)))]
        part = encode_shard(row for row in rows if shard_of(row[0], shards) == number)
        snapshots.put(FEED, number, 2, part)
    state = FeedState(connection=FEED, snapshot=manifest([2] * shards), etag="")
    shop.wiring.storage.commit([Put(feed_key(FEED), state, 0)])
    shop.wiring.__dict__["snapshots"] = snapshots
    before = snapshots.calls.count("put")
    said = operator("feed", "check", "--feed", FEED, "--json")
    assert said.code == 1
    assert said.json["breaker"]["code"] == "FEED_TOO_MANY_MISSING"
    changes = said.json["changes"]
    assert (changes["known"], changes["changed"], changes["vanished"]) == (45, 5, 40)
    assert changes["added"] == said.json["rows"] - 5
    assert snapshots.calls.count("put") == before, "a check changes nothing"
    out = operator("feed", "check", "--feed", FEED).out
    assert "breaker: opens" in out
    assert "vanished: OLD-" in out
