"""orderwright feed problems."""

from __future__ import annotations

from orderwright.domain.feed_state import FeedProblem, FeedState
from orderwright.records import feed_key
from orderwright.storage import Put
from tests.support.shop import FEED, SUPPLIER
from tests.unit.cli.cli_kit import Operator


def test_feed_problems_lists_them_and_counts_those_that_are_not_kept(operator: Operator) -> None:
    wiring = operator.wiring
    (feed,) = wiring.config().feeds
    held = wiring.storage.get(feed_key(feed), FeedState)
    bad = FeedProblem(line=3, field="stock", why="is negative", sku="LAMP-1", since=wiring.clock.now())
    state = FeedState(connection=feed, bad_rows=4, problems=(bad,))
    wiring.storage.commit([Put(feed_key(feed), state, held.version if held else 0)])
    (told,) = operator("feed", "problems", FEED, "--json").json
    assert (told["feed"], told["bad_rows"], told["problems"][0]["why"]) == (FEED, 4, "is negative")
    assert "3 more, not listed" in operator("feed", "problems").out
    assert operator("feed", "problems", SUPPLIER).code == 1
