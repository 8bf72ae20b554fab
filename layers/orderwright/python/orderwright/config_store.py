"""Where the applied configuration lives: Control CONFIG, one item for the current version and one for each before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from orderwright.domain.config import Config
from orderwright.domain.identity import Identity
from orderwright.domain.operations import StoredConfig
from orderwright.errors import Misconfigured
from orderwright.records import CURRENT_CONFIG, Stored
from orderwright.storage import Put, Storage, retry_on_conflict

_TRIES = 10


def read_config(storage: Storage) -> Config:
    """The applied configuration by the connections' permanent ids. Raises Misconfigured naming the command when there is none."""
    return in_work(held_config(storage).model)


def in_work(stored: StoredConfig) -> Config:
    """A version as all work sees it."""
    parsed = _parsed(stored.document, stored.identities)
    return parsed.with_signals(stored.rates, stored.heard) if stored.rates or stored.heard else parsed


def held_config(storage: Storage) -> Stored[StoredConfig]:
    """The version in force as it is kept. Raises Misconfigured naming the command when there is none."""
    held = storage.get(CURRENT_CONFIG, StoredConfig)
    if held is None:
        raise Misconfigured("no configuration is applied yet: run `orderwright apply`", code="NO_CONFIGURATION")
    return held


@lru_cache(maxsize=2)
def _parsed(document: str, identities: tuple[Identity, ...]) -> Config:
    # A warm process reads the document every half minute, and it is nearly always the same: parsing is the dear part.
    return Config.model_validate_json(document).by_ids(identities)


def note_identity(storage: Storage, connection: str, kind: str, change: Callable[[Identity], Identity]) -> Identity:
    """Complete what is known of a connection, by its id; gives what is kept then. Only the version in force is written."""

    def completed() -> Identity:
        held = held_config(storage)
        known = held.model.identity(connection)
        after = change(known or Identity(id=connection, name=connection, kind=kind))
        if after != known:
            storage.commit([Put(CURRENT_CONFIG, held.model.completed(after), held.version)])
        return after

    return retry_on_conflict(completed, "the configuration in force", tries=_TRIES)


def note_heard(storage: Storage, feed: str, at: datetime, often: timedelta) -> None:
    """A file of what prices follow was read well. Written where that is newer than what is known by at least `often`."""

    def noted() -> None:
        held = held_config(storage)
        known = held.model.heard.get(feed)
        if known is None or at - known >= often:
            storage.commit([Put(CURRENT_CONFIG, held.model.heard_from(feed, at), held.version)])

    retry_on_conflict(noted, "the configuration in force", tries=_TRIES)
