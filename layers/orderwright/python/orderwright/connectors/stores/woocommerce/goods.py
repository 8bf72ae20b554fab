"""What WooCommerce calls a product or a variation, as our views, and as the bodies that set it. Pure.

Ids: a product is its own variant ("12"); a variation goes with its product ("100:102"), since both are needed to change it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from orderwright.connectors.stores.woocommerce.nodes import WooNode
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.money import Money
from orderwright.domain.shown_price import AS_IS, Struck
from orderwright.errors import Rejected
from orderwright.ports.store import ListingView, VariantView

FIELDS = (
    "id,parent_id,type,status,sku,price,regular_price,sale_price,date_on_sale_from_gmt,date_on_sale_to_gmt,"
    "manage_stock,stock_quantity,backorders"
)
NOT_SOLD_ITSELF = frozenset({"variable", "variable-subscription", "grouped", "external"})
_VARIANT = re.compile(r"([1-9][0-9]{0,19})(?::([1-9][0-9]{0,19}))?", re.ASCII)

_CHANGED = re.compile(r"<|%[0-9a-f]{2}|^\s|\s$|\s\s|[^\S ]", re.IGNORECASE)


def is_kept(text: str, separator: str) -> bool:
    """Is a SKU or an option stored as it is? Tags, %20 and blanks are cut out without a word; the separator parts a list."""
    return separator not in text and not _CHANGED.search(text)


def parts_of(variant: str) -> tuple[str, str] | None:
    """(product, variation or ""); None for what is no id of ours."""
    found = _VARIANT.fullmatch(variant)
    return (found[1], found[2] or "") if found else None


def is_variation(node: WooNode) -> bool:
    """Plugins have kinds of their own, such as subscription_variation."""
    return node.text("type").endswith("variation")


def name_of(node: WooNode) -> str:
    """Its variant id."""
    parent = node.ident("parent_id") if is_variation(node) else ""
    return f"{parent}:{node.text('id')}" if parent else node.text("id")


def is_counted(node: WooNode) -> bool:
    """The shop counts a stock of its own for it, and sells nothing beyond that.

    Not so where a variation follows its product's stock ("parent"): of several SKUs each would be sold from all of it.
    """
    return node.is_true("manage_stock") and node.text("backorders") in ("", "no")


def is_on_sale(node: WooNode, parent: WooNode | None) -> bool:
    """Shown to buyers; a variation, while its product is."""
    shown = node.text("status") == "publish"
    return shown and (not is_variation(node) or (parent is not None and parent.text("status") == "publish"))


def number_of(node: WooNode, key: str) -> Decimal:
    """An amount or a count; 0 where an importer wrote something else ("14,90"): one article must not hold up the others (P9)."""
    try:
        return node.amount(key)
    except Rejected:
        return Decimal(0)


def shown_price(node: WooNode, currency: str) -> Money:
    """What a buyer pays now; 0 for what has no price and cannot be bought."""
    return Money.of(number_of(node, "price"), currency)


def variant_view(node: WooNode, parent: WooNode | None, currency: str) -> VariantView:
    """A product without variations, or a variation with its product."""
    return VariantView(
        sku=node.words("sku"),
        variant_id=name_of(node),
        listed_id=node.ident("parent_id") or node.text("id"),
        stock_id=name_of(node),
        price=shown_price(node, currency),
        tracked=is_counted(node),
        published=is_on_sale(node, parent),
    )


def listing_view(node: WooNode, parent: WooNode | None, currency: str) -> ListingView:
    """The same, with what is shown beside its price and in stock."""
    price, regular = shown_price(node, currency), Money.of(number_of(node, "regular_price"), currency)
    return ListingView(
        variant_id=name_of(node),
        stock_id=name_of(node),
        price=price,
        quantity=int(number_of(node, "stock_quantity")) if is_counted(node) else None,
        published=is_on_sale(node, parent),
        compare_at=regular if regular > price else None,
    )


def prices_body(price: Money, compare_at: Struck, there: WooNode | None) -> dict[str, Any]:
    """Texts with a dot: a comma is dropped without a word. What is struck through is the regular price beside a sale price.

    With AS_IS a regular price `there` stays while it is above ours: a sale price above it would be dropped.
    """
    struck = compare_at
    if struck == AS_IS:
        regular = Money.of(number_of(there, "regular_price"), price.currency) if there else price
        struck = regular if there is not None and number_of(there, "sale_price") and regular > price else None
    on_sale = isinstance(struck, Money) and struck > price
    found: dict[str, Any] = {"regular_price": text_of(struck if on_sale and isinstance(struck, Money) else price)}
    found["sale_price"] = text_of(price) if on_sale else ""
    # A sale price that is planned for other days would not count now.
    planned = there is not None and (there.has("date_on_sale_from_gmt") or there.has("date_on_sale_to_gmt"))
    # An empty text ends it; null is ignored without a word.
    return found | ({"date_on_sale_from": "", "date_on_sale_to": ""} if planned else {})


def text_of(money: Money) -> str:
    """An amount as WooCommerce takes it."""
    return f"{money.decimal:f}"


def takes(node: WooNode, price: Money, body: Mapping[str, Any]) -> bool:
    """Did it take the price, and what stands beside it? It answers 200 to what it drops."""
    kept = (number_of(node, key) == Decimal(body[key] or 0) for key in ("regular_price", "sale_price"))
    ends = node.has("date_on_sale_from_gmt") or node.has("date_on_sale_to_gmt")
    return number_of(node, "price") == price.decimal and all(kept) and not ends


def goods_body(sku: SkuRecord, *, with_images: bool, of_article: bool = False) -> dict[str, Any]:
    """Texts and pictures of a product, or those of a variation's product. Pictures are sent while it has none.

    Unconfirmed, and not sent: brand, category and tags, which are ids there; a weight, whose unit each shop chooses.
    """
    found: dict[str, Any] = {
        "name": sku.article.title if of_article and sku.article else sku.title,
        "description": sku.description_html,
        "status": "publish",
    }
    if with_images and sku.images:
        found["images"] = [{"src": url, "alt": sku.title} for url in sku.images]
    return found


def own_body(sku: SkuRecord) -> dict[str, Any]:
    """What a product of its own and a variation have alike."""
    return {"sku": sku.sku, "manage_stock": True, "backorders": "no", "virtual": not sku.requires_shipping}


def with_options(attributes: list[WooNode], choices: Mapping[str, str]) -> list[dict[str, Any]]:
    """A product's attributes with these choices in them; all are sent back, since a list replaces the one there."""
    found: list[dict[str, Any]] = []
    wanted = dict(choices)
    for one in attributes:
        name, options = one.text("name"), list(one.texts("options"))
        value = wanted.pop(name, None)
        if value is not None and value not in options:
            options.append(value)
        varies = one.flag("variation", default=False) or value is not None
        row: dict[str, Any] = {"name": name, "visible": one.flag("visible", default=True), "variation": varies}
        found.append({**row, "options": options, **({"id": int(one.text("id"))} if one.ident("id") else {})})
    return found + [
        {"name": name, "visible": True, "variation": True, "options": [value]} for name, value in wanted.items()
    ]
