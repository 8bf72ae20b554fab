"""Records of orders in BigCommerce's shapes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

from local.sandbox.kit.money import ZERO
from local.sandbox.kit.orders import Fulfillment, Line, Order, Refund

PROVIDER, NIL = "sandboxcard", "0.0000"
STATUSES = (
    "Incomplete", "Pending", "Shipped", "Partially Shipped", "Refunded", "Cancelled", "Declined", "Awaiting Payment",
    "Awaiting Pickup", "Awaiting Shipment", "Completed", "Awaiting Fulfillment", "Manual Verification Required",
    "Disputed", "Partially Refunded",
)  # fmt: skip
PAYMENTS = {
    "PENDING": "pending", "AUTHORIZED": "authorized", "PARTIALLY_PAID": "pending", "PAID": "captured", "VOIDED": "void",
    "PARTIALLY_REFUNDED": "partially refunded", "REFUNDED": "refunded", "DISPUTED": "captured",
}  # fmt: skip


def _at(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC))


def _sides(order: Order, name: str, price: Decimal, tax: Decimal) -> dict[str, str]:
    ex, inc = order.without_tax(price, tax), order.with_tax(price, tax)
    return {f"{name}_ex_tax": f"{ex:.4f}", f"{name}_inc_tax": f"{inc:.4f}", f"{name}_tax": f"{tax:.4f}"}


def _person(order: Order) -> dict[str, Any]:
    buyer, at = order.buyer, order.address
    found = {
        "first_name": (at and at.first_name) or (buyer and buyer.first_name), "email": buyer and buyer.email,
        "last_name": (at and at.last_name) or (buyer and buyer.last_name), "company": at and at.company,
        "street_1": at and at.address1, "street_2": at and at.address2, "city": at and at.city, "zip": at and at.zip,
        "state": at and at.province, "country": at and at.country, "country_iso2": at and at.country_code,
        "phone": (at and at.phone) or (buyer and buyer.phone),
    }  # fmt: skip
    return {name: value or "" for name, value in found.items()}


def units(row: Line) -> int:
    """What stands on the order: what is given back stays there."""
    return row.quantity - row.removed


def order(one: Order) -> dict[str, Any]:
    """A V2 order: without its lines and addresses. What was refunded is in no amount of it."""
    goods = sum((line.unit_price * units(line) for line in one.lines), ZERO)
    tax = sum((one.line_tax(line, units(line)) for line in one.lines), ZERO)
    sent, sent_tax, less = one.shipping_price, one.shipping_tax(one.shipping_price), one.extra["discount"]
    path = f"/orders/{one.number}/"
    links = {name: {"url": f"https://api.example.com{path}{name}", "resource": f"{path}{name}"}
             for name in ("products", "shipping_addresses", "coupons")}  # fmt: skip
    nothing = dict.fromkeys((f"{what}_cost{side}" for what in ("handling", "wrapping") for side in
                             ("_ex_tax", "_inc_tax", "_tax")), NIL)  # fmt: skip
    return {
        "id": one.number, "customer_id": one.account, "date_created": _at(one.created_at), "date_modified": _at(one.updated_at),
        "date_shipped": _at(one.fulfillments[-1].created_at) if one.fulfillments else "",
        "status_id": one.extra["status"], "status": STATUSES[one.extra["status"]], **nothing, **links,
        **_sides(one, "subtotal", goods, tax), **_sides(one, "shipping_cost", sent, sent_tax),
        **_sides(one, "total", goods + sent - less, tax + sent_tax), "discount_amount": f"{less:.4f}", "coupon_discount": NIL,
        "is_tax_inclusive_pricing": one.tax is not None and one.tax.included, "refunded_amount": NIL,
        "items_total": sum(map(units, one.lines)), "items_shipped": sum(line.fulfilled for line in one.lines),
        "payment_method": "Test Payment Gateway" if one.test else "Sandbox Card",
        "payment_provider_id": "testgateway" if one.test else PROVIDER,
        "payment_status": PAYMENTS.get(one.financial_status, ""), "store_credit_amount": NIL, "gift_certificate_amount": NIL,
        "order_is_digital": not any(line.requires_shipping for line in one.lines), "currency_code": "USD",
        "default_currency_code": "USD", "store_default_currency_code": "USD", "staff_notes": "\n".join(one.staff_notes),
        "customer_message": one.note or "", "shipping_address_count": int(one.address is not None), "channel_id": 1,
        "is_deleted": one.extra["deleted"], "order_source": "www",
        "billing_address": {**_person(one), "form_fields": _fields(one)},
        "tax_provider_id": "BasicTaxProvider", "customer_locale": one.locale, "fees": [],
    }  # fmt: skip


def line(one: Order, row: Line) -> dict[str, Any]:
    """An order product. A discount of the whole order stands at its first line, and in no price."""
    count, tax = units(row), one.line_tax(row, units(row))
    back = sum(given for refund in one.refunds for _, its, given, _ in refund.lines if its is row)
    less = one.extra["discount"] if row is one.lines[0] else ZERO
    named = {"id": "manual-discount", "amount": f"{less:.4f}", "name": "Manual Discount", "target": "order"}
    kind = "giftcertificate" if row.gift_card else "physical" if row.requires_shipping else "digital"
    return {
        "id": row.number, "order_id": one.number, "product_id": row.product_id or 0, "name": row.title, "sku": row.sku or "",
        "type": kind, "order_address_id": one.extra["address_id"] if kind == "physical" else 0, "base_total": NIL,
        **_sides(one, "price", row.unit_price, one.line_tax(row, 1)), **_sides(one, "total", row.unit_price * count, tax),
        "discounted_total_inc_tax": f"{one.with_tax(row.unit_price * count, tax) - less:.4f}", "product_options": [],
        "applied_discounts": [named] if less else [], "quantity": count, "quantity_shipped": row.fulfilled,
        "quantity_refunded": back, "is_refunded": back >= count, "refund_amount": NIL, "parent_order_product_id": None,
        "is_bundled_product": False, **({"variant_id": row.variant_id} if row.variant_id else {}),
    }  # fmt: skip


def _fields(one: Order) -> list[dict[str, str]]:
    """What the merchant's checkout asks for beside the address."""
    return [{"name": name, "value": value} for name, value in one.attributes]


