"""A feed's state (Control FEED): its manifest, its lease with a fence, and its breaker."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from orderwright.domain.config import Config
from orderwright.domain.connection_settings import FeedSettings
from orderwright.domain.operations import FeedState
from orderwright.domain.order import Reason
from orderwright.domain.time_line import log_entry
from orderwright.errors import Conflict
from orderwright.records import feed_key
from orderwright.storage import Fact, Put, Storage
from orderwright.usecases.alerts import alert

FUNCTION = "poll_stock"
# While nothing changes, the time of the last good poll is written this often and no more.
REFRESH = timedelta(hours=1)
LOG_LINES = 12
BREAKER, UNREADABLE = "breaker open", "cannot be read"


def at_address(state: FeedState, settings: FeedSettings) -> FeedState:
    """The state for the address in the settings. Of a file at another one, its ETag and the signs of its numbers say nothing."""
    address = hashlib.sha256(settings.url.encode()).hexdigest()[:16]  # it may hold a password
    moved = {"etag": "", "signs": {}} if state.address not in ("", address) else {}
    return state.model_copy(update={"address": address, **moved})


def list_mark(config: Config, supplier: str) -> str:
    """A hash of who reports a supplier's offers: its feeds in their order, with all that decides what their figures are."""
    feeds = config.feeds_of(supplier)
    since = max((config.identity(name).listed_in for name in feeds), default=0)
    asked = supplier in config.connections and config.suppliers[supplier].asks_stock
    own = (f"{config.identity(name).source} {settings.meaning}" for name, settings in feeds.items())
    text = "\n".join((f"{asked} {since}", *own))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def for_list(state: FeedState, mark: str, shards: int) -> FeedState:
    """The state for this list of feeds. Under another one each figure may be another's by now: the whole file counts anew."""
    if state.mark == mark:
        return state
    return state.model_copy(update={"mark": mark, "uncompared": tuple(range(shards)), "etag": ""})


def generations(state: FeedState, shards: int) -> list[int]:
    """The generation of each shard in the manifest, 0 for none. Another number of shards: all start anew."""
    texts = state.snapshot.split(",") if state.snapshot else []
    return [int(text) for text in texts] if len(texts) == shards else [0] * shards


def manifest(entries: Sequence[int]) -> str:
    """The text of a manifest."""
    return ",".join(map(str, entries))


def next_generation(current: int, fence: int) -> int:
    """Unique by the lease's fence, and in the other slot than the part in use."""
    return fence * 2 + (1 - (current & 1))


def is_leased(state: FeedState, now: datetime) -> bool:
    """Whether another worker applies this feed now."""
    return bool(state.owner) and state.lease_until is not None and now < state.lease_until


def leased(state: FeedState, owner: str, now: datetime, lease: timedelta) -> FeedState:
    """The state with a new holder. Each write names the version it read, so an overtaken holder writes nothing more."""
    return state.model_copy(update={"owner": owner, "fence": state.fence + 1, "lease_until": now + lease})


def save_feed(
    storage: Storage, state: FeedState, version: int, facts: Sequence[Fact] = (), correlation: str = ""
) -> bool:
    """Write if nobody else did. False: another worker holds the feed now, and its work counts."""
    bounded = state.model_copy(update={"log": state.log[-LOG_LINES:]})
    try:
        put = Put(feed_key(state.connection), bounded, version, facts=tuple(facts))
        storage.commit([put], correlation=correlation)
    except Conflict:
        return False
    return True


def confirmed(state: FeedState, settings: FeedSettings, now: datetime, correlation: str) -> FeedState:
    """After a good answer without news: the breaker closes; else the same state, so that nothing is written (F7)."""
    often = min(REFRESH, timedelta(hours=settings.stale_after_hours) / 4)
    if not state.broken and not state.reasons and state.checked_at is not None and now - state.checked_at < often:
        return state
    return good(state, now, "", correlation)


def good(state: FeedState, now: datetime, what: str, correlation: str) -> FeedState:
    """After a good answer: no reasons, no breaker, no owner."""
    words = [what] if what else []
    if state.broken or state.reasons:
        words.insert(0, "the feed is good again")
    news: dict[str, object] = {
        "broken": False,
        "reasons": (),
        "checked_at": now,
        "owner": "",
        "lease_until": None,
    }
    if words:
        news["log"] = (*state.log, log_entry(now, FUNCTION, "; ".join(words), "", correlation))
    return state.model_copy(update=news)


def broken(state: FeedState, reason: Reason, now: datetime, correlation: str) -> tuple[FeedState, list[Fact]]:
    """The breaker opens (R24): nothing is applied, nothing zeroed, one alert for each new reason."""
    if state.broken and any(known.code == reason.code for known in state.reasons):
        return state, []
    entry = log_entry(now, FUNCTION, f"{BREAKER}: {reason.code}", reason.message, correlation)
    news = {"broken": True, "reasons": (reason,), "log": (*state.log, entry)}
    return state.model_copy(update=news), [alert(reason.code, state.connection, message=reason.message)]


def unreachable(state: FeedState, reason: Reason, now: datetime, correlation: str) -> tuple[FeedState, list[Fact]]:
    """The file cannot be had: the last good one stays valid, one alert for each new reason."""
    if any(known.code == reason.code for known in state.reasons):
        return state, []
    entry = log_entry(now, FUNCTION, f"{UNREADABLE}: {reason.code}", reason.message, correlation)
    news = {"reasons": (*state.reasons, reason), "log": (*state.log, entry)}
    return state.model_copy(update=news), [alert(reason.code, state.connection, message=reason.message)]
