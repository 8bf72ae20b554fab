"""How a connection is: last success, last failure, one alert when it begins to fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from orderwright.domain.operations import FAILS_AFTER, ConnectionState
from orderwright.domain.time_line import log_entry
from orderwright.errors import OUT_OF_TIME, Conflict, Misconfigured, VendorError
from orderwright.records import connection_key
from orderwright.storage import (
    Fact,
    Put,
    Storage,
    held_or,
    retry_on_conflict,
)
from orderwright.usecases.alerts import alert

# Health is for people: a write an hour says enough while nothing changes.
REFRESH = timedelta(hours=1)
# Several calls that fail in one go are one failure.
APART = timedelta(minutes=1)
FAILS = "the connection fails"
WORKS = "the connection works again"
# Another worker has it in hand, an order was written while it was read, or ours had no time left: nothing is wrong with it.
PASSING = frozenset({"TOKEN_AWAITED", "ORDER_CHANGED", OUT_OF_TIME})

Update = Callable[[ConnectionState], tuple[ConnectionState, Sequence[Fact]]]


def update_connection(storage: Storage, connection: str, update: Update, *, correlation: str = "") -> ConnectionState:
    """Read, change, write if nobody else did; `update` may run several times. Nothing new is not written."""
    key = connection_key(connection)

    def written() -> ConnectionState:
        held = held_or(storage, key, ConnectionState(connection=connection))
        after, facts = update(held.model)
        if after != held.model or facts:
            storage.commit([Put(key, after, held.version, facts=tuple(facts))], correlation=correlation)
        return after

    return retry_on_conflict(
        written, Conflict(f"the state of connection {connection} changes faster than it can be written")
    )


def note_failure(storage: Storage, connection: str, who: str, error: VendorError, now: datetime) -> None:
    """Record a failure; an alert goes out when it was not told since this last worked, nor within an hour."""
    if error.code in PASSING:
        return

    def update(state: ConnectionState) -> tuple[ConnectionState, Sequence[Fact]]:
        text = f"{error.code}: {error.message}"[:300]
        known, told = state.last_failure.partition(":")[0] == error.code, _told(state, error, now)
        counted = _counted(state, error, now)
        as_before = known and told and all(getattr(state, name) == value for name, value in counted.items())
        if as_before and state.last_failure_at is not None and now - state.last_failure_at < REFRESH:
            return state, ()
        news: dict[str, object] = {"last_failure": text, "last_failure_at": now, **counted}
        if told:
            return state.model_copy(update=news), ()
        entry = log_entry(now, who, FAILS, text)
        news["log"] = (*state.log, entry)
        fact = alert("CONNECTION_FAILS", connection, codes=error.code, message=error.message)
        return state.model_copy(update=news), (fact,)

    update_connection(storage, connection, update)


def _counted(state: ConnectionState, error: VendorError, now: datetime) -> dict[str, object]:
    """Since when, how often up to FAILS_AFTER, and whether it refuses us: what a further failure makes of them."""
    if not state.last_failure:
        return {"failing_since": now, "failures": 1, "refused": isinstance(error, Misconfigured)}
    since, last = state.failing_since or state.last_failure_at, state.last_failure_at
    more = state.failures < FAILS_AFTER and (last is None or now - last >= APART)
    refused = state.refused or isinstance(error, Misconfigured)
    return {"failing_since": since, "failures": state.failures + more, "refused": refused}


def _told(state: ConnectionState, error: VendorError, now: datetime) -> bool:
    """Told since it last worked; or it came back soon after something else worked (a missing scope, say)."""
    at, since = None, False
    for entry in state.log:
        if entry.what == FAILS and entry.why.partition(":")[0] == error.code:
            at, since = entry.at, True
        elif entry.what == WORKS:
            since = False
    return at is not None and (since or now - at < REFRESH)


def note_success(storage: Storage, connection: str, who: str, now: datetime) -> None:
    """Record that it works: at once after a failure, else hourly."""

    def update(state: ConnectionState) -> tuple[ConnectionState, Sequence[Fact]]:
        return works_again(state, who, now), ()

    update_connection(storage, connection, update)


def works_again(state: ConnectionState, who: str, now: datetime) -> ConnectionState:
    """The state after a success; the same one while there is nothing worth a write."""
    if not state.last_failure and state.last_ok_at is not None and now - state.last_ok_at < REFRESH:
        return state
    news: dict[str, object] = {"last_ok_at": now, "last_failure": ""}
    if state.last_failure:
        news["log"] = (*state.log, log_entry(now, who, WORKS))
    return state.model_copy(update=news)
