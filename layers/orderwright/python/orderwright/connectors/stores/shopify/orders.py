"""Reading orders and recording fulfillments at Shopify."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from orderwright.connectors.reading import Node
from orderwright.connectors.stores.shopify import documents
from orderwright.connectors.stores.shopify.client import ShopifyPart, next_cursor
from orderwright.connectors.stores.shopify.ids import gid, number_of
from orderwright.connectors.stores.shopify.order_mapping import parse_order
from orderwright.domain.base import from_iso
from orderwright.domain.order import StoreOrder
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable
from orderwright.ports.store import (
    ChangedOrder,
    FulfillmentRequest,
    FulfillmentView,
    MadeFulfillment,
    OpenFulfillmentLine,
    TrackingUpdate,
)

OPEN_STATUSES = frozenset({"OPEN", "IN_PROGRESS"})
DEAD_FULFILLMENTS = frozenset({"CANCELLED", "ERROR", "FAILURE"})
# Shopify's limit of lines of one fulfillment order in one call (fulfillmentCreate, 2026-10).
LINES_PER_CALL = 512


def _not_found(order_id: str) -> NotFound:
    return NotFound(f"shopify: order {order_id} does not exist", code="NOT_FOUND")


def _unchanged(page: Any, node: dict[str, Any]) -> dict[str, Any]:
    """One more page of an order. Raises Retryable where the order changed since its first page was read."""
    if not isinstance(page, dict) or page["updatedAt"] != node["updatedAt"]:
        raise Retryable(f"shopify: order {number_of(node['id'])} changed while it was read", code="ORDER_CHANGED")
    return page


def _was_refunded(node: dict[str, Any]) -> bool:
    """True for an amount other than "0.0", whatever its digits; what cannot be read is refused later, by name."""
    amount = ((node.get("totalRefundedSet") or {}).get("shopMoney") or {}).get("amount") or ""
    return str(amount).strip("0.") != ""


class ShopifyOrders(ShopifyPart):
    """StoreOrders of one Shopify store. Order, line and fulfillment ids are Shopify's numbers as text."""

    def fetch_order(self, order_id: str) -> StoreOrder:
        """The order as it is now, all lines, in shop currency.

        Raises NotFound, Rejected (UNREADABLE_ORDER), Retryable (also when it changes while its pages are read) and
        Misconfigured (also when the shop's currency is not the connection's).
        """
        node = self._client.execute(documents.ORDER, id=gid("Order", order_id)).get("order")
        if not isinstance(node, dict):
            raise _not_found(order_id)
        lines = list(node["lineItems"]["nodes"])
        page = node
        while after := next_cursor(page["lineItems"]):
            answer = self._client.execute(documents.ORDER_LINES, id=node["id"], after=after)
            page = _unchanged(answer.get("order"), node)
            lines += page["lineItems"]["nodes"]
        settings = self._client.settings
        refunds = self._refunds(node) if _was_refunded(node) else None
        order = parse_order(node, lines, self._client.connection_id, settings.sms_consent_attribute, refunds)
        if order.total.currency != settings.currency:
            raise Misconfigured(
                f"connections.{self._client.connection_id}.currency is {settings.currency}, "
                f"but the shop sells in {order.total.currency}: set it to {order.total.currency}",
                code="WRONG_CURRENCY",
            )
        return order

    def _refunds(self, node: dict[str, Any]) -> dict[str, Any]:
        """The refunds of an order that is being read, with all their lines. A query of its own: few orders have any."""
        found = _unchanged(self._client.execute(documents.REFUNDS, id=node["id"]).get("order"), node)
        for refund in found["refunds"]:
            lines = refund["refundLineItems"]
            while after := next_cursor(lines):
                page = self._client.execute(documents.REFUND_LINES, id=refund["id"], after=after).get("refund") or {}
                _unchanged(page.get("order"), node)
                more = page.get("refundLineItems") or {"nodes": []}
                lines = {**more, "nodes": lines["nodes"] + more["nodes"]}
            refund["refundLineItems"] = lines
        return found

    def earlier_orders(self, order: StoreOrder) -> int | None:
        """See StoreOrders. Shopify keeps a customer for each mail address, also for guests."""
        found = self._client.execute(documents.CUSTOMER, id=gid("Order", order.order_id)).get("order")
        if not isinstance(found, dict):
            raise _not_found(order.order_id)
        customer = Node(found, f"order {order.order_id}").child("customer")
        if customer is None:
            return None
        latest = customer.child("orders")
        rows = latest.children("nodes") if latest else []
        others = [one for one in rows if one.instant("createdAt") >= order.created_at or one.has("cancelledAt")]
        return max(0, int(customer.decimal("numberOfOrders")) - len(others))

    def list_changed_orders(self, since: datetime, cursor: str) -> tuple[list[ChangedOrder], str]:
        """A page of orders changed at or after `since` (cut to the second, Shopify's resolution), oldest change first."""
        start = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        data = self._client.execute(documents.CHANGED_ORDERS, query=f"updated_at:>='{start}'", after=cursor or None)
        orders = data["orders"]
        changed = [ChangedOrder(number_of(node["id"]), from_iso(node["updatedAt"])) for node in orders["nodes"]]
        return changed, next_cursor(orders)

    def read_fulfillment(self, order_id: str) -> FulfillmentView:
        """Lines that still wait, and fulfillments that count (not the cancelled or failed ones)."""
        node_id = gid("Order", order_id)
        open_lines: list[OpenFulfillmentLine] = []
        try:
            for waiting in self._client.pages(documents.FULFILLMENT_ORDERS, "order", "fulfillmentOrders", id=node_id):
                open_lines += self._open_lines(waiting)
        except NotFound:
            raise _not_found(order_id) from None
        order = self._client.execute(documents.FULFILLMENTS, id=node_id).get("order")
        if not isinstance(order, dict):
            raise _not_found(order_id)
        if len(order["fulfillments"]) >= documents.FULFILLMENTS_OF_ORDER:
            raise Rejected(
                f"shopify: order {order_id} has {documents.FULFILLMENTS_OF_ORDER} fulfillments or more, "
                "which is more than can be read: record this parcel by hand",
                code="TOO_MANY_FULFILLMENTS",
            )
        made = [self._made(node) for node in order["fulfillments"] if node["status"] not in DEAD_FULFILLMENTS]
        return FulfillmentView(tuple(open_lines), tuple(made))

    def _open_lines(self, waiting: dict[str, Any]) -> Iterable[OpenFulfillmentLine]:
        actions = {entry["action"] for entry in waiting["supportedActions"]}
        is_open = waiting["status"] in OPEN_STATUSES and "CREATE_FULFILLMENT" in actions
        location = (waiting["assignedLocation"] or {}).get("location") or {}
        shown = waiting["lineItems"]
        lines = list(shown["nodes"])
        while after := next_cursor(shown):
            page = self._client.execute(documents.FULFILLMENT_ORDER_LINES, id=waiting["id"], after=after)
            shown = (page.get("fulfillmentOrder") or {}).get("lineItems") or {"nodes": []}
            lines += shown["nodes"]
        return [
            OpenFulfillmentLine(
                fulfillment_order_id=number_of(waiting["id"]),
                fulfillment_order_line_id=number_of(line["id"]),
                line_id=number_of(line["lineItem"]["id"]),
                remaining=line["remainingQuantity"],
                location_id=number_of(location.get("id")),
                open=is_open,
            )
            for line in lines
            if line["remainingQuantity"] > 0
        ]

    def _made(self, node: dict[str, Any]) -> MadeFulfillment:
        lines = self._client.pages(documents.FULFILLMENT_LINES, "fulfillment", "fulfillmentLineItems", id=node["id"])
        return MadeFulfillment(
            fulfillment_id=number_of(node["id"]),
            tracking_numbers=tuple(info["number"] for info in node["trackingInfo"] if info["number"]),
            lines=tuple((number_of(line["lineItem"]["id"]), line["quantity"]) for line in lines),
        )

    def create_fulfillment(self, request: FulfillmentRequest, view: FulfillmentView) -> str:
        """Record one parcel; gives the fulfillment's id. Not idempotent: `view` must be fresh.

        Raises Rejected (LINES_NOT_OPEN, SEVERAL_LOCATIONS, or Shopify's own refusal) and OutcomeUnknown.
        """
        picked = _pick(request, view)
        named = {"company": request.carrier_name, "number": request.tracking_number, "url": request.tracking_url}
        fulfillment: dict[str, Any] = {"lineItemsByFulfillmentOrder": picked, "notifyCustomer": False}
        if tracking := {name: value for name, value in named.items() if value}:
            fulfillment["trackingInfo"] = tracking
        payload = self._client.change(documents.CREATE_FULFILLMENT, "fulfillmentCreate", fulfillment=fulfillment)
        created = number_of((payload.get("fulfillment") or {}).get("id"))
        if not created:
            raise OutcomeUnknown("shopify CreateFulfillment: the answer holds no id", code="OUTCOME_UNKNOWN")
        return created

    def update_fulfillment_tracking(self, update: TrackingUpdate) -> None:
        """Replace the parcels of one fulfillment. Raises Rejected (Shopify's own refusal) and OutcomeUnknown."""
        tracking: dict[str, Any] = {"numbers": list(update.numbers)}
        if update.carrier_name:
            tracking["company"] = update.carrier_name
        if update.urls and all(update.urls):
            # Shopify pairs the lists by position, and an address cannot be empty.
            tracking["urls"] = list(update.urls)
        self._client.change(
            documents.UPDATE_TRACKING,
            "fulfillmentTrackingInfoUpdate",
            fulfillment=gid("Fulfillment", update.fulfillment_id),
            tracking=tracking,
        )


