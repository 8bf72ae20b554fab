"""Webhook bodies about the shop and its catalogue, in the shapes of Shopify's REST resources."""

from __future__ import annotations

from typing import Any

from local.sandbox.goods import CURRENCY
from local.sandbox.kit.money import text
from local.sandbox.shopify.orders_state import OrderState
from local.sandbox.shopify.rest_bodies import time_text
from local.sandbox.shopify.state import ProductState, Shop, VariantState, gid


def variant_body(variant: VariantState) -> dict[str, Any]:
    """One variant inside products/*."""
    return {
        "id": variant.number,
        "admin_graphql_api_id": gid("ProductVariant", variant.number),
        "product_id": variant.product,
        "title": variant.title,
        "sku": variant.item.sku,
        "price": text(variant.price),
        "compare_at_price": text(variant.compare_at_price) if variant.compare_at_price is not None else None,
        "barcode": variant.barcode,
        "position": variant.position,
        "inventory_policy": variant.policy.lower(),
        "inventory_item_id": variant.item.number,
        "inventory_quantity": variant.available,
        "taxable": variant.taxable,
        "created_at": time_text(variant.created_at),
        "updated_at": time_text(variant.updated_at),
    }


def product_body(product: ProductState) -> dict[str, Any]:
    """The product resource of products/*."""
    images = [{"id": image.number, "src": image.url, "alt": image.alt} for image in product.images]
    return {
        "id": product.number,
        "admin_graphql_api_id": gid("Product", product.number),
        "title": product.title,
        "handle": product.handle,
        "body_html": product.description_html,
        "vendor": product.vendor,
        "product_type": product.product_type,
        "status": product.status.lower(),
        "tags": ", ".join(product.tags),
        "created_at": time_text(product.created_at),
        "updated_at": time_text(product.updated_at),
        "published_at": time_text(product.published_at),
        "variants": [variant_body(variant) for variant in product.variants],
        "variant_gids": [
            {"admin_graphql_api_id": gid("ProductVariant", v.number), "updated_at": time_text(v.updated_at)}
            for v in product.variants
        ],
        "images": images,
        "image": images[0] if images else None,
    }


def shop_body(shop: Shop) -> dict[str, Any]:
    """What app/uninstalled carries."""
    return {
        "id": shop.number,
        "name": "Nordlight",
        "domain": shop.config.shop_domain,
        "myshopify_domain": shop.config.shop_domain,
        "currency": CURRENCY,
        "iana_timezone": "Europe/Helsinki",
        "plan_name": "basic",
    }


def privacy_body(shop: Shop, order: OrderState | None, orders_key: str) -> dict[str, Any]:
    """What the privacy topics carry; without an order only the shop is named."""
    body: dict[str, Any] = {"shop_id": shop.number, "shop_domain": shop.config.shop_domain}
    if order is not None:
        buyer = order.buyer
        body["customer"] = {
            "id": order.customer,
            "email": buyer.email if buyer else None,
            "phone": buyer.phone if buyer else None,
        }
        body[orders_key] = [order.number]
    return body
