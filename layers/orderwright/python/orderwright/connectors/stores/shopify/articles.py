"""What Shopify calls a product, made of one SKU: the input of productSet, and views of what the store holds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from orderwright.connectors.stores.shopify.ids import gid, number_of
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.money import Money
from orderwright.domain.shown_price import AS_IS, Struck
from orderwright.ports.store import ListingView, VariantView

# A product without choices has this one option and value at Shopify.
OPTION, VALUE = "Title", "Default Title"
MAX_TAGS = 250
MAX_HANDLE = 255


def handle_of(sku: str) -> str:
    """The article's address, always the same for a SKU: "HL-MS-400" -> "hl-ms-400"; a SKU without such letters is hashed."""
    slug = re.sub(r"[^a-z0-9]+", "-", sku.lower()).strip("-")[:MAX_HANDLE]
    return slug or f"sku-{hashlib.sha256(sku.encode()).hexdigest()[:16]}"


def article_input(
    sku: SkuRecord,
    price: Money,
    compare_at: Struck,
    *,
    variant_id: str,
    stock: tuple[str, int] | None,
    with_images: bool,
) -> dict[str, Any]:
    """A ProductSetInput. `variant_id` keeps the existing variant, `stock` is (location id, quantity) to begin with."""
    item: dict[str, Any] = {"sku": sku.sku, "tracked": True, "requiresShipping": sku.requires_shipping}
    if sku.weight_grams is not None:
        item["measurement"] = {"weight": {"value": sku.weight_grams, "unit": "GRAMS"}}
    variant: dict[str, Any] = {
        "optionValues": [{"optionName": OPTION, "name": VALUE}],
        **prices_input(price, compare_at),
        "inventoryPolicy": "DENY",
        "inventoryItem": item,
    }
    if variant_id:
        variant["id"] = variant_id
    if sku.gtin:
        variant["barcode"] = sku.gtin
    if stock is not None:
        variant["inventoryQuantities"] = [
            {"locationId": gid("Location", stock[0]), "name": "available", "quantity": stock[1]}
        ]
    article: dict[str, Any] = {
        "handle": handle_of(sku.sku),
        "title": sku.title,
        "descriptionHtml": sku.description_html,
        "productType": sku.category,
        "tags": sorted(set(sku.tags))[:MAX_TAGS],
        "vendor": sku.brand,
        "status": "ACTIVE",
        "productOptions": [{"name": OPTION, "values": [{"name": VALUE}]}],
        "variants": [variant],
    }
    if with_images:
        article["files"] = [{"originalSource": url, "contentType": "IMAGE", "alt": sku.title} for url in sku.images]
    return article


def prices_input(price: Money, compare_at: Struck) -> dict[str, str | None]:
    """A variant's price fields. A compareAtPrice of null takes it away; without the field the store's own stays."""
    fields: dict[str, str | None] = {"price": f"{price.decimal:f}"}
    if compare_at != AS_IS:
        fields["compareAtPrice"] = f"{compare_at.decimal:f}" if compare_at is not None else None
    return fields


def on_sale(article: Mapping[str, Any]) -> bool:
    """True where buyers of the online store can see it."""
    return article.get("status") == "ACTIVE" and bool(article.get("publishedOnPublication"))


def variant_view(node: Mapping[str, Any], currency: str) -> VariantView:
    """A ProductVariant node. Raises ValueError where the price does not fit the currency."""
    return VariantView(
        sku=node["sku"] or "",
        variant_id=number_of(node["id"]),
        listed_id=number_of(node["product"]["id"]),
        stock_id=number_of(node["inventoryItem"]["id"]),
        price=Money.parse(node["price"], currency),
        tracked=node["inventoryItem"]["tracked"],
        published=on_sale(node["product"]),
    )


def available_of(item: Mapping[str, Any]) -> int | None:
    """The available quantity of an inventory item's one level, None where it is not stocked at the location."""
    level = item.get("inventoryLevel")
    if not isinstance(level, Mapping):
        return None
    return next((row["quantity"] for row in level["quantities"] if row["name"] == "available"), None)


def listing_view(node: Mapping[str, Any], currency: str) -> ListingView:
    """A ProductVariant node with the level of one location. Raises ValueError where the price does not fit the currency."""
    return ListingView(
        variant_id=number_of(node["id"]),
        stock_id=number_of(node["inventoryItem"]["id"]),
        price=Money.parse(node["price"], currency),
        quantity=available_of(node["inventoryItem"]),
        published=on_sale(node["product"]),
        compare_at=Money.parse(struck, currency) if (struck := node["compareAtPrice"]) is not None else None,
    )
