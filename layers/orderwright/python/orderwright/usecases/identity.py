"""The vendor's own id of a shop or account: asked for once, kept permanently, and what our references are made of (P15)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from orderwright.config_store import note_identity
from orderwright.domain.config import Config
from orderwright.domain.identity import Identity
from orderwright.errors import VendorError
from orderwright.ports.connection import Account
from orderwright.storage import Storage


def settle(
    storage: Storage, config: Config, store: str, of: Callable[[str], Account], now: datetime, asked: set[str]
) -> bool:
    """Ask the vendors that an order of `store` needs and that were never asked; True when anything became known.

    Only an installation of before P15 has such: this is its first connect. `asked` are those that this process has asked already:
    a vendor that names no account, or is away, is not asked with every order.
    """
    wanted = [store, *sorted(config.suppliers)]
    found = False
    for connection in wanted:
        if connection in asked or connection not in config.connections or config.identity(connection).account:
            continue
        asked.add(connection)
        try:
            account = of(connection).account()
        except VendorError:
            # The work itself asks this vendor next and says what is wrong with it. Until then our own id stands for the account.
            continue
        if account:
            kind, known = config.connections[connection].kind, partial(Identity.connected, account=account, now=now)
            note_identity(storage, connection, kind, known)
            found = True
    return found
