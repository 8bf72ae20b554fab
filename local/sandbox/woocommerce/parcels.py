"""What the client writes on orders: fulfillments, rows of the Shipment Tracking plugin, notes, refunds, a status."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from local.sandbox.kit.api import Call, Refusal
from local.sandbox.kit.money import ZERO
from local.sandbox.kit.orders import Fulfillment, Line, Order, RefundLine, Tracking
from local.sandbox.wire import Response
from local.sandbox.woocommerce import bodies, shapes
from local.sandbox.woocommerce.site import KIND, NO_ORDER, NO_ROUTE, Row, gmt, invalid, listed

if TYPE_CHECKING:
    from local.sandbox.woocommerce.store import WooStore

STATUSES = (
    "trash", "auto-draft", "pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft",
)  # fmt: skip
Units = list[tuple[Line, int]]


def _wrong(message: str) -> Refusal:
    return Refusal(400, 0, message)


def _refused(message: str) -> Refusal:
    return Refusal(500, "woocommerce_rest_cannot_create_order_refund", message, 500)


class Parcels:
    """An order's `extra`: sent and rows (fulfillments, tracking rows, by id, each with its parcel of the kit), notes."""

    def __init__(self, store: WooStore) -> None:
        self.store = store

    def found(self, call: Call, *, on: bool = True, missing: Refusal = NO_ORDER) -> Order:
        """The order that a path names; `on` False: the site has no such route."""
        number = call.parts["order"]
        if not number.isdecimal() or not on:
            raise NO_ROUTE
        if order := self.store.shop.orders.get(int(number)):
            return order
        raise missing

    # --- fulfillments -------------------------------------------------------------------------------------------------

    def _fulfilled(self, call: Call) -> Order:
        gone = Refusal(404, "woocommerce_rest_order_invalid_id", "Invalid order ID.", {"status": "404"})
        return self.found(call, on=self.store.config.fulfillments, missing=gone)

    def listFulfillments(self, call: Call) -> list[dict[str, Any]]:
        """When it is read, is_fulfilled is a text."""
        sent = self._fulfilled(call).extra.get("sent", {})
        return [{**one, "is_fulfilled": "1" if one["status"] == "fulfilled" else "0"} for one, _ in sent.values()]

    def createFulfillment(self, call: Call) -> dict[str, Any]:
        order, wanted = self._fulfilled(call), self.store.api.body(call, bodies.Fulfilling)
        if wanted.status is None:
            raise _wrong("Invalid fulfillment status.")
        return self._write(order, self.store.new_id(), wanted, wanted.status, None)

    def updateFulfillment(self, call: Call) -> dict[str, Any]:
        """Keys that are left out are deleted."""
        order, number = self._fulfilled(call), call.parts["id"]
        before, parcel = order.extra.get("sent", {}).get(int(number) if number.isdecimal() else 0, (None, None))
        if before is None:
            raise _wrong("Fulfillment not found.")
        wanted = self.store.api.body(call, bodies.Fulfilling)
        made = self._write(order, before["id"], wanted, wanted.status or before["status"], parcel)
        return made if wanted.status else {**made, "is_fulfilled": "1" if made["is_fulfilled"] else "0"}

    def _write(self, order: Order, number: int, wanted: Any, status: str, parcel: Fulfillment | None) -> dict[str, Any]:
        """Nothing is compared with what is left or was sent: too many units, foreign lines and repeats are taken in."""
        given = {row.key: row.value for row in wanted.meta_data}
        items = given.get("_items") or []
        if not isinstance(items, list):
            raise _wrong("The fulfillment items should be an array.")
        if not items:
            raise _wrong("The fulfillment should contain at least one item.")
        for item in items:
            counts = [item.get(name) for name in ("item_id", "qty")] if isinstance(item, dict) else [None]
            if any(isinstance(one, bool) or not isinstance(one, int | float) or one <= 0 for one in counts):
                raise _wrong("Invalid item.")
        fulfilled = status == "fulfilled"
        given |= {"_date_fulfilled": f"{gmt(self.store.now())}Z"} if fulfilled else {}
        made = {
            "id": number, "entity_type": "WC_Order", "entity_id": str(order.number), "date_deleted": None,
            "date_updated": f"{gmt(self.store.now())}Z", "status": "fulfilled" if fulfilled else "unfulfilled",
            "is_fulfilled": fulfilled, "meta_data": shapes.meta(given, number),
        }  # fmt: skip
        order.extra.setdefault("sent", {})[number] = (made, parcel)
        provider, tracked = given.get("_shipment_provider"), given.get("_tracking_number")
        name = given.get("_provider_name") if provider == "other" else provider
        tracking: list[Tracking] = [(tracked, name, given.get("_tracking_url"))] if tracked else []
        lines = {line.number: line for line in order.lines}
        units = [(lines[one["item_id"]], int(one["qty"])) for one in items if one["item_id"] in lines]
        if wanted.notify_customer:
            self.mailed(order, "fulfillment")
        if not fulfilled:
            self.store.done("updated", order)
        elif parcel is None:
            order.extra["sent"][number] = (made, self._parcel(order, units, tracking, wanted.notify_customer))
        elif parcel.tracking != tracking:
            self.store.set_tracking(order, parcel, tracking)
        return made

    def _parcel(self, order: Order, units: Units, tracking: list[Tracking], notified: bool = False) -> Fulfillment:
        sent = Fulfillment(self.store.new_id(), self.store.now(), tracking=tracking)
        for line, count in units:
            line.fulfilled += min(count, line.unfulfilled)
            sent.lines.append((self.store.new_id(), line, count))
        self.store.told_of_parcel(order, sent, notified)
        return sent

    # --- the Shipment Tracking plugin ---------------------------------------------------------------------------------

    def _rows(self, call: Call) -> tuple[Order, dict[str, Any]]:
        order = self.found(call, on=self.store.config.tracking)
        return order, order.extra.setdefault("rows", {})

    def listTrackings(self, call: Call) -> list[dict[str, Any]]:
        return list(self._rows(call)[1].values())

    def createTracking(self, call: Call) -> dict[str, Any]:
        """A row names no lines, and a repeat is a second row."""
        (order, rows), wanted = self._rows(call), self.store.api.body(call, bodies.NewTracking)
        key, name = f"{self.store.new_id():032x}", wanted.tracking_provider or wanted.custom_tracking_provider
        rows[key] = {
            "tracking_id": key, "tracking_provider": name, "tracking_link": wanted.custom_tracking_link,
            "tracking_number": wanted.tracking_number, "date_shipped": wanted.date_shipped or f"{self.store.now():%Y-%m-%d}",
        }  # fmt: skip
        self._parcel(order, [], [(wanted.tracking_number, name, wanted.custom_tracking_link)])
        return dict(rows[key])

    def deleteTracking(self, call: Call) -> dict[str, Any]:
        order, rows = self._rows(call)
        if call.parts["id"] not in rows:
            raise Refusal(404, "woocommerce_rest_shipment_tracking_invalid_id", "Invalid ID.")
        self.store.done("updated", order)
        return dict(rows.pop(call.parts["id"]))

    # --- notes, refunds, the status -----------------------------------------------------------------------------------

    def mailed(self, order: Order, about: str) -> None:
        """The shop mails the buyer."""
        self.store.world.record(KIND, "customer_mailed", order.name, about=about)

    def listNotes(self, call: Call) -> list[dict[str, Any]]:
        wanted = {"customer": True, "internal": False}.get(call.query.get("type", ""))
        return [row for row in self.found(call).extra.get("notes", [])[::-1] if wanted in (None, row["customer_note"])]

    def createNote(self, call: Call) -> dict[str, Any]:
        """It is no change of the order."""
        order, wanted = self.found(call), self.store.api.body(call, bodies.Note)
        at, text = self.store.now(), re.sub(r"&(?!#?\w+;)", "&amp;", wanted.note)
        row = {"id": self.store.new_id(), "author": "WooCommerce", "note": text, "customer_note": wanted.customer_note}
        row |= {"date_created": gmt(at + self.store.config.utc_offset), "date_created_gmt": gmt(at)}
        order.extra.setdefault("notes", []).append(row)
        if wanted.customer_note:
            self.mailed(order, "note")
        else:
            order.staff_notes.append(wanted.note)
        return row

    def listRefunds(self, call: Call) -> Response:
        """Of an order that is not there: none."""
        order = self.store.shop.orders.get(int(call.parts["order"]) if call.parts["order"].isdecimal() else 0)
        rows = [(one, self.store.refund_shown(order, one)) for one in order.refunds] if order else []
        found = [Row(one.number, one.created_at, one.created_at, "all", row.copy) for one, row in rows]
        return listed(self.store.api, call, found, ("all",), self.store.config.utc_offset)

    def createRefund(self, call: Call) -> dict[str, Any]:
        """Money moves at every call: nothing compares it with the call before. The buyer is mailed by each."""
        order, wanted = self.found(call), self.store.api.body(call, bodies.NewRefund)
        lines, rows = {line.number: line for line in order.lines}, list[tuple[int, int, Decimal, Decimal]]()
        for row in wanted.line_items:
            tax = sum((Decimal(str(one.refund_total)) for one in row.refund_tax), ZERO)
            rows.append((int(row.id), row.quantity, Decimal(str(row.refund_total)), tax))
        worth = sum((net + tax for _, _, net, tax in rows), ZERO) if wanted.amount is None else Decimal(wanted.amount)
        method = order.extra.get("method", "card")
        if worth > shapes.left_of(order) or worth < 0 or (wanted.amount is not None and not worth):
            raise _refused("Invalid refund amount.")
        if wanted.api_refund and method not in self.store.config.gateways:
            does = "support automatic refunds" if method else "exist"
            raise _refused(f"The payment gateway for this order does not {does}.")
        if wanted.api_refund and method in self.store.config.breaking:
            self.store.move_back(order, worth)
            raise _refused("The gateway did not answer.")
        refund = shapes.WooRefund(self.store.new_id(), self.store.now(), worth, wanted.reason, moved=wanted.api_refund)
        for number, units, net, tax in rows:
            if line := lines.get(number):
                refund.rows.append((line, units, net, tax))
                refund.lines.append(RefundLine(self.store.new_id(), line, units, "RETURN"))
            elif number == order.number * 10:
                refund.shipping += net + (tax if order.tax and order.tax.included else ZERO)
        self.store.give_back(order, refund, restock=wanted.api_restock)
        return self.store.refund_shown(order, refund)

    def updateOrder(self, call: Call) -> dict[str, Any]:
        """Any status may follow any other; no money is moved by it."""
        order = self.found(call, missing=Refusal(400, NO_ORDER.code, "ID is invalid."))
        wanted, extra = self.store.api.body(call, bodies.OrderChange), order.extra
        if wanted.status not in (None, *STATUSES[2:]):
            raise invalid("status", f"status is not one of {', '.join(STATUSES[1:])}.", "rest_not_in_enum")
        if wanted.customer_note is not None:
            extra["customer_note"] = wanted.customer_note
        extra["meta"] = extra.get("meta", {}) | {row.key: row.value for row in wanted.meta_data}
        if wanted.status is not None:
            self.store.set_status(order, wanted.status)
        self.store.done("updated", order)
        return self.store.shown(order)
