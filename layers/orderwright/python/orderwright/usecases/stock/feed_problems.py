"""What is wrong in a stock file that is good as a whole: rows that cannot be read, and SKUs that left it. Pure.

The breaker never sees these, so they are kept with the feed until they end, and told once when they stay for a day (P14).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from orderwright.domain.operations import FeedProblem, FeedState
from orderwright.ports.feed import FeedContent
from orderwright.storage import Fact
from orderwright.usecases.alerts import alert

TOLD_AFTER = timedelta(days=1)
MOST_KEPT = 50
ROWS_BAD, SKUS_GONE = "FEED_ROWS_BAD", "FEED_SKUS_GONE"
_GONE = "is sold, and not in the file any more: nothing of it is sold"


def with_bad_rows(state: FeedState, content: FeedContent, now: datetime) -> FeedState:
    """The rows of this file that cannot be read, in place of those of the last one; a known one keeps its time."""
    known = {(old.sku or old.line, old.field): old.since for old in state.problems if old.line}
    bad = [
        FeedProblem(line=row.line, field=row.field, why=row.why[:200], sku=row.sku,
                    since=known.get((row.sku or row.line, row.field), now))
        for row in content.examples[:MOST_KEPT]
    ]  # fmt: skip
    since = (state.bad_since or now) if content.bad_rows else None
    gone = [old for old in state.problems if not old.line]
    return state.model_copy(update={"bad_rows": content.bad_rows, "bad_since": since, "problems": (*bad, *gone)})


def with_gone(state: FeedState, came: Collection[str], gone: Iterable[str], now: datetime) -> FeedState:
    """SKUs that left the file, less those that are in it again."""
    bad = [old for old in state.problems if old.line]
    kept = {old.sku: old for old in state.problems if not old.line and old.sku not in came}
    more = state.gone_more if kept else 0
    for sku in gone:
        if sku not in kept and len(kept) < MOST_KEPT:
            kept[sku] = FeedProblem(sku=sku, field="sku", why=_GONE, since=now)
        elif sku not in kept:
            more += 1
    return state.model_copy(update={"problems": (*bad, *kept.values()), "gone_more": more})


def gone_skus(state: FeedState) -> list[str]:
    """Those that are kept."""
    return [problem.sku for problem in state.problems if not problem.line]


def overdue(state: FeedState, now: datetime) -> tuple[FeedState, list[Fact]]:
    """One alert for each kind that has stayed for a day; a kind that ended may be told again."""
    gone = [problem.since for problem in state.problems if not problem.line]
    begun = {ROWS_BAD: state.bad_since, SKUS_GONE: min(gone, default=None)}
    what = {
        ROWS_BAD: f"{state.bad_rows} rows of the stock file cannot be read; their articles keep their last values",
        SKUS_GONE: f"{len(gone) + state.gone_more} SKUs that are sold left the stock file",
    }
    late = [code for code, since in begun.items() if since is not None and now - since >= TOLD_AFTER]
    facts = [
        alert(code, state.connection, message=f"{what[code]}: `orderwright feed problems` lists them")
        for code in late
        if code not in state.told
    ]
    told = tuple(code for code, since in begun.items() if since is not None and (code in late or code in state.told))
    return (state if told == state.told else state.model_copy(update={"told": told})), facts
