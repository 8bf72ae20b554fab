"""Orders, refunds, products and variations as the API shows them. Amounts are texts; `price` of a line is a float."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from local.sandbox.kit.money import ZERO, rounded
from local.sandbox.kit.orders import Line, Order, Refund, Variant
from local.sandbox.kit.people import Address, Buyer
from local.sandbox.woocommerce.site import VERSION, WooConfig, dates

_DELETED = "[deleted]"
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "SEK": "kr"}
_GOODS: dict[str, Any] = {
    "date_on_sale_from": None, "date_on_sale_from_gmt": None, "date_on_sale_to": None, "date_on_sale_to_gmt": None,
    "downloadable": False, "downloads": [], "download_limit": -1, "download_expiry": -1, "tax_status": "taxable",
    "low_stock_amount": None, "weight": "", "dimensions": {"length": "", "width": "", "height": ""}, "shipping_class": "",
    "shipping_class_id": 0, "menu_order": 0, "global_unique_id": "",
}  # fmt: skip
_PRODUCT: dict[str, Any] = {
    "featured": False, "short_description": "", "total_sales": 0, "external_url": "", "button_text": "", "tax_class": "",
    "sold_individually": False, "shipping_taxable": True, "reviews_allowed": True, "average_rating": "0", "rating_count": 0,
    "upsell_ids": [], "cross_sell_ids": [], "purchase_note": "", "categories": [], "brands": [], "tags": [],
    "default_attributes": [], "grouped_products": [], "price_html": "", "related_ids": [], "post_password": "",
    "permalink_template": "", "generated_slug": "",
}  # fmt: skip


def meta(rows: Mapping[str, Any] | Iterable[tuple[str, Any]], base: int) -> list[dict[str, Any]]:
    """meta_data: entries with ids."""
    pairs = rows.items() if isinstance(rows, Mapping) else rows
    return [{"id": base * 100 + place, "key": key, "value": value} for place, (key, value) in enumerate(pairs)]


def line_meta(rows: Mapping[str, Any], base: int) -> list[dict[str, Any]]:
    """The same of an order line, with what people are shown."""
    return [{**row, "display_key": row["key"], "display_value": row["value"]} for row in meta(rows, base)]


def person(buyer: Buyer | None, address: Address | None, erased: bool, billing: bool) -> dict[str, Any]:
    """One address block. A phone above 100 characters loses the whole of a billing address."""
    if erased:
        rows = dict.fromkeys(("first_name", "last_name", "address_1", "city", "postcode"), _DELETED)
        rows |= {"company": "", "address_2": "", "state": "", "country": "", "phone": "+000000000000"}
        return rows | ({"email": "deleted@site.invalid"} if billing else {})
    given = address or Address("", "", "", "", "", first_name="", last_name="")
    phone = given.phone or (buyer.phone if buyer else None) or ""
    rows = {
        "first_name": given.first_name or "", "last_name": given.last_name or "", "company": given.company or "",
        "address_1": given.address1 or "", "address_2": given.address2 or "", "city": given.city or "",
        "state": given.province_code or "", "postcode": given.zip or "", "country": given.country_code, "phone": phone,
    }  # fmt: skip
    if not billing:
        return rows
    rows |= {"email": (buyer.email if buyer else None) or ""}
    return dict.fromkeys(rows, "") if len(phone) > 100 else rows


def order_line(order: Order, line: Line, variants: Mapping[int, Variant]) -> dict[str, Any]:
    """A sold line. The line of goods that are gone for good has no SKU and no product any more."""
    units = line.quantity - line.removed
    price = line.unit_price * units
    tax = order.line_tax(line, units)
    variant = variants.get(line.variant_id or 0)
    told = _line(line, variant, units, order.without_tax(price, tax), tax, bool(tax))
    held = {"_reduced_stock": str(units)} if order.extra.get("holds") else {}
    return {
        **told,
        "meta_data": line_meta({**(variant.extra.get("chosen", {}) if variant else {}), **held}, line.number),
    }


def _line(line: Line, variant: Variant | None, units: int, net: Decimal, tax: Decimal, taxed: bool) -> dict[str, Any]:
    own = variant is not None and variant.product != variant.number
    amounts = {"total": _money(tax), "subtotal": _money(tax)}
    return {
        "id": line.number, "name": line.title, "product_id": variant.product if variant else 0,
        "variation_id": variant.number if variant and own else 0, "quantity": units, "tax_class": "",
        "subtotal": _money(net), "subtotal_tax": _money(tax), "total": _money(net), "total_tax": _money(tax),
        "taxes": [{"id": 1, **amounts}] if taxed else [], "meta_data": [], "sku": variant.sku if variant else None,
        "global_unique_id": "" if variant else None, "price": float(abs(net) / abs(units)) if units else 0,
        "image": {"id": "", "src": ""}, "parent_name": variant.extra.get("parent_name") if variant else None,
    }  # fmt: skip


def _money(amount: Decimal) -> str:
    return f"{rounded(amount):f}"


def _tax_line(order: Order, cart: Decimal, shipping: Decimal) -> list[dict[str, Any]]:
    rule = order.tax
    return [] if rule is None else [{
        "id": order.number * 10 + 1, "rate_code": f"{rule.title}-1", "rate_id": 1, "label": rule.title, "compound": False,
        "tax_total": _money(cart), "shipping_tax_total": _money(shipping), "rate_percent": float(rule.rate), "meta_data": [],
    }]  # fmt: skip


def _shipping_line(number: int, net: Decimal, tax: Decimal, taxed: bool, links: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": number, "method_title": "Flat rate", "method_id": "flat_rate", "instance_id": "1", "total": _money(net),
        "total_tax": _money(tax), "taxes": [{"id": 1, "total": _money(tax), "subtotal": ""}] if taxed else [],
        "tax_status": "taxable", "meta_data": line_meta(links, number),
    }  # fmt: skip


def order_total(order: Order) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """(total, tax of the cart, shipping without tax, its tax), as sold: refunds change nothing here."""
    rows = [(line, line.quantity - line.removed) for line in order.lines]
    cart = sum((order.line_tax(line, units) for line, units in rows), ZERO)
    price = sum((line.unit_price * units for line, units in rows), ZERO)
    shipping_tax = order.shipping_tax(order.shipping_price)
    total = order.with_tax(price + order.shipping_price, cart + shipping_tax)
    return total, cart, order.without_tax(order.shipping_price, shipping_tax), shipping_tax


def order_shown(order: Order, status: str, config: WooConfig, variants: Mapping[int, Variant]) -> dict[str, Any]:
    """An order as it was sold. `extra`: lost (its lines and addresses), erased, method, paid_at, completed_at, meta, notes."""
    extra, erased = order.extra, bool(order.extra.get("erased"))
    lost = bool(extra.get("lost"))
    total, cart, shipping, shipping_tax = order_total(order)
    buyer, address = (None, None) if lost else (order.buyer, order.address)
    paid: datetime | None = extra.get("paid_at")
    method = extra.get("method", "card")
    number, key = str(order.number), f"wc_order_{order.number:013d}"
    marks = {"_anonymized": "yes"} if erased else {}
    return {
        "id": order.number, "parent_id": 0, "status": status, "currency": config.currency, "version": VERSION,
        "prices_include_tax": order.tax.included if order.tax else config.taxed_prices, "discount_total": "0.00",
        "discount_tax": "0.00", "shipping_total": _money(shipping), "shipping_tax": _money(shipping_tax),
        "cart_tax": _money(cart), "total": _money(total), "total_tax": _money(cart + shipping_tax), "customer_id": 0,
        "order_key": key, "billing": person(buyer, address, erased, billing=True),
        "shipping": person(buyer, address, erased, billing=False), "payment_method": method,
        "payment_method_title": {"card": "Credit card", "cod": "Cash on delivery", "bacs": "Bank transfer"}.get(method, ""),
        "transaction_id": "0" if erased else f"TX-{number}" if paid else "", "customer_ip_address": "",
        "customer_user_agent": "", "created_via": "store-api", "customer_note": extra.get("customer_note", order.note or ""),
        "cart_hash": "", "number": number,
        "meta_data": meta({**dict(order.attributes), **marks, **extra.get("meta", {})}, order.number),
        "line_items": [
            order_line(order, line, variants) for line in order.lines if line.quantity > line.removed and not lost
        ],
        "tax_lines": _tax_line(order, cart, shipping_tax),
        "shipping_lines": [
            _shipping_line(order.number * 10, shipping, shipping_tax, bool(shipping_tax), {})
        ] if order.shipping_price else [],
        "fee_lines": [], "coupon_lines": [],
        "refunds": [_refund_short(order, one) for one in order.refunds[::-1]],
        "payment_url": f"https://shop.example.com/checkout/order-pay/{number}/?pay_for_order=true&key={key}",
        "is_editable": status in ("pending", "on-hold"), "needs_payment": status in ("pending", "failed"),
        "needs_processing": any(line.requires_shipping for line in order.lines),
        **dates(
            config.utc_offset, created=order.created_at, modified=order.updated_at, paid=paid,
            completed=extra.get("completed_at"),
        ),
        "currency_symbol": _SYMBOLS.get(config.currency, config.currency),
    }  # fmt: skip


Rows = list[tuple[Line, int, Decimal, Decimal]]
"""What a refund says of lines: (line, units, net, tax)."""


def refund_rows(order: Order, refund: Refund) -> Rows:
    """As the client gave them, or what the units were sold for."""
    told: Rows | None = order.extra.get("refund_rows", {}).get(refund.number)
    if told is not None:
        return told
    rows: Rows = []
    for _, line, units, _ in refund.lines:
        tax = order.line_tax(line, units)
        rows.append((line, units, order.without_tax(line.unit_price * units, tax), tax))
    return rows


def _amount(order: Order, refund: Refund) -> str:
    return "" if refund.number in order.extra.get("empty", ()) else _money(refund.amount)


def _refund_short(order: Order, refund: Refund) -> dict[str, Any]:
    tax = sum((row[3] for row in refund_rows(order, refund)), order.shipping_tax(refund.shipping))
    return {
        "id": refund.number, "reason": refund.note or "", "total": f"-{_amount(order, refund)}",
        "total_tax": f"{'-' if tax else ''}{_money(tax)}",
    }  # fmt: skip


def refund_shown(order: Order, refund: Refund, config: WooConfig, variants: Mapping[int, Variant]) -> dict[str, Any]:
    """A refund: negative amounts and units, each line with the id of the sold one in its meta."""
    rows, lines = refund_rows(order, refund), list[dict[str, Any]]()
    for line, units, net, tax in rows:
        variant = variants.get(line.variant_id or 0)
        number = refund.number * 100 + len(lines)
        told = {**_line(line, variant, -units, -net, -tax, bool(tax)), "id": number}
        lines.append({**told, "meta_data": line_meta({"_refunded_item_id": str(line.number)}, number)})
    shipping_tax = order.shipping_tax(refund.shipping)
    net = order.without_tax(refund.shipping, shipping_tax)
    links = {"_refunded_item_id": str(order.number * 10)}
    taxes = sum((row[3] for row in rows), ZERO)
    full = refund.amount >= order_total(order)[0]
    moment = dates(config.utc_offset, created=refund.created_at)
    return {
        "id": refund.number, **moment, "amount": _amount(order, refund), "reason": refund.note or "", "refunded_by": 1,
        "refunded_payment": refund.number in order.extra.get("moved", ()),
        "meta_data": meta({"_refund_type": "full" if full else "partial"}, refund.number), "line_items": lines,
        "shipping_lines": [
            _shipping_line(refund.number * 10, -net, -shipping_tax, bool(shipping_tax), links)
        ] if refund.shipping else [],
        "tax_lines": _tax_line(order, -taxes, -shipping_tax) if taxes or shipping_tax else [], "fee_lines": [],
    }  # fmt: skip


def stock_status(stock: int | None, backorders: str) -> str:
    """What buyers are told."""
    if stock is None or stock > 0:
        return "instock"
    return "outofstock" if backorders == "no" else "onbackorder"


def goods_shown(one: Variant, parent: Variant | None, family: list[Variant], config: WooConfig) -> dict[str, Any]:
    """What products and variations have in common. `family`: the variations of a variable product."""
    follows = parent is not None and one.stock is None and parent.stock is not None
    stock = parent.stock if parent is not None and follows else one.stock
    extra, prices = one.extra, [row.extra["price"] for row in family if row.extra["price"]]
    price = min(prices, key=Decimal) if prices else extra["price"]
    return {
        **_GOODS, "id": one.number, "name": one.title, "status": extra["status"], "description": one.description_html,
        "permalink": f"https://shop.example.com/?p={one.number}", "sku": one.sku, "price": price,
        "regular_price": extra["regular"], "sale_price": extra["sale"], "on_sale": bool(extra["sale"]),
        "purchasable": bool(price), "virtual": not one.requires_shipping,
        "manage_stock": "parent" if follows else one.stock is not None, "stock_quantity": stock,
        "stock_status": stock_status(stock, extra["backorders"]), "backorders": extra["backorders"],
        "backorders_allowed": extra["backorders"] != "no", "backordered": stock is not None and stock < 0,
        "parent_id": parent.number if parent else 0, "meta_data": meta(extra.get("meta", {}), one.number),
        **dates(config.utc_offset, created=extra["created_at"], modified=one.updated_at),
    }  # fmt: skip


def product_shown(one: Variant, parent: Variant | None, family: list[Variant], config: WooConfig) -> dict[str, Any]:
    """By the routes of products, where a variation is shown too."""
    extra = one.extra
    return {
        **goods_shown(one, parent, family, config), **_PRODUCT, "slug": extra.get("slug") or one.sku.lower(),
        "type": "variation" if parent else extra.get("type", "simple"), "shipping_required": one.requires_shipping,
        "catalog_visibility": extra.get("catalog_visibility", "visible"), "has_options": bool(family),
        "images": [{"id": place + 1, "src": url, "name": "", "alt": ""} for place, url in enumerate(extra.get("images", []))],
        "attributes": extra.get("attributes", []), "variations": [row.number for row in family],
    }  # fmt: skip


def variation_shown(one: Variant, parent: Variant, config: WooConfig) -> dict[str, Any]:
    """By the routes of variations."""
    url = one.extra.get("images", [None])[0]
    return {
        **goods_shown(one, parent, [], config), "type": "variation", "tax_class": "parent", "gallery_image_ids": [],
        "image": url and {"id": 1, "src": url, "name": "", "alt": ""}, "attributes": one.extra.get("attributes", []),
    }  # fmt: skip
