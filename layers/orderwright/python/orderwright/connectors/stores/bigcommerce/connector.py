"""All that Orderwright asks of one BigCommerce store, on one client."""

from __future__ import annotations

from orderwright.connectors.context import Context
from orderwright.connectors.reading import Node
from orderwright.connectors.stores.bigcommerce.cancelling import BigCommerceCancelling
from orderwright.connectors.stores.bigcommerce.catalogue import BigCommerceCatalogue
from orderwright.connectors.stores.bigcommerce.client import BigCommerceClient
from orderwright.connectors.stores.bigcommerce.settings import BigCommerceSettings
from orderwright.connectors.stores.bigcommerce.webhooks_setup import BigCommerceWebhooks
from orderwright.errors import Misconfigured
from orderwright.ports.connection import Account, Webhooks
from orderwright.ports.store import OrderCancelling, OrderNotes, StoreCatalogue, StoreOrders


class BigCommerceConnector(
    BigCommerceCancelling, BigCommerceCatalogue, BigCommerceWebhooks,
    Account, StoreOrders, StoreCatalogue, Webhooks, OrderCancelling, OrderNotes,
):  # fmt: skip
    """One BigCommerce store."""

    def account(self) -> str:
        """The store's permanent hash."""
        store = self._store()
        return f"bigcommerce/stores/{store.text('id') or store.refuse('id', 'the hash of the store')}"

    def probe(self) -> str:
        """See ports.Account."""
        settings, shop = self._client.settings, self._store()
        if (currency := shop.currency("currency")) != settings.currency:
            text = f"connections.{self._client.id}.currency is {settings.currency}, but the store sells in {currency}"
            raise Misconfigured(f"{text}: set it to {currency}", code="WRONG_CURRENCY")
        location = self.find_location(settings.location)
        return f"store {settings.store_hash} answers; its stock is set at location {location}"

    def _store(self) -> Node:
        return self._client.one("getStoreInformation", "v2/store")


def build(context: Context[BigCommerceSettings]) -> BigCommerceConnector:
    """The connector of one store. `timeout` applies to each HTTP call."""
    return BigCommerceConnector(BigCommerceClient(context))
