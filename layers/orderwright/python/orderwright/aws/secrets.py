"""One connection's secrets in SSM: SecureString parameters, cached at most five minutes.

<prefix>/<connection>/webhook   {"url": ...}, for who subscribes again
<prefix>/<connection>/secrets   {"client_secret": ..., "api_key": ...}
<prefix>/<connection>/token     {"value": ..., "issued_at": ..., "expires_at": ..., "extra": {...}}
<prefix>/-/webhooks/<connection>   what is valid at the door for webhooks: see door.py
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from orderwright.domain.clock_text import utc_text
from orderwright.errors import Misconfigured, Retryable

CACHE_SECONDS = 300.0
# A call that is sent now should arrive before the token ends.
EXPIRY_MARGIN = timedelta(seconds=30)
LATEST_RENEWAL = timedelta(minutes=30)
# While a renewal is due and another worker has it in hand, the parameter is not read with every call.
LOOK_EVERY = timedelta(seconds=30)


class SecretStore:
    """Reads and caches parameters below a prefix. `ssm` is a botocore client."""

    def __init__(self, ssm: Any, prefix: str, now: Callable[[], datetime]) -> None:
        self._ssm = ssm
        self._prefix = prefix
        self.now = now
        self._cached: dict[str, tuple[float, dict[str, Any] | None]] = {}

    def read(self, connection: str, name: str, *, fresh: bool = False) -> dict[str, Any] | None:
        """One parameter as a dict, None when it does not exist."""
        path = f"{self._prefix}/{connection}/{name}"
        known = self._cached.get(path)
        if known is not None and not fresh and self.now().timestamp() - known[0] < CACHE_SECONDS:
            return known[1]
        value: dict[str, Any] | None
        try:
            answer = self._ssm.get_parameter(Name=path, WithDecryption=True)
            value = json.loads(answer["Parameter"]["Value"])
        except self._ssm.exceptions.ParameterNotFound:
            value = None
        self._cached[path] = (self.now().timestamp(), value)
        return value

    def read_or_later(self, connection: str, name: str, *, fresh: bool = False) -> dict[str, Any] | None:
        """The same for what can wait: raises Retryable where AWS does not give it now."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self.read(connection, name, fresh=fresh)
        except (BotoCoreError, ClientError) as error:
            raise Retryable(f"{name} cannot be read now") from error

    def read_below(self, folder: str) -> dict[str, str]:
        """All parameters in a folder of the prefix: their texts by the last part of their names. Never cached."""
        path = f"{self._prefix}/{folder}"
        found: dict[str, str] = {}
        more: dict[str, str] = {}
        while True:
            answer = self._ssm.get_parameters_by_path(Path=path, WithDecryption=True, **more)
            found.update((one["Name"].removeprefix(f"{path}/"), one["Value"]) for one in answer["Parameters"])
            if not answer.get("NextToken"):
                return found
            more = {"NextToken": answer["NextToken"]}

    def write(self, connection: str, name: str, value: dict[str, Any]) -> None:
        """Put one parameter, encrypted with the account's own SSM key."""
        path = f"{self._prefix}/{connection}/{name}"
        self._ssm.put_parameter(Name=path, Value=json.dumps(value), Type="SecureString", Overwrite=True)
        self._cached[path] = (self.now().timestamp(), value)


class SsmCredentials:
    """ports.Credentials of one connection. `claim` wins a renewal's lease: (connection, what, how long) -> True for one."""

    def __init__(self, store: SecretStore, connection: str, claim: Callable[[str, str, timedelta], bool]) -> None:
        self._store = store
        self._connection = connection
        self._claim = claim
        self._looked_at: datetime | None = None

    def secret(self, name: str) -> str:
        """The value; raises Misconfigured naming the command that sets it."""
        value = (self._store.read(self._connection, "secrets") or {}).get(name, "")
        if not value:
            raise Misconfigured(
                f"connection {self._connection} has no secret called {name}: run `orderwright connect {self._connection}`",
                code="SECRET_MISSING",
            )
        return str(value)

    def token(self, refused: str = "") -> str | None:
        """The current token. A cached one that has ended or was refused is read afresh: another worker renewed it."""
        for fresh in (False, True):
            held = self._store.read(self._connection, "token", fresh=fresh)
            if held and _expiry(held) - EXPIRY_MARGIN > self._store.now() and held["value"] != refused:
                return str(held["value"])
        return None

    def renewal_due(self) -> bool:
        """True when a fifth of its life, or less than half an hour, is left (of a short life: less than half of it)."""
        now = self._store.now()
        if not self._is_old(now) or (self._looked_at is not None and now - self._looked_at < LOOK_EVERY):
            return False
        self._looked_at = now
        self._store.read(self._connection, "token", fresh=True)
        return self._is_old(now)

    def _is_old(self, now: datetime) -> bool:
        held = self._store.read(self._connection, "token")
        if not held:
            return False
        expiry = _expiry(held)
        life = expiry - datetime.fromisoformat(held["issued_at"]) if "issued_at" in held else 2 * LATEST_RENEWAL
        return expiry - now < max(life / 5, min(LATEST_RENEWAL, life / 2))

    def may_renew(self, hold: timedelta, what: str = "token") -> bool:
        """True for the one worker that wins the lease."""
        return self._claim(self._connection, what, hold)

    def store_token(self, value: str, expires_at: datetime, extra: dict[str, str]) -> None:
        """Keep a renewed token for all workers."""
        issued, expires = utc_text(self._store.now()), utc_text(expires_at)
        token = {"value": value, "issued_at": issued, "expires_at": expires, "extra": extra}
        self._store.write(self._connection, "token", token)

    def token_extra(self) -> dict[str, str]:
        """What came with the last token (a refresh token, an id that webhooks are signed with)."""
        held = self._store.read(self._connection, "token") or {}
        return {key: str(value) for key, value in held.get("extra", {}).items()}


def _expiry(held: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(held["expires_at"])