def shipping_address(one: Order) -> dict[str, Any]:
    """The one address that an order here has."""
    cost = _sides(one, "cost", one.shipping_price, one.shipping_tax(one.shipping_price))
    return {"id": one.extra["address_id"], "order_id": one.number, **_person(one), **cost, "form_fields": []}


def shipment(one: Order, sent: Fulfillment) -> dict[str, Any]:
    """A parcel; a link that was given takes the place of the one that is made."""
    facts = one.extra[str(sent.number)]
    empty = ("tracking_number", "tracking_carrier", "tracking_link", "shipping_provider", "shipping_method", "comments")
    link = "" if facts.get("tracking_link") else f"https://track.example.com/{facts.get('tracking_number', '')}"
    rows = [{"order_product_id": line.number, "product_id": line.product_id or 0, "quantity": count}
            for _, line, count in sent.lines]  # fmt: skip
    return {
        **dict.fromkeys(empty, ""), "order_address_id": one.extra["address_id"], **facts, "id": sent.number,
        "order_id": one.number, "customer_id": one.account, "date_created": _at(sent.created_at), "items": rows,
        "generated_tracking_link": link, "billing_address": _person(one), "shipping_address": _person(one),
    }  # fmt: skip


def quote(one: Order, amount: Decimal) -> dict[str, Any]:
    """What a refund of the order's money would come to, and by which ways. The first one moves none."""
    ways = [{"provider_id": name, "provider_description": name, "amount": float(amount), "offline": name == "custom",
             "offline_provider": name == "custom", "offline_reason": ""} for name in ("custom", PROVIDER)]  # fmt: skip
    return {
        "order_id": one.number, "total_refund_amount": float(amount), "order_level_refund_amount": float(amount),
        "total_refund_tax_amount": 0, "rounding": 0, "adjustment": 0, "refund_methods": [[way] for way in ways],
    }  # fmt: skip


def refund(one: Order, made: Refund) -> dict[str, Any]:
    """A refund as it was booked. What is beyond units and shipping is of the order, and touches no tax."""
    beyond = made.amount - one.refund_value(made)
    rows: list[tuple[str, int, int, Decimal | None]] = [
        ("PRODUCT", line.number, given, None) for _, line, given, _ in made.lines
    ]
    rows += [("SHIPPING", one.extra["address_id"], 1, made.shipping)] if made.shipping else []
    rows += [("ORDER", one.number, 1, beyond)] if beyond > 0 else []
    items: list[dict[str, Any]] = [
        {"item_type": kind, "item_id": number, "quantity": count, "reason": made.note or "",
         **({} if amount is None else {"requested_amount": float(amount)})} for kind, number, count, amount in rows
    ]  # fmt: skip
    if beyond < 0 and items:
        items[0]["adjustments"] = [{"amount": float(beyond), "description": "Kept"}]
    return {
        "id": made.number, "order_id": one.number, "user_id": 0, "created": made.created_at.isoformat(), "items": items,
        "reason": made.note or "", "total_amount": float(made.amount), "total_tax": float(one.refund_tax(made)),
        "uses_merchant_override_values": False,
        "payments": [{"id": made.number, "provider_id": PROVIDER, "amount": float(made.amount), "offline": False,
                      "is_declined": False, "declined_message": ""}],
    }  # fmt: skip
