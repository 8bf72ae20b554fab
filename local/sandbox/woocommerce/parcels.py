"""What the client writes on orders: fulfillments, rows of the Shipment Tracking plugin, notes, refunds, and a new status."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from local.sandbox.kit.api import Call, Refusal
from local.sandbox.kit.money import ZERO
from local.sandbox.kit.orders import Fulfillment, Line, Order, Refund, RefundLine, Tracking
from local.sandbox.wire import Response, json_response
from local.sandbox.woocommerce import bodies, shapes
from local.sandbox.woocommerce.site import KIND, NO_ROUTE, answer, gmt, paged

if TYPE_CHECKING:
    from local.sandbox.woocommerce.store import WooStore


@dataclass
class Sent:
    """One fulfillment. `parcel` is what the kit knows of it, once it is fulfilled."""

    number: int
    status: str
    updated_at: datetime
    meta: dict[str, Any] = field(default_factory=dict)
    parcel: Fulfillment | None = None


def _wrong(message: str) -> Refusal:
    return Refusal(400, 0, message)


class Parcels:
    """Fulfillments by the feature, or tracking rows by the plugin; each is there only where its switch is on."""

    def __init__(self, store: WooStore) -> None:
        self.store = store
        self.sent: dict[int, dict[int, Sent]] = {}
        self.rows: dict[int, dict[str, dict[str, Any]]] = {}

    def _order(self, call: Call, on: bool, missing: Refusal) -> Order:
        if not on:
            raise NO_ROUTE
        try:
            return self.store.found(call)
        except Refusal as no:
            raise (NO_ROUTE if no is NO_ROUTE else missing) from None

    def _fulfilled(self, call: Call) -> Order:
        gone = Refusal(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.", {"status": "404"})
        return self._order(call, self.store.config.fulfillments, gone)

    @staticmethod
    def _shown(order: Order, sent: Sent, told: Any) -> dict[str, Any]:
        rows = [
            {"id": sent.number * 100 + place, "key": key, "value": sent.meta[key]}
            for place, key in enumerate(sent.meta)
        ]
        return {
            "id": sent.number, "entity_type": "WC_Order", "entity_id": str(order.number), "status": sent.status,
            "is_fulfilled": told, "date_updated": f"{gmt(sent.updated_at)}Z", "date_deleted": None, "meta_data": rows,
        }  # fmt: skip

    def _read(self, order: Order, sent: Sent) -> dict[str, Any]:
        """When it is read, is_fulfilled is a text."""
        return self._shown(order, sent, "1" if sent.status == "fulfilled" else "0")

    def listFulfillments(self, call: Call) -> Response:
        order = self._fulfilled(call)
        return answer(call, [self._read(order, sent) for sent in self.sent.get(order.number, {}).values()])

    def _one(self, call: Call) -> tuple[Order, Sent]:
        order, number = self._fulfilled(call), call.parts["id"]
        sent = self.sent.get(order.number, {}).get(int(number) if number.isdecimal() else 0)
        if sent is None:
            raise _wrong("Fulfillment not found.")
        return order, sent

    def getFulfillment(self, call: Call) -> Response:
        return answer(call, self._read(*self._one(call)))

    def createFulfillment(self, call: Call) -> Response:
        order, wanted = self._fulfilled(call), self.store.api.body(call, bodies.Fulfilling)
        if wanted.status is None:
            raise _wrong("Invalid fulfillment status.")
        status = "fulfilled" if wanted.status == "fulfilled" else "unfulfilled"
        sent = self._write(order, Sent(self.store.new_id(), status, self.store.now()), wanted)
        return json_response(self._shown(order, sent, status == "fulfilled"), 201)

    def updateFulfillment(self, call: Call) -> Response:
        order, sent = self._one(call)
        wanted = self.store.api.body(call, bodies.Fulfilling)
        sent.status = {None: sent.status, "fulfilled": "fulfilled"}.get(wanted.status, "unfulfilled")
        self._write(order, sent, wanted)
        told = "1" if sent.status == "fulfilled" else "0"
        return json_response(self._shown(order, sent, told if wanted.status is None else told == "1"))

    def deleteFulfillment(self, call: Call) -> Response:
        try:
            order, sent = self._one(call)
        except Refusal as no:
            if no.code != 0:
                raise
        else:
            del self.sent[order.number][sent.number]
            self._take_back(order, sent)
            self.store.done("updated", order)
        return json_response({"message": "Fulfillment deleted successfully."})

    def _write(self, order: Order, sent: Sent, wanted: bodies.Fulfilling) -> Sent:
        given = {row.key: row.value for row in wanted.meta_data}
        items = given.get("_items")
        if items is not None and not isinstance(items, list):
            raise _wrong("The fulfillment items should be an array.")
        if not items:
            raise _wrong("The fulfillment should contain at least one item.")
        for item in items:
            counts = [item.get(name) for name in ("item_id", "qty")] if isinstance(item, dict) else [None]
            if any(isinstance(one, bool) or not isinstance(one, int | float) or one <= 0 for one in counts):
                raise _wrong("Invalid item.")
        sent.meta, sent.updated_at = given, self.store.now()
        self.sent.setdefault(order.number, {})[sent.number] = sent
        if sent.status == "fulfilled":
            sent.meta["_date_fulfilled"] = f"{gmt(sent.updated_at)}Z"
            self._leave(order, sent, wanted.notify_customer)
        else:
            self._take_back(order, sent)
            self.store.done("updated", order)
        number = f"Tracking: {given.get('_tracking_number', '')}, Provider: {given.get('_shipment_provider', '')}."
        self.store.remark(order, f"Fulfillment #{sent.number} (status: {sent.status}). {number}")
        return sent

    def _leave(self, order: Order, sent: Sent, notified: bool) -> None:
        """Nothing is compared with what is left: too many units, and lines of other orders, are taken in."""
        tracking: list[Tracking] = []
        if sent.meta.get("_tracking_number"):
            provider = sent.meta.get("_shipment_provider")
            name = sent.meta.get("_provider_name") if provider == "other" else provider
            tracking = [(sent.meta["_tracking_number"], name, sent.meta.get("_tracking_url"))]
        if notified:
            self.store.world.record(KIND, "customer_mailed", order.name, about="fulfillment")
        if sent.parcel is not None:
            if sent.parcel.tracking != tracking:
                self.store.set_tracking(order, sent.parcel, tracking)
            return
        lines = {line.number: line for line in order.lines}
        units = [(lines[one["item_id"]], int(one["qty"])) for one in sent.meta["_items"] if one["item_id"] in lines]
        sent.parcel = self.parcel(order, units, tracking, notified)

    def parcel(
        self, order: Order, units: list[tuple[Line, int]], tracking: list[Tracking], notified: bool
    ) -> Fulfillment:
        """Book what left."""
        sent = Fulfillment(self.store.new_id(), self.store.now(), tracking=tracking)
        for line, count in units:
            line.fulfilled += min(count, line.unfulfilled)
            sent.lines.append((self.store.new_id(), line, count))
        self.store.told_of_parcel(order, sent, notified)
        return sent

    def _take_back(self, order: Order, sent: Sent) -> None:
        if sent.parcel is not None:
            order.fulfillments.remove(sent.parcel)
            for _, line, count in sent.parcel.lines:
                line.fulfilled -= min(count, line.fulfilled)
            self.store.world.record(KIND, "fulfillment_deleted", order.name, id=str(sent.number))
            sent.parcel = None

    def auto(self, order: Order) -> None:
        """Lines that need no parcel have a fulfillment by themselves once the order is paid."""
        units = [(line, line.unfulfilled) for line in order.lines if not line.requires_shipping and line.unfulfilled]
        if units and self.store.config.fulfillments:
            items = [{"item_id": line.number, "qty": count} for line, count in units]
            made = Sent(self.store.new_id(), "fulfilled", self.store.now(), {"_items": items})
            self.sent.setdefault(order.number, {})[made.number] = made
            for line, count in units:
                line.fulfilled += count

    # --- the Shipment Tracking plugin ---------------------------------------------------------------------------------

    def _tracked(self, call: Call) -> Order:
        gone = Refusal(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        return self._order(call, self.store.config.tracking, gone)

    def listTrackings(self, call: Call) -> Response:
        return answer(call, list(self.rows.get(self._tracked(call).number, {}).values()))

    def createTracking(self, call: Call) -> Response:
        order, wanted = self._tracked(call), self.store.api.body(call, bodies.NewTracking)
        name = wanted.tracking_provider or wanted.custom_tracking_provider
        if not name:
            raise Refusal(400, "woocommerce_rest_shipment_tracking_missing", "A tracking provider is needed.")
        key = f"{self.store.new_id():032x}"
        row = {
            "tracking_id": key, "tracking_provider": name, "tracking_link": wanted.custom_tracking_link,
            "tracking_number": wanted.tracking_number,
            "date_shipped": wanted.date_shipped or self.store.now().date().isoformat(),
        }  # fmt: skip
        self.rows.setdefault(order.number, {})[key] = row
        self.parcel(order, [], [(wanted.tracking_number, name, wanted.custom_tracking_link)], False)
        return json_response(row, 201)

    def deleteTracking(self, call: Call) -> Response:
        order = self._tracked(call)
        row = self.rows.get(order.number, {}).pop(call.parts["id"], None)
        if row is None:
            raise Refusal(404, "woocommerce_rest_shipment_tracking_invalid_id", "Invalid ID.")
        self.store.done("updated", order)
        return json_response(row)


class Desk:
    """Notes, refunds, and changes of an order."""

    def __init__(self, store: WooStore) -> None:
        self.store = store

    def listNotes(self, call: Call) -> Response:
        rows = self.store.found(call).extra.get("notes", [])
        wanted = {"customer": True, "internal": False}.get(call.query.get("type", ""))
        return answer(call, [row for row in rows[::-1] if wanted in (None, row["customer_note"])])

    def createNote(self, call: Call) -> Response:
        order, wanted = self.store.found(call), self.store.api.body(call, bodies.Note)
        text = re.sub(r"&(?!#?\w+;)", "&amp;", wanted.note)
        row = self.store.remark(order, text, for_customer=wanted.customer_note)
        if wanted.customer_note:
            self.store.world.record(KIND, "customer_mailed", order.name, about="note")
        else:
            order.staff_notes.append(wanted.note)
            self.store.world.record(KIND, "order_noted", order.name)
        return json_response(row, 201)

    def listRefunds(self, call: Call) -> Response:
        """Of an order that is not there: an empty list."""
        order = self.store.shop.orders.get(int(call.parts["order"]) if call.parts["order"].isdecimal() else 0)
        rows = [self.store.refund_shown(order, one) for one in order.refunds[::-1]] if order else []
        return paged(self.store.api, call, rows, lambda row: row)

    def createRefund(self, call: Call) -> Response:
        """Money moves at every call: nothing compares it with the call before. The buyer is mailed by each."""
        order, wanted = self.store.found(call), self.store.api.body(call, bodies.NewRefund)
        lines = {line.number: line for line in order.lines}
        known = [(lines[int(row.id)], row) for row in wanted.line_items if int(row.id) in lines]
        worth = sum((Decimal(str(row.refund_total)) + _taxes(row) for row in wanted.line_items), ZERO)
        worth = worth if wanted.amount is None else Decimal(wanted.amount)
        left = shapes.order_total(order)[0] - sum((one.amount for one in order.refunds), ZERO)
        if worth > left or worth < 0 or (wanted.amount is not None and not worth):
            raise self._no("Invalid refund amount.")
        method = order.extra.get("method", "card")
        if wanted.api_refund and method not in self.store.config.gateways:
            exists = "support automatic refunds" if method else "exist"
            raise self._no(f"The payment gateway for this order does not {exists}.")
        refund = Refund(self.store.new_id(), self.store.now(), worth, wanted.reason or None)
        shipping = [row for row in wanted.line_items if int(row.id) == order.number * 10]
        taxed = order.tax is not None and order.tax.included
        refund.shipping = sum(
            (Decimal(str(row.refund_total)) + (_taxes(row) if taxed else ZERO) for row in shipping), ZERO
        )
        rows: shapes.Rows = []
        for line, row in known:
            kind = "CANCEL" if wanted.api_restock else "NO_RESTOCK"
            refund.lines += [RefundLine(self.store.new_id(), line, row.quantity, kind)] if row.quantity else []
            rows.append((line, row.quantity, Decimal(str(row.refund_total)), _taxes(row)))
            self.store.units_back(order, line, row.quantity, wanted.api_restock)
        order.extra.setdefault("refund_rows", {})[refund.number] = rows
        order.extra.setdefault("empty" if not worth else "full", []).append(refund.number)
        if wanted.api_refund:
            order.extra.setdefault("moved", []).append(refund.number)
        self.store.money_back(order, refund, moved=wanted.api_refund)
        return json_response(self.store.refund_shown(order, refund), 201)

    @staticmethod
    def _no(message: str) -> Refusal:
        return Refusal(500, "woocommerce_rest_cannot_create_order_refund", message, 500)

    def updateOrder(self, call: Call) -> Response:
        number = call.parts["order"]
        if number.isdecimal() and int(number) not in self.store.shop.orders:
            raise Refusal(400, "woocommerce_rest_shop_order_invalid_id", "ID is invalid.")
        order, wanted = self.store.found(call), self.store.api.body(call, bodies.OrderChange)
        if wanted.customer_note is not None:
            order.extra["customer_note"] = wanted.customer_note
        if wanted.meta_data:
            order.extra["meta"] = order.extra.get("meta", {}) | {row.key: row.value for row in wanted.meta_data}
        if wanted.status is not None:
            self.store.set_status(order, wanted.status)
        self.store.done("updated", order)
        return answer(call, self.store.shown(order))


def _taxes(row: bodies.RefundLine) -> Decimal:
    return sum((Decimal(str(tax.refund_total)) for tax in row.refund_tax), ZERO)
