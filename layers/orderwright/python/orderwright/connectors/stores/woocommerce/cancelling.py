"""Ending an order in a WooCommerce shop, and giving its money back by the way it was paid.

The very same refund a second time pays twice, and the shop answers 500 both to a way of payment that said no and to one that
failed after the money moved; then no refund is left behind. So a note with a mark is written before a refund is asked for. While
that mark is the newest, nothing is asked for again: a person looks at the payment provider. Only a refund that was certainly not
made takes the mark back. Setting an order to cancelled returns its stock, and no money; the shop mails the buyer of a refund.
"""

from __future__ import annotations

import re
from contextlib import suppress

from orderwright.connectors.stores.woocommerce.goods import text_of
from orderwright.connectors.stores.woocommerce.nodes import WooNode
from orderwright.connectors.stores.woocommerce.notes import WooNotes
from orderwright.connectors.stores.woocommerce.order_mapping import payment_of
from orderwright.connectors.stores.woocommerce.order_money import refunded_amount
from orderwright.domain.money import Money
from orderwright.domain.order import PaymentState
from orderwright.errors import NotFound, OutcomeUnknown, Rejected, VendorError

_MARK = re.compile(r"\[orderwright refund (asked|refused)\]")
_METHOD = re.compile(r"[\w-]+", re.ASCII)


class WooCancelling(WooNotes):
    """OrderCancelling of one shop."""

    def money_left(self, order_id: str) -> Money:
        """See OrderCancelling."""
        return self._left(self.read_order(order_id))

    def _left(self, order: WooNode) -> Money:
        """What may be given back: of what counts as paid, also where no date says so. Never below zero."""
        currency = order.currency("currency")
        total, back = Money.of(order.amount("total"), currency), Money.of(refunded_amount(order), currency)
        state = payment_of(order, total, back, self._client.settings)
        if state is PaymentState.DISPUTED:
            # The bank may take the money as well.
            raise self.error(Rejected, f"order {order.text('id')}: its payment is disputed", code="PAYMENT_DISPUTED")
        dated = order.has_time("date_paid") and state is not PaymentState.REFUNDED
        holds = dated or state in (PaymentState.PAID, PaymentState.PARTIALLY_REFUNDED)
        return total - back if holds and total > back else Money.zero(currency)

    def cancel_order(self, order_id: str, *, refund: bool) -> None:
        """See OrderCancelling. A full refund leaves the order in the state refunded, which ends it as well.

        Raises Rejected (PAYMENT_DISPUTED; REFUND_UNCLEAR) where money may have moved that the shop does not show.
        """
        order = self.read_order(order_id)
        status = order.text("status")
        if refund and (left := self._left(order)).minor > 0:
            self._give_back(order, left)
            status = self.read_order(order_id).text("status")
        if status in ("cancelled", "refunded"):
            return
        done = self._client.node("cancelOrder", "PUT", f"orders/{order_id}", {"status": "cancelled"}, has_effect=True)
        if done.text("status") != "cancelled":
            raise self.error(Rejected, f"order {order_id} stays {done.text('status')}", code="NOT_CANCELLED")

    def _give_back(self, order: WooNode, left: Money) -> None:
        order_id = order.text("id")
        if self._was_asked(order_id):
            text = f"order {order_id}: a refund was asked for before, and the shop does not show it: look at the payment provider"
            text += ", and enter it in the shop, or give the money back there by hand"
            raise self.error(Rejected, text, code="REFUND_UNCLEAR")
        if not self._refunds(order.text("payment_method")):
            text = f"order {order_id}: its way of payment gives nothing back"
            raise self.error(Rejected, text, code="NO_REFUND_METHOD")
        amount = text_of(left)
        self._mark(order_id, f"Asking to give back {amount} {left.currency}. [orderwright refund asked]")
        body = {"amount": amount, "api_refund": True, "api_restock": False}
        try:
            made = self._client.node("createRefund", "POST", f"orders/{order_id}/refunds", body, has_effect=True)
        except OutcomeUnknown:
            raise
        except VendorError:
            self.write_note(order_id, "Nothing was given back. [orderwright refund refused]")
            raise
        if made.amount("amount") != left.decimal:
            raise self.error(OutcomeUnknown, "createRefund: it gave another amount", code="OUTCOME_UNKNOWN")
        if not made.is_true("refunded_payment"):
            raise self.error(Rejected, "createRefund: noted, and no money moved", code="REFUND_DECLINED")

    def _refunds(self, method: str) -> bool:
        """Can this way of payment give back? An order that was entered by hand has none, and a plugin may be gone."""
        supports: tuple[str, ...] = ()
        if _METHOD.fullmatch(method):
            query = {"_fields": "id,method_supports"}
            with suppress(NotFound):
                gateway = self._client.node("getGateway", "GET", f"payment_gateways/{method}", query=query)
                supports = gateway.texts("method_supports")
        return "refunds" in supports

    def _was_asked(self, order_id: str) -> bool:
        """Is our newest mark that of a refund that was asked for?"""
        found = [(int(row.text("id")), _MARK.search(row.words("note"))) for row in self.internal_notes(order_id)]
        marks = {number: mark[1] for number, mark in found if mark}
        return bool(marks) and marks[max(marks)] == "asked"

    def _mark(self, order_id: str, text: str) -> None:
        """Where the answer is lost the mark is looked for: this call knows that it has not asked yet."""
        try:
            self.write_note(order_id, text)
        except OutcomeUnknown:
            if not self._was_asked(order_id):
                raise
