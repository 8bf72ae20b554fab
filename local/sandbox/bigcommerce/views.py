"""Records in BigCommerce's shapes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from local.sandbox.bigcommerce.base import BigCommerceConfig, StoreOrder, four, rfc
from local.sandbox.kit.money import ZERO
from local.sandbox.kit.orders import Fulfillment, Line, Order, Refund, RefundLine

PROVIDER = "sandboxcard"
STATUSES = (
    "Incomplete", "Pending", "Shipped", "Partially Shipped", "Refunded", "Cancelled", "Declined", "Awaiting Payment",
    "Awaiting Pickup", "Awaiting Shipment", "Completed", "Awaiting Fulfillment", "Manual Verification Required",
    "Disputed", "Partially Refunded",
)  # fmt: skip
PAYMENTS = {
    "PENDING": "pending", "AUTHORIZED": "authorized", "PARTIALLY_PAID": "pending", "PAID": "captured", "VOIDED": "void",
    "PARTIALLY_REFUNDED": "partially refunded", "REFUNDED": "refunded", "DISPUTED": "captured",
}  # fmt: skip


def _sides(order: Order, name: str, price: Decimal, tax: Decimal) -> dict[str, str]:
    """An amount without and with tax. The prices' own side is exact."""
    ex, inc = order.without_tax(price, tax), order.with_tax(price, tax)
    return {f"{name}_ex_tax": four(ex), f"{name}_inc_tax": four(inc), f"{name}_tax": four(tax)}


def _link(order: Order, name: str) -> dict[str, str]:
    path = f"/orders/{order.number}/{name}"
    return {"url": f"https://api.bigcommerce.com/stores/store_hash/v2{path}", "resource": path}


def _person(order: Order) -> dict[str, Any]:
    buyer, at = order.buyer, order.address
    return {
        "first_name": (at and at.first_name) or (buyer.first_name if buyer else ""),
        "last_name": (at and at.last_name) or (buyer.last_name if buyer else ""),
        "company": (at and at.company) or "", "street_1": (at and at.address1) or "",
        "street_2": (at and at.address2) or "", "city": (at and at.city) or "", "state": (at and at.province) or "",
        "zip": (at and at.zip) or "", "country": at.country if at else "", "country_iso2": at.country_code if at else "",
        "phone": (at and at.phone) or (buyer and buyer.phone) or "", "email": (buyer and buyer.email) or "",
    }  # fmt: skip


