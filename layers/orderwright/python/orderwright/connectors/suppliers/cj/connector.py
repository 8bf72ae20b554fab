"""All that CJ can do for us, behind one account."""

from __future__ import annotations

from datetime import timedelta

from orderwright.connectors.http import Transport
from orderwright.connectors.suppliers.cj.catalogue import CjCatalogue
from orderwright.connectors.suppliers.cj.client import CjClient
from orderwright.connectors.suppliers.cj.orders import CjOrders
from orderwright.connectors.suppliers.cj.stock import CjStock
from orderwright.connectors.suppliers.cj.tracking import CjTracking
from orderwright.connectors.suppliers.cj.webhooks_setup import CjWebhooks
from orderwright.domain.config import CjConnection
from orderwright.ports import Clock, Credentials


class CjConnector(CjOrders, CjTracking, CjStock, CjCatalogue, CjWebhooks):
    """SupplierOrders, SupplierTracking, SupplierStock, SupplierCatalogue and SupplierWebhooks of one connection."""

    def __init__(self, client: CjClient) -> None:
        CjOrders.__init__(self, client)

    def account(self) -> str:
        """See usecases/identity.py. CJ's openId is also the key of its webhooks' signatures, so only a fingerprint is given."""
        return self._client.account()


def build(
    connection_id: str,
    settings: CjConnection,
    credentials: Credentials,
    transport: Transport,
    clock: Clock,
    timeout: timedelta,
) -> CjConnector:
    """The connector of one connection."""
    return CjConnector(CjClient(connection_id, settings, credentials, transport, clock, timeout))
