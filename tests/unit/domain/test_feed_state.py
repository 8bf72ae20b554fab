"""What polls make of a feed's state: lease, breaker, confirmation, and what stays wrong in a good file (R24, P14, F7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orderwright.domain.feed_state import ROWS_BAD, SKUS_GONE, FeedProblem, FeedState
from orderwright.domain.operations import Cursor
from orderwright.domain.order import Reason
from orderwright.domain.time_line import Stamp
from tests.support.fakes import FEED_SETTINGS
from tests.unit.domain.order_kit import NOW

STAMP = Stamp(NOW, "poll_stock")
DAY = timedelta(days=1)
EMPTY, GONE = Reason(code="EMPTY", message="empty"), Reason(code="HTTP_404", message="gone")
FEED = FeedState(connection="feed")


def test_a_new_address_forgets_what_the_old_file_showed() -> None:
    known = FEED.at_address("https://a.example.com").read(0, (), {"cost": "."}, NOW).dated("etag", NOW)
    assert known.at_address("https://a.example.com") == known
    moved = known.at_address("https://b.example.com")
    assert (moved.etag, moved.signs, moved.snapshot_at) == ("", {}, NOW)


def test_another_list_of_feeds_compares_each_shard_once() -> None:
    state = FEED.dated("etag", NOW).for_list("mark", 3)
    assert (state.etag, state.uncompared) == ("", (0, 1, 2))
    assert state.compared(1).for_list("mark", 3).uncompared == (0, 2)


def test_a_lease_ends_and_each_holder_has_a_fence_of_its_own() -> None:
    held = FEED.leased("a", NOW + DAY)
    assert [held.is_leased(at) for at in (NOW, NOW + DAY)] == [True, False]
    assert held.leased("b", NOW + DAY).fence == 2
    assert not held.worked(STAMP).is_leased(NOW)


def test_the_manifest_of_another_number_of_shards_counts_for_nothing() -> None:
    state = FEED.applied((4, 7), unmapped=1)
    assert (state.generations(2), state.generations(3)) == ([4, 7], [0, 0, 0])
    assert FEED.dated("etag", NOW).applied_so_far((4,), NOW).etag == ""


def test_a_reason_is_noted_once_and_ends_with_a_good_answer() -> None:
    missed = FEED.missed(GONE, STAMP)
    assert missed.missed(GONE, STAMP) is missed
    stopped = missed.stopped(EMPTY, STAMP)
    assert stopped.stopped(EMPTY, STAMP) is stopped
    assert (stopped.broken, stopped.reasons) == (True, (EMPTY,))
    good = stopped.confirmed(FEED_SETTINGS, STAMP)
    assert (good.broken, good.reasons, good.log[-1].what) == (False, (), "the feed is good again")


def test_a_confirmation_soon_after_the_last_one_is_the_same_state() -> None:
    checked = FEED.worked(STAMP)
    assert checked.confirmed(FEED_SETTINGS, STAMP) is checked
    assert checked.confirmed(FEED_SETTINGS, Stamp(NOW + DAY, "poll_stock")).checked_at == NOW + DAY


@pytest.mark.parametrize("line", [7, 9])
def test_a_bad_row_that_moves_in_the_file_keeps_its_time(line: int) -> None:
    def row(line: int) -> FeedProblem:
        return FeedProblem(sku="A", line=line, field="stock", why="text", since=NOW)

    state = FEED.read(1, [row(7)], {}, NOW).gone_noted((), ["B"], NOW).read(1, [row(line)], {}, NOW + DAY)
    assert [(one.sku, one.since) for one in state.problems] == [("A", NOW), ("B", NOW)]
    assert state.read(0, (), {}, NOW).bad_since is None


def test_what_stays_wrong_for_a_day_is_told_once_until_it_ends() -> None:
    bad = FEED.read(2, (), {}, NOW).gone_noted((), ["B"], NOW + DAY)
    assert bad.told_at(NOW) == (bad, {})
    told, news = bad.told_at(NOW + DAY)
    assert list(news) == [ROWS_BAD]
    told, news = told.told_at(NOW + 2 * DAY)
    assert list(news) == [SKUS_GONE]
    assert told.told_at(NOW + 3 * DAY) == (told, {})
    assert told.gone_noted(["B"], (), NOW).told_at(NOW + 3 * DAY)[0].told == (ROWS_BAD,)


def test_points_are_of_one_day() -> None:
    used = Cursor(name="cj stock").on_day("2026-11-20").spent(30).spent(10, on_quotes=True)
    assert (used.points_used, used.quote_points) == (40, 10)
    assert used.on_day("2026-11-20") is used
    assert used.on_day("2026-11-21").spent(1).points_used == 1
