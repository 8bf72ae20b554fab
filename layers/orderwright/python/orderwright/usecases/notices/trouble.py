"""How a channel to customers is (P14): one alert for a cause that keeps all of it, one a day for each cause of giving up.

It is kept as a connection's state is, under a name that no connection can have: Control CONNECTION#-email, CONNECTION#-sms.
`seen` says when each cause was met last, and not what worked between: in SES's sandbox one mail goes and the next does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from orderwright.domain.operations import ConnectionState
from orderwright.domain.time_line import log_entry
from orderwright.errors import VendorError
from orderwright.records import connection_key
from orderwright.storage import (
    Change,
    Fact,
    Put,
    Storage,
    held_or,
)
from orderwright.usecases.alerts import alert
from orderwright.usecases.health import FAILS, note_success, update_connection

FUNCTION = "notify_customer"
OVER = timedelta(hours=1)
"""A cause that was not met for so long had ended: what waits for it is tried every 15 minutes."""
MARKED = timedelta(minutes=10)
A_DAY = timedelta(days=1)
GIVEN_UP = "given up"


def channel_name(channel: str) -> str:
    """The channel among the connections; their own names begin with a letter."""
    return f"-{channel}"


def channel_waits(storage: Storage, channel: str, error: VendorError, now: datetime) -> None:
    """The account or our set-up keeps everything on this channel: told once a cause, and anew when it had ended."""

    def update(state: ConnectionState) -> tuple[ConnectionState, Sequence[Fact]]:
        last = state.seen.get(error.code)
        if last is not None and now - last < MARKED:
            return state, ()
        text = f"{error.code}: {error.message}"[:300]
        news = {"last_failure": text, "last_failure_at": now, "seen": _seen(state, error.code, now)}
        if last is not None and now - last < OVER:
            return state.model_copy(update=news), ()
        told = {**news, "log": (*state.log, log_entry(now, FUNCTION, FAILS, text))}
        fact = alert("NOTICES_WAIT", channel_name(channel), codes=error.code, message=error.message)
        return state.model_copy(update=told), (fact,)

    update_connection(storage, channel_name(channel), update)


def _seen(state: ConnectionState, cause: str, now: datetime) -> dict[str, datetime]:
    return {**{one: at for one, at in state.seen.items() if now - at < A_DAY}, cause: now}


def channel_works(storage: Storage, channel: str, now: datetime) -> None:
    """Something went out: whatever kept the channel is over."""
    note_success(storage, channel_name(channel), FUNCTION, now)


def given_up(storage: Storage, channel: str, code: str, why: str, now: datetime, *, pk: str) -> list[Change]:
    """What belongs into the commit that gives a notice up: the alert of its cause, unless it was raised within a day."""
    key = connection_key(channel_name(channel))
    held = held_or(storage, key, ConnectionState(connection=channel_name(channel)))
    state = held.model
    what = f"{GIVEN_UP}: {code}"
    if now - state.seen.get(what, now - A_DAY) < A_DAY:
        return []
    log = (*state.log, log_entry(now, FUNCTION, what, why))
    told = state.model_copy(update={"seen": _seen(state, what, now), "log": log})
    fact = alert("NOTICE_GIVEN_UP", channel_name(channel), pk=pk, codes=code, message=why)
    return [Put(key, told, held.version, facts=(fact,))]
