"""Ending an order in a BigCommerce store, and notes for its people.

A refund is one of the whole order, of all that is left: the buyer gets it by the way of paying, and the store's reports of
tax do not change by it. BigCommerce carries it out later, and may still be declined then.

Unconfirmed: whether the status Cancelled mails the customer and puts units back; both are settings of the store.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from orderwright.connectors.reading import Node
from orderwright.connectors.stores.bigcommerce.order_mapping import CANCELLED, DECLINED, DISPUTED
from orderwright.connectors.stores.bigcommerce.order_money import ZERO, counted, refunded_total
from orderwright.connectors.stores.bigcommerce.orders import BigCommerceOrders
from orderwright.errors import OutcomeUnknown, Rejected

TAKEN = frozenset({"captured", "paid", "partially refunded"})


class BigCommerceCancelling(BigCommerceOrders):
    """OrderCancelling and OrderNotes of one store."""

    def cancel_order(self, order_id: str, *, refund: bool) -> None:
        """See OrderCancelling. The money goes first: what is refused there leaves the order as it was."""
        order = self._order(order_id)
        gave = refund and self._give_back(order_id, order)
        if order.count("status_id") in (CANCELLED, DECLINED) or order.flag("is_deleted", default=False):
            return
        try:
            self._client.write("updateOrder", "PUT", self._path(order_id), {"status_id": CANCELLED})
        except Rejected as error:
            if not gave:
                raise
            text = f"{error.message}: the money was given back, and the order is not cancelled yet"
            raise OutcomeUnknown(text, code=error.code) from None

    def _give_back(self, order_id: str, order: Node) -> bool:
        """True where money went back now. What went back before is read first."""
        state = order.text("payment_status").strip().lower()
        left = order.money("total_inc_tax", order.currency("default_currency_code")).decimal
        left -= refunded_total(self._refunds(order_id))
        if left <= ZERO or state not in TAKEN | {""}:
            return False
        if order.count("status_id") == DISPUTED:
            # The bank may take the money as well.
            raise Rejected(f"{self._client.name}: order {order_id}: its payment is disputed", code="PAYMENT_DISPUTED")
        if not state:
            raise self._no_way(order_id)
        path = f"v3/orders/{quote(order_id, safe='')}/payment_actions"
        items = [{"item_type": "ORDER", "item_id": int(order_id), "amount": left}]
        body: dict[str, Any] = {"items": items}
        asked = self._client.write("createOrderRefundQuotes", "POST", f"{path}/refund_quotes", body, has_effect=False)
        body["payments"] = self._way(order_id, order, asked.child("data"), left)
        made = self._client.write("createOrderRefund", "POST", f"{path}/refunds", body)
        try:
            kept = not counted(made.child("data") or made.refuse("data", "the refund"))
        except Rejected:
            raise self._client.unclear("createOrderRefund", "the refund cannot be read", has_effect=True) from None
        if kept:
            raise Rejected(f"{self._client.name}: order {order_id}: the refund was declined", code="REFUND_DECLINED")
        return True

    def _way(self, order_id: str, order: Node, told: Node | None, left: Decimal) -> list[dict[str, Any]]:
        """The way that it was paid, for exactly what is left: not by hand, and as store credit only what was paid so."""
        credit = order.decimal("store_credit_amount") if order.has("store_credit_amount") else ZERO
        for way in told.rows("refund_methods") if told else []:
            rows = [(one.text("provider_id"), one.decimal("amount")) for one in way]
            in_credit = sum((amount for provider, amount in rows if provider == "storecredit"), ZERO)
            by_hand = any(one.flag("offline", default=True) for one in way)
            if not by_hand and in_credit <= credit and sum((amount for _, amount in rows), ZERO) == left:
                return [{"provider_id": provider, "amount": amount, "offline": False} for provider, amount in rows]
        raise self._no_way(order_id)

    def _no_way(self, order_id: str) -> Rejected:
        text = f"{self._client.name}: order {order_id}: its money cannot be given back from here: do it by hand in the store"
        return Rejected(text, code="NO_REFUND_METHOD")

    def add_note(self, order_id: str, text: str) -> None:
        """See OrderNotes. The order has one text for all notes: this one is added at its end."""
        notes = self._order(order_id).text("staff_notes")
        if f"\n{text}\n" not in f"\n{notes}\n".replace("\r\n", "\n"):
            body = {"staff_notes": f"{notes}\n{text}" if notes else text}
            self._client.write("updateOrder", "PUT", self._path(order_id), body)
