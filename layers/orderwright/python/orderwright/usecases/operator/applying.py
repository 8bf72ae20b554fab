"""A new version of orderwright.yaml: numbered, kept, and written only over the version that its author had seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from uuid import uuid4

from pydantic import ValidationError

from orderwright.config_store import CURRENT, version_key
from orderwright.domain.base import iso
from orderwright.domain.config import Config
from orderwright.domain.operations import StoredConfig
from orderwright.errors import Conflict
from orderwright.messages import Message
from orderwright.records import CATALOGUE, sku_pk
from orderwright.storage import Put, Storage
from orderwright.usecases.operator.desk import Desk, Refused

MOST_SKUS = 1_000_000


class Applied(NamedTuple):
    """A version as it was applied. `number` 0: nothing was applied yet; a number without `config`: one that an older
    Orderwright wrote and this one cannot read, so that it has to be applied anew.
    """

    number: int
    config: Config | None
    stored: StoredConfig | None


def current_config(storage: Storage) -> Applied:
    """The version that is in force."""
    held = storage.get(CURRENT, StoredConfig)
    if held is None:
        return Applied(0, None, None)
    return _read(held.model)


def config_version(storage: Storage, number: int) -> Applied:
    """One version by its number. Raises Refused when it was never applied."""
    held = storage.get(version_key(number), StoredConfig)
    if held is None:
        raise Refused("NOT_FOUND", f"version {number} was never applied", "orderwright export   shows the current one")
    return _read(held.model)


def _read(stored: StoredConfig) -> Applied:
    try:
        return Applied(stored.number, Config.model_validate_json(stored.document), stored)
    except ValidationError:
        return Applied(stored.number, None, stored)


def apply_config(desk: Desk, config: Config, base: int | None) -> int:
    """Make it the current version; gives its number. `base` is the version that its author started from.

    Raises Refused for a stale base: somebody applied another version meanwhile, which would be undone unseen.
    """
    held = desk.storage.get(CURRENT, StoredConfig)
    number = held.model.number if held else 0
    if number and base != number:
        raise _stale(base, number)
    stored = StoredConfig(
        number=number + 1, document=config.model_dump_json(), applied_at=desk.now(), applied_by=desk.name
    )
    try:
        desk.storage.commit(
            [Put(CURRENT, stored, held.version if held else 0), Put(version_key(number + 1), stored, 0)],
            correlation=desk.correlation,
        )
    except Conflict:
        raise _stale(base, number + 1) from None
    return number + 1


def _stale(base: int | None, current: int) -> Refused:
    started = "does not say which version it started from" if base is None else f"started from version {base}"
    return Refused(
        "STALE_BASE",
        f"the file {started}; version {current} is in force",
        "orderwright export > current.yaml, bring your changes into it, and apply that;"
        f" or, after reading the difference, --base {current}",
    )


def needs_repricing(old: Config | None, new: Config) -> bool:
    """True when prices may come out differently (R27): rules, limits, or which connections there are."""
    return old is None or (
        old.rules != new.rules or old.limits != new.limits or set(old.connections) != set(new.connections)
    )


def repricing_messages(desk: Desk) -> Iterator[Message]:
    """One message per SKU that is known."""
    now = iso(desk.now())
    for key in desk.storage.in_state(CATALOGUE, "SKU", MOST_SKUS):
        sku = key.pk.removeprefix(sku_pk(""))
        yield Message("offer.changed", uuid4().hex, now, pk=key.pk, resource=sku, correlation=desk.correlation)
