"""A feed of a full file and an incremental one: what is not in the small one is as in the full one, and never zero (P3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from orderwright.connectors.feeds.csv.incremental import Open, open_both
from orderwright.errors import Retryable, VendorError
from orderwright.ports.feed import FeedAnswer
from tests.support.catalogue_world import SKU, World
from tests.support.fakes import START, FakeClock, FakeFeed, Faults
from tests.support.polled_feed import FEED, PolledFeed

HEADER = "sku,qty,cost\n"


class File:
    """One of the two, with its time."""

    def __init__(self, clock: FakeClock) -> None:
        self.text, self.at, self.tags, self.opened, self.clock = HEADER, START, True, 0, clock
        self.faults = Faults()

    def open(self, etag: str, seen: str | None) -> FeedAnswer:
        self.opened += 1
        self.faults.check("open")
        mine = str(hash(self.text)) if self.tags else ""
        if etag and etag == mine:
            return FeedAnswer(mine, self.clock.now(), None, None)
        return FeedAnswer(mine, self.clock.now(), self._lines(), None, modified_at=self.at)

    def _lines(self) -> Iterator[bytes]:
        self.faults.check("read")
        yield self.text.encode()


class Both(FakeFeed):
    """The feed of both."""

    full: Open
    small: Open

    def open_feed(self, etag: str, seen: str | None = None) -> FeedAnswer:
        return open_both(self.full, self.small, etag, seen)


class Files:
    def __init__(self, world: World, polls: PolledFeed) -> None:
        self.world, self.polls = world, polls
        self.full, self.small = File(world.clock), File(world.clock)
        feed = Both(clock=world.clock)
        feed.full, feed.small = self.full.open, self.small.open
        self.full.text = polls.feed.text
        polls.feed = feed
        self.day(0)

    def day(self, number: int) -> None:
        """A new full file of this day, and the small one an hour later."""
        self.full.at = START + timedelta(days=number)
        self.small.at = self.full.at + timedelta(hours=1)

    def changes(self, *rows: str) -> None:
        self.small.text = HEADER + "".join(f"{row}\n" for row in rows)

    def poll(self) -> tuple[int, int]:
        """The stock of our SKU, and of SKU-1: ten and five in the full file."""
        self.polls.poll()
        return self.world.offer().stock, self.world.offer("SKU-1").stock


@pytest.fixture
def files(world: World, polls: PolledFeed) -> Files:
    return Files(world, polls)


def test_rows_of_the_small_file_stand_over_those_of_the_full_one_until_they_are_gone(files: Files) -> None:
    assert files.poll() == (10, 5)
    files.changes(f"{SKU},3,6.40", "SKU-1,0,6.40", "NEW,4,1.00")
    assert files.poll() == (3, 0)
    files.changes("SKU-1,2,6.40")
    assert files.poll() == (10, 2), "what is back at the day's value leaves the small file"
    files.changes()
    assert files.poll() == (10, 5)
    assert not files.polls.state.broken


def test_nothing_new_in_both_writes_nothing_and_opens_each_once(files: Files, world: World) -> None:
    files.changes(f"{SKU},3,6.40")
    files.poll()
    opened = files.full.opened, files.small.opened
    version = world.version(FEED)
    assert files.poll() == (3, 5)
    assert (files.full.opened, files.small.opened) == (opened[0] + 1, opened[1] + 1)
    assert world.version(FEED) == version


def test_a_small_file_that_is_older_than_the_full_one_is_ignored(files: Files) -> None:
    files.changes(f"{SKU},3,6.40")
    files.poll()
    files.full.at, files.full.text = START + timedelta(days=1), files.full.text + "ADDED,1,1.00\n"
    assert files.poll() == (10, 5)
    files.changes(f"{SKU},4,6.40")
    assert files.poll() == (10, 5)
    files.small.at = files.full.at
    files.changes(f"{SKU},6,6.40")
    assert files.poll() == (6, 5)


def test_a_new_full_file_is_read_with_the_small_one_that_has_not_changed(files: Files) -> None:
    files.changes(f"{SKU},3,6.40")
    files.poll()
    files.full.text = files.full.text.replace("SKU-1,5", "SKU-1,7")
    assert files.poll() == (3, 7)


@pytest.mark.parametrize("how", ["open", "read", "bad"])
def test_p3_a_broken_small_file_is_told_once_and_what_was_known_stays(files: Files, world: World, how: str) -> None:
    files.changes(f"{SKU},3,6.40")
    files.poll()
    _break(files, how)
    assert files.poll() == (3, 5), "never back to the figure of the morning"
    assert [reason.code for reason in files.polls.state.reasons] == ["FEED_INCREMENTAL"]
    assert world.facts(FEED) == ["FEED_INCREMENTAL"]
    version = world.version(FEED)
    _break(files, how)
    files.poll()
    assert world.version(FEED) == version
    _break(files, how)
    files.full.text = files.full.text.replace("SKU-1,5", "SKU-1,7")
    assert files.poll() == (10, 7), "the full file of a new day counts by itself"
    assert [reason.code for reason in files.polls.state.reasons] == ["FEED_INCREMENTAL"]
    assert "FEED_INCREMENTAL" not in world.facts(FEED)
    files.changes(f"{SKU},4,6.40")
    assert files.poll() == (4, 7)
    assert files.polls.state.reasons == ()


def test_p3_a_bad_row_of_the_small_file_keeps_what_is_known_and_not_the_figure_of_the_full_one(files: Files) -> None:
    files.changes(f"{SKU},0,6.40")
    files.poll()
    files.changes(f"{SKU},many,6.40", "SKU-1,1,6.40")
    assert files.poll() == (0, 1)
    (problem,) = files.polls.state.problems
    assert (problem.sku, problem.line, problem.why.partition(":")[0]) == (SKU, 2, "in the incremental file")


def test_what_vanished_is_judged_by_the_full_file_alone(files: Files) -> None:
    files.poll()
    whole = files.full.text
    files.full.text = HEADER + f"{SKU},10,6.40\n"
    files.changes(*(f"SKU-{n},5,6.40" for n in range(2)))
    assert files.poll() == (10, 5)
    assert files.polls.state.broken
    files.full.text = whole
    files.poll()
    assert not files.polls.state.broken


def test_a_full_file_that_cannot_be_had_is_told_as_ever(files: Files) -> None:
    files.poll()
    files.full.faults.add("open", Retryable("no answer", code="NO_ANSWER"))
    assert files.poll() == (10, 5)
    assert [reason.code for reason in files.polls.state.reasons] == ["NO_ANSWER"]


def test_files_without_any_mark_are_compared_each_time(files: Files) -> None:
    files.full.tags = files.small.tags = False
    files.changes(f"{SKU},3,6.40")
    assert files.poll() == (3, 5)
    files.changes()
    assert files.poll() == (10, 5)


def _break(files: Files, how: str) -> None:
    if how == "bad":
        files.small.text = "<html>soon back</html>\n"
        return
    error: VendorError = Retryable("no answer", code="NO_ANSWER")
    files.small.text += "\n"
    files.small.faults.add(how, error)
