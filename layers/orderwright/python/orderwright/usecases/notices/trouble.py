"""How a channel to customers is (P14): one alert for a cause that keeps all of it, one a day for each cause of giving up.

It is kept as a connection's state is, under a name that no connection can have: Control CONNECTION#-email, CONNECTION#-sms.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from orderwright.domain.operations import ConnectionState
from orderwright.errors import VendorError
from orderwright.storage import Change, Put, Storage, log_entry
from orderwright.usecases.alerts import alert
from orderwright.usecases.health import note_failure, note_success
from orderwright.usecases.intake.erasure import connection_key

FUNCTION = "notify_customer"
CHANNELS = ("email", "sms")
QUIET = timedelta(days=1)
GIVEN_UP = "given up"


def channel_name(channel: str) -> str:
    """The channel among the connections; their own names begin with a letter."""
    return f"-{channel}"


def channel_waits(storage: Storage, channel: str, error: VendorError, now: datetime) -> None:
    """The account or our set-up keeps everything on this channel: told once a cause, and a day later if it comes again."""
    note_failure(storage, channel_name(channel), FUNCTION, error, now, topic="NOTICES_WAIT", quiet=QUIET)


def channel_works(storage: Storage, channel: str, now: datetime) -> None:
    """Something went out: whatever kept the channel is over."""
    note_success(storage, channel_name(channel), FUNCTION, now)


def given_up(storage: Storage, channel: str, code: str, why: str, now: datetime, *, pk: str) -> list[Change]:
    """What belongs into the commit that gives a notice up: the alert of its cause, unless it was raised within a day."""
    key = connection_key(channel_name(channel))
    held = storage.get(key, ConnectionState)
    state = held.model if held else ConnectionState(connection=channel_name(channel))
    what = f"{GIVEN_UP}: {code}"
    if any(entry.what == what and now - entry.at < QUIET for entry in state.log):
        return []
    told = state.model_copy(update={"log": (*state.log, log_entry(now, FUNCTION, what, why))})
    fact = alert("NOTICE_GIVEN_UP", channel_name(channel), pk=pk, codes=code, message=why)
    return [Put(key, told, held.version if held else 0, facts=(fact,))]
