"""All that Orderwright asks of one Shopify store, on one client."""

from __future__ import annotations

from datetime import timedelta

from orderwright.connectors.stores.shopify import documents
from orderwright.connectors.stores.shopify.catalogue import ShopifyCatalogue
from orderwright.connectors.stores.shopify.client import ShopifyClient
from orderwright.connectors.stores.shopify.orders import ShopifyOrders
from orderwright.connectors.stores.shopify.webhooks_setup import ShopifyWebhooks


class ShopifyConnector(ShopifyOrders, ShopifyCatalogue, ShopifyWebhooks):
    """StoreOrders, StoreCatalogue and StoreWebhooks."""

    def __init__(self, client: ShopifyClient) -> None:
        ShopifyOrders.__init__(self, client)
        ShopifyCatalogue.__init__(self, client)

    @property
    def api_version_seen(self) -> str:
        """The API version that Shopify last answered with, "" before any answer."""
        return self._client.api_version_seen

    def account(self) -> str:
        """See usecases/identity.py: the shop's gid, which stays when its domain or name changes."""
        return str(self._client.execute(documents.SHOP)["shop"]["id"])

    def delay_for(self, cost: float) -> timedelta:
        """How long a request of this many points should wait, as far as the last answer tells."""
        return self._client.delay_for(cost)
