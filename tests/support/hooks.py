"""Webhooks as a vendor posts them, and subscribing to them."""

from __future__ import annotations

from collections.abc import Mapping

from orderwright.bootstrap import Wiring
from orderwright.ports.connection import Subscription
from orderwright.webhooks import Request


def posted(headers: Mapping[str, str], body: bytes, path: str = "/webhooks/x") -> Request:
    """A POST with these headers (names in lower case) and this body."""
    return Request("POST", path, {}, headers, body)


def subscribe(wiring: Wiring, connection: str, wanted: Subscription) -> list[str]:
    """As `connect` does at the end."""
    webhooks = wiring.connectors.webhooks(connection)
    assert webhooks is not None
    return webhooks.ensure_webhooks(wanted)
