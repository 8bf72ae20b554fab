"""CJdropshipping, API v2: orders in five calls, parcels, stock, catalogue, webhooks.

Nothing is imported here: the webhook function reads messages with the standard library alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from orderwright.connectors.http import Transport
    from orderwright.connectors.suppliers.cj.connector import CjConnector
    from orderwright.domain.config import CjConnection
    from orderwright.ports import Clock, Credentials

__all__ = ["build"]


def build(
    connection_id: str,
    settings: CjConnection,
    credentials: Credentials,
    transport: Transport,
    clock: Clock,
    timeout: timedelta,
) -> CjConnector:
    """The connector of one connection."""
    from orderwright.connectors.suppliers.cj.connector import build as build_connector

    return build_connector(connection_id, settings, credentials, transport, clock, timeout)
