"""How the buyer's side of an order looks through the Admin API: address, person, way of shipping, payments."""

from __future__ import annotations

from typing import Any

from local.sandbox.shopify.orders_state import OrderState, TransactionState
from local.sandbox.shopify.people import Address
from local.sandbox.shopify.state import gid
from local.sandbox.shopify.views_catalogue import View, stamp


def address_view(order: OrderState, row: Address | None) -> View | None:
    """MailingAddress, or None for an order without one."""
    if row is None:
        return None
    name = " ".join(part for part in (row.first_name, row.last_name) if part)

    def formatted(info: Any, withCompany: bool = True, withName: bool = False) -> list[str]:
        town = " ".join(part for part in (row.zip, row.city) if part)
        lines = [name if withName else None, row.company if withCompany else None, row.address1, row.address2, town]
        return [line for line in [*lines, row.country] if line]

    return {
        "__typename": "MailingAddress",
        "id": gid("MailingAddress", order.number + 1) + "?model_name=Address",
        "firstName": row.first_name,
        "lastName": row.last_name,
        "name": name,
        "company": row.company,
        "address1": row.address1,
        "address2": row.address2,
        "city": row.city,
        "province": row.province,
        "provinceCode": row.province_code,
        "zip": row.zip,
        "country": row.country,
        "countryCodeV2": row.country_code,
        "phone": row.phone,
        "formatted": formatted,
    }


def shipping_view(row: OrderState) -> View:
    """ShippingLine: the store knows one way of shipping."""
    price = row.currencies.bag(row.shipping_price)
    return {
        "id": gid("ShippingLine", row.number + 2),
        "title": "Standard",
        "code": "standard",
        "originalPriceSet": price,
        "discountedPriceSet": price,
    }


def customer_view(row: OrderState) -> View | None:
    """Customer, or None for a guest of whom nothing is kept."""
    buyer = row.buyer
    if row.customer is None or buyer is None:
        return None
    return {
        "__typename": "Customer",
        "id": gid("Customer", row.customer),
        "legacyResourceId": str(row.customer),
        "locale": row.locale,
        "firstName": buyer.first_name,
        "lastName": buyer.last_name,
        "displayName": buyer.full_name,
        "defaultEmailAddress": {"emailAddress": buyer.email} if buyer.email else None,
        "defaultPhoneNumber": {"phoneNumber": buyer.phone} if buyer.phone else None,
        "tags": [],
    }


def transaction_view(order: OrderState, row: TransactionState) -> View:
    """OrderTransaction."""
    parent = next((t for t in order.transactions if t.number == row.parent), None)
    return {
        "__typename": "OrderTransaction",
        "id": gid("OrderTransaction", row.number),
        "kind": row.kind,
        "status": row.status,
        "amountSet": order.currencies.bag(row.amount),
        "gateway": "bogus",
        "createdAt": stamp(row.created_at),
        "processedAt": stamp(row.created_at),
        "test": order.test,
        "parentTransaction": transaction_view(order, parent) if parent else None,
    }
