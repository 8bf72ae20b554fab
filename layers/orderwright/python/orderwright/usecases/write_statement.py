"""The statement of a day, written at night (R48): all sides are read, sums and differences are kept, one alert tells of them.

It reads stores and suppliers and changes neither. A long day is read in pieces: how far it came stands in Control
STATEMENT#<day> WORK, whose due time wakes the next piece, also after a worker was killed. Who cannot be asked is tried again
for about 15 minutes; then the statement is written without that side, says so, and the whole day is read again every hour.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

from orderwright.domain.config import Config
from orderwright.domain.statement import Statement
from orderwright.domain.statement_work import StatementWork, WrittenStatement
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict, Misconfigured, tried
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.ports.store import StoreOrders
from orderwright.ports.supplier import SupplierOrders
from orderwright.records import Stored, statement_key, statement_work_key
from orderwright.storage import Delete, Due, Fact, Put, Storage, held_or
from orderwright.usecases.alerts import alert
from orderwright.usecases.health import note_failure
from orderwright.usecases.stating.books import Books, Unasked

WAKE = "statement.due"
# A worker that was killed is followed by another one after this; longer than the function may run.
CLAIM = timedelta(minutes=6)
TRIES = 6
READ_AGAIN = timedelta(hours=1)
MOST_READINGS = 24


def day_of(pk: str) -> date:
    """The day of STATEMENT#2026-11-28. Raises ValueError."""
    kind, _, text = pk.partition("#")
    if kind != "STATEMENT":
        raise ValueError("statement.due: pk must be STATEMENT#<day>, such as STATEMENT#2026-11-28")
    return date.fromisoformat(text)


def write_statement(
    message: Message,
    *,
    storage: Storage,
    config: Config,
    store_for: Callable[[str], StoreOrders],
    supplier_for: Callable[[str], SupplierOrders],
    clock: Clock,
    timing: Timing,
) -> None:
    """A piece of one day's statement (`pk`), or all of it. Somebody else at the same day has it in hand: nothing is done."""
    books = Books(day_of(message.pk), storage, config, store_for, supplier_for)
    with suppress(Conflict):
        _Writer(books, clock, timing, message.correlation or message.id).run()


class _Writer:
    """One worker at one statement."""

    def __init__(self, books: Books, clock: Clock, timing: Timing, correlation: str) -> None:
        self._books, self._clock, self._timing, self._correlation = books, clock, timing, correlation
        self._storage = books.storage
        self._key = statement_work_key(books.day)

    def run(self) -> None:
        """Take the work, do as much as fits, write it down. Raises Conflict when somebody else wrote."""
        begin = self._clock.now()
        fresh = StatementWork(statement=Statement(day=self._books.day, at=begin), claimed_until=begin)
        held = held_or(self._storage, self._key, fresh)
        if begin < held.model.claimed_until:
            return
        work = held.model.claimed(begin + CLAIM)
        version = self._put(work, held.version)
        for pk in self._books.order_pks(work.position):
            if self._clock.now() - begin >= self._timing.function_timeout:
                self._put(work.claimed(self._clock.now()), version)
                return
            try:
                part = self._books.part(pk, [one.connection for one in work.statement.missing])
            except Unasked as unasked:
                self._put(self._later(work, unasked), version)
                return
            work = work.read(pk, part)
        statement = work.statement.closed(self._books.closing(work.statement), self._clock.now())
        keep(self._storage, statement, self._correlation, Delete(self._key, version))

    def _put(self, work: StatementWork, version: int) -> int:
        due = Due(work.claimed_until, WAKE)
        self._storage.commit([Put(self._key, work, version, due=due)], correlation=self._correlation)
        return version + 1

    def _later(self, work: StatementWork, unasked: Unasked) -> StatementWork:
        """Ask again later; after some tries go on without that connection."""
        now, error = self._clock.now(), unasked.error
        if work.tries + 1 < TRIES:
            return work.put_off(now + self._timing.backoff(work.tries), tried(error))
        if isinstance(error, Misconfigured):
            note_failure(self._storage, unasked.connection, "write_statement", error, now)
        return work.without(unasked.missing, now)


def written_of(storage: Storage, day: date) -> Stored[WrittenStatement] | None:
    """A day's statement as it was written last."""
    return storage.get(statement_key(day), WrittenStatement)


def keep(storage: Storage, statement: Statement, correlation: str, *more: Delete, tell: bool = True) -> None:
    """Replace what was written of that day. An alert names the codes of which none has told yet. Raises Conflict."""
    key, day = statement_key(statement.day), statement.day.isoformat()
    held = held_or(storage, key, WrittenStatement(statement=statement, readings=0))
    written, facts = held.model.rewritten(statement), list[Fact]()
    if tell and written.told != held.model.told:
        what = f"the statement of {day}: {statement.count} differences"
        what += f"; not asked: {', '.join(one.connection for one in statement.missing)}" * bool(statement.missing)
        facts.append(alert("STATEMENT_DIFFERS", "", resource=day, codes=",".join(statement.codes), message=what))
    again = statement.missing and written.readings < MOST_READINGS
    due = Due(statement.at + READ_AGAIN, WAKE) if again else None
    storage.commit([Put(key, written, held.version, tuple(facts), due), *more], correlation=correlation)
