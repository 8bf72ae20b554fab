"""New products in BigCommerce's words. Pure."""

from __future__ import annotations

from typing import Any

from orderwright.domain.catalogue import Article, SkuRecord
from orderwright.domain.money import Money

LONGEST_NAME, LONGEST_SKU = 250, 255


def key_of(article: Article) -> str:
    """The SKU of an article's product, by which it is found again. Its variants have SKUs of their own."""
    return f"ARTICLE-{article.key}"[:LONGEST_SKU]


def single(sku: SkuRecord, price: Money) -> dict[str, Any]:
    """A product without options. It begins without stock, which is set apart."""
    return {**_product(sku, sku.title, price), "sku": sku.sku, "inventory_tracking": "product"}


def article_of(sku: SkuRecord, article: Article, price: Money) -> dict[str, Any]:
    """A product with options, and its first variant, which is not for sale until its stock and price are set."""
    values = [{"option_display_name": name, "label": label} for name, label in article.choices.items()]
    variant = {"sku": sku.sku, "price": price.decimal, "option_values": values, "purchasing_disabled": True}
    product = {**_product(sku, article.title, price), "sku": key_of(article), "inventory_tracking": "variant"}
    return {**product, "variants": [variant]}


def _product(sku: SkuRecord, title: str, price: Money) -> dict[str, Any]:
    """Its weight is 0: the store's unit is not known here, and no parcel of it leaves the store."""
    found: dict[str, Any] = {
        "name": title[:LONGEST_NAME],
        "type": "physical" if sku.requires_shipping else "digital",
        "weight": 0,
        "price": price.decimal,
        "categories": [],
        "description": sku.description_html,
        "is_visible": False,
    }
    if sku.brand:
        found["brand_name"] = sku.brand
    if sku.images:
        found["images"] = [
            {"image_url": url, "is_thumbnail": number == 0, "sort_order": number}
            for number, url in enumerate(sku.images)
        ]
    return found
