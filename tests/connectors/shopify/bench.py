"""A sandbox store, and connectors that reach it through the guard."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from graphql import GraphQLSchema

from local.sandbox.shopify import ShopifyConfig, ShopifyStore
from local.sandbox.shopify.orders_state import OrderState
from local.sandbox.wire import Delivery, World
from orderwright.connectors.context import Context
from orderwright.connectors.http import HttpAnswer, Transport
from orderwright.connectors.stores.shopify.connector import ShopifyConnector, build
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.money import Money
from orderwright.ports.store import VariantView
from tests.connectors.shopify.guard import Guard
from tests.connectors.shopify.scripted import BASE_URL, FixedClock, MemoryCredentials, settings
from tests.support.sandbox_transport import sandbox_transport

HOOK = "https://api.example.com/webhooks/shop"
PLACE = "Orderwright dropship"
LAMP = SkuRecord(
    sku="HL-MS-400", title="Motion sensor lamp", images=("https://img.example.com/1.jpg",), weight_grams=78
)


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


@dataclass
class Bench:
    """A sandbox store, and a connector that holds its credentials."""

    schema: GraphQLSchema
    clock: FixedClock = field(default_factory=FixedClock)
    sent: list[Delivery] = field(default_factory=list)
    bucket_points: int = 2000

    def __post_init__(self) -> None:
        config = ShopifyConfig(
            client_id="invented-client",
            client_secret="invented-secret",
            privacy_url=HOOK,
            bucket_points=self.bucket_points,
        )
        self.world = World(clock=self.clock.now, deliver=self.sent.append)
        self.store = ShopifyStore(self.world, config)
        self.credentials = MemoryCredentials(self.clock, None)
        self.shopify = self.connector()
        self.location = self.shopify.find_location(PLACE)

    def connector(self) -> ShopifyConnector:
        """One more worker with the same credentials."""
        return build(
            Context(
                "shop", settings(location=PLACE), self.credentials, self._guarded(), self.clock, timedelta(seconds=3)
            )
        )

    def _guarded(self) -> Transport:
        guard, inner = Guard(self.schema), sandbox_transport({BASE_URL: self.store.handle})

        def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float) -> HttpAnswer:
            if url.endswith("/graphql.json"):
                request = json.loads(body or b"")
                guard.check(request["query"], request["variables"])
            return inner(method, url, headers, body, timeout)

        return send

    def publish(self, quantity: int = 5, price: str = "22.99") -> VariantView:
        """The lamp, on sale at our location."""
        return self.shopify.publish_goods(LAMP, usd(price), quantity, self.location)

    def facts(self, kind: str) -> list[Mapping[str, object]]:
        """The store's ledger."""
        return [entry.data for entry in self.world.ledger.of_kind("shopify", kind)]


def order_id(order: OrderState) -> str:
    return str(order.number)
