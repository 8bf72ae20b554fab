"""Ending an order in a WooCommerce shop, and giving its money back by the way it was paid.

The shop mails the buyer of each refund, and the very same call a second time pays twice: so the order is read first each time,
and only what is left of its total is given back. Setting an order to cancelled returns its stock, and no money.
"""

from __future__ import annotations

from orderwright.connectors.stores.woocommerce.client import OrderPart
from orderwright.connectors.stores.woocommerce.goods import text_of
from orderwright.connectors.stores.woocommerce.order_money import refunded_amount
from orderwright.domain.money import Money
from orderwright.errors import OutcomeUnknown, Rejected


class WooCancelling(OrderPart):
    """OrderCancelling of one shop.

    Unconfirmed: a way of payment that fails after it moved the money. The shop's answer is the same as for one that cannot give
    back, and no refund is left behind: REFUND_DECLINED asks a person to look there.
    """

    def cancel_order(self, order_id: str, *, refund: bool) -> None:
        """See OrderCancelling. A full refund leaves the order in the state refunded, which ends it as well."""
        order = self.read_order(order_id)
        status, currency = order.text("status"), order.currency("currency")
        left = Money.of(order.amount("total") - refunded_amount(order), currency)
        if refund and order.has("date_paid_gmt") and left.minor > 0 and status != "refunded":
            body = {"amount": text_of(left), "api_refund": True, "api_restock": False}
            made = self._client.node("createRefund", "POST", f"orders/{order_id}/refunds", body, has_effect=True)
            if made.amount("amount") != left.decimal:
                raise OutcomeUnknown(
                    f"{self._client.name} createRefund: it gave another amount", code="OUTCOME_UNKNOWN"
                )
            if not made.is_true("refunded_payment"):
                raise Rejected(f"{self._client.name} createRefund: noted, and no money moved", code="REFUND_DECLINED")
            status = self.read_order(order_id).text("status")
        if status in ("cancelled", "refunded"):
            return
        done = self._client.node("cancelOrder", "PUT", f"orders/{order_id}", {"status": "cancelled"}, has_effect=True)
        if done.text("status") != "cancelled":
            raise Rejected(f"{self._client.name}: order {order_id} stays {done.text('status')}", code="NOT_CANCELLED")
