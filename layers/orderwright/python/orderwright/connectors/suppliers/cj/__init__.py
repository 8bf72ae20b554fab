"""CJdropshipping, API v2: orders in five calls, parcels, stock, catalogue, webhooks."""

from orderwright.connectors.suppliers.cj.connector import CjConnector, build

__all__ = ["CjConnector", "build"]
