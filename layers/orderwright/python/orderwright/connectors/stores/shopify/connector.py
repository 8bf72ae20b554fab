"""All that Orderwright asks of one Shopify store, on one client."""

from __future__ import annotations

from orderwright.connectors.context import Context
from orderwright.connectors.stores.shopify import documents
from orderwright.connectors.stores.shopify.cancelling import ShopifyCancelling
from orderwright.connectors.stores.shopify.client import ShopifyClient
from orderwright.connectors.stores.shopify.orders import ShopifyOrders
from orderwright.connectors.stores.shopify.publishing import ShopifyPublishing
from orderwright.connectors.stores.shopify.settings import ShopifySettings
from orderwright.connectors.stores.shopify.webhooks_setup import ShopifyWebhooks
from orderwright.errors import Misconfigured
from orderwright.ports.connection import Account, Webhooks
from orderwright.ports.store import OrderCancelling, StoreCatalogue, StoreOrders


class ShopifyConnector(
    ShopifyOrders, ShopifyCancelling, ShopifyPublishing, ShopifyWebhooks,
    Account, StoreOrders, OrderCancelling, StoreCatalogue, Webhooks,
):  # fmt: skip
    """One Shopify store."""

    def account(self) -> str:
        """See usecases/identity.py: the shop's gid, which stays when its domain or name changes."""
        return str(self._client.execute(documents.SHOP)["shop"]["id"])

    def probe(self) -> str:
        """See ports.Account."""
        settings = self._client.settings
        sells_in = str(self._client.execute(documents.SHOP)["shop"]["currencyCode"])
        if sells_in != settings.currency:
            raise Misconfigured(
                f"connections.{self._client.connection_id}.currency: the shop sells in {sells_in}: write that",
                code="WRONG_CURRENCY",
            )
        location = self.find_location(settings.location)
        return f"{settings.shop_domain} answers; location {settings.location!r} is {location}"


def build(context: Context[ShopifySettings]) -> ShopifyConnector:
    """The connector of one store. `timeout` applies to each HTTP call."""
    return ShopifyConnector(ShopifyClient(context))
