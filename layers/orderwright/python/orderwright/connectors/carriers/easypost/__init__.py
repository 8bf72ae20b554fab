"""EasyPost: trackers of parcels of many carriers, and their webhooks.

Nothing is imported here: the webhook function reads messages with the standard library alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from orderwright.connectors.carriers.easypost.trackers import EasyPostConnector
    from orderwright.connectors.http import Transport
    from orderwright.domain.config import EasyPostConnection
    from orderwright.ports import Clock, Credentials

__all__ = ["build"]


def build(
    connection_id: str,
    settings: EasyPostConnection,
    credentials: Credentials,
    transport: Transport,
    clock: Clock,
    timeout: timedelta,
) -> EasyPostConnector:
    """The connector of one connection."""
    from orderwright.connectors.carriers.easypost.trackers import build as build_connector

    return build_connector(connection_id, settings, credentials, transport, clock, timeout)
