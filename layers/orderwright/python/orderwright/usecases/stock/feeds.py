"""Which feeds report a supplier's offers, and how a feed's state (Control FEED) is written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from orderwright.domain.config import Config
from orderwright.domain.feed_state import FeedState
from orderwright.errors import Conflict
from orderwright.records import feed_key
from orderwright.storage import Fact, Put, Storage


def list_mark(config: Config, supplier: str) -> str:
    """A hash of who reports a supplier's offers: its feeds in their order, with all that decides what their figures are."""
    feeds = config.feeds_of(supplier)
    since = max((config.identity(name).listed_in for name in feeds), default=0)
    asked = supplier in config.connections and config.suppliers[supplier].asks_stock
    own = (f"{config.identity(name).source} {settings.meaning}" for name, settings in feeds.items())
    text = "\n".join((f"{asked} {since}", *own))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def save_feed(
    storage: Storage, state: FeedState, version: int, facts: Sequence[Fact] = (), correlation: str = ""
) -> bool:
    """Write if nobody else did. False: another worker holds the feed now, and its work counts."""
    try:
        storage.commit([Put(feed_key(state.connection), state, version, facts=tuple(facts))], correlation=correlation)
    except Conflict:
        return False
    return True
