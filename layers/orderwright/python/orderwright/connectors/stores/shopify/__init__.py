"""Shopify, over the Admin GraphQL API. Importing the package costs nothing: `webhook` must start fast and cold."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from orderwright.connectors.http import Transport
    from orderwright.connectors.stores.shopify.connector import ShopifyConnector
    from orderwright.domain.config import ShopifyConnection
    from orderwright.ports import Clock, Credentials


def build(
    connection_id: str,
    settings: ShopifyConnection,
    credentials: Credentials,
    transport: Transport,
    clock: Clock,
    timeout: timedelta,
) -> ShopifyConnector:
    """The connector of one store. `timeout` applies to each HTTP call."""
    from orderwright.connectors.stores.shopify.client import ShopifyClient
    from orderwright.connectors.stores.shopify.connector import ShopifyConnector

    seconds = timeout.total_seconds()
    return ShopifyConnector(ShopifyClient(connection_id, settings, credentials, transport, clock, seconds))
