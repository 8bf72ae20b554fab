"""What is valid at the door for webhooks: one entry a connection (promises P2, P7).

One SSM parameter each, <prefix>/-/webhooks/<connection>; no connection can be called "-":
{"kind": ..., "addresses": [newest, the one before], "secrets": [[newest, ""], [the one before, when it ends], ...]}

An address is the last part of the path: an unguessable key, or a connection's name where an older version gave that out.
Standard library only, as everything that receive_webhook imports.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from orderwright.errors import Misconfigured

FOLDER = "-/webhooks"
KEPT_FOR = timedelta(seconds=30)
"""How old the list may be: as long as a new, a retired or a revoked one takes until every process knows."""


class Secret(NamedTuple):
    """One signing secret. `ends` is the time from which it is not valid any more; "" for the newest, which does not end."""

    value: str
    ends: str = ""


class Entry(NamedTuple):
    """One connection at the door. Newest address and secret first."""

    kind: str
    addresses: tuple[str, ...]
    secrets: tuple[Secret, ...] = ()

    def valid(self, now: str) -> tuple[str, ...]:
        """The secrets that are valid at this time. An empty one, of a connection that had none, proves nothing."""
        return tuple(one.value for one in self.secrets if one.value and (not one.ends or now < one.ends))


def entry_name(connection: str) -> tuple[str, str]:
    """Where a connection's entry is kept, as Secrets.read and write want it."""
    folder, _, name = FOLDER.partition("/")
    return folder, f"{name}/{connection}"


def entry_of(connection: str, held: Any) -> Entry:
    """An entry from its JSON. Raises Misconfigured for one that makes no sense."""
    try:
        kind, addresses, secrets = held["kind"], held["addresses"], [Secret(*pair) for pair in held["secrets"]]
        texts = [kind, *addresses, *(text for secret in secrets for text in secret)]
    except (KeyError, TypeError):
        raise unreadable(connection) from None
    if not isinstance(addresses, list) or not all(isinstance(text, str) for text in texts):
        raise unreadable(connection)
    return Entry(kind, tuple(addresses), tuple(secrets))


def unreadable(connection: str) -> Misconfigured:
    """What is wrong with an entry that makes no sense, and how it is made again."""
    return Misconfigured(
        f"the SSM parameter {FOLDER}/{connection} below the stack's prefix makes no sense: delete it and run "
        f"`orderwright connect {connection}`, which gives the connection a new webhook address",
        code="DOOR_UNREADABLE",
    )
