"""Orders, refunds, products and variations as the API shows them. Amounts are texts; `price` of a line is a float."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from local.sandbox.kit.money import ZERO, rounded
from local.sandbox.kit.orders import Line, Order, Refund, Variant
from local.sandbox.kit.people import Address
from local.sandbox.woocommerce.site import VERSION, WooConfig, dates

_DELETED = "[deleted]"
_SYMBOLS = {"USD": "$", "EUR": "€"}
METHODS = {"card": "Credit card", "cod": "Cash on delivery", "bacs": "Bank transfer"}
# What nobody asks for has always the same value: by kind of value, then by who has it.
_GOODS: dict[str, Any] = {
    **dict.fromkeys(("date_on_sale_from", "date_on_sale_from_gmt", "date_on_sale_to", "date_on_sale_to_gmt", "low_stock_amount")),
    **dict.fromkeys(("weight", "shipping_class", "global_unique_id"), ""), "downloadable": False, "downloads": [],
    "download_limit": -1, "download_expiry": -1, "tax_status": "taxable", "shipping_class_id": 0, "menu_order": 0,
    "dimensions": {"length": "", "width": "", "height": ""},
}  # fmt: skip
_PRODUCT: dict[str, Any] = {
    **dict.fromkeys(("short_description", "external_url", "button_text", "tax_class", "purchase_note", "price_html"), ""),
    "post_password": "", "average_rating": "0", "rating_count": 0,
    **dict.fromkeys(("upsell_ids", "cross_sell_ids", "categories", "brands", "tags", "default_attributes"), ()),
    **dict.fromkeys(("grouped_products", "related_ids"), ()), "featured": False, "sold_individually": False, "total_sales": 0,
    "shipping_taxable": True, "reviews_allowed": True, "catalog_visibility": "visible",
}  # fmt: skip
Rows = list[tuple[Line, int, Decimal, Decimal]]
"""What a refund says of lines: (line, units, net, tax)."""
Family = list[Variant]


@dataclass
class WooRefund(Refund):
    """A refund that the client wrote. `moved`: by the gateway, and not only recorded."""

    rows: Rows = field(default_factory=list)
    moved: bool = False


def meta(rows: Mapping[str, Any], base: int, *, shown: bool = False) -> list[dict[str, Any]]:
    """meta_data; of lines with what people are shown."""
    made = [{"id": base * 100 + place, "key": key, "value": rows[key]} for place, key in enumerate(rows)]
    return [{**one, "display_key": one["key"], "display_value": one["value"]} for one in made] if shown else made


def _money(amount: Decimal) -> str:
    return f"{rounded(amount):f}"


def _taxes(tax: Decimal, subtotal: str) -> list[dict[str, Any]]:
    return [{"id": 1, "total": _money(tax), "subtotal": subtotal}] if tax else []


def _person(order: Order, *, billing: bool) -> dict[str, Any]:
    """One address block. A phone above 100 characters loses the whole of a billing address."""
    given, buyer = order.address or Address("", "", "", "", "", first_name="", last_name=""), order.buyer
    phone = given.phone or (buyer.phone if buyer else None)
    rows = {
        "first_name": given.first_name, "last_name": given.last_name, "company": given.company, "address_1": given.address1,
        "address_2": given.address2, "city": given.city, "state": given.province_code, "postcode": given.zip,
        "country": given.country_code, "phone": phone,
    }  # fmt: skip
    if order.extra.get("erased"):
        rows |= dict.fromkeys(("first_name", "last_name", "address_1", "city", "postcode"), _DELETED)
        rows["phone"] = "+000000000000"
    if billing:
        rows["email"] = "deleted@site.invalid" if order.extra.get("erased") else buyer.email if buyer else ""
    lost = billing and len(phone or "") > 100
    return {name: "" if lost else value or "" for name, value in rows.items()}


def _line(line: Line, variants: Mapping[int, Variant], units: int, net: Decimal, tax: Decimal) -> dict[str, Any]:
    """A line; that of goods that are gone for good has no SKU and no product any more."""
    variant = variants.get(line.variant_id or 0)
    own = variant.number if variant and variant.product != variant.number else 0
    return {
        "id": line.number, "name": line.title, "product_id": variant.product if variant else 0, "variation_id": own,
        "quantity": units, "tax_class": "", "subtotal": _money(net), "subtotal_tax": _money(tax), "total": _money(net),
        "total_tax": _money(tax), "taxes": _taxes(tax, _money(tax)), "sku": variant.sku if variant else None,
        "global_unique_id": "" if variant else None, "price": float(net / units) if units else 0,
        "image": {"id": "", "src": ""}, "parent_name": variant.extra.get("parent_name") if variant else None,
    }  # fmt: skip


def _tax_lines(order: Order, cart: Decimal, shipping: Decimal) -> list[dict[str, Any]]:
    return [] if order.tax is None else [{
        "id": order.number * 10 + 1, "rate_code": f"{order.tax.title}-1", "rate_id": 1, "label": order.tax.title,
        "compound": False, "tax_total": _money(cart), "shipping_tax_total": _money(shipping),
        "rate_percent": float(order.tax.rate), "meta_data": [],
    }]  # fmt: skip


def _shipping(number: int, net: Decimal, tax: Decimal, links: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [] if not net else [{
        "id": number, "method_title": "Flat rate", "method_id": "flat_rate", "instance_id": "1", "total": _money(net),
        "total_tax": _money(tax), "taxes": _taxes(tax, ""), "tax_status": "taxable",
        "meta_data": meta(links, number, shown=True),
    }]  # fmt: skip


def sold_lines(order: Order) -> Rows:
    """The lines as sold: refunds change nothing here."""
    found = [(line, line.quantity - line.removed) for line in order.lines if line.quantity > line.removed]
    taxed = [(line, units, order.line_tax(line, units)) for line, units in found]
    return [(line, units, order.without_tax(line.unit_price * units, tax), tax) for line, units, tax in taxed]


def total_of(order: Order) -> Decimal:
    """What the buyer owed as sold."""
    tax = order.shipping_tax(order.shipping_price)
    return sum((row[2] + row[3] for row in sold_lines(order)), order.without_tax(order.shipping_price, tax) + tax)


def left_of(order: Order) -> Decimal:
    """What can still be given back."""
    return total_of(order) - sum((one.amount for one in order.refunds), ZERO)


def order_shown(order: Order, config: WooConfig, variants: Mapping[int, Variant]) -> dict[str, Any]:
    """An order. Its `extra`: status, paid_at, completed_at, method, meta, customer_note; erased."""
    extra, number, status = order.extra, str(order.number), order.extra["status"]
    rows, shipping_tax = sold_lines(order), order.shipping_tax(order.shipping_price)
    cart, shipping = sum((row[3] for row in rows), ZERO), order.without_tax(order.shipping_price, shipping_tax)
    method, marks = extra.get("method", "card"), {"_anonymized": "yes"} if extra.get("erased") else {}
    lines = [
        {**_line(line, variants, units, net, tax), "meta_data": meta(
            {**_chosen(line, variants), **({"_reduced_stock": str(units)} if extra.get("holds") else {})}, line.number, shown=True
        )} for line, units, net, tax in rows
    ]  # fmt: skip
    return {
        "id": order.number, "parent_id": 0, "status": status, "currency": config.currency, "version": VERSION,
        "prices_include_tax": order.tax.included if order.tax else False, "discount_total": "0.00",
        "discount_tax": "0.00", "shipping_total": _money(shipping), "shipping_tax": _money(shipping_tax),
        "cart_tax": _money(cart), "total": _money(total_of(order)), "total_tax": _money(cart + shipping_tax),
        "customer_id": order.account, "order_key": f"wc_order_{number:>013}", "billing": _person(order, billing=True),
        "shipping": _person(order, billing=False), "payment_method": method, "payment_method_title": METHODS.get(method, ""),
        "transaction_id": "0" if marks else f"TX-{number}" if extra.get("paid_at") else "", "customer_ip_address": "",
        "customer_user_agent": "", "created_via": "store-api",
        "customer_note": extra.get("customer_note", order.note or ""), "cart_hash": "", "number": number,
        "meta_data": meta({**dict(order.attributes), **marks, **extra.get("meta", {})}, order.number),
        "line_items": lines, "tax_lines": _tax_lines(order, cart, shipping_tax),
        "shipping_lines": _shipping(order.number * 10, shipping, shipping_tax, {}), "fee_lines": [], "coupon_lines": [],
        "refunds": [_short(order, one, config, variants) for one in order.refunds[::-1]],
        "payment_url": f"https://shop.example.com/checkout/order-pay/{number}/", "is_editable": status in ("pending", "on-hold"),
        "needs_payment": status in ("pending", "failed"), "currency_symbol": _SYMBOLS.get(config.currency, config.currency),
        "needs_processing": any(line.requires_shipping for line in order.lines),
        **dates(
            config.utc_offset, created=order.created_at, modified=order.updated_at, paid=extra.get("paid_at"),
            completed=extra.get("completed_at"),
        ),
    }  # fmt: skip


def _chosen(line: Line, variants: Mapping[int, Variant]) -> dict[str, str]:
    variant = variants.get(line.variant_id or 0)
    return {row["slug"]: row["option"] for row in variant.extra["attributes"] if "option" in row} if variant else {}


def _short(order: Order, refund: Refund, config: WooConfig, variants: Mapping[int, Variant]) -> dict[str, Any]:
    """Within the order. Without an amount `total` is "-", which is no number."""
    whole = refund_shown(order, refund, config, variants)
    tax = sum((Decimal(one["total_tax"]) for one in whole["line_items"] + whole["shipping_lines"]), ZERO)
    return {"id": refund.number, "reason": whole["reason"], "total": f"-{whole['amount']}", "total_tax": _money(tax)}


def refund_shown(order: Order, refund: Refund, config: WooConfig, variants: Mapping[int, Variant]) -> dict[str, Any]:
    """A refund: negative amounts and units, each line with the id of the sold one in its meta."""
    shipping_tax, moved = order.shipping_tax(refund.shipping), False
    rows: Rows = []
    if isinstance(refund, WooRefund):
        rows, moved = refund.rows, refund.moved
    else:
        taxed = [(line, units, order.line_tax(line, units)) for _, line, units, _ in refund.lines]
        rows = [(line, units, order.without_tax(line.unit_price * units, tax), tax) for line, units, tax in taxed]
    lines = [
        {**_line(line, variants, -units, -net, -tax), "id": refund.number * 100 + place,
         "meta_data": meta({"_refunded_item_id": str(line.number)}, refund.number, shown=True)}
        for place, (line, units, net, tax) in enumerate(rows)
    ]  # fmt: skip
    net, taxes = order.without_tax(refund.shipping, shipping_tax), sum((row[3] for row in rows), ZERO)
    return {
        "id": refund.number, **dates(config.utc_offset, created=refund.created_at), "reason": refund.note or "",
        "amount": _money(refund.amount) if refund.amount else "", "refunded_by": 1, "refunded_payment": moved,
        "meta_data": meta({"_refund_type": "full" if refund.amount >= total_of(order) else "partial"}, refund.number),
        "line_items": lines, "fee_lines": [],
        "tax_lines": _tax_lines(order, -taxes, -shipping_tax) if taxes or shipping_tax else [],
        "shipping_lines": _shipping(refund.number * 10, -net, -shipping_tax, {"_refunded_item_id": str(order.number * 10)}),
    }  # fmt: skip


def goods_shown(
    one: Variant, parent: Variant | None, family: Family, config: WooConfig, by_parent: bool
) -> dict[str, Any]:
    """A product, or a variation: by the routes of its parent, or by those of products."""
    extra, held = one.extra, parent if parent and one.stock is None and parent.stock is not None else one
    prices = [row.extra["price"] for row in family if row.extra["price"]]
    price = min(prices, key=Decimal) if prices else extra["price"]
    pictures = [{"id": 1, "src": url, "name": "", "alt": ""} for url in extra.get("images", [])]
    same = {
        **_GOODS, "id": one.number, "name": one.title, "status": extra["status"], "description": one.description_html,
        "permalink": f"https://shop.example.com/?p={one.number}", "sku": one.sku, "price": price,
        "regular_price": extra["regular"], "sale_price": extra["sale"], "on_sale": bool(extra["sale"]),
        "purchasable": bool(price), "virtual": not one.requires_shipping,
        "manage_stock": "parent" if held is not one else one.stock is not None,
        "stock_quantity": held.stock, "stock_status": "instock" if held.stock is None or held.stock > 0 else "outofstock",
        "backorders": "no", "backorders_allowed": False, "backordered": False, "parent_id": parent.number if parent else 0,
        "attributes": extra["attributes"], "meta_data": meta(extra.get("meta", {}), one.number),
        "type": "variation" if parent else extra["type"],
        **dates(config.utc_offset, created=extra["created_at"], modified=one.updated_at),
    }  # fmt: skip
    if by_parent:
        return {**same, "tax_class": "parent", "gallery_image_ids": [], "image": next(iter(pictures), None)}
    return {
        **same, **_PRODUCT, "slug": one.title.lower().replace(" ", "-"), "shipping_required": one.requires_shipping,
        "has_options": bool(family), "images": pictures, "variations": [row.number for row in family],
    }  # fmt: skip
