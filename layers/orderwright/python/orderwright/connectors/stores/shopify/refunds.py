"""Money that was refunded without lines, from an order's refunds. Pure.

Unconfirmed (November 2026): whether subtotals of refunded lines and of refunded shipping contain the tax on orders whose
prices do, and whether an adjustment's amount contains its tax. All ways are tried, and the one counts that agrees with the
store's own `refundDiscrepancySet` (positive is in the merchant's favour).
"""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import NamedTuple

from orderwright.connectors.reading import Node
from orderwright.connectors.stores.shopify.amounts import ZERO, Amounts
from orderwright.connectors.stores.shopify.documents import REFUNDS_OF_ORDER


class GivenBack(NamedTuple):
    """`money` was refunded without lines, shipping or duties; `net` is what that takes off the net revenue."""

    money: Decimal = ZERO
    net: Decimal = ZERO


def money_only(amounts: Amounts, order: Node, refunds: Node | None, included: bool) -> GivenBack:
    """All refunds of an order together: pairs of adjustments that cancel out take nothing off.

    Where the figures do not fit together this is noted, and the most that can have been given back counts.
    """
    refunded = amounts.bag(order, "totalRefundedSet", "the order")
    if refunded <= 0:
        return GivenBack()
    if refunds is None:
        amounts.note("the order: its refunds were not read")
        return GivenBack(refunded, refunded)
    made = refunds.children("refunds")
    if len(made) >= REFUNDS_OF_ORDER:
        amounts.note(f"the order has {REFUNDS_OF_ORDER} refunds or more, which is more than can be read")
    lines, lines_tax = _sum(amounts, made, "refundLineItems", "subtotalSet", "totalTaxSet")
    shipping, shipping_tax = _sum(amounts, made, "refundShippingLines", "subtotalAmountSet", "taxAmountSet")
    duties = sum(
        (amounts.bag(duty, "amountSet", "refunds: duties") for one in made for duty in one.children("duties")), ZERO
    )
    rest = refunded - lines - shipping - duties
    # Prices without tax: the tax comes on top for certain. Prices with tax: it may be in the subtotal or beside it.
    ways = product((ZERO, lines_tax), (ZERO, shipping_tax)) if included else [(lines_tax, shipping_tax)]
    readings = {rest - first - second for first, second in ways}
    discrepancy = amounts.bag(refunds, "refundDiscrepancySet", "the order")
    tolerance = amounts.unit * len(made)
    agreed = [money for money in readings if abs(money + discrepancy) <= tolerance]
    if not agreed:
        amounts.note(
            f"refunds of {refunded:f} less lines of {lines:f}, shipping of {shipping:f} and duties of {duties:f} do not "
            f"agree with refundDiscrepancySet ({discrepancy:f})"
        )
    # A refund below the worth of its lines leaves money with the merchant: never counted as revenue.
    money = max(*(agreed or readings), ZERO)
    return GivenBack(money, money - _tax_of(amounts, made, money, tolerance))


def _sum(amounts: Amounts, made: list[Node], name: str, *keys: str) -> list[Decimal]:
    """Sums of two bags over one connection of all refunds; noted where a page is missing."""
    totals = [ZERO for _ in keys]
    for refund in made:
        connection = refund.child(name)
        if connection is None:
            amounts.note(f"refunds: the store gives no {name}")
            continue
        page = connection.child("pageInfo")
        if page and page.flag("hasNextPage", default=False):
            amounts.note(f"a refund has more {name} than can be read")
        for node in connection.children("nodes"):
            totals = [
                total + amounts.bag(node, key, f"refunds: {name}") for total, key in zip(totals, keys, strict=True)
            ]
    return totals


def _tax_of(amounts: Amounts, made: list[Node], money: Decimal, tolerance: Decimal) -> Decimal:
    """The tax in `money`, where the adjustments speak of the same money; else 0, so that all of it comes off the revenue."""
    booked, tax = (abs(total) for total in _sum(amounts, made, "orderAdjustments", "amountSet", "taxAmountSet"))
    same = min(abs(booked - money), abs(booked + tax - money)) <= tolerance
    return tax if same and tax <= money else ZERO
