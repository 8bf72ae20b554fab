"""How a connection is: last success, last failure, one alert when it begins to fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from orderwright.domain.connection_state import ConnectionState
from orderwright.errors import OUT_OF_TIME, Misconfigured, VendorError
from orderwright.records import Stored, connection_key
from orderwright.storage import Fact, Put, Storage, held_or, retry_on_conflict
from orderwright.usecases.alerts import alert

# Another worker has it in hand, an order was written while it was read, or ours had no time left: nothing is wrong with it.
PASSING = frozenset({"TOKEN_AWAITED", "ORDER_CHANGED", OUT_OF_TIME})
Change = Callable[[ConnectionState], ConnectionState]


def held_connection(storage: Storage, connection: str) -> Stored[ConnectionState]:
    """How it is, as written last; version 0 where nothing was written yet."""
    return held_or(storage, connection_key(connection), ConnectionState(connection=connection))


def update_connection(
    storage: Storage, connection: str, change: Change, facts: Sequence[Fact] = (), *, correlation: str = ""
) -> None:
    """Read, change, write if nobody else did; `change` may run several times. Nothing new is not written.

    `facts` go with a new line of the time line, and with nothing else.
    """

    def written() -> None:
        held = held_connection(storage, connection)
        after = change(held.model)
        if after != held.model:
            told = tuple(facts) if after.log != held.model.log else ()
            storage.commit([Put(connection_key(connection), after, held.version, told)], correlation=correlation)

    retry_on_conflict(written, f"the state of connection {connection}")


def note_failure(storage: Storage, connection: str, who: str, error: VendorError, now: datetime) -> None:
    """Record a failure; an alert goes out when it was not told since this last worked, nor within an hour."""
    if error.code in PASSING:
        return
    refused = isinstance(error, Misconfigured)
    fact = alert("CONNECTION_FAILS", connection, codes=error.code, message=error.message)
    update_connection(
        storage, connection, lambda state: state.failed(who, error.code, error.message, now, refused=refused), [fact]
    )


def note_success(storage: Storage, connection: str, who: str, now: datetime) -> None:
    """Record that it works: at once after a failure, else hourly."""
    update_connection(storage, connection, lambda state: state.works(who, now))