def order(config: BigCommerceConfig, one: Order) -> dict[str, Any]:
    """A V2 order: without its lines and addresses. What was refunded is in no amount of it."""
    units = [(line, line.quantity - line.removed) for line in one.lines]
    goods = sum((line.unit_price * count for line, count in units), ZERO)
    tax = sum((one.line_tax(line, count) for line, count in units), ZERO)
    sent, sent_tax = one.shipping_price, one.shipping_tax(one.shipping_price)
    discount = one.discount if isinstance(one, StoreOrder) else ZERO
    status, code = one.extra["status"], config.currency
    nothing = {f"{name}_{side}": "0.0000" for name in ("handling_cost", "wrapping_cost") for side in
               ("ex_tax", "inc_tax", "tax")}  # fmt: skip
    return {
        "id": one.number, "customer_id": 0, "date_created": rfc(one.created_at), "date_modified": rfc(one.updated_at),
        "date_shipped": rfc(one.fulfillments[-1].created_at) if one.fulfillments else "",
        "status_id": status, "status": STATUSES[status], "custom_status": STATUSES[status],
        **_sides(one, "subtotal", goods, tax), **_sides(one, "shipping_cost", sent, sent_tax), **nothing,
        **_sides(one, "total", goods + sent - discount, tax + sent_tax),
        "base_shipping_cost": four(sent), "base_handling_cost": "0.0000", "base_wrapping_cost": "0.0000",
        "is_tax_inclusive_pricing": one.tax is not None and one.tax.included,
        "items_total": sum(count for _, count in units), "items_shipped": sum(line.fulfilled for line in one.lines),
        "payment_method": "Test Payment Gateway" if one.test else "Sandbox Card",
        "payment_provider_id": "testgateway" if one.test else PROVIDER,
        "payment_status": PAYMENTS.get(one.financial_status, ""), "refunded_amount": "0.0000",
        "order_is_digital": not any(line.requires_shipping for line in one.lines), "store_credit_amount": "0.0000",
        "gift_certificate_amount": "0.0000", "currency_id": 1, "currency_code": code,
        "currency_exchange_rate": "1.0000000000", "default_currency_id": 1, "default_currency_code": code,
        "store_default_currency_code": code, "store_default_to_transactional_exchange_rate": "1.0000000000",
        "staff_notes": "\n".join(one.staff_notes), "customer_message": one.note or "", "discount_amount": four(discount),
        "coupon_discount": "0.0000", "shipping_address_count": int(one.address is not None), "ebay_order_id": "0",
        "is_deleted": one.extra["deleted"], "is_email_opt_in": False, "order_source": "www", "channel_id": 1,
        "billing_address": {**_person(one), "form_fields": []}, "external_id": None, "external_source": None,
        "tax_provider_id": "BasicTaxProvider", "customer_locale": one.locale, "fees": [], "ip_address": "",
        "products": _link(one, "products"), "shipping_addresses": _link(one, "shippingaddresses"),
        "coupons": _link(one, "coupons"),
    }  # fmt: skip


def line(one: Order, row: Line, values: list[dict[str, Any]]) -> dict[str, Any]:
    """An order product. A discount of the whole order stands at its first line, and in no price."""
    count = row.quantity - row.removed
    total, tax = row.unit_price * count, one.line_tax(row, count)
    back = sum(units for refund in one.refunds for _, line, units, _ in refund.lines if line is row)
    discount = one.discount if isinstance(one, StoreOrder) and row is one.lines[0] else ZERO
    named = {
        "id": "manual-discount",
        "amount": four(discount),
        "name": "Manual Discount",
        "code": None,
        "target": "order",
    }
    kind = "giftcertificate" if row.gift_card else "physical" if row.requires_shipping else "digital"
    shown: dict[str, Any] = {
        "id": row.number, "order_id": one.number, "product_id": row.product_id or 0, "name": row.title,
        "name_customer": row.title, "name_merchant": row.title, "sku": row.sku or "", "upc": "", "type": kind,
        "order_address_id": one.extra["address_id"] if kind == "physical" else 0, "base_price": four(row.unit_price),
        **_sides(one, "price", row.unit_price, one.line_tax(row, 1)), "base_total": "0.0000",
        **_sides(one, "total", total, tax), "discounted_total_inc_tax": four(one.with_tax(total, tax) - discount),
        "applied_discounts": [named] if discount else [], "quantity": count, "quantity_shipped": row.fulfilled,
        "quantity_refunded": back, "is_refunded": back >= count, "refund_amount": "0.0000", "return_id": 0,
        "wrapping_id": 0, "wrapping_name": "", "wrapping_cost_ex_tax": "0.0000", "wrapping_cost_inc_tax": "0.0000",
        "wrapping_cost_tax": "0.0000", "wrapping_message": "", "event_name": None, "event_date": None,
        "parent_order_product_id": None, "is_bundled_product": False, "brand": "", "configurable_fields": [],
        "product_options": [
            {"id": number, "option_id": value["option_id"], "order_product_id": row.number, "type": "Multiple choice",
             "display_name": value["option_display_name"], "display_value": value["label"], "value": str(value["id"])}
            for number, value in enumerate(values, 1)
        ],
    }  # fmt: skip
    return shown | ({"variant_id": row.variant_id} if row.variant_id else {})


