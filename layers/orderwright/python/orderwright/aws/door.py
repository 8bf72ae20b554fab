"""The door for webhooks: which address is whose, and which secrets are valid there (promises P2, P7).

All entries (door_entries.py) are read as one list and kept, so that what strangers post costs no call, whatever they try.
Standard library only, as everything that receive_webhook imports.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from orderwright.aws.secrets import SecretStore
from orderwright.domain.clock_text import utc_text
from orderwright.door_entries import FOLDER, KEPT_FOR, Entry, entry_of, unreadable
from orderwright.errors import Misconfigured
from orderwright.webhooks import Behind

RETRY_AFTER = timedelta(seconds=5)
"""How long a process waits after a read that failed."""
STALE_AFTER = timedelta(minutes=5)
"""How long the last list is used while new reads fail. After that every webhook is answered 503 and comes again."""


class Door:
    """Reads the list, at most once in KEPT_FOR whatever is posted."""

    def __init__(self, store: SecretStore) -> None:
        self._store = store
        self._behind: dict[str, tuple[str, Entry]] = {}
        self._entries: dict[str, Entry] = {}
        self._unreadable: Misconfigured | None = None
        self._failure: Exception | None = None
        self._read_at = self._ask_at = datetime.min.replace(tzinfo=UTC)

    def behind(self, address: str) -> Behind | None:
        """Whose address this is; None when it is nobody's. Raises what kept the list, or an entry of it, from being read."""
        now = self._store.now()
        self._refresh(now)
        known = self._behind.get(address)
        if known is not None:
            return Behind(known[0], known[1].kind, known[1].valid(utc_text(now)))
        if self._unreadable is not None:
            raise self._unreadable.with_traceback(None)  # it may be that one's address: the vendor must send it again
        return None

    def secrets_of(self, connection: str, kind: str) -> tuple[str, ...]:
        """The secrets that are valid now for a connection of this kind, newest first; none where there is none.

        Raises what kept the list, or an entry of it, from being read.
        """
        now = self._store.now()
        self._refresh(now)
        entry = self._entries.get(connection)
        if entry is None and self._unreadable is not None:
            raise self._unreadable.with_traceback(None)
        return entry.valid(utc_text(now)) if entry is not None and entry.kind == kind else ()

    def _refresh(self, at: datetime) -> None:
        if at >= self._ask_at:
            self._ask_at = at + RETRY_AFTER
            try:
                texts = self._store.read_below(FOLDER)
            except Exception as error:  # noqa: BLE001 - whatever it is, the list of before goes on for a while
                self._failure = error
            else:
                self._take(texts)
                self._failure, self._read_at, self._ask_at = None, at, at + KEPT_FOR
        if self._failure is not None and at - self._read_at >= STALE_AFTER:
            raise self._failure.with_traceback(None)

    def _take(self, texts: Mapping[str, str]) -> None:
        self._behind, self._entries, self._unreadable = {}, {}, None
        for connection, text in texts.items():
            try:
                entry = entry_of(connection, json.loads(text))
            except (ValueError, Misconfigured):
                self._unreadable = unreadable(connection)
                continue
            self._entries[connection] = entry
            self._behind.update(dict.fromkeys(entry.addresses, (connection, entry)))
