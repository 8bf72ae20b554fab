"""Webhook bodies: the shapes of Shopify's REST resources, ids as numbers, money as text."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from local.sandbox.goods import CURRENCY
from local.sandbox.kit.money import text
from local.sandbox.kit.orders import Line, Refund
from local.sandbox.kit.people import Address
from local.sandbox.shopify.orders_state import FulfillmentState, OrderState
from local.sandbox.shopify.state import gid

FULFILLMENT = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial", "UNFULFILLED": None}


def time_text(moment: datetime | None) -> str | None:
    """A time stamp of a webhook body."""
    return moment.isoformat() if moment else None


def _line_fulfillment(line: Line) -> str | None:
    if not line.fulfilled:
        return None
    return "partial" if line.unfulfilled else "fulfilled"


def address_body(address: Address | None) -> dict[str, Any] | None:
    """A postal address, or null for an order that needs none."""
    if address is None:
        return None
    return {
        "first_name": address.first_name,
        "last_name": address.last_name,
        "name": " ".join(part for part in (address.first_name, address.last_name) if part),
        "company": address.company,
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "zip": address.zip,
        "province": address.province,
        "province_code": address.province_code,
        "country": address.country,
        "country_code": address.country_code,
        "phone": address.phone,
        "latitude": None,
        "longitude": None,
    }


def tax_lines_body(order: OrderState, tax: Decimal) -> list[dict[str, Any]]:
    """One tax line, or none where nothing is taxed."""
    if order.tax is None or not tax:
        return []
    return [
        {
            "title": order.tax.title,
            "price": text(tax),
            "price_set": order.currencies.rest_set(tax),
            "rate": float(order.tax.rate / 100),
            "channel_liable": order.tax.channel_liable,
        }
    ]


def line_body(order: OrderState, line: Line) -> dict[str, Any]:
    """One order line; `quantity` still counts units that were edited out or refunded."""
    return {
        "id": line.number,
        "admin_graphql_api_id": gid("LineItem", line.number),
        "sku": line.sku,
        "title": line.title,
        "variant_title": line.variant_title,
        "name": f"{line.title} - {line.variant_title}" if line.variant_title else line.title,
        "quantity": line.quantity,
        "current_quantity": line.current,
        "fulfillable_quantity": line.unfulfilled,
        "fulfillment_status": _line_fulfillment(line),
        "fulfillment_service": "manual",
        "variant_id": line.variant_id,
        "product_id": line.product_id,
        "product_exists": line.product_id is not None,
        "vendor": line.vendor,
        "requires_shipping": line.requires_shipping,
        "gift_card": line.gift_card,
        "taxable": line.taxable,
        "grams": line.weight_grams,
        "price": text(line.unit_price),
        "price_set": order.currencies.rest_set(line.unit_price),
        "total_discount": "0.00",
        "properties": [],
        "discount_allocations": [],
        "tax_lines": tax_lines_body(order, order.line_tax(line, line.quantity)),
        "duties": [],
    }


def order_body(order: OrderState) -> dict[str, Any]:
    """The order resource of orders/* topics."""
    buyer, bags = order.buyer, order.currencies
    customer = None
    if order.customer is not None and buyer is not None:
        customer = {
            "id": order.customer,
            "admin_graphql_api_id": gid("Customer", order.customer),
            "first_name": buyer.first_name,
            "last_name": buyer.last_name,
            "email": buyer.email,
            "phone": buyer.phone,
            "state": "disabled",
            "tags": "",
        }
    return {
        "id": order.number,
        "admin_graphql_api_id": gid("Order", order.number),
        "name": order.name,
        "number": order.order_number - 1000,
        "order_number": order.order_number,
        "created_at": time_text(order.created_at),
        "updated_at": time_text(order.updated_at),
        "processed_at": time_text(order.created_at),
        "cancelled_at": time_text(order.cancelled_at),
        "cancel_reason": order.cancel_reason.lower() if order.cancel_reason else None,
        "closed_at": time_text(order.closed_at),
        "test": order.test,
        "confirmed": True,
        "currency": CURRENCY,
        "presentment_currency": bags.presentment,
        "financial_status": order.financial_status.lower(),
        "fulfillment_status": FULFILLMENT[order.fulfillment_status],
        "email": buyer.email if buyer else None,
        "contact_email": buyer.email if buyer else None,
        "phone": buyer.phone if buyer else None,
        "customer_locale": order.locale,
        "note": order.note,
        "note_attributes": [{"name": name, "value": value} for name, value in order.attributes],
        "tags": ", ".join(order.tags),
        "source_name": order.terms.source,
        "payment_gateway_names": [order.terms.gateway],
        "taxes_included": order.tax is not None and order.tax.included,
        "subtotal_price": text(order.original_subtotal),
        "total_price": text(order.original_total),
        "total_price_set": bags.rest_set(order.original_total),
        "current_subtotal_price": text(order.subtotal),
        "current_total_price": text(order.total),
        "current_total_price_set": bags.rest_set(order.total),
        "total_shipping_price_set": bags.rest_set(order.shipping_price),
        "total_outstanding": text(max(order.outstanding, Decimal(0))),
        "total_tax": text(order.tax_before_returns),
        "total_discounts": "0.00",
        "customer": customer,
        "shipping_address": address_body(order.address),
        "billing_address": address_body(order.address),
        "line_items": [line_body(order, line) for line in order.lines],
        "shipping_lines": [],
        "discount_codes": [],
        "tax_lines": tax_lines_body(order, order.tax_before_returns),
        "refunds": [refund_body(order, refund) for refund in order.refunds],
        "fulfillments": [fulfillment_body(order, sent) for sent in order.fulfillments],
    }


def refund_body(order: OrderState, refund: Refund) -> dict[str, Any]:
    """The refund resource of refunds/create."""
    amount = text(refund.amount * order.currencies.rate, order.currencies.presentment)
    return {
        "id": refund.number,
        "admin_graphql_api_id": gid("Refund", refund.number),
        "order_id": order.number,
        "created_at": time_text(refund.created_at),
        "processed_at": time_text(refund.created_at),
        "note": refund.note,
        "restock": any(kind != "NO_RESTOCK" for *_, kind in refund.lines),
        "refund_line_items": [
            {
                "id": number,
                "line_item_id": line.number,
                "quantity": quantity,
                "restock_type": kind.lower(),
                "subtotal": float(line.unit_price * quantity),
                "subtotal_set": order.currencies.rest_set(line.unit_price * quantity),
                "total_tax": float(order.line_tax(line, quantity)),
                "line_item": line_body(order, line),
            }
            for number, line, quantity, kind in refund.lines
        ],
        "transactions": [
            {
                "id": row.number,
                "order_id": order.number,
                "kind": "refund",
                "status": "success",
                "gateway": order.terms.gateway,
                "amount": amount,
                "currency": order.currencies.presentment,
                "created_at": time_text(row.created_at),
            }
            for row in order.transactions
            if row.kind == "REFUND" and row.created_at == refund.created_at and refund.amount
        ],
        "order_adjustments": [
            {
                "id": entry.number,
                "order_id": order.number,
                "refund_id": refund.number,
                "amount": text(entry.amount),
                "tax_amount": text(entry.tax),
                "kind": "refund_discrepancy",
                "reason": entry.reason.replace("_", " ").capitalize(),
            }
            for entry in refund.adjustments
        ],
        "duties": [],
    }


def fulfillment_body(order: OrderState, sent: FulfillmentState) -> dict[str, Any]:
    """The fulfillment resource of fulfillments/*."""
    number, company, url = sent.tracking[0] if sent.tracking else (None, None, None)
    return {
        "id": sent.number,
        "admin_graphql_api_id": gid("Fulfillment", sent.number),
        "order_id": order.number,
        "name": sent.name,
        "status": "success",
        "service": "manual",
        "location_id": sent.location,
        "created_at": time_text(sent.created_at),
        "updated_at": time_text(sent.updated_at),
        "tracking_company": company,
        "tracking_number": number,
        "tracking_numbers": [row[0] for row in sent.tracking if row[0]],
        "tracking_url": url,
        "tracking_urls": [row[2] for row in sent.tracking if row[2]],
        "shipment_status": None,
        "email": order.buyer.email if order.buyer else None,
        "destination": address_body(order.address),
        "line_items": [{**line_body(order, line), "quantity": quantity} for _, line, quantity in sent.lines],
    }


def edit_body(order: OrderState, number: int, at: datetime, changes: list[tuple[Line, int]]) -> dict[str, Any]:
    """What orders/edited carries: only line ids and differences."""
    return {
        "order_edit": {
            "id": number,
            "order_id": order.number,
            "created_at": time_text(at),
            "committed_at": time_text(at),
            "notify_customer": False,
            "staff_note": "",
            "line_items": {
                "additions": [{"id": line.number, "delta": delta} for line, delta in changes if delta > 0],
                "removals": [{"id": line.number, "delta": -delta} for line, delta in changes if delta < 0],
            },
            "discounts": {"line_item": {"additions": [], "removals": []}},
            "shipping_lines": {"additions": [], "removals": []},
        }
    }


def risk_body(order: OrderState, at: datetime) -> dict[str, Any]:
    """What orders/risk_assessment_changed carries."""
    return {
        "provider_id": None,
        "provider_title": "Shopify",
        "risk_level": order.risk_level.lower(),
        "created_at": time_text(at),
        "order_id": order.number,
        "admin_graphql_api_order_id": gid("Order", order.number),
    }
