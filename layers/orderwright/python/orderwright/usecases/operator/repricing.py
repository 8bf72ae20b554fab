"""Every SKU is priced again (R27), once the functions have certainly read a new version; and how far that has come (R28)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from orderwright.domain.base import iso
from orderwright.domain.config import Config
from orderwright.domain.operations import StoredConfig
from orderwright.domain.repricing.run import LINES, Repricing, pace_of
from orderwright.errors import SendRefused
from orderwright.messages import Message
from orderwright.ports.operator import SendLater
from orderwright.records import CATALOGUE, CURRENT_CONFIG, REPRICING, line_ref
from orderwright.storage import Put, Storage
from orderwright.usecases.listing.records import SKU_STATE, listing_state
from orderwright.usecases.operator.desk import Desk, Refused, decided

_MARGIN = timedelta(seconds=2)
MOST_COUNTED = 1_000_000


class Expected(NamedTuple):
    """How many SKUs are priced again; of each store how many listings it has, takes a minute, and so many minutes at most."""

    skus: int
    stores: dict[str, tuple[int, int, int]]


def expected(storage: Storage, config: Config) -> Expected:
    """Before it begins: as if every listing changed. `config` is by ids."""
    stores = {}
    for name, settings in config.stores.items():
        count = storage.count_in_state(CATALOGUE, listing_state(name), MOST_COUNTED)
        pace = pace_of(settings)
        stores[name] = (count, pace, -(-count // pace))
    return Expected(storage.count_in_state(CATALOGUE, SKU_STATE, MOST_COUNTED), stores)


def repricing_messages(desk: Desk, why: str = "by hand") -> list[Message]:
    """What begins it."""
    at = iso(desk.now())
    return [Message("prices.reprice_due", uuid4().hex, at, correlation=desk.correlation, detail={"why": why})]


def reprice(desk: Desk, send_later: SendLater, config_cache: timedelta, why: str = "") -> None:
    """Have it begin when no function holds the old version in its cache any more.

    Raises Refused: another try does it. Whoever dies in between leaves the version marked, so that the next `apply` of the same
    file does it.
    """
    held = desk.storage.get(CURRENT_CONFIG, StoredConfig)
    number = held.model.number if held else 0
    try:
        send_later(repricing_messages(desk, why or f"version {number}, by {desk.name}"), config_cache + _MARGIN)
    except SendRefused as error:
        raise Refused(
            "REPRICE",
            f"the version is in force, but the SKUs will not be priced again: {error}",
            "orderwright apply --reprice",
        ) from None
    if held is not None and held.model.unpriced:
        decided(lambda: _priced(desk, held.model.number))


class StoreStanding(NamedTuple):
    """One store: `found` changed listings by line, how many of them are `left`, and when it will have, or had, everything.

    None: not known yet. `slowed` says why it takes fewer a minute than it could.
    """

    found: dict[str, int]
    left: dict[str, int]
    pace: int
    ready_at: datetime | None
    slowed: str


class Standing(NamedTuple):
    """How far a repricing has come; `priced_at`: when all SKUs are, or will be, priced."""

    run: Repricing
    priced_at: datetime | None
    stores: dict[str, StoreStanding]


def standing(storage: Storage, now: datetime) -> Standing | None:
    """Of the one that runs, or ran last; None: there was none."""
    held = storage.get(REPRICING, Repricing)
    if held is None:
        return None
    run, left = held.model, dict[str, dict[str, int]]()
    for store, lines in run.stores.items():
        waits = {} if lines.done_at else {
            line: storage.count_found(CATALOGUE, line_ref(store, line), MOST_COUNTED) for line in LINES
        }  # fmt: skip
        left[store] = {line: waits.get(line, 0) for line in LINES}
    times = run.ready_at({store: sum(waits.values()) for store, waits in left.items()}, now)
    return Standing(
        run,
        times.priced_at,
        {
            store: StoreStanding(dict(lines.found), left[store], lines.pace, times.stores[store], lines.slowed)
            for store, lines in run.stores.items()
        },
    )


def _priced(desk: Desk, number: int) -> None:
    held = desk.storage.get(CURRENT_CONFIG, StoredConfig)
    if held is not None and held.model.number == number:
        desk.storage.commit([Put(CURRENT_CONFIG, held.model.priced(), held.version)], correlation=desk.correlation)
