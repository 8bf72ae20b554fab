"""All orders of a shop lose their personal data, however many there are, and wherever a worker is killed (promise P8).

How far it came stands in Control ERASURE#<connection>. Its due time is always set, so that somebody goes on until it is done.
An order that is written meanwhile moves on in the index, and the index may lag: all are gone through again, until once nothing
was left to erase.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from orderwright.domain.operations import ConnectionState, ShopErasure
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict
from orderwright.messages import Message
from orderwright.ports import Clock
from orderwright.records import CONTROL, Key
from orderwright.storage import Change, Delete, Due, Put, Storage, log_entry
from orderwright.usecases.alerts import alert
from orderwright.usecases.intake.erasure import ERASE, connection_key, erase_order, going_on
from orderwright.usecases.intake.parked import park_unreadable

PAGE = 50
LATE = timedelta(days=3)


def erase_shop(message: Message, *, storage: Storage, timing: Timing, clock: Clock) -> None:
    """The next orders of one shop. Somebody else has it in hand, or it is done: nothing happens."""
    key = Key(CONTROL, message.pk, message.sk)
    held = storage.get(key, ShopErasure)
    if held is None or clock.now() < held.model.claimed_until:
        return
    with suppress(Conflict):
        _Visit(key, held.version, storage, timing, clock).run(held.model)


class _Visit:
    """One worker at one shop."""

    def __init__(self, key: Key, version: int, storage: Storage, timing: Timing, clock: Clock) -> None:
        self._key, self._version = key, version
        self._storage, self._timing, self._clock = storage, timing, clock

    def run(self, work: ShopErasure) -> None:
        """Claim it, erase as many as fit into half of what is kept at a worker's end, write down how far it came."""
        begin = self._clock.now()
        work = self._claimed(work, begin)
        while self._clock.now() - begin < self._timing.reserve / 2:
            page = self._storage.orders_behind(work.connection, work.cursor, PAGE)
            for pk, cursor in page:
                work = self._erased(pk, work).model_copy(update={"cursor": cursor})
                if self._clock.now() - begin >= self._timing.reserve / 2:
                    break
            if not page and not work.again:
                self._finish(work)
                return
            if not page:
                work = work.model_copy(update={"cursor": "", "again": False})
        now = self._clock.now()
        self._storage.commit([going_on(work.model_copy(update={"claimed_until": now}), self._version, now)])

    def _claimed(self, work: ShopErasure, now: datetime) -> ShopErasure:
        """Killed after this, another worker goes on when the lease is over."""
        late = not work.told and now - work.since > LATE
        claimed = work.model_copy(
            update={"claimed_until": now + self._timing.windows.lease, "told": work.told or late}
        )  # fmt: skip
        text = f"shop/redact of {work.since:%Y-%m-%d}: {work.erased} orders are erased, and it is not done"
        facts = (alert("ERASURE_LATE", work.connection, message=text),) if late else ()
        self._put(Put(self._key, claimed, self._version, facts=facts, due=Due(claimed.claimed_until, ERASE)))
        return claimed

    def _put(self, put: Put) -> None:
        self._storage.commit([put])
        self._version += 1

    def _erased(self, pk: str, work: ShopErasure) -> ShopErasure:
        try:
            done = erase_order(pk, "shop/redact", storage=self._storage, clock=self._clock)
        except Conflict:
            return work.model_copy(update={"again": True})
        except ValueError as error:
            # Promise P9: what this version cannot read keeps no other order's data. Its words may hold a person's.
            connection, _, order_id = pk.partition("#")
            why = f"shop/redact could not erase it: {type(error).__name__}"
            park_unreadable(pk, connection, order_id, why, storage=self._storage, clock=self._clock)
            return work
        return work.model_copy(update={"again": True, "erased": work.erased + 1}) if done else work

    def _finish(self, work: ShopErasure) -> None:
        changes: list[Change] = [Delete(self._key, self._version)]
        held = self._storage.get(connection_key(work.connection), ConnectionState)
        if held is not None:
            # What a killed worker erased is done and was not counted.
            what = f"shop/redact done: at least {work.erased} orders erased, none is left that can be read"
            log = (*held.model.log, log_entry(self._clock.now(), "ingest_order", what))
            changes.append(
                Put(connection_key(work.connection), held.model.model_copy(update={"log": log}), held.version)
            )
        self._storage.commit(changes)
