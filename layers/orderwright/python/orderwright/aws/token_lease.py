"""Who may renew a connection's access token now: a lease in the Control table, won by a condition and lost by time.

TOKEN#<connection>   token   whoever asks for a new token
                     login   vendors that allow only so many log-ins: the wait between two, whoever made the first
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from orderwright.domain.operations import Lease
from orderwright.errors import Conflict
from orderwright.records import lease_key
from orderwright.storage import Delete, Put, Storage


class TokenLeases:
    """Leases of all connections. A holder that dies or fails keeps the others away until its time is over."""

    def __init__(self, storage: Storage, now: Callable[[], datetime], new_owner: Callable[[], str]) -> None:
        self._storage = storage
        self._now = now
        self._new_owner = new_owner

    def claim(self, connection: str, what: str, hold: timedelta) -> bool:
        """True for one worker until `hold` is over."""
        key = lease_key(connection, what)
        held, now = self._storage.get(key, Lease), self._now()
        if held is not None and now < held.model.until:
            return False
        lease = Lease(owner=self._new_owner(), until=now + hold)
        try:
            self._storage.commit([Put(key, lease, held.version if held else 0)])
        except Conflict:
            return False  # another worker was faster
        return True

    def end(self, connection: str) -> None:
        """New secrets need a token of their own at once. The wait between two log-ins stays: it is the vendor's."""
        key = lease_key(connection, "token")
        held = self._storage.get(key, Lease)
        if held is not None:
            with suppress(Conflict):  # another worker has just claimed it, and reads the new secrets
                self._storage.commit([Delete(key, held.version)])
