"""All that Orderwright asks of one Market shop, on one client."""

from __future__ import annotations

from orderwright.connectors.addresses import is_ours
from orderwright.connectors.context import Context
from orderwright.connectors.reading import Node
from orderwright.errors import Misconfigured
from orderwright.ports.connection import Account, Subscription, Webhooks
from orderwright.ports.store import StoreCatalogue, StoreOrders
from tests.scripted.stores.market.catalogue import MarketCatalogue
from tests.scripted.stores.market.client import MarketClient
from tests.scripted.stores.market.orders import MarketOrders
from tests.scripted.stores.market.settings import MarketSettings
from tests.scripted.stores.market.webhook import TOPICS


class MarketConnector(MarketOrders, MarketCatalogue, Account, StoreOrders, StoreCatalogue, Webhooks):
    """One Market shop."""

    def __init__(self, client: MarketClient) -> None:
        self._client = client

    def account(self) -> str:
        """The shop's number, with Market's name: other vendors count their shops as well."""
        return f"market/shops/{self._shop().text('id')}"

    def probe(self) -> str:
        """See ports.Account."""
        shop = self._shop()
        if shop.text("currency") != self._client.settings.currency:
            raise Misconfigured(
                f"connections.{self._client.id}.currency: the shop sells in {shop.text('currency')}: write that",
                code="WRONG_CURRENCY",
            )
        return f"{shop.text('name')} answers"

    def _shop(self) -> Node:
        return Node(self._client.call("getShop", "GET", "shop"), "shop")

    def ensure_webhooks(self, wanted: Subscription) -> list[str]:
        """One webhook for all topics. Market never shows its secret, so that is set each time."""
        hooks = Node(self._client.call("listWebhooks", "GET", "webhooks"), "webhooks").children("webhooks")
        ours = [hook for hook in hooks if hook.text("url") in wanted.old_urls or is_ours(hook.text("url"), wanted.url)]
        body = {"url": wanted.url, "topics": list(TOPICS), "secret": wanted.secret}
        if not ours:
            self._client.call("createWebhook", "POST", "webhooks", body)
            return list(TOPICS)
        first, *others = ours
        self._client.call("updateWebhook", "PUT", f"webhooks/{first.text('id')}", body)
        for hook in others:
            self._client.call("deleteWebhook", "DELETE", f"webhooks/{hook.text('id')}", {})
        right = first.text("url") == wanted.url and set(first.texts("topics")) == set(TOPICS)
        return [] if right and first.flag("active", default=True) else list(TOPICS)

    def foreign_webhooks(self, callback_url: str) -> list[str]:
        """See Webhooks."""
        hooks = Node(self._client.call("listWebhooks", "GET", "webhooks"), "webhooks").children("webhooks")
        return [hook.text("url") for hook in hooks if not is_ours(hook.text("url"), callback_url)]


def build(context: Context[MarketSettings]) -> MarketConnector:
    """The connector of one shop."""
    return MarketConnector(MarketClient(context))
