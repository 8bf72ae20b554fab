"""How refunds look through the Admin API: units, shipping, duties, and money beside these."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from local.sandbox.kit.orders import Adjustment, Line, Refund
from local.sandbox.shopify.orders_state import OrderState
from local.sandbox.shopify.search import pages
from local.sandbox.shopify.state import gid
from local.sandbox.shopify.views_catalogue import View, stamp
from local.sandbox.shopify.views_people import shipping_view

RefundRow = tuple[int, Line, int, str]


def refund_view(
    order: OrderState, row: Refund, gross: bool, line: Callable[[Line], View], whole: Callable[[], View]
) -> View:
    """Refund. `gross`: its subtotals are in the order's prices; else they have no tax."""
    bag = order.currencies.bag

    def subtotal(price: Decimal, tax: Decimal) -> Decimal:
        return price if gross else order.without_tax(price, tax)

    def part(entry: RefundRow) -> View:
        number, state, units, restock = entry
        tax = order.line_tax(state, units)
        return {
            "id": gid("RefundLineItem", number),
            "quantity": units,
            "restockType": restock,
            "subtotalSet": bag(subtotal(state.unit_price * units, tax)),
            "totalTaxSet": bag(tax),
            "lineItem": lambda _: line(state),
        }

    def shipping(refund: Refund) -> View:
        tax = order.shipping_tax(refund.shipping)
        return {
            "id": gid("RefundShippingLine", refund.number + 1),
            "subtotalAmountSet": bag(subtotal(refund.shipping, tax)),
            "taxAmountSet": bag(tax),
            "shippingLine": lambda _: shipping_view(order),
        }

    def adjustment(entry: Adjustment) -> View:
        return {
            "id": gid("OrderAdjustment", entry.number),
            "amountSet": bag(entry.amount),
            "taxAmountSet": bag(entry.tax),
            "reason": entry.reason,
        }

    return {
        "__typename": "Refund",
        "id": gid("Refund", row.number),
        "legacyResourceId": str(row.number),
        "createdAt": stamp(row.created_at),
        "updatedAt": stamp(row.created_at),
        "note": row.note,
        "totalRefundedSet": bag(row.amount),
        "refundLineItems": pages(row.lines, part, key=lambda entry: (0, entry[0])),
        "refundShippingLines": pages(lambda: [row] if row.shipping else [], shipping),
        "orderAdjustments": pages(row.adjustments, adjustment),
        "duties": [{"amountSet": bag(row.duties)}] if row.duties else [],
        "order": lambda info: whole(),
    }
