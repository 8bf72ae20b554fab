"""What Shopify calls a product: the inputs that make it and its variants, and views of what the store holds."""

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
    variant_id: str = "",
    stock: tuple[str, int] | None,
    with_images: bool,
) -> dict[str, Any]:
    """A ProductSetInput with one variant. `variant_id` keeps the existing one; `stock`: location id, quantity to begin with."""
    choices, title = {OPTION: VALUE}, sku.title
    if sku.article is not None:
        choices, title = sku.article.choices, sku.article.title or sku.title
    variant = {"optionValues": options_input(choices), **variant_input(sku, price, compare_at)}
    if variant_id:
        variant["id"] = variant_id
    if stock is not None:
        variant["inventoryQuantities"] = [
            {"locationId": gid("Location", stock[0]), "name": "available", "quantity": stock[1]}
        ]
    article: dict[str, Any] = {
        "handle": handle_of(sku.article.key if sku.article else sku.sku),
        "title": title,
        "descriptionHtml": sku.description_html,
        "productType": sku.category,
        "tags": sorted(set(sku.tags))[:MAX_TAGS],
        "vendor": sku.brand,
        "status": "ACTIVE",
        "productOptions": [{"name": name, "values": [{"name": value}]} for name, value in choices.items()],
        "variants": [variant],
    }
    if with_images:
        article["files"] = [{"originalSource": url, "contentType": "IMAGE", "alt": sku.title} for url in sku.images]
    if with_images and sku.article and sku.images:
        variant["file"] = article["files"][0]
    return article


def variant_input(sku: SkuRecord, price: Money, compare_at: Struck) -> dict[str, Any]:
    """What productSet and productVariantsBulkCreate both take of a variant. It is not sold beyond its stock."""
    item: dict[str, Any] = {"sku": sku.sku, "tracked": True, "requiresShipping": sku.requires_shipping}
    if sku.weight_grams is not None:
        item["measurement"] = {"weight": {"value": sku.weight_grams, "unit": "GRAMS"}}
    variant: dict[str, Any] = {**prices_input(price, compare_at), "inventoryPolicy": "DENY", "inventoryItem": item}
    if sku.gtin:
        variant["barcode"] = sku.gtin
    return variant


def options_input(choices: Mapping[str, str]) -> list[dict[str, str]]:
    """A variant's values, by the names of its article's options."""
    return [{"optionName": name, "name": value} for name, value in choices.items()]


def options_of(node: Mapping[str, Any]) -> dict[str, str]:
    """The values of a ProductVariant node, by the names of its article's options."""
    return {option["name"]: option["value"] for option in node["selectedOptions"]}


def retired_input(*, retired: bool) -> list[dict[str, str]]:
    """Our mark on a variant that Shopify cannot hide; see publishing.py."""
    return [{"namespace": "orderwright", "key": "retired", "type": "boolean", "value": str(retired).lower()}]


def is_retired(node: Mapping[str, Any]) -> bool:
    """Whether a ProductVariant node has that mark."""
    return (node.get("metafield") or {}).get("value") == "true"


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
    """A ProductVariant node. Raises ValueError where the price does not fit the currency.

    A retired one is not published, though its article is: adopted, it would keep the mark, and be hidden with a sibling.
    """
    return VariantView(
        sku=node["sku"] or "",
        variant_id=number_of(node["id"]),
        listed_id=number_of(node["product"]["id"]),
        stock_id=number_of(node["inventoryItem"]["id"]),
        price=Money.parse(node["price"], currency),
        tracked=node["inventoryItem"]["tracked"],
        published=on_sale(node["product"]) and not is_retired(node),
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