def shipping_address(one: Order) -> dict[str, Any]:
    """The one address that an order here has."""
    cost = _sides(one, "cost", one.shipping_price, one.shipping_tax(one.shipping_price))
    return {
        "id": one.extra["address_id"], "order_id": one.number, **_person(one), "shipping_method": "Flat Rate", **cost,
        "items_total": sum(line.quantity - line.removed for line in one.lines if line.requires_shipping),
        "items_shipped": sum(line.fulfilled for line in one.lines), "base_cost": four(one.shipping_price),
        "form_fields": [],
    }  # fmt: skip


def shipment(one: Order, sent: Fulfillment) -> dict[str, Any]:
    """A parcel; a link that was given takes the place of the one that is made."""
    facts = one.extra.get(str(sent.number), {})
    shown = dict.fromkeys(("tracking_number", "tracking_carrier", "tracking_link", "shipping_provider", "comments"), "")
    link = "" if facts.get("tracking_link") else f"https://track.example.com/{facts.get('tracking_number', '')}"
    return {
        "id": sent.number, "order_id": one.number, "customer_id": 0, "order_address_id": one.extra["address_id"],
        "date_created": rfc(sent.created_at), "merchant_shipping_cost": "0.0000", "shipping_method": "", **shown, **facts,
        "generated_tracking_link": link, "billing_address": _person(one), "shipping_address": _person(one),
        "shipping_provider_display_name": "",
        "items": [
            {"order_product_id": line.number, "product_id": line.product_id or 0, "quantity": units}
            for _, line, units in sent.lines
        ],
    }  # fmt: skip


def refund_line(line: Line, units: int) -> RefundLine:
    """Units of a refund that is only looked at."""
    return RefundLine(0, line, units, "")


def quote(one: Order, refund: Refund, extra: Decimal) -> dict[str, Any]:
    """What a refund would come to, and by which ways. The first one moves no money."""
    amount = float(refund.amount)
    custom = {"provider_id": "custom", "provider_description": "Custom", "amount": amount, "offline": True,
              "offline_provider": True, "offline_reason": "This is an offline payment provider."}  # fmt: skip
    card = {"provider_id": PROVIDER, "provider_description": "Sandbox Card", "amount": amount, "offline": False,
            "offline_provider": False, "offline_reason": ""}  # fmt: skip
    return {
        "order_id": one.number, "total_refund_amount": amount, "total_refund_tax_amount": float(one.refund_tax(refund)),
        "order_level_refund_amount": float(extra), "rounding": 0, "adjustment": 0, "tax_inclusive": True,
        "refund_methods": [[custom], [card]],
    }  # fmt: skip


def refund(one: Order, made: Refund) -> dict[str, Any]:
    """A refund as it was booked. What is beyond units and shipping is of the order, and touches no tax."""
    beyond = made.amount - one.refund_value(made)
    items: list[dict[str, Any]] = [
        {"item_type": "PRODUCT", "item_id": line.number, "reason": made.note or "", "quantity": units}
        for _, line, units, _ in made.lines
    ]
    if made.shipping:
        items.append({"item_type": "SHIPPING", "item_id": one.extra["address_id"], "quantity": 1,
                      "requested_amount": float(made.shipping)})  # fmt: skip
    if beyond > 0:
        items.append({"item_type": "ORDER", "item_id": one.number, "quantity": 1, "requested_amount": float(beyond)})
    if beyond < 0 and items:
        items[0]["adjustments"] = [{"amount": float(beyond), "description": "Kept"}]
    paid = {"id": made.number, "provider_id": PROVIDER, "amount": float(made.amount), "offline": False,
            "is_declined": False, "declined_message": ""}  # fmt: skip
    return {
        "id": made.number, "order_id": one.number, "user_id": 0, "created": made.created_at.isoformat(),
        "reason": made.note or "", "total_amount": float(made.amount), "total_tax": float(one.refund_tax(made)),
        "uses_merchant_override_values": False, "items": items, "payments": [paid],
    }  # fmt: skip
