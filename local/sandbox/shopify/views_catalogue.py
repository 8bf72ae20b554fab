"""How the catalogue and the stock look through the Admin API. Fields with arguments are functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.sandbox.goods import CURRENCY
from local.sandbox.kit.money import text
from local.sandbox.shopify.money import graphql_text
from local.sandbox.shopify.search import connection, pages
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


def _metafield(key: tuple[str, str], row: tuple[int, str, str]) -> View:
    return {
        "__typename": "Metafield",
        "id": gid("Metafield", row[0]),
        "namespace": key[0],
        "key": key[1],
        "type": row[1],
        "value": row[2],
    }


def _metafields(kept: Mapping[tuple[str, str], tuple[int, str, str]]) -> View:
    rows = sorted(kept.items(), key=lambda row: row[1][0])

    def one(_: Any, key: str, namespace: str | None = None) -> View | None:
        found = kept.get((namespace or "custom", key))
        return _metafield((namespace or "custom", key), found) if found else None

    def many(_: Any, first: int | None = None, after: str | None = None, reverse: bool = False, **more: Any) -> View:
        wanted = [row for row in rows if more.get("namespace") in (None, row[0][0])]
        return connection(wanted, lambda r: _metafield(*r), first, after, reverse, key=lambda r: (0, r[1][0]))

    return {"metafield": one, "metafields": many}


@dataclass
class CatalogueViews:
    """Views of one shop's catalogue."""

    shop: Shop

    def page(self, row: ProductState) -> View:
        """Product."""
        media = [self.image(image) for image in row.images]
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
            "seo": row.seo,
            "media": pages(row.images, self.image),
            "featuredMedia": media[0] if media else None,
            "variants": pages(row.variants, self.variant, key=lambda v: (v.position, v.number)),
            "variantsCount": {"count": len(row.variants), "precision": "EXACT"},
            "options": lambda info, first=None: [self.option(row, name, at) for at, name in enumerate(names[:first])],
            "createdAt": stamp(row.created_at),
            "updatedAt": stamp(row.updated_at),
            "publishedAt": stamp(row.published_at),
            "totalInventory": sum(variant.available for variant in row.variants),
            "tracksInventory": any(variant.item.tracked for variant in row.variants),
            "hasOnlyDefaultVariant": [v.title for v in row.variants] == ["Default Title"],
            "isGiftCard": False,
            "publishedOnPublication": lambda info, publicationId: (
                number_of(publicationId, "Publication") in row.publications
            ),
            "availablePublicationsCount": {"count": len(row.publications), "precision": "EXACT"},
            "onlineStoreUrl": f"https://{self.shop.config.shop_domain}/products/{row.handle}" if row.visible else None,
            **_metafields(row.metafields),
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
            "mediaContentType": "IMAGE",
            "status": "READY",
            "image": {"id": gid("ImageSource", row.number), "url": row.url, "altText": row.alt},
            "originalSource": {"url": row.url, "fileSize": 1024},
        }

    def variant(self, row: VariantState) -> View:
        """ProductVariant."""
        page = self.shop.products[row.product]
        open_ended = not row.item.tracked or row.policy == "CONTINUE"
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
            "taxable": row.taxable,
            "inventoryQuantity": row.available,
            "sellableOnlineQuantity": row.available,
            "availableForSale": page.visible and (open_ended or row.available > 0),
            "inventoryPolicy": row.policy,
            "inventoryItem": lambda info: self.item(row.item),
            "product": lambda info: self.page(page),
            "selectedOptions": [{"name": name, "value": value} for name, value in row.options],
            "createdAt": stamp(row.created_at),
            "updatedAt": stamp(row.updated_at),
            "media": pages([], self.image),
            **_metafields(row.metafields),
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
            "unitCost": {"amount": graphql_text(row.unit_cost), "currencyCode": CURRENCY}
            if row.unit_cost is not None
            else None,
            "inventoryLevel": level,
            "inventoryLevels": pages(lambda: row.levels.values(), lambda found: self.level(row, found)),
            "variants": pages(lambda: [v for v in self.shop.variants() if v.number == row.variant], self.variant),
            "harmonizedSystemCode": row.hs_code,
            "countryCodeOfOrigin": row.origin,
            "createdAt": stamp(row.created_at),
            "updatedAt": stamp(row.updated_at),
        }

    def level(self, item: InventoryItemState, row: Level) -> View:
        """InventoryLevel with its named quantities."""
        return {
            "__typename": "InventoryLevel",
            "id": gid("InventoryLevel", row.number) + f"?inventory_item_id={item.number}",
            "isActive": True,
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
        stocked = any(row.number in variant.item.levels for variant in self.shop.variants())
        return {
            "__typename": "Location",
            "id": gid("Location", row.number),
            "legacyResourceId": str(row.number),
            "name": row.name,
            "isActive": True,
            "isFulfillmentService": False,
            "fulfillsOnlineOrders": True,
            "shipsInventory": True,
            "hasActiveInventory": stocked,
            "address": {"address1": None, "city": row.city, "countryCode": "FI", "zip": None},
        }
