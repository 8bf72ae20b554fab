"""All orders of a shop lose their personal data, however many there are, and wherever a worker is killed (promise P8).

How far it came stands in Control ERASURE#<connection>. Its due time is always set, so that somebody goes on until it is done.
An order that is written meanwhile moves on in the index, and the index may lag: all are gone through again, until once nothing
was left to erase.
"""

from __future__ import annotations

from contextlib import suppress

from orderwright.domain.operations import ShopErasure
from orderwright.domain.time_line import log_entry
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.records import connection_key, control_part_key
from orderwright.storage import Delete, Due, Put, Storage
from orderwright.usecases.health import held_connection
from orderwright.usecases.intake.erasure import ERASE, BillFiles, erase_order, going_on
from orderwright.usecases.intake.parked import park_unreadable

PAGE = 50


def erase_shop(message: Message, *, storage: Storage, timing: Timing, clock: Clock, files: BillFiles) -> None:
    """The next orders of one shop: as many as fit into half of what is kept at a worker's end."""
    key, begin = control_part_key(message.pk, message.sk), clock.now()
    held = storage.get(key, ShopErasure)
    if held is None or begin < held.model.claimed_until:
        return
    work, version = held.model, held.version + 1
    lease = begin + timing.windows.lease
    with suppress(Conflict):
        storage.commit([Put(key, work.claimed(lease), held.version, due=Due(lease, ERASE))])
        while clock.now() - begin < timing.reserve / 2:
            page = storage.orders_behind(work.connection, work.cursor, PAGE)
            for pk, cursor in page:
                work = work.looked_at(cursor, _erased(pk, storage, clock, files))
                if clock.now() - begin >= timing.reserve / 2:
                    break
            if not page and not work.again:
                storage.commit([Delete(key, version), _done(work, storage, clock)])
                return
            if not page:
                work = work.begun_again()
        storage.commit([going_on(work.claimed(clock.now()), version, clock.now())])


def _erased(pk: str, storage: Storage, clock: Clock, files: BillFiles) -> bool | None:
    try:
        return erase_order(pk, "shop/redact", storage=storage, clock=clock, files=files)
    except Conflict:
        return None
    except ValueError as error:
        # Promise P9: what this version cannot read keeps no other order's data. The error's words may hold a person's.
        connection, _, order_id = pk.partition("#")
        why = f"shop/redact could not erase it: {type(error).__name__}"
        park_unreadable(pk, connection, order_id, why, storage=storage, clock=clock)
        return False


def _done(work: ShopErasure, storage: Storage, clock: Clock) -> Put:
    held = held_connection(storage, work.connection)
    # What a killed worker erased is done and was not counted.
    what = f"shop/redact done: at least {work.erased} orders erased, none is left that can be read"
    noted = held.model.noted(log_entry(clock.now(), "ingest_order", what))
    return Put(connection_key(work.connection), noted, held.version)
