"""Orders: the desk's events as states and webhooks, V2 reads and shipments, V3 refunds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from local.sandbox.bigcommerce import bodies, views
from local.sandbox.bigcommerce.base import Base, StoreOrder, exact, no_such, paged, unfit, v2, whole
from local.sandbox.kit.api import Call, Refusal
from local.sandbox.kit.money import ZERO, rounded
from local.sandbox.kit.orders import Fulfillment, Line, Order, Refund
from local.sandbox.kit.people import Address, Buyer
from local.sandbox.wire import Response, json_response

INCOMPLETE, SHIPPED, PARTLY_SHIPPED, REFUNDED, CANCELLED, AWAITING_PAYMENT = 0, 2, 3, 4, 5, 7
AWAITING_FULFILLMENT, VERIFICATION, DISPUTED, PARTLY_REFUNDED = 11, 12, 13, 14
_STATUS_OF = {"PENDING": AWAITING_PAYMENT, "DISPUTED": DISPUTED}
_TOLD = {"created": "order/created", "paid": "order/transaction/created", "refunded": "order/refund/created",
         "fulfilled": "shipment/created"}  # fmt: skip
_SORTS = {"id": "number", "date_created": "created_at", "date_modified": "updated_at"}


class OrderCalls(Base):
    """All orders of the store. The number that a buyer sees is the order's id."""

    def now(self) -> datetime:
        """V2 has no fractions of a second."""
        return self.world.clock().replace(microsecond=0)

    def new_order(self, name: str, buyer: Buyer | None, address: Address | None, currency: str, **facts: Any) -> Order:
        """See Store. It begins as incomplete, and so the first webhook tells of it."""
        if currency != self.config.currency:
            raise ValueError(f"currency {currency!r} is not sold in here; use {self.config.currency}")
        now, extra = self.now(), {"status": INCOMPLETE, "address_id": self.new_id(), "deleted": False}
        return StoreOrder(int(name[1:]), name, now, now, buyer, address, extra=extra, **facts)

    def changed(self, event: str, order: Order, part: Any = None) -> None:
        """See Store: the order's state moves, and all of it is told."""
        about: dict[str, Any] = {"type": "order", "id": order.number}
        if event in _TOLD or isinstance(part, Fulfillment):
            more = about
            if isinstance(part, Fulfillment):
                more = {"type": "shipment", "id": part.number, "orderId": order.number}
            elif isinstance(part, Refund):
                more = {**about, "refund": {"refund_id": part.number}}
            elif event == "paid":
                made = str(order.transactions[-1].number)
                more = {"type": "transaction", "order_id": order.number, "transaction_id": made}
            self.hooks.tell(f"store/{_TOLD.get(event, 'shipment/updated')}", **more)
        if event != "created":
            self.hooks.tell("store/order/updated", **about)
        self._move(order, self._status(event, order))

    def _status(self, event: str, order: Order) -> int:
        status: int = order.extra["status"]
        if event == "created" and not order.received:
            return AWAITING_FULFILLMENT if order.capturable else AWAITING_PAYMENT
        if event == "paid":
            return AWAITING_FULFILLMENT
        if event == "cancelled" or order.cancelled_at:
            return CANCELLED
        if event == "refunded":
            return REFUNDED if order.refunded >= order.received else PARTLY_REFUNDED
        if event == "fulfilled":
            return PARTLY_SHIPPED if any(line.unfulfilled for line in order.lines) else SHIPPED
        return status

    def _move(self, order: Order, status: int) -> None:
        was, order.extra["status"] = order.extra["status"], status
        if was != status:
            moved = {"previous_status_id": was, "new_status_id": status}
            self.hooks.tell("store/order/statusUpdated", type="order", id=order.number, status=moved)

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
        return self.set_status(order_id, _STATUS_OF.get(state, AWAITING_FULFILLMENT))

    def set_risk(self, key: int | str, recommendation: str) -> Order:
        """The merchant's fraud filter holds an order, or lets it go."""
        order = self.order(key)
        order.risk = recommendation
        return self.set_status(
            key, VERIFICATION if recommendation in ("INVESTIGATE", "CANCEL") else AWAITING_FULFILLMENT
        )

    def archive(self, key: int | str) -> Order:
        """The merchant deletes an order: no list has it any more."""
        order = self.order(key)
        order.extra["deleted"] = True
        self._record("order_archived", order)
        self.hooks.tell("store/order/archived", type="order", id=order.number)
        return self.done("updated", order)

    def given_back(self) -> list[str]:
        """See Desk; what was only noted as paid back elsewhere is none."""
        rows = [(order, row) for order in self.shop.orders.values() for row in order.transactions]
        noted = {one for order, _ in rows for one in order.extra.get("offline", ())}
        return [str(row.amount) for _, row in rows if row.kind == "REFUND" and row.number not in noted]

    # --- V2 -----------------------------------------------------------------------------------------------------------

    def _found(self, call: Call) -> Order:
        order = self.shop.orders.get(int(call.parts["order"])) if call.parts["order"].isdecimal() else None
        if order is None:
            raise no_such()
        return order

    def _getOrders(self, call: Call) -> Response:
        asked = call.query
        name, _, way = asked.get("sort", "id").partition(":")
        if name not in _SORTS or way not in ("", "asc", "desc"):
            raise unfit("The field 'sort' is invalid.")
        first, last = _moment(asked.get("min_date_modified")), _moment(asked.get("max_date_modified"))
        rows = [
            order
            for order in self.shop.orders.values()
            if not order.extra["deleted"]
            and (first is None or order.updated_at >= first)
            and (last is None or order.updated_at <= last)
            and asked.get("status_id", str(order.extra["status"])) == str(order.extra["status"])
            and self.api.whole(call, "min_id", 0, 0) <= order.number <= self.api.whole(call, "max_id", 10**6, 0)
        ]
        rows.sort(key=lambda order: (getattr(order, _SORTS[name]), order.number), reverse=way == "desc")
        return v2([views.order(self.config, order) for order in paged(self.api, call, rows)])

    def _getOrder(self, call: Call) -> dict[str, Any]:
        return views.order(self.config, self._found(call))

    def _updateOrder(self, call: Call) -> dict[str, Any]:
        order, wanted = self._found(call), self.api.body(call, bodies.OrderPut)
        if wanted.staff_notes is not None:
            order.staff_notes = wanted.staff_notes.splitlines()
            self._record("staff_notes_written", order)
        if wanted.status_id == CANCELLED and not order.cancelled_at:
            self._cancel_by_api(order)
        elif wanted.status_id is not None:
            self.set_status(order.number, wanted.status_id)
        else:
            self.done("updated", order)
        return views.order(self.config, order)

    def _cancel_by_api(self, order: Order) -> None:
        """A state and no more: money stays where it is, and what was sent is no obstacle. Units go back to the shelf."""
        if any(line.fulfilled for line in order.lines):
            order.cancelled_at = self.now()
            self._record("order_cancelled", order, reason="API", by="client", refunded=str(order.refunded))
            self.done("cancelled", order)
        else:
            self.cancel(order.number, "API", refund=False, by="client")

    def _getOrderProducts(self, call: Call) -> Response:
        order = self._found(call)
        rows = [line for line in order.lines if line.quantity > line.removed]
        return v2([views.line(order, line, self._values(line)) for line in paged(self.api, call, rows)])

    def _values(self, line: Line) -> list[dict[str, Any]]:
        variant = self.shop.variants.get(line.variant_id or 0)
        return list(variant.extra["option_values"]) if variant else []

    def _getOrderShippingAddresses(self, call: Call) -> Response:
        order = self._found(call)
        return v2(paged(self.api, call, [views.shipping_address(order)] if order.address else []))

    def _getOrderShipments(self, call: Call) -> Response:
        order = self._found(call)
        return v2([views.shipment(order, sent) for sent in paged(self.api, call, order.fulfillments)])

    def _createOrderShipments(self, call: Call) -> Response:
        order, wanted = self._found(call), self.api.body(call, bodies.Shipment)
        lines = {line.number: line for line in order.lines}
        if wanted.order_address_id != order.extra["address_id"]:
            raise unfit("The field 'order_address_id' is invalid.")
        if any(one.order_product_id not in lines for one in wanted.items):
            raise unfit("The field 'order_product_id' is invalid.")
        units = [(lines[one.order_product_id], one.quantity) for one in wanted.items]
        facts = bodies.given(wanted)
        try:
            sent = self.fulfil(order, units, [_tracking(facts)], self.config.mails_shipped)
        except ValueError:
            raise unfit("The quantity is more than what is left to be shipped.") from None
        order.extra[str(sent.number)] = facts
        return json_response(views.shipment(order, sent), 201)

    def _updateOrderShipment(self, call: Call) -> dict[str, Any]:
        order, wanted = self._found(call), bodies.given(self.api.body(call, bodies.ShipmentPut))
        sent = next((one for one in order.fulfillments if str(one.number) == call.parts["id"]), None)
        if sent is None:
            raise no_such()
        order.extra[str(sent.number)] |= wanted
        self.set_tracking(order, sent, [_tracking(order.extra[str(sent.number)])])
        return views.shipment(order, sent)

    # --- V3 refunds ---------------------------------------------------------------------------------------------------

    def _worth(self, order: Order, items: Sequence[bodies.RefundItem]) -> tuple[Refund, Decimal, list[tuple[int, int]]]:
        """What the items are worth, as a refund that is not made yet; (it, what goes beyond units and shipping, units)."""
        refund, extra, units = Refund(0, self.now(), ZERO), ZERO, list[tuple[int, int]]()
        lines = {line.number: line for line in order.lines}
        for one in items:
            amount = exact(one.amount)
            if one.item_type == "PRODUCT":
                line = lines.get(one.item_id)
                if line is None or not 0 < one.quantity <= line.current:
                    raise unfit("Cannot refund more than the available quantity.", item_id="invalid")
                refund.lines.append(views.refund_line(line, one.quantity))
                units.append((line.number, one.quantity))
            elif one.item_type == "SHIPPING" and one.item_id == order.extra["address_id"]:
                refund.shipping += amount
            elif one.item_type == "ORDER" and one.item_id == order.number:
                extra += amount
            else:
                raise unfit("The item is not on this order.", item_id="invalid")
        refund.amount = order.refund_value(refund) + extra
        if not 0 < refund.amount <= order.received - order.refunded or refund.shipping > order.shipping_now:
            raise unfit("The requested amount cannot be refunded.", amount="invalid")
        return refund, extra, units

    def _createOrderRefundQuotes(self, call: Call) -> Response:
        order = self._found(call)
        refund, extra, _ = self._worth(order, self.api.body(call, bodies.Quote).items)
        return whole(views.quote(order, refund, extra), 201)

    def _createOrderRefund(self, call: Call) -> Response:
        order, wanted = self._found(call), self.api.body(call, bodies.Refund)
        refund, _, units = self._worth(order, wanted.items)
        offline = all(one.offline for one in wanted.payments)
        for one in wanted.payments:
            if one.provider_id == "storecredit":
                no = {"status": 422, "title": "Unable to provide store credit for a guest customer.", "type": "/status"}
                raise Refusal(422, {"data": [no]}, "")
            if one.provider_id != ("custom" if offline else views.PROVIDER) or one.offline != offline:
                raise unfit("The payment is none of those of the quote.", payments="invalid")
        if sum((exact(one.amount) for one in wanted.payments), ZERO) != refund.amount:
            raise unfit("The payments do not match the quote.", payments="invalid")
        note = next((one.reason for one in wanted.items if one.reason), "")
        self.refund(order.number, units, refund.amount, restock=False, note=note, shipping=refund.shipping)
        if offline:
            order.extra.setdefault("offline", []).append(order.transactions[-1].number)
        self._record("refund_by_api", order, amount=str(refund.amount), offline=offline)
        return whole(views.refund(order, order.refunds[-1]), 201)

    def _getOrderRefunds(self, call: Call) -> Response:
        order = self._found(call)
        return whole([views.refund(order, one) for one in order.refunds])


def _tracking(facts: dict[str, Any]) -> tuple[str | None, str | None, str | None]:
    carrier = facts.get("tracking_carrier") or facts.get("shipping_provider")
    return facts.get("tracking_number") or None, carrier or None, facts.get("tracking_link") or None


def _moment(text: str | None) -> datetime | None:
    """RFC 2822, or ISO 8601; without a zone it is UTC."""
    if text is None:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read(text)
        except ValueError:
            continue
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    raise unfit("The field 'min_date_modified' is invalid.")
