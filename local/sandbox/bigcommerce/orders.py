"""Orders: the desk's events as states and webhooks, V2 reads and shipments, V3 refunds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from local.sandbox.bigcommerce import bodies, views
from local.sandbox.bigcommerce.base import Base, exact, no_such, unfit, whole
from local.sandbox.kit.api import Call, Refusal
from local.sandbox.kit.money import ZERO, rounded
from local.sandbox.kit.orders import Fulfillment, Order, Refund, Tracking
from local.sandbox.kit.people import Address, Buyer
from local.sandbox.wire import Response, json_response

INCOMPLETE, SHIPPED, PARTLY_SHIPPED, REFUNDED, CANCELLED, AWAITING_PAYMENT = 0, 2, 3, 4, 5, 7
AWAITING_FULFILLMENT, VERIFICATION, DISPUTED, PARTLY_REFUNDED = 11, 12, 13, 14
_SORTS = {"id": "number", "date_created": "created_at", "date_modified": "updated_at"}


@dataclass
class StoreOrder(Order):
    """`extra` has status, address_id, discount (of the whole order), deleted, and each parcel's fields by its number."""

    @property
    def extras_now(self) -> Decimal:
        """A discount leaves the tax as it is."""
        return super().extras_now - Decimal(self.extra["discount"])


