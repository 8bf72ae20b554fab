"""The root fields of queries: look-ups by id and searchable lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from local.sandbox.shopify.search import Facts, bad_request, connection, matcher
from local.sandbox.shopify.state import GID, Shop, gid, number_of
from local.sandbox.shopify.views_catalogue import CatalogueViews, View
from local.sandbox.shopify.views_orders import OrderViews
from local.sandbox.shopify.views_shop import ShopViews
from local.sandbox.shopify.webhooks import Webhooks, topic_of

Row = Any
Sort = Callable[[Row], tuple[Any, int]]

ORDER_SORTS: dict[str, Sort] = {
    "ID": lambda row: (0, row.number),
    "CREATED_AT": lambda row: (row.created_at, row.number),
    "PROCESSED_AT": lambda row: (row.created_at, row.number),
    "UPDATED_AT": lambda row: (row.updated_at, row.number),
    "ORDER_NUMBER": lambda row: (row.order_number, row.number),
}
PLAIN_SORTS: dict[str, Sort] = {
    "ID": lambda row: (0, row.number),
    "UPDATED_AT": lambda row: (row.updated_at, row.number),
    "CREATED_AT": lambda row: (row.created_at, row.number),
    "TITLE": lambda row: (row.title, row.number),
    "NAME": lambda row: (row.name, row.number),
    "SKU": lambda row: (row.item.sku or "", row.number),
}


@dataclass
class Queries:
    """All query fields; `fields()` is the root value for graphql-core."""

    shop: Shop
    hooks: Webhooks
    catalogue: CatalogueViews
    orders: OrderViews
    shop_views: ShopViews

    def node(self, global_id: str) -> View | None:
        """Any record by its global id, or None; raises an error of the request for text that is no id."""
        found = GID.match(global_id)
        if found is None:
            raise bad_request(f"Invalid global id '{global_id}'", "argumentLiteralsIncompatible")
        kind, number = found[1], int(found[2])
        shop = self.shop
        if kind == "Order":
            return self.orders.order(shop.orders[number]) if number in shop.orders else None
        if kind == "Product":
            return self.catalogue.page(shop.products[number]) if number in shop.products else None
        if kind == "Location":
            return self.catalogue.location(shop.locations[number]) if number in shop.locations else None
        if kind == "Collection":
            return self.catalogue.collection(shop.collections[number]) if number in shop.collections else None
        if kind == "WebhookSubscription":
            known = self.hooks.subscriptions
            return self.shop_views.subscription(known[number]) if number in known else None
        return self._deep_node(kind, number)

    def _deep_node(self, kind: str, number: int) -> View | None:
        shop = self.shop
        if kind == "ProductVariant":
            variant = shop.variant(number)
            return self.catalogue.variant(variant) if variant else None
        if kind == "InventoryItem":
            item = shop.item(number)
            return self.catalogue.item(item) if item else None
        if kind == "InventoryLevel":
            return next(
                (
                    self.catalogue.level(variant.item, level)
                    for variant in shop.variants()
                    for level in variant.item.levels.values()
                    if level.number == number
                ),
                None,
            )
        if kind == "FulfillmentOrder":
            waiting = shop.fulfillment_order(number)
            return self.orders.fulfillment_order(*waiting) if waiting else None
        if kind == "Fulfillment":
            sent = shop.fulfillment(number)
            return self.orders.fulfillment(*sent) if sent else None
        if kind == "Refund":
            given_back = shop.refund(number)
            return self.orders.refund(*given_back) if given_back else None
        if kind == "Job":
            return {"__typename": "Job", "id": gid("Job", number), "done": True}
        return None

    def of_kind(self, kind: str) -> Callable[..., View | None]:
        """A look-up field for one type: an id of another type finds nothing."""

        def look_up(info: Any, id: str) -> View | None:
            found = self.node(id)
            return found if found is not None and found["__typename"] == kind else None

        return look_up

    def _list(
        self,
        rows: Callable[[], Iterable[Row]],
        view: Callable[[Row], View],
        facts: Facts,
        sorts: dict[str, Sort],
    ) -> Callable[..., View]:
        def resolve(
            info: Any,
            first: int | None = None,
            after: str | None = None,
            query: str | None = None,
            reverse: bool = False,
            sortKey: str = "ID",
            includeInactive: bool = False,
        ) -> View:
            accepts = matcher(query, facts)
            if sortKey not in sorts:
                raise bad_request(f"This store cannot sort by {sortKey}; use one of {', '.join(sorts)}")
            return connection([row for row in rows() if accepts(row)], view, first, after, reverse, sorts[sortKey])

        return resolve

    def subscriptions(
        self,
        info: Any,
        first: int | None = None,
        after: str | None = None,
        query: str | None = None,
        reverse: bool = False,
        sortKey: str = "CREATED_AT",
        topics: list[str] | None = None,
        uri: str | None = None,
    ) -> View:
        """The app's webhook subscriptions."""
        wanted = {topic_of(topic) for topic in topics} if topics else None
        rows = [
            row
            for row in self.hooks.subscriptions.values()
            if (wanted is None or row.topic in wanted) and uri in (None, row.uri)
        ]
        return connection(rows, self.shop_views.subscription, first, after, reverse)

    def product_by_identifier(self, info: Any, identifier: dict[str, Any]) -> View | None:
        """A product page by id or handle."""
        for page in self.shop.products.values():
            if (
                identifier.get("handle") == page.handle
                or number_of(identifier.get("id") or "", "Product") == page.number
            ):
                return self.catalogue.page(page)
        return None

    def fields(self) -> dict[str, Any]:
        """Root field name -> resolver."""
        shop, look, orders, shop_views = self.shop, self.catalogue, self.orders, self.shop_views
        first_place = next(iter(shop.locations))
        return {
            "order": self.of_kind("Order"),
            "product": self.of_kind("Product"),
            "productVariant": self.of_kind("ProductVariant"),
            "inventoryItem": self.of_kind("InventoryItem"),
            "inventoryLevel": self.of_kind("InventoryLevel"),
            "fulfillmentOrder": self.of_kind("FulfillmentOrder"),
            "fulfillment": self.of_kind("Fulfillment"),
            "refund": self.of_kind("Refund"),
            "webhookSubscription": self.of_kind("WebhookSubscription"),
            "job": self.of_kind("Job"),
            "node": lambda info, id: self.node(id),
            "nodes": lambda info, ids: [self.node(each) for each in ids],
            "location": lambda info, id=None: self.of_kind("Location")(info, id or gid("Location", first_place)),
            "shop": lambda info: shop_views.shop_view(),
            "currentAppInstallation": lambda info: shop_views.installation(),
            "productByIdentifier": self.product_by_identifier,
            "webhookSubscriptions": self.subscriptions,
            "publications": lambda info, first=None, after=None, reverse=False: connection(
                [shop.publication], lambda _: shop_views.publication(), first, after, reverse, key=lambda n: (0, n)
            ),
            "orders": self._list(
                lambda: shop.orders.values(),
                orders.order,
                {
                    "id": lambda row: row.number,
                    "name": lambda row: row.name,
                    "updated_at": lambda row: row.updated_at,
                    "created_at": lambda row: row.created_at,
                    "processed_at": lambda row: row.created_at,
                    "financial_status": lambda row: row.financial_status,
                    "fulfillment_status": lambda row: row.fulfillment_status,
                    "status": lambda row: "cancelled" if row.cancelled_at else "closed" if row.closed_at else "open",
                    "test": lambda row: str(row.test).lower(),
                    "tag": lambda row: row.tags,
                },
                ORDER_SORTS,
            ),
            "productVariants": self._list(
                shop.variants,
                look.variant,
                {
                    "id": lambda row: row.number,
                    "sku": lambda row: row.item.sku,
                    "product_id": lambda row: row.product,
                    "updated_at": lambda row: row.updated_at,
                    "inventory_quantity": lambda row: row.available,
                },
                PLAIN_SORTS,
            ),
            "products": self._list(
                lambda: shop.products.values(),
                look.page,
                {
                    "id": lambda row: row.number,
                    "handle": lambda row: row.handle,
                    "title": lambda row: row.title,
                    "status": lambda row: row.status,
                    "tag": lambda row: row.tags,
                    "vendor": lambda row: row.vendor,
                    "sku": lambda row: [variant.item.sku for variant in row.variants],
                    "updated_at": lambda row: row.updated_at,
                    "created_at": lambda row: row.created_at,
                },
                PLAIN_SORTS,
            ),
            "locations": self._list(
                lambda: shop.locations.values(),
                look.location,
                {"id": lambda row: row.number, "name": lambda row: row.name},
                PLAIN_SORTS,
            ),
            "inventoryItems": self._list(
                lambda: [variant.item for variant in shop.variants()],
                look.item,
                {"id": lambda row: row.number, "sku": lambda row: row.sku, "updated_at": lambda row: row.updated_at},
                PLAIN_SORTS,
            ),
            "collections": self._list(
                lambda: shop.collections.values(),
                look.collection,
                {
                    "id": lambda row: row.number,
                    "title": lambda row: row.title,
                    "handle": lambda row: row.handle,
                    "updated_at": lambda row: row.updated_at,
                },
                PLAIN_SORTS,
            ),
        }
