"""Every feed: read whole or refused whole; a bad row is counted, and never taken for zero (promise P3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orderwright.domain.stock_diff import cost_in, decode_shard, diff_shard
from orderwright.domain.unit_cost import UnitCost
from orderwright.errors import NotFound, Rejected
from orderwright.ports.feed import FeedContent
from tests.support.stand import FeedStand


def content_of(feed: FeedStand, connector: Any) -> FeedContent:
    """The whole file, read."""
    content: FeedContent = feed.read(connector)
    return content


def rows_in(content: FeedContent, shards: int) -> dict[str, tuple[int, UnitCost | None]]:
    """SKU -> stock, cost."""
    found = {}
    for shard in range(shards):
        for row in decode_shard(diff_shard(None, *content.shards.take(shard)).snapshot):
            found[row[0]] = row[1], cost_in(row)
    return found


def test_the_sample_is_read_with_every_rows_stock_and_exact_cost(feed: FeedStand) -> None:
    content = content_of(feed, feed.connector())
    assert (content.bad_rows, list(content.examples), content.shards.rows) == (0, [], len(feed.rows))
    assert rows_in(content, 16) == {
        sku: (stock, UnitCost(amount=Decimal(cost), currency="USD")) for sku, (stock, cost) in feed.rows.items()
    }


def test_a_file_that_did_not_change_is_not_sent_again_and_a_changed_one_is(feed: FeedStand) -> None:
    connector = feed.connector()
    answer = connector.open_feed("")
    assert answer.etag
    assert answer.observed_at == feed.clock.now()
    assert b"".join(answer.lines or ()) == feed.sample()
    for _ in range(2):
        again = connector.open_feed(answer.etag)
        assert (again.lines, again.etag) == (None, answer.etag)
    feed.show(feed.bad)
    changed = connector.open_feed(answer.etag)
    assert changed.etag != answer.etag
    assert b"".join(changed.lines or ()) == feed.bad


@pytest.mark.parametrize("content", [b"", b"\n", b"<!doctype html><title>Soon back</title>", b"\x00\x01\x02", None])
def test_p3_a_cut_file_and_what_is_none_are_refused_and_no_file_without_rows(
    feed: FeedStand, content: bytes | None
) -> None:
    whole = feed.sample()
    feed.show(whole[: whole.rstrip().rfind(b"\n") + 4] if content is None else content)
    with feed.refuses(Rejected) as refused:
        feed.read(feed.connector())
    assert refused.value.code.startswith("FEED_")


def test_p3_a_bad_row_is_counted_and_shown_and_its_sku_is_kept_as_it_was(feed: FeedStand) -> None:
    feed.show(feed.bad)
    content = content_of(feed, feed.connector())
    (example,) = content.examples
    assert (content.bad_rows, example.sku, example.field, example.line) == (1, "B-1", "stock", 3)
    assert example.why
    kept = set().union(*(content.shards.take(shard)[1] for shard in range(16)))
    assert kept == {"B-1"}
    assert {sku: stock for sku, (stock, _) in rows_in(content_of(feed, feed.connector()), 16).items()} == {"G-1": 4}


def test_the_signs_that_a_file_shows_are_kept_and_change_nothing_when_they_are_given_back(feed: FeedStand) -> None:
    connector = feed.connector()
    first = content_of(feed, connector)
    assert all(isinstance(one, str) for one in (*first.signs, *first.signs.values()))
    again = connector.read_feed([feed.sample()], first.signs)
    assert again.signs == first.signs
    assert rows_in(again, 16) == rows_in(first, 16)


def test_a_file_that_is_not_there_is_not_found(feed: FeedStand) -> None:
    with feed.behaving("not_found"), feed.refuses(NotFound):
        feed.read(feed.connector())
