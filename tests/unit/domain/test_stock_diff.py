"""Stock by difference: what changed, what vanished, and when a feed is not believed."""

from __future__ import annotations

import gzip
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.domain.stock_diff import (
    Counts,
    FeedShards,
    FeedStats,
    Row,
    cost_in,
    decode_shard,
    diff_shard,
    encode_shard,
    judge_feed,
    pack,
    places_in,
    shard_of,
    with_places,
)
from orderwright.domain.unit_cost import UnitCost

_SKUS = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc", "Zs"]), min_size=1, max_size=8
)
_ROWS = st.lists(
    st.tuples(
        _SKUS,
        st.integers(0, 50),
        st.one_of(st.none(), st.integers(1, 500), st.just(Decimal("327.5"))),
        st.sampled_from(["USD", "EUR"]),
    ),
    max_size=30,
)


def _settings(**changes: Any) -> CsvSettings:
    return CsvSettings(kind="csv", url="https://feeds.example.com/stock.csv", offers_of="cj-main", **changes)


def _by_sku(rows: list[Row]) -> dict[str, Row]:
    return {row[0]: row for row in rows}


@given(_ROWS)
def test_a_snapshot_gives_its_rows_back_and_does_not_depend_on_their_order(rows: list[Row]) -> None:
    rows = list(_by_sku(rows).values())
    snapshot = encode_shard(rows)
    assert _by_sku(list(decode_shard(snapshot))) == _by_sku(rows)
    assert encode_shard(rows[::-1]) == snapshot


@given(_ROWS, _ROWS, st.integers(1, 5))
def test_the_difference_is_what_dictionaries_would_say(old: list[Row], new: list[Row], shards: int) -> None:
    old = list(_by_sku(old).values())
    feed = FeedShards(shards)
    feed.add_all(new)
    changed: dict[str, Row] = {}
    vanished: set[str] = set()
    after: dict[str, Row] = {}
    for shard in range(shards):
        before = [row for row in old if shard_of(row[0], shards) == shard]
        packed, kept = feed.take(shard)
        difference = diff_shard(encode_shard(before) if before else None, packed, kept)
        for row in difference.changed():
            assert row[0] not in changed
            assert shard_of(row[0], shards) == shard
            changed[row[0]] = row
        vanished |= set(difference.vanished())
        after |= _by_sku(list(decode_shard(difference.snapshot)))
        assert difference.counts.known == len(before)
        assert difference.counts.missing == len(list(difference.vanished()))
    expected = _by_sku(new)
    assert after == expected
    assert changed == {sku: row for sku, row in expected.items() if _by_sku(old).get(sku) != row}
    assert vanished == set(_by_sku(old)) - set(expected)


@given(_ROWS)
def test_the_same_feed_changes_nothing_and_keeps_the_very_snapshot(rows: list[Row]) -> None:
    rows = list(_by_sku(rows).values())
    snapshot = encode_shard(rows)
    difference = diff_shard(snapshot, pack(rows[::-1]))
    assert difference.snapshot is snapshot
    assert (list(difference.changed()), list(difference.vanished())) == ([], [])


def test_of_a_sku_that_comes_twice_the_last_row_counts_even_when_it_is_the_old_one() -> None:
    old = encode_shard([("A", 5, 110, "USD"), ("B", 1, 100, "USD")])
    difference = diff_shard(old, pack([("A", 7, 120, "USD"), ("B", 1, 100, "USD"), ("A", 5, 110, "USD")]))
    assert list(difference.changed()) == []
    difference = diff_shard(old, pack([("A", 5, 110, "USD"), ("B", 1, 100, "USD"), ("A", 7, 120, "USD")]))
    assert list(difference.changed()) == [("A", 7, 120, "USD")]


def test_a_row_that_cannot_be_read_keeps_what_was_known_and_is_not_missing() -> None:
    old = encode_shard([("A", 5, 110, "USD"), ("B", 1, 100, "USD"), ("C", 1, 100, "USD")])
    difference = diff_shard(old, pack([("C", 2, 100, "USD")]), kept=["A", "NEW"])
    assert list(difference.vanished()) == ["B"]
    assert _by_sku(list(decode_shard(difference.snapshot))).keys() == {"A", "C"}
    assert difference.counts.missing == 1


def test_the_counts_tell_zeroed_added_and_cost_changes_in_percent() -> None:
    old = encode_shard([("A", 5, 100, "USD"), ("B", 1, 100, "USD"), ("C", 0, 100, "USD"), ("D", 3, None, "USD")])
    new = [("A", 0, 150, "USD"), ("B", 1, 100, "EUR"), ("C", 0, 1, "USD"), ("D", 3, 100, "USD"), ("E", 9, 1, "USD")]
    assert diff_shard(old, pack(new)).counts == Counts(
        known=4, added=1, missing=0, zeroed=1, compared=3, cost_changes={50: 1, 99: 1, 1_000_000: 1}
    )


