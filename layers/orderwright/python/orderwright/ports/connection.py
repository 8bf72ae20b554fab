"""What every connection has: time, credentials, an account, subscriptions. Connectors implement ports, tests fake them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple, Protocol


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """The current instant, in UTC with zone."""


class Sleeper(Protocol):
    """Waiting inside a call, only for a second or two: a vendor's rate limit, or a job that it has just begun."""

    def __call__(self, duration: timedelta) -> None:
        """Wait."""


class Credentials(Protocol):
    """One connection's secrets. Names such as "client_secret", "api_key", "token"; the values never leave the connector."""

    def secret(self, name: str) -> str:
        """The value; raises Misconfigured naming the command that sets it."""

    def token(self, refused: str = "") -> str | None:
        """The current access token, or None when there is none yet, or it has expired, or it is the `refused` one."""

    def renewal_due(self) -> bool:
        """True in the last part of the current token's life: the worker that may renew it should do it now."""

    def may_renew(self, hold: timedelta, what: str = "token") -> bool:
        """True for one worker of all, and for nobody else until `hold` is over. `what` keeps leases apart."""

    def store_token(self, value: str, expires_at: datetime, extra: dict[str, str]) -> None:
        """Keep a renewed token (and what came with it, such as a refresh token or the id that signs webhooks) for all workers."""

    def token_extra(self) -> dict[str, str]:
        """What came with the current or last token."""


class Account(Protocol):
    """What a connection of every role answers."""

    def account(self) -> str:
        """The vendor's own id of the shop or account, "" where it names none. A secret one comes as a fingerprint.

        No other vendor may use the same text: where it is a plain number the kind stands before it.

        Raises Retryable, Misconfigured.
        """

    def probe(self) -> str:
        """A real call that changes nothing; gives what it came to, in words for the operator. Raises VendorError."""


class Subscription(NamedTuple):
    """What a vendor is to send, and where: to `url`, and to none of `old_urls` any more.

    `secret`: what it signs with, where we choose that. `goods`: ids of a supplier's goods whose news are wanted.
    """

    url: str
    old_urls: tuple[str, ...] = ()
    secret: str = ""
    goods: tuple[str, ...] = ()


class Webhooks(Protocol):
    """Subscriptions by API."""

    def ensure_webhooks(self, wanted: Subscription) -> list[str]:
        """Create what is missing, fix what points elsewhere; gives the topics that were created or fixed.

        Repeating it is harmless.
        """

    def foreign_webhooks(self, callback_url: str) -> list[str]:
        """Addresses that this account's webhooks go to beside our own; [] where the vendor does not show them."""
