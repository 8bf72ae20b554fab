"""How the buyer's side of an order looks through the Admin API: address, person, way of shipping, payments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from local.sandbox.goods import CURRENCY
from local.sandbox.kit.money import ZERO, rounded
from local.sandbox.kit.orders import Transaction
from local.sandbox.kit.people import Address
from local.sandbox.shopify.config import ShopifyConfig
from local.sandbox.shopify.money import graphql_text
from local.sandbox.shopify.orders_state import USUAL_TERMS, OrderState
from local.sandbox.shopify.state import gid
from local.sandbox.shopify.views_catalogue import View


def address_view(row: Address | None) -> View | None:
    """MailingAddress, or None for an order without one."""
    if row is None:
        return None
    name = " ".join(part for part in (row.first_name, row.last_name) if part)

    def formatted(info: Any, withCompany: bool = True, withName: bool = False) -> list[str]:
        town = " ".join(part for part in (row.zip, row.city) if part)
        lines = [name if withName else None, row.company if withCompany else None, row.address1, row.address2, town]
        return [line for line in [*lines, row.country] if line]

    return {
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
        "countryCodeV2": row.country_code,
        "phone": row.phone,
        "formatted": formatted,
    }


def tax_lines_view(order: OrderState, tax: Decimal) -> list[View]:
    """TaxLine: one, or none where nothing is taxed."""
    if order.tax is None or not tax:
        return []
    return [
        {
            "priceSet": order.currencies.bag(tax),
            "rate": float(order.tax.rate / 100),
            "channelLiable": order.tax.channel_liable,
        }
    ]


def shipping_view(row: OrderState) -> View:
    """ShippingLine: the store knows one way of shipping."""
    return {
        "discountedPriceSet": row.currencies.bag(row.shipping_price),
        "currentDiscountedPriceSet": row.currencies.bag(row.shipping_now),
        "taxLines": tax_lines_view(row, row.shipping_tax(row.shipping_price)),
        "isRemoved": False,
    }


def customer_view(row: OrderState) -> View | None:
    """Customer, or None for a guest of whom nothing is kept."""
    buyer = row.buyer
    if row.customer is None or buyer is None:
        return None
    return {
        "__typename": "Customer",
        "id": gid("Customer", row.customer),
        "displayName": buyer.full_name,
        "defaultEmailAddress": {"emailAddress": buyer.email} if buyer.email else None,
    }


def purchaser_view(row: OrderState) -> View | None:
    """PurchasingEntity: a company, or the customer."""
    if row.terms.company is None:
        return customer_view(row)
    return {"__typename": "PurchasingCompany", "company": {"name": row.terms.company}}


def merchant_of_record_view(row: OrderState) -> View | None:
    """OrderApp, or None where the merchant sells in the own name."""
    name = row.terms.merchant_of_record
    return {"name": name} if name else None


def _fees(order: OrderState, row: Transaction, config: ShopifyConfig) -> list[View]:
    """TransactionFee: what Shopify Payments took of a payment."""
    ours = order.terms.gateway == USUAL_TERMS.gateway and row.kind in ("SALE", "CAPTURE")
    if config.card_fee is None or not ours:
        return []
    percent, fixed = config.card_fee

    def money(amount: Decimal) -> View:
        return {"amount": graphql_text(amount), "currencyCode": CURRENCY}

    return [{"amount": money(rounded(row.amount * percent / 100, CURRENCY) + fixed), "taxAmount": money(ZERO)}]


def transaction_view(order: OrderState, row: Transaction, config: ShopifyConfig) -> View:
    """OrderTransaction."""
    parent = next((one for one in order.transactions if row.parent is not None and one.number == row.parent), None)
    return {
        "id": gid("OrderTransaction", row.number),
        "kind": row.kind,
        "status": "SUCCESS",
        "gateway": order.terms.gateway,
        "amountSet": lambda _: order.currencies.bag(row.amount),
        "fees": _fees(order, row, config),
        "parentTransaction": lambda _: transaction_view(order, parent, config) if parent else None,
    }
