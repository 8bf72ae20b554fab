"""Orders and fulfillments of a Market shop."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from orderwright.connectors.reading import Node
from orderwright.domain.base import from_iso
from orderwright.domain.order import StoreOrder
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected
from orderwright.ports.store import (
    ChangedOrder,
    FulfillmentRequest,
    FulfillmentView,
    MadeFulfillment,
    OpenFulfillmentLine,
    TrackingUpdate,
)
from tests.scripted.stores.market.client import MarketClient
from tests.scripted.stores.market.order_mapping import parse_order


class MarketOrders:
    """StoreOrders of one shop."""

    def __init__(self, client: MarketClient) -> None:
        self._client = client

    def fetch_order(self, order_id: str) -> StoreOrder:
        """See StoreOrders."""
        settings = self._client.settings
        order = parse_order(self._order(order_id), self._client.id, settings.sms_consent_attribute)
        if order.total.currency != settings.currency:
            raise Misconfigured(
                f"connections.{self._client.id}.currency is {settings.currency}, but the shop sells in "
                f"{order.total.currency}: set it to {order.total.currency}",
                code="WRONG_CURRENCY",
            )
        return order

    def earlier_orders(self, order: StoreOrder) -> int | None:
        """See StoreOrders: it knows no customers."""
        return None

    def _order(self, order_id: str) -> Node:
        try:
            return Node(self._client.call("getOrder", "GET", f"orders/{quote(order_id, safe='')}"), f"order {order_id}")
        except NotFound:
            raise NotFound(f"{self._client.name}: there is no order {order_id}", code="ORDER_NOT_FOUND") from None

    def list_changed_orders(self, since: datetime, cursor: str) -> tuple[list[ChangedOrder], str]:
        """See StoreOrders. Pages are numbered, and an order that changes meanwhile moves to the last one: all behind it move
        up, and one of them would be on no page. So the next page begins at the last change seen (cursor: time, page, last
        id), and goes on by number only where a whole page changed in one instant."""
        begin, number, last_id = cursor.split("|") if cursor else (since.astimezone(UTC).isoformat(), "1", "0")
        query = urlencode({"changed_since": begin, "page": number})
        answer = Node(self._client.call("listOrders", "GET", f"orders?{query}"), "orders")
        found = [ChangedOrder(row.text("id"), row.instant("updated_at")) for row in answer.children("orders")]
        start = from_iso(begin)
        new = [one for one in found if one.updated_at > start or int(one.order_id) > int(last_id)]
        if int(number) >= answer.count("pages"):
            return new, ""
        last = found[-1]
        page = int(number) + 1 if last.updated_at == start else 1
        return new, f"{last.updated_at.astimezone(UTC).isoformat()}|{page}|{last.order_id}"

    def read_fulfillment(self, order_id: str) -> FulfillmentView:
        """See StoreOrders. An order is one fulfillment order, and there is one place to send from."""
        order = self._order(order_id)
        is_open = not order.has("cancelled_at")
        return FulfillmentView(
            tuple(
                OpenFulfillmentLine(order_id, line.text("id"), line.text("id"), line.count("to_ship"), "", is_open)
                for line in order.children("lines")
                if line.count("to_ship")
            ),
            tuple(
                MadeFulfillment(
                    made.text("id"),
                    tuple(parcel.text("number") for parcel in made.children("parcels") if parcel.has("number")),
                    tuple((line.text("line_id"), line.count("quantity")) for line in made.children("lines")),
                )
                for made in order.children("fulfillments")
            ),
        )

    def create_fulfillment(self, request: FulfillmentRequest, view: FulfillmentView) -> str:
        """See StoreOrders."""
        left = {line.line_id: line.remaining for line in view.open_lines if line.open}
        if any(left.get(line, 0) < units for line, units in request.lines):
            raise Rejected(
                f"{self._client.name}: order {request.order_id}: the lines of this parcel are not open any more",
                code="LINES_NOT_OPEN",
            )
        body = {
            "lines": [{"line_id": int(line), "quantity": units} for line, units in request.lines],
            "parcels": _parcels((request.tracking_number,), request.carrier_name, (request.tracking_url,)),
            "notify_customer": False,
        }
        path = f"orders/{quote(request.order_id, safe='')}/fulfillments"
        made = Node(self._client.call("createFulfillment", "POST", path, body, has_effect=True), "fulfillment").text(
            "id"
        )
        if not made:
            raise OutcomeUnknown(f"{self._client.name} createFulfillment: no id in the answer", code="OUTCOME_UNKNOWN")
        return made

    def update_fulfillment_tracking(self, update: TrackingUpdate) -> None:
        """See StoreOrders."""
        path = f"fulfillments/{quote(update.fulfillment_id, safe='')}"
        body = {"parcels": _parcels(update.numbers, update.carrier_name, update.urls), "notify_customer": False}
        try:
            self._client.call("updateFulfillment", "PUT", path, body, has_effect=True)
        except NotFound as error:
            raise Rejected(f"{error.message}: the fulfillment is gone", code="FULFILLMENT_GONE") from None


def _parcels(numbers: tuple[str, ...], carrier: str, urls: tuple[str, ...]) -> list[dict[str, Any]]:
    """One entry a number; what is not known is left out."""
    rows = [{"number": number, "carrier": carrier, "url": url} for number, url in zip(numbers, urls, strict=True)]
    return [{name: value for name, value in row.items() if value} for row in rows if row["number"]]
