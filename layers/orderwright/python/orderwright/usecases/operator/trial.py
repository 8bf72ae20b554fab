"""Secrets that are tried before they are kept: in memory, so that a mistake touches nothing that works."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from orderwright.domain.connection_settings import Connection
from orderwright.errors import Misconfigured


class TriedToken(NamedTuple):
    """A token that a vendor gave during the trial, and what came with it."""

    value: str
    expires_at: datetime
    extra: dict[str, str]


class TrialCredentials:
    """ports.Credentials of secrets that were typed in just now. Nobody else knows them, so there is nobody to take turns with."""

    def __init__(self, given: Mapping[str, str], settings: Connection) -> None:
        self._given = given
        self._kind = settings.kind
        self.got: TriedToken | None = None

    def secret(self, name: str) -> str:
        """The value; raises Misconfigured where it was not given."""
        if not self._given.get(name):
            raise Misconfigured(f"{name} was not given, and a {self._kind} connection needs it", code="SECRET_MISSING")
        return self._given[name]

    def token(self, refused: str = "") -> str | None:
        """What the vendor gave during this trial."""
        return self.got.value if self.got is not None and self.got.value != refused else None

    def renewal_due(self) -> bool:
        """A trial is over before a token ends."""
        return False

    def may_renew(self, hold: timedelta, what: str = "token") -> bool:
        """Nobody else uses these secrets."""
        return True

    def store_token(self, value: str, expires_at: datetime, extra: dict[str, str]) -> None:
        """Remember it for when the secrets are kept."""
        self.got = TriedToken(value, expires_at, extra)

    def token_extra(self) -> dict[str, str]:
        """What came with the token."""
        return dict(self.got.extra) if self.got is not None else {}
