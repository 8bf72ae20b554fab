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
from orderwright.connectors.stores.bigcommerce.order_mapping import CANCELLED, DECLINED, DISPUTED, UNPAID
from orderwright.connectors.stores.bigcommerce.order_money import OWN_MEANS, ZERO, counted, refunded_total
from orderwright.connectors.stores.bigcommerce.orders import BigCommerceOrders
from orderwright.domain.money import Money
from orderwright.errors import OutcomeUnknown, Rejected

TAKEN = frozenset({"captured", "paid", "partially refunded"})
NOTHING_TAKEN = frozenset({"authorized", "declined", "void", "void pending", "refunded"})
"""Payments that leave nothing to give back. Any other, such as one that is being captured, may bring money later."""


class BigCommerceCancelling(BigCommerceOrders):
    """OrderCancelling and OrderNotes of one store."""

    def money_left(self, order_id: str) -> Money:
        """See OrderCancelling."""
        order = self._order(order_id)
        return Money.of(self._left(order_id, order), order.currency("default_currency_code"))

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

    def _left(self, order_id: str, order: Node) -> Decimal:
        """What can be given back from here. Raises Rejected where it is by hand, or perhaps not there yet."""
        state, status = order.text("payment_status").strip().lower(), order.count("status_id")
        refunds = self._refunds(order_id)
        # Whether the total is less what was paid so is not known, nor by which way it goes back.
        own_means = state != "refunded" and any(order.decimal(key) for key in OWN_MEANS if order.has(key))
        if own_means or any(counted(one) and _declined(one) for one in refunds):
            raise self._no_way(order_id)
        if state in NOTHING_TAKEN or (state == "pending" and status in UNPAID):
            return ZERO
        left = order.money("total_inc_tax", order.currency("default_currency_code")).decimal - refunded_total(refunds)
        if left <= ZERO:
            return ZERO
        if status == DISPUTED:
            # The bank may take the money as well.
            raise Rejected(f"{self._client.name}: order {order_id}: its payment is disputed", code="PAYMENT_DISPUTED")
        if state not in TAKEN:
            raise self._no_way(order_id)
        return left

    def _give_back(self, order_id: str, order: Node) -> bool:
        """True where money went back now. What went back before is read first."""
        left = self._left(order_id, order)
        if not left:
            return False
        path = f"v3/orders/{quote(order_id, safe='')}/payment_actions"
        items = [{"item_type": "ORDER", "item_id": int(order_id), "amount": left}]
        body: dict[str, Any] = {"items": items}
        asked = self._client.write("createOrderRefundQuotes", "POST", f"{path}/refund_quotes", body, has_effect=False)
        body["payments"] = self._way(order_id, asked.child("data"), left)
        made = self._client.write("createOrderRefund", "POST", f"{path}/refunds", body)
        try:
            gave = made.child("data") or made.refuse("data", "the refund")
            kept, partly = not counted(gave), _declined(gave)
        except Rejected:
            raise self._client.unclear("createOrderRefund", "the refund cannot be read", has_effect=True) from None
        if kept:
            raise Rejected(f"{self._client.name}: order {order_id}: the refund was declined", code="REFUND_DECLINED")
        if partly:
            raise self._client.unclear("createOrderRefund", "a part of the refund was declined", has_effect=True)
        return True

    def _way(self, order_id: str, told: Node | None, left: Decimal) -> list[dict[str, Any]]:
        """The way that it was paid, for exactly what is left: neither by hand nor as store credit."""
        for way in told.rows("refund_methods") if told else []:
            rows = [(one.text("provider_id"), one.decimal("amount")) for one in way]
            by_hand = any(one.flag("offline", default=True) or one.text("provider_id") == "storecredit" for one in way)
            if not by_hand and sum((amount for _, amount in rows), ZERO) == left:
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


def _declined(refund: Node) -> bool:
    """Whether a payment of it, or each, was declined."""
    return any(one.flag("is_declined", default=False) for one in refund.children("payments"))
