"""Shopify stood up: the sandbox's store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache

from graphql import GraphQLSchema

from local.events import shopify_topic
from local.sandbox.kit.hooks import hmac_base64
from local.sandbox.shopify import ShopifyConfig, ShopifyStore
from local.sandbox.shopify.state import gid
from local.sandbox.wire import Request
from orderwright.domain.order import PaymentState
from orderwright.webhooks import Request as WebhookRequest
from tests.connectors.shopify.guard import Guard, load_schema
from tests.support import spec_guard
from tests.support.hooks import posted
from tests.support.stand import BASE, CALLBACK, StoreStand


@cache
def _schema() -> GraphQLSchema:
    return load_schema(spec_guard.FOLDER)


class STAND(StoreStand):
    """A store with two locations, one of them ours."""

    kind = "shopify"
    location = "Orderwright dropship"
    page = 100
    typed = True
    shows = frozenset(PaymentState)
    lines = {"base_url": BASE, "shop_domain": "n.myshopify.com", "client_id": "sandbox-client", "location": location}
    secrets = {"client_secret": "sandbox-secret"}
    signing = "sandbox-secret"

    def __init__(self) -> None:
        super().__init__()
        self._schema_guard: Guard | None = None
        self.vendor = ShopifyStore(self.world, ShopifyConfig(faults=self.faults, privacy_url=CALLBACK))

    def guard(self, request: Request) -> None:
        if request.path.endswith("/graphql.json") and spec_guard.FOLDER.is_dir():
            self._schema_guard = self._schema_guard or Guard(_schema())
            asked = request.json()
            self._schema_guard.check(asked["query"], asked["variables"])

    def subscriptions(self) -> object:
        return sorted((one.topic, one.uri) for one in self.vendor.hooks.subscriptions.values())

    def webhook(self, sample: str, body: bytes, secret: str) -> WebhookRequest:
        return posted(
            {"x-shopify-topic": shopify_topic(sample), "x-shopify-hmac-sha256": hmac_base64(secret, body)}, body
        )

    def buy(self, lines: Mapping[str, int]) -> str:
        return str(self.vendor.buy(list(lines.items()), oversell=True).number)

    def fee(self, amount: str) -> None:
        self.vendor.config.card_fee = (Decimal(0), Decimal(amount))

    def shelve(self, skus: Sequence[str], *, together: bool = False) -> None:
        articles = [list(skus)] if together else [[sku] for sku in skus]
        place = next(one for one in self.vendor.shop.locations.values() if one.name == self.location)
        for number, variants in enumerate(articles):
            rows = [
                {
                    "optionValues": [{"optionName": "Size", "name": sku}],
                    "price": "1.00",
                    "inventoryItem": {"sku": sku, "tracked": True, "requiresShipping": True},
                    "inventoryQuantities": [
                        {"locationId": gid("Location", place.number), "name": "available", "quantity": 1000}
                    ],
                }
                for sku in variants
            ]
            options = [{"name": "Size", "values": [{"name": sku} for sku in variants]}]
            given = {"title": f"Goods {number}", "status": "ACTIVE", "productOptions": options, "variants": rows}
            article = self.vendor.catalogue.product_set({"handle": f"goods-{variants[0].lower()}"}, given)
            channel = [{"publicationId": gid("Publication", self.vendor.shop.publication)}]
            self.vendor.catalogue.publish(article, channel)
