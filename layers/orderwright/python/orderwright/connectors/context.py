"""What a connector is built with: its connection, and the ways out of the stack that it may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from orderwright.domain.connection_settings import ConnectionSettings
from orderwright.ports.connection import Clock, Credentials
from orderwright.ports.out import Files, Mails, RemoteFiles

if TYPE_CHECKING:
    from orderwright.connectors.http import Transport

Settings_co = TypeVar("Settings_co", bound=ConnectionSettings, covariant=True)


@dataclass(frozen=True)
class Context(Generic[Settings_co]):
    """One connection's world. `id` is its permanent id, `timeout` what one call may last.

    `http` posts within the worker's time. `mail`, `files` and `sftp` are made when they are asked for; None for a kind that
    does not declare that way (declarations.Way). `sftp` signs in: (sftp://user@host:port, the pinned host key) -> its files,
    with the secret "password" or "private_key". `page`: the address of the supplier's page, for links (page_links.py); None for a
    kind without one. Raises Misconfigured before the first `connect`. `shop`: the merchant's name.
    """

    id: str
    settings: Settings_co
    credentials: Credentials
    http: Transport
    clock: Clock
    timeout: timedelta
    mail: Callable[[], Mails] | None = None
    files: Callable[[], Files] | None = None
    sftp: Callable[[str, str], RemoteFiles] | None = None
    page: Callable[[], str] | None = None
    shop: Callable[[], str] | None = None
