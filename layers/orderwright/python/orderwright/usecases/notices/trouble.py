"""How a channel to customers is (P14): one alert for a cause that keeps all of it, one a day for each cause of giving up.

It is kept as a connection's state is, under a name that no connection can have: Control CONNECTION#-email, CONNECTION#-sms.
`seen` says when each cause was met last, and not what worked between: in SES's sandbox one mail goes and the next does not.
"""

from __future__ import annotations

from datetime import datetime

from orderwright.errors import VendorError
from orderwright.records import connection_key
from orderwright.storage import Change, Put, Storage
from orderwright.usecases.alerts import alert
from orderwright.usecases.health import held_connection, note_success, update_connection

FUNCTION = "notify_customer"


def channel_name(channel: str) -> str:
    """The channel among the connections; their own names begin with a letter."""
    return f"-{channel}"


def channel_waits(storage: Storage, channel: str, error: VendorError, now: datetime) -> None:
    """The account or our set-up keeps everything on this channel: told once a cause, and again when it had ended."""
    name = channel_name(channel)
    fact = alert("NOTICES_WAIT", name, codes=error.code, message=error.message)
    update_connection(storage, name, lambda state: state.kept(FUNCTION, error.code, error.message, now), [fact])


def channel_works(storage: Storage, channel: str, now: datetime) -> None:
    """Something went out: whatever kept the channel is over."""
    note_success(storage, channel_name(channel), FUNCTION, now)


def given_up(storage: Storage, channel: str, code: str, why: str, now: datetime, *, pk: str) -> list[Change]:
    """What belongs into the commit that gives a notice up: the alert of its cause, unless it was raised within a day."""
    name = channel_name(channel)
    held = held_connection(storage, name)
    told = held.model.gave_up(FUNCTION, code, why, now)
    fact = alert("NOTICE_GIVEN_UP", name, pk=pk, codes=code, message=why)
    return [Put(connection_key(name), told, held.version, (fact,))] if told is not held.model else []
