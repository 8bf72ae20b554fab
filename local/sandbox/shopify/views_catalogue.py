"""How the catalogue and the stock look through the Admin API. Fields with arguments are functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.sandbox.kit.money import text
from local.sandbox.shopify.search import pages
from local.sandbox.shopify.state import (
    ImageState,
    InventoryItemState,
    Level,
    LocationState,
    ProductState,
    Shop,
    VariantState,
    gid,
    number_of,
)

View = dict[str, Any]


def stamp(moment: datetime | None) -> str | None:
    """A DateTime of the Admin API."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None


@dataclass
class CatalogueViews:
    """Views of one shop's catalogue."""

    shop: Shop

    def page(self, row: ProductState) -> View:
        """Product."""
        return {
            "__typename": "Product",
            "id": gid("Product", row.number),
            "handle": row.handle,
            "status": row.status,
            "tags": row.tags,
            "media": pages(row.images, self.image),
            "variants": pages(row.variants, self.variant, key=lambda v: (v.position, v.number)),
            "publishedAt": stamp(row.published_at),
            "publishedOnPublication": lambda info, publicationId: (
                number_of(publicationId, "Publication") in row.publications
            ),
        }

    def image(self, row: ImageState) -> View:
        """MediaImage."""
        return {
            "__typename": "MediaImage",
            "id": gid("MediaImage", row.number),
            "alt": row.alt,
            "image": {"url": row.url},
        }

    def variant(self, row: VariantState) -> View:
        """ProductVariant."""
        page = self.shop.products[row.product]
        return {
            "__typename": "ProductVariant",
            "id": gid("ProductVariant", row.number),
            "sku": row.item.sku,
            "price": text(row.price),
            "compareAtPrice": text(row.compare_at_price) if row.compare_at_price is not None else None,
            "inventoryQuantity": row.available,
            "inventoryPolicy": row.policy,
            "selectedOptions": [{"name": name, "value": value} for name, value in row.options],
            "metafield": lambda info, key, namespace="": self.metafield(row, namespace, key),
            "inventoryItem": lambda info: self.item(row.item),
            "product": lambda info: self.page(page),
        }

    def metafield(self, row: VariantState, namespace: str, key: str) -> View | None:
        """Metafield of a variant, or None."""
        found = row.metafields.get((namespace, key))
        if found is None:
            return None
        number, kind, value = found
        return {"id": gid("Metafield", number), "namespace": namespace, "key": key, "type": kind, "value": value}

    def item(self, row: InventoryItemState) -> View:
        """InventoryItem."""

        def level(info: Any, locationId: str, includeInactive: bool = False) -> View | None:
            found = row.levels.get(number_of(locationId, "Location") or 0)
            return self.level(row, found) if found else None

        return {
            "__typename": "InventoryItem",
            "id": gid("InventoryItem", row.number),
            "tracked": row.tracked,
            "inventoryLevel": level,
        }

    def level(self, item: InventoryItemState, row: Level) -> View:
        """InventoryLevel with its named quantities."""
        return {
            "__typename": "InventoryLevel",
            "id": gid("InventoryLevel", row.number) + f"?inventory_item_id={item.number}",
            "location": self.location(self.shop.locations[row.location]),
            "quantities": lambda info, names: [{"name": name, "quantity": row.quantity(name)} for name in names],
        }

    def location(self, row: LocationState) -> View:
        """Location."""
        return {"__typename": "Location", "id": gid("Location", row.number), "name": row.name}
