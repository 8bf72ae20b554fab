"""All that CJ can do for us, behind one account."""

from __future__ import annotations

from orderwright.connectors.context import Context
from orderwright.connectors.suppliers.cj.catalogue import CjCatalogue
from orderwright.connectors.suppliers.cj.client import CjClient
from orderwright.connectors.suppliers.cj.orders import CjOrders
from orderwright.connectors.suppliers.cj.settings import CjSettings
from orderwright.connectors.suppliers.cj.stock import CjStock
from orderwright.connectors.suppliers.cj.tracking import CjTracking
from orderwright.connectors.suppliers.cj.webhooks_setup import CjWebhooks
from orderwright.ports.connection import Account, Webhooks
from orderwright.ports.freight import SupplierFreight
from orderwright.ports.supplier import SupplierCatalogue, SupplierOrders, SupplierStock, SupplierTracking


class CjConnector(
    CjOrders, CjTracking, CjStock, CjCatalogue, CjWebhooks,
    Account, SupplierOrders, SupplierFreight, SupplierTracking, SupplierStock, SupplierCatalogue, Webhooks,
):  # fmt: skip
    """One account at CJ."""

    def account(self) -> str:
        """See usecases/identity.py. CJ's openId is also the key of its webhooks' signatures, so only a fingerprint is given."""
        return self._client.account()

    def probe(self) -> str:
        """See ports.Account."""
        goods, more = self.list_goods("")
        return f"CJ answers; {len(goods)} goods on its first page" + (", and more" if more else "")


def build(context: Context[CjSettings]) -> CjConnector:
    """The connector of one connection."""
    return CjConnector(CjClient(context))
