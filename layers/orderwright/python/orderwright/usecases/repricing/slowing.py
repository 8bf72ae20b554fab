"""A store that asks to be left alone gets less of a repricing: its estimate moves, and says why (R28)."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from orderwright.domain.repricing.run import Repricing
from orderwright.errors import OUT_OF_TIME, Conflict, VendorError
from orderwright.records import REPRICING
from orderwright.storage import Due, Fact, Put, Storage

WAKE = "prices.reprice_due"


def repricing_put(run: Repricing, version: int, facts: tuple[Fact, ...] = ()) -> Put:
    """The one way to write it: due while anything is left (promise P11)."""
    due = Due(run.due_at, WAKE) if run.due_at else None
    return Put(REPRICING, run, version, facts=facts, due=due)


def throttled(store: str, error: VendorError, now: datetime, storage: Storage) -> None:
    """It answered that it has too much to do. No repricing, or nothing left of it for this store: nothing is written."""
    held = storage.get(REPRICING, Repricing)
    lines = held.model.stores.get(store) if held else None
    if held is None or lines is None or lines.done_at is not None or error.after is None:
        return
    asked = f"the store asked to wait: {error.message}"
    why = "so many do not fit into the time that a worker has" if error.code == OUT_OF_TIME else asked
    with suppress(Conflict):  # the next answer of the kind says it again
        slower = lines.throttled(now + error.after, why, now)
        storage.commit([repricing_put(held.model.with_lines(store, slower), held.version)])
