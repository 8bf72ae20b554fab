"""The root fields of queries: look-ups by id and searchable lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
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
        if kind == "Job":
            return {"__typename": "Job", "id": gid("Job", number), "done": True}
        if kind not in self.kinds:
            return None
        find, view = self.kinds[kind]
        row = find(number)
        return None if row is None else view(*row) if isinstance(row, tuple) else view(row)

    @property
    def kinds(self) -> dict[str, tuple[Callable[[int], Any], Callable[..., View]]]:
        """The kinds of record that have an id: how each is found by its number, and how it looks."""
        look, orders, shop = self.catalogue, self.orders, self.shop
        return {
            "Order": (shop.orders.get, orders.order),
            "Product": (shop.products.get, look.page),
            "Location": (shop.locations.get, look.location),
            "WebhookSubscription": (self.hooks.subscriptions.get, self.shop_views.subscription),
            "ProductVariant": (shop.variant, look.variant),
            "InventoryItem": (shop.item, look.item),
            "InventoryLevel": (shop.level, look.level),
            "FulfillmentOrder": (shop.fulfillment_order, orders.fulfillment_order),
            "Fulfillment": (shop.fulfillment, orders.fulfillment),
            "Refund": (shop.refund, orders.refund),
        }

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
        sorts: dict[str, Sort] = PLAIN_SORTS,
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
            **{kind[0].lower() + kind[1:]: self.of_kind(kind) for kind in (*self.kinds, "Job")},
            "node": lambda info, id: self.node(id),
            "nodes": lambda info, ids: [self.node(each) for each in ids],
            "location": lambda info, id=None: self.of_kind("Location")(info, id or gid("Location", first_place)),
            "shop": lambda info: shop_views.shop_view(),
            "productByIdentifier": self.product_by_identifier,
            "webhookSubscriptions": self.subscriptions,
            "publications": lambda info, first=None, after=None, reverse=False: connection(
                [shop.publication], lambda _: shop_views.publication(), first, after, reverse, key=lambda n: (0, n)
            ),
            "orders": self._list(
                lambda: shop.orders.values(),  # not the method itself: a copied world has dictionaries of its own
                orders.order,
                _facts(
                    "name updated_at created_at financial_status fulfillment_status",
                    processed_at=attrgetter("created_at"),
                    status=lambda row: "cancelled" if row.cancelled_at else "closed" if row.closed_at else "open",
                    test=lambda row: str(row.test).lower(),
                    tag=attrgetter("tags"),
                ),
                ORDER_SORTS,
            ),
            "productVariants": self._list(
                shop.variants,
                look.variant,
                _facts(
                    "updated_at",
                    sku=attrgetter("item.sku"),
                    product_id=attrgetter("product"),
                    inventory_quantity=attrgetter("available"),
                ),
            ),
            "products": self._list(
                lambda: shop.products.values(),
                look.page,
                _facts(
                    "handle title status vendor updated_at created_at",
                    tag=attrgetter("tags"),
                    sku=lambda row: [variant.item.sku for variant in row.variants],
                ),
            ),
            "locations": self._list(lambda: shop.locations.values(), look.location, _facts("name")),
        }


def _facts(names: str, **more: Callable[[Any], Any]) -> Facts:
    """What can be searched for: the id, fields of the same name, and others."""
    return {"id": attrgetter("number"), **{name: attrgetter(name) for name in names.split()}, **more}
