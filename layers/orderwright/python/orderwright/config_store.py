"""Where the applied configuration lives: Control CONFIG, one item for the current version and one for each before."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from orderwright.domain.config import Config
from orderwright.domain.identity import Identity
from orderwright.domain.operations import StoredConfig
from orderwright.errors import Conflict, Misconfigured
from orderwright.records import CURRENT_CONFIG
from orderwright.storage import Put, Storage, retry_on_conflict

_TRIES = 10


def read_config(storage: Storage) -> Config:
    """The applied configuration by the connections' permanent ids. Raises Misconfigured naming the command when there is none."""
    held = storage.get(CURRENT_CONFIG, StoredConfig)
    if held is None:
        raise Misconfigured("no configuration is applied yet: run `orderwright apply`", code="NO_CONFIGURATION")
    return _parsed(held.model.document, held.model.identities)


@lru_cache(maxsize=2)
def _parsed(document: str, identities: tuple[Identity, ...]) -> Config:
    # A warm process reads the document every half minute, and it is nearly always the same: parsing is the dear part.
    return Config.model_validate_json(document).by_ids(identities)


def note_identity(storage: Storage, connection: str, kind: str, change: Callable[[Identity], Identity]) -> Identity:
    """Complete what is known of a connection, by its id; gives what is kept then. Only the version in force is written."""

    def completed() -> Identity:
        held = storage.get(CURRENT_CONFIG, StoredConfig)
        if held is None:
            raise Misconfigured("no configuration is applied yet: run `orderwright apply`", code="NO_CONFIGURATION")
        known = {identity.id: identity for identity in held.model.identities}
        before = known.get(connection) or Identity(id=connection, name=connection, kind=kind)
        after = change(before)
        if after != known.get(connection):
            stored = held.model.model_copy(update={"identities": tuple({**known, connection: after}.values())})
            storage.commit([Put(CURRENT_CONFIG, stored, held.version)])
        return after

    return retry_on_conflict(
        completed, Conflict("the configuration in force changes faster than it can be completed"), _TRIES
    )
