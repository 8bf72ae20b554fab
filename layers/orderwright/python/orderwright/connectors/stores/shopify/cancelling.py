"""Ending an order at Shopify, and giving its money back the way it was paid.

Unconfirmed: how long the job of a cancellation runs, which scope a refund needs, and whether one of money alone is taken
for an order that is cancelled already. So nothing is believed before it is seen in the order, and money is given only
where the order's payments and its totals agree.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from orderwright.connectors.reading import Node
from orderwright.connectors.stores.shopify import documents
from orderwright.connectors.stores.shopify.client import ShopifyPart, problems_of
from orderwright.connectors.stores.shopify.ids import gid
from orderwright.connectors.stores.shopify.order_mapping import is_disputed
from orderwright.domain.money import Money
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable

LOOKS, BETWEEN_LOOKS = 4, timedelta(seconds=1)
PAYMENTS, ON_ITS_WAY = ("SALE", "CAPTURE"), ("PENDING", "AWAITING_RESPONSE")


class _Payment(NamedTuple):
    """What is left of one payment, in the buyer's currency."""

    transaction: str
    gateway: str
    left: Decimal


class _End(NamedTuple):
    """How an order stands. `net` is what the merchant still has of it, `on_the_way` a refund that is not through."""

    cancelled: bool
    disputed: bool
    currency: str
    payments: tuple[_Payment, ...]
    net: Decimal
    on_the_way: bool
    transactions: int

    @property
    def left(self) -> Decimal:
        """What no refund has taken yet."""
        return sum((payment.left for payment in self.payments), Decimal(0))


class ShopifyCancelling(ShopifyPart):
    """OrderCancelling of one Shopify store. The store mails the buyer, since we have no mail about it."""

    def money_left(self, order_id: str) -> Money:
        """See ports.OrderCancelling."""
        end = self._end(order_id)
        return Money.of(max(end.left, Decimal(0)), end.currency)

    def cancel_order(self, order_id: str, *, refund: bool) -> None:
        """See ports.OrderCancelling. Raises Rejected (PAYMENT_DISPUTED, REFUND_UNCLEAR, or Shopify's own refusal).

        Nothing is put back into stock: the store would sell pieces that may be bought already, and our own are set anyway.
        """
        end = self._end(order_id)
        if refund and end.disputed:
            # The bank may take the money for the buyer: a refund would be the second time.
            raise Rejected(f"shopify: order {order_id}: its payment is disputed", code="PAYMENT_DISPUTED")
        if not end.cancelled:
            refused = self._cancel(order_id, refund)
            end = self._after(order_id) if refused else self._watched(order_id, refund)
            if refused and not end.cancelled:  # else an earlier call of ours came late
                raise refused
        elif refund and end.left > 0:
            self._give_back(order_id, end)
            end = self._after(order_id)
        if not end.cancelled or (refund and end.left > 0):
            what = "its money is not seen as given back" if end.cancelled else "it is not seen as cancelled"
            raise OutcomeUnknown(f"shopify: order {order_id}: {what} yet", code="OUTCOME_UNKNOWN")

    def _cancel(self, order_id: str, refund: bool) -> Rejected | None:
        """Ask for it; gives what the store refused, if anything."""
        payload = self._client.mutate(
            documents.CANCEL_ORDER, "orderCancel", order=gid("Order", order_id), refund=refund
        )
        for problem in problems_of(payload, "orderCancelUserErrors"):
            if problem.code == "INTERNAL_ERROR":
                raise OutcomeUnknown("shopify CancelOrder: an internal error", code=problem.code)
            where = ".".join(problem.path) or "the order"
            return Rejected(f"shopify CancelOrder: {where}: {problem.message}", code=problem.code)
        return None

    def _watched(self, order_id: str, refund: bool) -> _End:
        """The order, looked at until the store's job has done it, or for some seconds."""
        end = self._after(order_id)
        for _ in range(LOOKS - 1):
            if end.cancelled and not (refund and end.left > 0):
                break
            self._client.sleep(BETWEEN_LOOKS)
            end = self._after(order_id)
        return end

    def _after(self, order_id: str) -> _End:
        """How it stands after something was asked: not to be seen is unclear, for the store is at it all the same."""
        try:
            return self._end(order_id)
        except (Retryable, Misconfigured) as error:
            raise OutcomeUnknown(f"{error.message}: it was asked to end the order", code=error.code) from None

    def _give_back(self, order_id: str, end: _End) -> None:
        """What is left of each payment, to where it came from. The key is the state: the same refund is never made twice."""
        if end.on_the_way or end.left != end.net:
            raise Rejected(
                f"shopify: order {order_id}: its payments leave {end.left:f} {end.currency}, and its totals {end.net:f}"
                f"{' while a refund is on its way' if end.on_the_way else ''}: give it back in the store",
                code="REFUND_UNCLEAR",
            )
        node = gid("Order", order_id)
        payments = [
            {"orderId": node, "parentId": paid.transaction, "gateway": paid.gateway, "kind": "REFUND",
             "amount": f"{paid.left:f}"}
            for paid in end.payments if paid.left > 0
        ]  # fmt: skip
        given: dict[str, Any] = {"orderId": node, "currency": end.currency, "notify": True, "transactions": payments}
        key = str(uuid5(NAMESPACE_URL, f"refund|{end.transactions}|{given}"))
        payload = self._client.mutate(documents.CREATE_REFUND, "refundCreate", input=given, key=key)
        for problem in problems_of(payload):
            if "idempot" in problem.message.casefold() or "concurrent" in problem.message.casefold():
                # This mutation has no codes: the same refund is still being made, or failed before.
                raise OutcomeUnknown("shopify CreateRefund: the same refund was asked for", code="OUTCOME_UNKNOWN")
            raise Rejected(f"shopify CreateRefund: {problem.message}", code=problem.code)

    def _end(self, order_id: str) -> _End:
        found = self._client.execute(documents.ORDER_END, id=gid("Order", order_id)).get("order")
        if not isinstance(found, dict):
            raise NotFound(f"shopify: order {order_id} does not exist", code="NOT_FOUND")
        order = Node(found, f"order {order_id}")
        rows = order.children("transactions")
        if len(rows) >= documents.PAYMENTS_OF_ORDER:
            raise Rejected(f"shopify: order {order_id} has more payments than can be read", code="REFUND_UNCLEAR")
        paid: dict[str, _Payment] = {}
        for row in rows:
            if row.text("kind") in PAYMENTS and row.text("status") == "SUCCESS":
                paid[row.text("id")] = _Payment(row.text("id"), row.text("gateway"), _amount(row, "amountSet"))
        refunds = [row for row in rows if row.text("kind") == "REFUND"]
        for row in refunds:
            parent = row.child("parentTransaction")
            known = paid.get(parent.text("id")) if parent else None
            if known is not None and row.text("status") in ("SUCCESS", *ON_ITS_WAY):
                paid[known.transaction] = known._replace(left=known.left - _amount(row, "amountSet"))
        return _End(
            cancelled=order.has("cancelledAt"),
            disputed=is_disputed(order),
            currency=order.currency("presentmentCurrencyCode"),
            payments=tuple(paid.values()),
            net=_amount(order, "netPaymentSet"),
            on_the_way=any(row.text("status") in ON_ITS_WAY for row in refunds),
            transactions=len(rows),
        )


def _amount(node: Node, key: str) -> Decimal:
    """In the buyer's currency, in which refunds are made."""
    bag = node.child(key)
    money = bag.child("presentmentMoney") if bag else None
    if money is None:
        node.refuse(key, "an amount with presentmentMoney")
    return money.decimal("amount")