def test_a_damaged_snapshot_is_an_error_and_not_an_empty_one() -> None:
    snapshot = encode_shard([("A", 5, 100, "USD")])
    with pytest.raises(EOFError):
        diff_shard(snapshot[:-9], pack([("A", 5, 100, "USD")]))
    with pytest.raises(gzip.BadGzipFile):
        diff_shard(b"sku", pack([]))


def test_the_shard_of_a_sku_never_changes() -> None:
    assert [shard_of(sku, 16) for sku in ("HL-MS-400", "HL-UL-300", "ÄÖ-1")] == [6, 6, 4]


def _verdict(old: list[Row], new: list[Row], bad_rows: int = 0, **settings: Any) -> tuple[bool, str]:
    counts = diff_shard(encode_shard(old) if old else None, pack(new)).counts
    verdict = judge_feed(FeedStats(len(new), bad_rows, [counts]), _settings(**settings))
    assert verdict.ok == (not verdict.code) == (not verdict.message)
    return verdict.ok, verdict.code


def _rows(count: int, stock: int = 5, cost: int = 100) -> list[Row]:
    return [(f"SKU-{number}", stock, cost, "USD") for number in range(count)]


def test_a_first_feed_and_an_ordinary_one_are_believed() -> None:
    assert _verdict([], _rows(10)) == (True, "")
    assert _verdict(_rows(50), _rows(50, stock=4, cost=120)) == (True, "")


def test_a_header_only_file_breaks() -> None:
    assert judge_feed(FeedStats(0, 0, []), _settings()).code == "FEED_HEADER_ONLY"


@pytest.mark.parametrize(("left", "code"), [(40, ""), (39, "FEED_TOO_MANY_MISSING"), (2, "FEED_TOO_MANY_MISSING")])
def test_more_missing_skus_than_allowed_break(left: int, code: str) -> None:
    assert _verdict(_rows(50), _rows(left))[1] == code


@pytest.mark.parametrize(("zeroed", "code"), [(15, ""), (16, "FEED_TOO_MANY_ZEROED"), (50, "FEED_TOO_MANY_ZEROED")])
def test_more_zeroed_skus_than_allowed_break(zeroed: int, code: str) -> None:
    new = _rows(zeroed, stock=0) + _rows(50)[zeroed:]
    assert _verdict(_rows(50), new)[1] == code


def test_a_small_feed_that_really_sells_out_is_believed() -> None:
    assert _verdict(_rows(2), _rows(2, stock=0)) == (True, "")


def test_wild_costs_break_but_a_single_wild_one_does_not() -> None:
    assert _verdict(_rows(10), _rows(10, cost=1))[1] == "FEED_WILD_COSTS"
    assert _verdict(_rows(10), _rows(10, cost=10_000))[1] == "FEED_WILD_COSTS"
    assert _verdict(_rows(10), [("SKU-0", 5, 1, "USD"), *_rows(10)[1:]]) == (True, "")
    assert _verdict(_rows(10), [(sku, stock, cost, "EUR") for sku, stock, cost, _ in _rows(10)])[1] == "FEED_WILD_COSTS"


def test_a_file_of_mostly_unreadable_rows_breaks() -> None:
    assert _verdict(_rows(10), _rows(10), bad_rows=2) == (True, "")
    assert _verdict(_rows(10), _rows(10), bad_rows=3)[1] == "FEED_UNREADABLE_ROWS"
    assert judge_feed(FeedStats(0, 5, []), _settings()).code == "FEED_HEADER_ONLY"


def test_goods_that_move_between_warehouses_are_news_and_no_change_of_currency() -> None:
    """Nor are they where an older version, which kept no warehouses, wrote the last snapshot."""
    new: list[Row] = [("A", 5, 100, with_places("USD", {"Nord = 1": 2, "Sued": 3, "Ost": 0})), ("B", 1, 90, "USD")]
    for known in ([("A", 5, 100, "USD"), ("B", 1, 90, "USD")], [("A", 5, 100, "USD\tSued=5"), ("B", 1, 90, "USD")]):
        diff = diff_shard(encode_shard(known), pack(new))
        (row,) = diff.changed()
        assert (places_in(row), cost_in(row)) == ({"Nord = 1": 2, "Sued": 3}, UnitCost.parse(1, "USD"))
        assert (diff.counts.cost_changes, diff.counts.zeroed, diff.counts.missing) == ({}, 0, 0)
