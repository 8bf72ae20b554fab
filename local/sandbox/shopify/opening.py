"""What the store holds on its first day: two places, a guide to download, and one lamp already on sale."""

from __future__ import annotations

from decimal import Decimal

from local.sandbox.goods import GUIDE, good_of
from local.sandbox.shopify.state import ImageState, InventoryItemState, LocationState, ProductState, Shop, VariantState
from local.sandbox.shopify.stock_moves import level_at

DROPSHIP = "Orderwright dropship"
FLOOR = "Shop floor"
OLD_LAMP = "HL-COB-350"
OLD_LAMP_PRICE = Decimal("15.00")
OLD_LAMP_STOCK = 3


def open_shop(shop: Shop) -> None:
    """Fill an empty shop."""
    for name in (DROPSHIP, FLOOR):
        place = LocationState(shop.new_id(), name)
        shop.locations[place.number] = place
    dropship, floor = shop.locations
    guide = _page(shop, GUIDE.title, "trail-guide-pdf", GUIDE.description_html, GUIDE.image_url, GUIDE.vendor)
    file = _variant(shop, guide, GUIDE.sku, GUIDE.price)
    file.item.tracked = file.item.requires_shipping = False
    level_at(shop, file.item, floor)
    lamp = good_of(OLD_LAMP)
    page = _page(shop, lamp.title, OLD_LAMP.lower(), lamp.description_html, lamp.image_url, lamp.vendor)
    page.tags, page.product_type = sorted(lamp.tags), "Head torch"
    variant = _variant(shop, page, lamp.sku, OLD_LAMP_PRICE)
    variant.item.weight_value = float(lamp.attributes.weight_grams)
    level_at(shop, variant.item, dropship).available = OLD_LAMP_STOCK


def _page(shop: Shop, title: str, handle: str, description_html: str, image_url: str, vendor: str) -> ProductState:
    now = shop.now()
    page = ProductState(shop.new_id(), title, handle, now, now, description_html=description_html, vendor=vendor)
    page.images.append(ImageState(shop.new_id(), image_url, title))
    page.publications.add(shop.publication)
    page.published_at = now
    shop.products[page.number] = page
    return page


def _variant(shop: Shop, page: ProductState, sku: str, price: Decimal) -> VariantState:
    now, number = shop.now(), shop.new_id()
    item = InventoryItemState(shop.new_id(), number, sku=sku)
    variant = VariantState(number, page.number, item, now, now, price=price)
    page.variants.append(variant)
    return variant
