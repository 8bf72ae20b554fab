"""What the merchant changes on an order after the sale: lines and money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from local.sandbox.kit.people import CartInput, cart_of
from local.sandbox.shopify.money import ZERO
from local.sandbox.shopify.orders import Orders
from local.sandbox.shopify.orders_state import AdjustmentState, LineState, OrderState, RefundState, TransactionState
from local.sandbox.shopify.rest_bodies import edit_body, order_body, refund_body
from local.sandbox.shopify.stock_moves import release

LineKey = str | int


def line_of(order: OrderState, key: LineKey) -> LineState:
    """A line by its number or SKU; raises KeyError when there is none."""
    for line in order.lines:
        if key in (line.number, line.sku):
            return line
    raise KeyError(key)


@dataclass
class OrderChanges:
    """Edits and refunds, as the merchant's hands."""

    orders: Orders

    def edit(self, order_id: str | int, quantities: Mapping[LineKey, int], add: Sequence[CartInput]) -> OrderState:
        """Set lines to new quantities and add lines; raises ValueError where units are sent already."""
        order, shop = self.orders.find(order_id), self.orders.shop
        wanted = [(line_of(order, key), quantity) for key, quantity in quantities.items()]
        for line, quantity in wanted:
            if quantity < 0 or line.current - quantity > line.unfulfilled:
                raise ValueError(f"{line.title} cannot be set to {quantity}: units were sent already")
        changes: list[tuple[LineState, int]] = []
        for line, quantity in wanted:
            delta = quantity - line.current
            if delta < 0:
                line.removed -= delta
                release(shop, order, line, -delta, restock=True)
            elif delta > 0:
                line.quantity += delta
                self.orders.route(order, line, delta)
            changes.append((line, delta))
        for extra in cart_of(add) if add else []:
            line = self.orders.new_line(extra)
            order.lines.append(line)
            self.orders.route(order, line, line.quantity)
            changes.append((line, line.quantity))
        order.edited = True
        shop.touch(order)
        facts = [{"sku": line.sku, "delta": delta} for line, delta in changes]
        shop.world.record("shopify", "order_edited", order.name, lines=facts, total=str(order.total))
        body = edit_body(order, shop.new_id(), order.updated_at, changes)
        self.orders.hooks.emit(("orders/edited", body), ("orders/updated", order_body(order)))
        return order

    def refund(
        self,
        order_id: str | int,
        lines: Sequence[tuple[LineKey, int]],
        amount: Decimal | None,
        restock: bool,
        note: str | None,
        shipping: Decimal = ZERO,
        tax: Decimal = ZERO,
        pending: bool = False,
    ) -> OrderState:
        """Give units, shipping and money back. Without `amount` (USD) what they are worth with tax and duties.

        `tax` is the tax in what goes beyond that, `pending` books this as a pair of adjustments that cancel out. Raises
        ValueError for more than there is.
        """
        order, shop = self.orders.find(order_id), self.orders.shop
        wanted = [(line_of(order, key), quantity) for key, quantity in lines]
        for line, quantity in wanted:
            if not 0 < quantity <= line.current:
                raise ValueError(f"{line.title}: {quantity} cannot be refunded, {line.current} are on the order")
        if shipping > order.shipping_now:
            raise ValueError(f"{order.name}: {shipping} is more than the shipping that is left")
        refund = RefundState(shop.new_id(), shop.now(), ZERO, note, shipping=shipping)
        for line, quantity in wanted:
            kind = "NO_RESTOCK" if not restock else "CANCEL" if min(quantity, line.unfulfilled) else "RETURN"
            refund.lines.append((shop.new_id(), line, quantity, kind))
        value = order.refund_value(refund)
        money = refund.amount = value if amount is None else amount
        if money > order.received - order.refunded:
            raise ValueError(f"{order.name}: {money} is more than was received")
        for line, quantity in wanted:
            waiting = min(quantity, line.unfulfilled)
            release(shop, order, line, waiting, restock)
            line.refunded_unfulfilled += waiting
            line.refunded += quantity
        refund.adjustments = self._adjustments(value - money, tax, pending)
        order.refunds.append(refund)
        if money:
            order.transactions.append(TransactionState(shop.new_id(), "REFUND", money, refund.created_at))
        shop.touch(order)
        facts = [{"sku": line.sku, "quantity": quantity} for line, quantity in wanted]
        taxes = order.refund_tax(refund) + tax
        shop.world.record("shopify", "order_refunded", order.name, lines=facts, amount=str(money), tax=str(taxes))
        self.orders.hooks.emit(("refunds/create", refund_body(order, refund)), ("orders/updated", order_body(order)))
        return order

    def _adjustments(self, difference: Decimal, tax: Decimal, pending: bool) -> list[AdjustmentState]:
        """How the store books what a refund gives beyond (negative) or below (positive) what it suggested."""
        if not difference:
            return []
        new_id = self.orders.shop.new_id
        if pending:
            return [
                AdjustmentState(new_id(), -difference, ZERO, "REFUND_DISCREPANCY"),
                AdjustmentState(new_id(), difference, ZERO, "PENDING_REFUND_DISCREPANCY"),
            ]
        return [AdjustmentState(new_id(), difference, -tax, "REFUND_DISCREPANCY")]