class OrderCalls(Base):
    """All orders of the store. The number that a buyer sees is the order's id."""

    def now(self) -> datetime:
        """V2 has no fractions of a second."""
        return self.world.clock().replace(microsecond=0)

    def new_order(self, name: str, buyer: Buyer | None, address: Address | None, currency: str, **facts: Any) -> Order:
        """See Store; `discount` may be given. It begins as incomplete, and the first webhook tells of that."""
        extra = {"status": INCOMPLETE, "deleted": False, "address_id": self.new_id()}
        extra["discount"] = facts.pop("discount", ZERO)
        made = super().new_order(name, buyer, address, currency, **facts, extra=extra)
        return StoreOrder(**{**vars(made), "number": int(name[1:])})

    def changed(self, event: str, order: Order, part: Any = None) -> None:
        """See Store: the order's state moves, and all of it is told."""
        if isinstance(part, Fulfillment):
            how = "created" if event == "fulfilled" else "updated"
            self.hooks.tell(f"store/shipment/{how}", type="shipment", id=part.number, orderId=order.number)
        if isinstance(part, Refund):
            self._tell("refund/created", order, refund={"refund_id": part.number})
        self._tell("created" if event == "created" else "updated", order)
        self._move(order, self._status(event, order))

    def _tell(self, event: str, order: Order, **more: Any) -> None:
        self.hooks.tell(f"store/order/{event}", type="order", id=order.number, **more)

    def _status(self, event: str, order: Order) -> int:
        if event == "created" and not order.received:
            return AWAITING_FULFILLMENT if order.capturable else AWAITING_PAYMENT
        if order.cancelled_at:
            return CANCELLED
        if event == "refunded":
            return REFUNDED if order.refunded >= order.received else PARTLY_REFUNDED
        if event == "fulfilled":
            return PARTLY_SHIPPED if any(line.unfulfilled for line in order.lines) else SHIPPED
        return AWAITING_FULFILLMENT if event == "paid" else int(order.extra["status"])

    def _move(self, order: Order, status: int) -> None:
        was, order.extra["status"] = order.extra["status"], status
        if was != status:
            self._tell("statusUpdated", order, status={"previous_status_id": was, "new_status_id": status})

    def set_status(self, key: int | str, status: int) -> Order:
        """The merchant, or the store itself, sets the state; nothing else happens with it."""
        order = self.order(key)
        self._record("status_changed", order, status=status)
        self._move(order, status)
        return self.done("updated", order)

    def set_payment(self, order_id: int | str, state: str) -> Order:
        """See Desk; the order's state goes with it. What was refunded is a refund."""
        order = super().set_payment(order_id, "PAID" if "REFUNDED" in state else state)
        if "REFUNDED" in state:
            return self.refund_money(order_id, order.total if state == "REFUNDED" else rounded(order.total / 2))
        states = {"PENDING": AWAITING_PAYMENT, "DISPUTED": DISPUTED}
        return self.set_status(order_id, states.get(state, AWAITING_FULFILLMENT))

    def set_risk(self, key: int | str, recommendation: str) -> Order:
        """The store holds an order until somebody has looked at it, or lets it go."""
        self.order(key).risk = recommendation
        held = recommendation in ("INVESTIGATE", "CANCEL")
        return self.set_status(key, VERIFICATION if held else AWAITING_FULFILLMENT)

    def archive(self, key: int | str) -> Order:
        """The merchant deletes an order: no list has it any more."""
        order = self.order(key)
        order.extra["deleted"] = True
        self._tell("archived", order)
        return self.done("updated", order)

    # --- V2 -----------------------------------------------------------------------------------------------------------

    def _found(self, call: Call) -> Order:
        order = self.shop.orders.get(int(call.parts["order"])) if call.parts["order"].isdecimal() else None
        if order is None:
            raise no_such()
        return order

    def _getOrders(self, call: Call) -> Response:
        name, _, way = call.query.get("sort", "id").partition(":")
        if name not in _SORTS or way not in ("", "asc", "desc"):
            raise unfit("The field 'sort' is invalid.")
        first, last = (_moment(call.query.get(f"{end}_date_modified")) for end in ("min", "max"))
        asked, last_id = call.query, self.api.whole(call, "max_id", 10**9, 0, 10**9)
        rows = [
            order for order in self.shop.orders.values()
            if not order.extra["deleted"] and self.api.whole(call, "min_id", 0, 0) < order.number <= last_id
            and asked.get("customer_id", str(order.account)) == str(order.account)
            and ("email" not in asked or (order.buyer and asked["email"] == order.buyer.email))
            and (first is None or order.updated_at > first) and (last is None or order.updated_at < last)
        ]  # fmt: skip
        rows.sort(key=lambda order: (getattr(order, _SORTS[name]), order.number), reverse=way == "desc")
        return self.v2(call, rows, views.order)

    def _getOrder(self, call: Call) -> Any:
        return views.order(self._found(call))

    def _updateOrder(self, call: Call) -> Any:
        order, wanted = self._found(call), self.given(call, bodies.ORDER)
        if "staff_notes" in wanted:
            order.staff_notes = wanted["staff_notes"].splitlines()
        if wanted.get("status_id") == CANCELLED and not order.cancelled_at:
            if any(line.fulfilled for line in order.lines):
                order.cancelled_at = self.now()
            else:
                self.cancel(order.number, "API", refund=False, by="client")
        self.set_status(order.number, wanted.get("status_id", order.extra["status"]))
        return views.order(order)

    def _getOrderProducts(self, call: Call) -> Response:
        order = self._found(call)
        return self.v2(call, [row for row in order.lines if views.units(row)], lambda row: views.line(order, row))

    def _getOrderShippingAddresses(self, call: Call) -> Response:
        order = self._found(call)
        return self.v2(call, [order] if order.address else [], views.shipping_address)

    def _getOrderShipments(self, call: Call) -> Response:
        order = self._found(call)
        return self.v2(call, order.fulfillments, lambda sent: views.shipment(order, sent))

    def _createOrderShipments(self, call: Call) -> Response:
        order, facts = self._found(call), self.given(call, bodies.SHIPMENT)
        lines = {line.number: line for line in order.lines}
        try:
            units = [(lines[one["order_product_id"]], one["quantity"]) for one in facts.pop("items")]
            over = any(count > row.unfulfilled for row, count in units)
            if over or facts["order_address_id"] != order.extra["address_id"]:
                raise unfit("The shipment does not fit what is left of the order.")
        except KeyError:
            raise unfit("The field 'order_product_id' is invalid.") from None
        order.extra[str(self._last_id + 1)] = facts
        sent = self.fulfil(order, units, [_tracking(facts)], self.config.mails_shipped)
        return json_response(views.shipment(order, sent), 201)

    def _updateOrderShipment(self, call: Call) -> Any:
        order, wanted = self._found(call), self.given(call, bodies.SHIPMENT_PUT)
        for sent in order.fulfillments:
            if str(sent.number) == call.parts["id"]:
                order.extra[call.parts["id"]] |= wanted
                self.set_tracking(order, sent, [_tracking(order.extra[call.parts["id"]])])
                return views.shipment(order, sent)
        raise no_such()

    # --- V3 refunds ---------------------------------------------------------------------------------------------------

    def _worth(self, order: Order, items: Sequence[dict[str, Any]]) -> Decimal:
        """Money of the order alone: what goes by lines is the merchant's hand."""
        amount = sum((exact(one["amount"]) for one in items), ZERO)
        if any(one["item_id"] != order.number for one in items):
            raise unfit("The item is not this order.", "item_id")
        if not 0 < amount <= order.received - order.refunded:
            raise unfit("More than what is left cannot be refunded.", "amount")
        return amount

    def _createOrderRefundQuotes(self, call: Call) -> Response:
        order = self._found(call)
        return whole(views.quote(order, self._worth(order, self.given(call, bodies.QUOTE)["items"])), 201)

    def _createOrderRefund(self, call: Call) -> Response:
        order, wanted = self._found(call), self.given(call, bodies.REFUND)
        amount, (payment, *others) = self._worth(order, wanted["items"]), wanted["payments"]
        if payment["provider_id"] == "storecredit":
            no = {"status": 422, "title": "Unable to provide store credit for a guest customer.", "type": "/status"}
            raise Refusal(422, {"data": [no]}, "")
        offline = payment["provider_id"] == "custom"
        way = ("custom", True) if offline else (views.PROVIDER, False)
        told = (payment["provider_id"], payment.get("offline", False))
        if others or told != way or exact(payment["amount"]) != amount:
            raise unfit("The payments do not match the quote.", "payments")
        if offline:
            order.refunds.append(Refund(self.new_id(), self.now(), amount))
        else:
            self.refund_money(order.number, amount)
        return whole(views.refund(order, order.refunds[-1]), 201)

    def _getOrderRefunds(self, call: Call) -> Response:
        order = self._found(call)
        return whole([views.refund(order, one) for one in order.refunds])


def _tracking(facts: dict[str, Any]) -> Tracking:
    carrier = facts.get("tracking_carrier") or facts.get("shipping_provider")
    return facts.get("tracking_number") or None, carrier or None, facts.get("tracking_link") or None


def _moment(text: str | None) -> datetime | None:
    """RFC 2822, or ISO 8601; without a zone it is UTC."""
    for read in (datetime.fromisoformat, parsedate_to_datetime) if text else ():
        try:
            at = read(text or "")
        except ValueError:
            continue
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    if text:
        raise unfit("The field 'min_date_modified' is invalid.")
    return None
