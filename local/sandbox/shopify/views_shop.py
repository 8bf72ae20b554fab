"""How the shop itself, its sales channel and the app's own records look through the Admin API."""

from __future__ import annotations

from dataclasses import dataclass

from local.sandbox.goods import CURRENCY
from local.sandbox.shopify.state import Shop, gid
from local.sandbox.shopify.views_catalogue import View
from local.sandbox.shopify.webhooks import Subscription, enum_of


@dataclass
class ShopViews:
    """Views of one shop's own records."""

    shop: Shop

    def publication(self) -> View:
        """The one sales channel: the online store."""
        catalog = {"__typename": "AppCatalog", "title": "Online Store"}
        return {"__typename": "Publication", "id": gid("Publication", self.shop.publication), "catalog": catalog}

    def shop_view(self) -> View:
        """Shop."""
        return {
            "__typename": "Shop",
            "id": gid("Shop", self.shop.number),
            "name": "Nordlight",
            "currencyCode": CURRENCY,
        }

    def subscription(self, row: Subscription) -> View:
        """WebhookSubscription."""
        return {
            "__typename": "WebhookSubscription",
            "id": gid("WebhookSubscription", row.number),
            "topic": enum_of(row.topic),
            "uri": row.uri,
            "includeFields": list(row.include_fields),
        }
