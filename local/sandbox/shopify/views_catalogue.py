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
        names: list[str] = []
        for variant in row.variants:
            names += [name for name, _ in variant.options if name not in names]
        return {
            "__typename": "Product",
            "id": gid("Product", row.number),
            "legacyResourceId": str(row.number),
            "handle": row.handle,
            "title": row.title,
            "descriptionHtml": row.description_html,
            "status": row.status,
            "tags": row.tags,
            "productType": row.product_type,
            "vendor": row.vendor,
            "category": {
                "__typename": "TaxonomyCategory",
                "id": row.category,
                "name": row.category,
                "fullName": row.category,
            }
            if row.category
            else None,
            "media": pages(row.images, self.image),
            "variants": pages(row.variants, self.variant, key=lambda v: (v.position, v.number)),
            "options": lambda info, first=None: [self.option(row, name, at) for at, name in enumerate(names[:first])],
            "createdAt": stamp(row.created_at),
            "updatedAt": stamp(row.updated_at),
            "publishedAt": stamp(row.published_at),
            "totalInventory": sum(variant.available for variant in row.variants),
            "isGiftCard": False,
            "publishedOnPublication": lambda info, publicationId: (
                number_of(publicationId, "Publication") in row.publications
            ),
        }

    def option(self, row: ProductState, name: str, index: int) -> View:
        """ProductOption; its id follows from the product's."""
        values: list[str] = []
        for variant in row.variants:
            values += [value for each, value in variant.options if each == name and value not in values]
        number = row.number * 10 + index
        return {
            "__typename": "ProductOption",
            "id": gid("ProductOption", number),
            "name": name,
            "position": index + 1,
            "values": values,
        }

    def image(self, row: ImageState) -> View:
        """MediaImage."""
        return {
            "__typename": "MediaImage",
            "id": gid("MediaImage", row.number),
            "alt": row.alt,
            "status": "READY",
            "image": {"id": gid("ImageSource", row.number), "url": row.url, "altText": row.alt},
        }

    def variant(self, row: VariantState) -> View:
        """ProductVariant."""
        page = self.shop.products[row.product]
        return {
            "__typename": "ProductVariant",
            "id": gid("ProductVariant", row.number),
            "legacyResourceId": str(row.number),
            "sku": row.item.sku,
            "title": row.title,
            "displayName": f"{page.title} - {row.title}",
            "price": text(row.price),
            "compareAtPrice": text(row.compare_at_price) if row.compare_at_price is not None else None,
            "barcode": row.barcode,
            "position": row.position,
            "inventoryQuantity": row.available,
            "inventoryPolicy": row.policy,
            "inventoryItem": lambda info: self.item(row.item),
            "product": lambda info: self.page(page),
            "createdAt": stamp(row.created_at),
            "updatedAt": stamp(row.updated_at),
            "media": pages([], self.image),
        }

    def item(self, row: InventoryItemState) -> View:
        """InventoryItem."""

        def level(info: Any, locationId: str, includeInactive: bool = False) -> View | None:
            found = row.levels.get(number_of(locationId, "Location") or 0)
            return self.level(row, found) if found else None

        return {
            "__typename": "InventoryItem",
            "id": gid("InventoryItem", row.number),
            "legacyResourceId": str(row.number),
            "sku": row.sku,
            "tracked": row.tracked,
            "requiresShipping": row.requires_shipping,
            "measurement": {
                "id": gid("InventoryItemMeasurement", row.number),
                "weight": {"unit": row.weight_unit, "value": row.weight_value},
            },
            "inventoryLevel": level,
            "variants": pages(lambda: [v for v in self.shop.variants() if v.number == row.variant], self.variant),
            "harmonizedSystemCode": row.hs_code,
            "createdAt": stamp(row.created_at),
            "updatedAt": stamp(row.updated_at),
        }

    def level(self, item: InventoryItemState, row: Level) -> View:
        """InventoryLevel with its named quantities."""
        return {
            "__typename": "InventoryLevel",
            "id": gid("InventoryLevel", row.number) + f"?inventory_item_id={item.number}",
            "item": lambda info: self.item(item),
            "location": self.location(self.shop.locations[row.location]),
            "quantities": lambda info, names: [
                {
                    "id": gid("InventoryQuantity", row.number) + f"?name={name}",
                    "name": name,
                    "quantity": row.quantity(name),
                    "updatedAt": stamp(row.updated_at),
                }
                for name in names
            ],
            "createdAt": stamp(item.created_at),
            "updatedAt": stamp(row.updated_at),
        }

    def location(self, row: LocationState) -> View:
        """Location."""
        return {
            "__typename": "Location",
            "id": gid("Location", row.number),
            "legacyResourceId": str(row.number),
            "name": row.name,
            "address": {"address1": None, "city": row.city, "countryCode": "FI", "zip": None},
        }
