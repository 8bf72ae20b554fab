"""Where the applied configuration lives: Control CONFIG, one item for the current version and one for each before."""

from __future__ import annotations

from functools import lru_cache

from orderwright.domain.config import Config
from orderwright.domain.operations import StoredConfig
from orderwright.errors import Misconfigured
from orderwright.records import CONTROL, Key
from orderwright.storage import Storage

CURRENT = Key(CONTROL, "CONFIG", "CURRENT")


def version_key(number: int) -> Key:
    """One applied version."""
    return Key(CONTROL, "CONFIG", f"V#{number:06d}")


def read_config(storage: Storage) -> Config:
    """The applied configuration; raises Misconfigured naming the command when there is none."""
    held = storage.get(CURRENT, StoredConfig)
    if held is None:
        raise Misconfigured("no configuration is applied yet: run `orderwright apply`", code="NO_CONFIGURATION")
    return _parsed(held.model.document)


@lru_cache(maxsize=2)
def _parsed(document: str) -> Config:
    # A warm process reads the document every half minute, and it is nearly always the same: parsing is the dear part.
    return Config.model_validate_json(document)