def _pick(request: FulfillmentRequest, view: FulfillmentView) -> list[dict[str, Any]]:
    """Which units of which fulfillment orders leave. All must lie at one location: Shopify takes no other call."""
    usable = [line for line in view.open_lines if line.open]
    for location in dict.fromkeys(line.location_id for line in usable):
        picked = _allocate(request, [line for line in usable if line.location_id == location])
        if picked is not None:
            return picked
    if _allocate(request, usable) is None:
        raise Rejected(
            f"shopify: order {request.order_id}: the lines of this parcel are not open for fulfillment any more",
            code="LINES_NOT_OPEN",
        )
    raise Rejected(
        f"shopify: order {request.order_id}: the lines of this parcel wait at several locations: move them to one",
        code="SEVERAL_LOCATIONS",
    )


def _allocate(request: FulfillmentRequest, usable: list[OpenFulfillmentLine]) -> list[dict[str, Any]] | None:
    """Units by fulfillment order, or None when they do not suffice."""
    left = {line.fulfillment_order_line_id: line.remaining for line in usable}
    taken: dict[str, dict[str, int]] = {}
    for line_id, quantity in request.lines:
        for line in usable:
            if line.line_id != line_id or quantity == 0:
                continue
            units = min(quantity, left[line.fulfillment_order_line_id])
            if units:
                entry = taken.setdefault(line.fulfillment_order_id, {})
                entry[line.fulfillment_order_line_id] = entry.get(line.fulfillment_order_line_id, 0) + units
                left[line.fulfillment_order_line_id] -= units
                quantity -= units
        if quantity:
            return None
    if not taken or any(len(lines) > LINES_PER_CALL for lines in taken.values()):
        return None
    return [
        {
            "fulfillmentOrderId": gid("FulfillmentOrder", order),
            "fulfillmentOrderLineItems": [
                {"id": gid("FulfillmentOrderLineItem", line), "quantity": units} for line, units in lines.items()
            ],
        }
        for order, lines in taken.items()
    ]
