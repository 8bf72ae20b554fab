"""What the store has of an order's money at one moment, from the sandbox's own records (promise P13). Amounts are USD.

The product reads the same through the Admin API; nothing here goes that way.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from local.sandbox.shopify.config import ShopifyConfig
from local.sandbox.shopify.orders_state import OrderState

CENT = Decimal("0.01")
ZERO = Decimal(0)
CARDS = "shopify_payments"


class LineFigures(NamedTuple):
    """One line: the units that are still sold, what they bring without tax, and the tax on them."""

    number: str
    sku: str
    units: int
    net: Decimal
    tax: Decimal
    shipped: bool


class Figures(NamedTuple):
    """An order's money. `given_back` is what refunds of money take off the net; `paid` is all that was charged, with tax.

    `line` is how long the ledger was; `took` what the store says its own cards cost, None where it does not say.
    """

    line: int
    country: str
    lines: tuple[LineFigures, ...]
    shipping: Decimal
    shipping_tax: Decimal
    given_back: Decimal
    paid: Decimal
    paid_tax: Decimal
    gateway: str
    took: Decimal | None
    business: bool
    promised: str


def cents(amount: Decimal) -> Decimal:
    """To the cent, halves upwards: as Shopify rounds."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def figures_of(order: OrderState, config: ShopifyConfig, line: int) -> Figures:
    """As they are now."""
    shipping, shipping_tax = _shipping(order)
    terms = getattr(order, "terms", None)
    return Figures(
        line,
        order.address.country_code if order.address else "",
        tuple(
            LineFigures(
                str(one.number),
                one.sku or "",
                one.current,
                ZERO if one.gift_card else _without(order, one.unit_price * one.current, order.line_tax(one, one.current)),
                order.line_tax(one, one.current),
                one.requires_shipping and not one.gift_card,
            )
            for one in order.lines
            if one.current > 0
        ),
        shipping,
        shipping_tax,
        _given_back(order),
        max(order.received, order.total),
        order.tax_before_returns,
        terms.gateway if terms else "",
        _cards(order, config),
        terms is not None and (terms.tax_exempt or terms.company is not None),
        (terms.incoterm if terms else "") or "",
    )  # fmt: skip


def _without(order: OrderState, price: Decimal, tax: Decimal) -> Decimal:
    return price - tax if order.tax is not None and order.tax.included else price


def _shipping(order: OrderState) -> tuple[Decimal, Decimal]:
    """The store taxes the price as it was, and that tax shrinks with what is left of the price."""
    whole, left = order.shipping_price, order.shipping_now
    if not whole or not left:
        return ZERO, ZERO
    tax = cents(order.shipping_tax(whole) * left / whole)
    return _without(order, left, tax), tax


def _given_back(order: OrderState) -> Decimal:
    """Money that went back beyond what lines and shipping are worth, less the tax in it where the store tells that of it."""
    money = sum((refund.amount - order.refund_value(refund) for refund in order.refunds), ZERO)
    if money <= 0:
        return ZERO
    booked = [entry for refund in order.refunds for entry in refund.adjustments]
    tax = -sum((entry.tax for entry in booked), ZERO)
    told = -sum((entry.amount for entry in booked), ZERO) == money
    return money - tax if told and 0 <= tax <= money else money


def _cards(order: OrderState, config: ShopifyConfig) -> Decimal | None:
    fee = getattr(config, "card_fee", None)
    if fee is None or order.terms.gateway != CARDS:
        return None
    percent, fixed = fee
    moves = [move.amount for move in order.transactions if move.kind in ("SALE", "CAPTURE")]
    return sum((cents(amount * percent / 100) + fixed for amount in moves), ZERO)
