"""How refunds look through the Admin API: units, shipping, duties, and money beside these."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from local.sandbox.kit.orders import Adjustment, Line, Refund
from local.sandbox.shopify.orders_state import OrderState
from local.sandbox.shopify.search import pages
from local.sandbox.shopify.state import gid
from local.sandbox.shopify.views_catalogue import View

RefundRow = tuple[int, Line, int, str]


def refund_view(
    order: OrderState, row: Refund, gross: bool, line: Callable[[Line], View], whole: Callable[[], View]
) -> View:
    """Refund. `gross`: its subtotals are in the order's prices; else they have no tax."""
    bag = order.currencies.bag

    def subtotal(price: Decimal, tax: Decimal) -> Decimal:
        return price if gross else order.without_tax(price, tax)

    def part(entry: RefundRow) -> View:
        _, state, units, _ = entry
        tax = order.line_tax(state, units)
        return {
            "quantity": units,
            "subtotalSet": bag(subtotal(state.unit_price * units, tax)),
            "totalTaxSet": bag(tax),
            "lineItem": lambda _: line(state),
        }

    def shipping(refund: Refund) -> View:
        tax = order.shipping_tax(refund.shipping)
        return {"subtotalAmountSet": bag(subtotal(refund.shipping, tax)), "taxAmountSet": bag(tax)}

    def adjustment(entry: Adjustment) -> View:
        return {"amountSet": bag(entry.amount), "taxAmountSet": bag(entry.tax), "reason": entry.reason}

    return {
        "__typename": "Refund",
        "id": gid("Refund", row.number),
        "refundLineItems": pages(row.lines, part, key=lambda entry: (0, entry[0])),
        "refundShippingLines": pages(lambda: [row] if row.shipping else [], shipping),
        "orderAdjustments": pages(row.adjustments, adjustment),
        "duties": [{"amountSet": bag(row.duties)}] if row.duties else [],
        "order": lambda info: whole(),
    }
