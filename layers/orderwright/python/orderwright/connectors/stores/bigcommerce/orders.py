"""Reading orders and recording shipments of a BigCommerce store.

A shipment has one tracking number of at most 50 characters: further parcels of it stand in its comments.

Unconfirmed: whether changing a shipment's number mails the customer again, as creating one does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from orderwright.connectors.reading import Node
from orderwright.connectors.stores.bigcommerce.client import BigCommerceClient
from orderwright.connectors.stores.bigcommerce.order_mapping import (
    BOUGHT,
    ENDED,
    INCOMPLETE,
    address_of,
    instant,
    is_shipped,
    parse_order,
)
from orderwright.domain.base import from_iso
from orderwright.domain.order import StoreOrder
from orderwright.errors import Misconfigured, NotFound, Rejected
from orderwright.ports.store import (
    ChangedOrder,
    FulfillmentRequest,
    FulfillmentView,
    MadeFulfillment,
    OpenFulfillmentLine,
    TrackingUpdate,
)

LONGEST_NUMBER, LONGEST_LINK = 50, 500
FURTHER = "Further parcels: "
PROVIDERS = {
    "australiapost": "auspost", "auspost": "auspost", "canadapost": "canadapost", "fedex": "fedex", "royalmail": "royalmail",
    "ups": "ups", "usps": "usps",
}  # fmt: skip
"""A carrier's name in small letters alone -> BigCommerce's word for it, which makes the link."""
SECOND = timedelta(seconds=1)
MOST_EARLIER = 10


class BigCommerceOrders:
    """StoreOrders of one store. A fulfillment's id is "order/shipment"."""

    _client: BigCommerceClient

    def fetch_order(self, order_id: str) -> StoreOrder:
        """See StoreOrders. A checkout that was not finished counts as no order, and so does one of another channel."""
        settings = self._client.settings
        order = self._order(order_id)
        if order.count("status_id") == INCOMPLETE or str(settings.channel_id) not in ("None", order.text("channel_id")):
            raise self._no_order(order_id)
        currency, shop = order.currency("default_currency_code"), order.text("store_default_currency_code")
        if currency != settings.currency:
            where = f"connections.{self._client.id}.currency"
            text = f"{where} is {settings.currency}, and order {order_id} is in {currency}"
            raise (Rejected if shop == settings.currency else Misconfigured)(text, code="WRONG_CURRENCY")
        lines = self._lines(order_id)
        addresses = self._addresses(order_id) if any(is_shipped(one) and address_of(one) for one in lines) else []
        return parse_order(
            order, lines, addresses, self._refunds(order_id), self._client.id,
            consent_attribute=settings.sms_consent_attribute, paid_methods=settings.paid_methods,
        )  # fmt: skip

    def earlier_orders(self, order: StoreOrder) -> int | None:
        """See StoreOrders. Of the same account, or of the same mail address where this one is a guest's. Ids rise with time."""
        if not order.customer_id and not order.email:
            return None
        whose = {"customer_id": order.customer_id} if order.customer_id else {"email": order.email}
        before = int(order.order_id) - 1
        found = self._client.read("getOrders", "v2/orders", **whose, max_id=before, sort="id:desc", limit=MOST_EARLIER)
        if found is not None and not isinstance(found, list):
            raise self._client.unclear("getOrders", "the answer holds no list")
        rows = [Node(row, f"getOrders[{index}]") for index, row in enumerate(found or ())]
        # A store that ignores the filter would list the orders of other customers.
        return sum(
            row.count("status_id") in BOUGHT and int(row.text("id")) <= before and _is_of(row, order) for row in rows
        )

    @staticmethod
    def _path(order_id: str) -> str:
        return f"v2/orders/{quote(order_id, safe='')}"

    def _no_order(self, order_id: str) -> NotFound:
        return NotFound(f"{self._client.name}: there is no order {order_id}", code="NOT_FOUND")

    @contextmanager
    def _is_there(self, operation: str) -> Iterator[None]:
        """For parts of an order that was just read: an order that is not found counts as cancelled."""
        try:
            yield
        except NotFound:
            raise self._client.unclear(operation, "HTTP 404 for an order that is there") from None

    def _order(self, order_id: str) -> Node:
        try:
            order = self._client.one("getOrder", self._path(order_id), include="fees")
        except NotFound:
            raise self._no_order(order_id) from None
        if order.text("id") != order_id:
            raise self._client.unclear("getOrder", "the answer is about another order")
        return order

    def _lines(self, order_id: str) -> list[Node]:
        with self._is_there("getOrderProducts"):
            return list(self._client.rows("getOrderProducts", f"{self._path(order_id)}/products"))

    def _addresses(self, order_id: str) -> list[Node]:
        with self._is_there("getOrderShippingAddresses"):
            path = f"{self._path(order_id)}/shipping_addresses"
            return list(self._client.rows("getOrderShippingAddresses", path))

    def _refunds(self, order_id: str) -> list[Node]:
        """Asked for each order: its own sum of them is always 0, and its states tell of one only when it was carried out."""
        path = f"v3/orders/{quote(order_id, safe='')}/payment_actions/refunds"
        with self._is_there("getOrderRefunds"):
            found = self._client.read("getOrderRefunds", path)
        return [] if found is None else Node(found, "getOrderRefunds").children("data")

    def list_changed_orders(self, since: datetime, cursor: str) -> tuple[list[ChangedOrder], str]:
        """See StoreOrders. Pages are numbered, and an order that changes meanwhile moves to the last one, so only the first page
        of a time is ever read: the next one begins at the last second that was seen, whose orders are given only then. A page
        within one second is read by ids, which stay (cursor: time, and the last id within it)."""
        begin, _, last_id = cursor.partition("|")
        start = from_iso(begin) if begin else since.astimezone(UTC).replace(microsecond=0)
        if not last_id:
            rows, more = self._changed(start, sort="date_modified:asc")
            last = instant(rows[-1], "date_modified") if rows else start
            new = [one for one in _placed(rows) if one.updated_at >= max(start, since)]
            if not more:
                return new, ""
            if last > start:
                return [one for one in new if one.updated_at < last], last.isoformat()
            last_id = "0"
        until = (start + SECOND).isoformat()
        rows, more = self._changed(start, max_date_modified=until, sort="id:asc", min_id=last_id)
        following = f"{start.isoformat()}|{rows[-1].text('id')}" if more else until
        return [one for one in _placed(rows) if one.updated_at == start and int(one.order_id) > int(last_id)], following

    def _changed(self, since: datetime, **query: object) -> tuple[list[Node], bool]:
        """A page, and rows of the second before as well: whether a bound counts itself is not said."""
        if (channel := self._client.settings.channel_id) is not None:
            query["channel_id"] = channel
        return self._client.page("getOrders", "v2/orders", 1, min_date_modified=(since - SECOND).isoformat(), **query)

    def read_fulfillment(self, order_id: str) -> FulfillmentView:
        """See StoreOrders. There is one place to send from; `fulfillment_order_id` is the address."""
        order = self._order(order_id)
        is_open = order.count("status_id") not in ENDED | {INCOMPLETE} and not order.flag("is_deleted", default=False)
        shipments = self._client.rows("getOrderShipments", f"{self._path(order_id)}/shipments")
        lines = []
        for line in (one for one in self._lines(order_id) if is_shipped(one) and address_of(one)):
            left = line.count("quantity") - line.count("quantity_shipped") - line.count("quantity_refunded")
            ids = line.text("order_address_id"), line.text("id"), line.text("id")
            if left > 0:
                lines.append(OpenFulfillmentLine(*ids, left, "", is_open))
        return FulfillmentView(tuple(lines), tuple(self._made(order_id, one) for one in shipments))

    @staticmethod
    def _made(order_id: str, shipment: Node) -> MadeFulfillment:
        comments, numbers = shipment.text("comments"), [shipment.text("tracking_number")]
        if comments.startswith(FURTHER):
            numbers += comments.removeprefix(FURTHER).split(", ")
        return MadeFulfillment(
            f"{order_id}/{shipment.text('id')}",
            tuple(filter(None, numbers)),
            tuple((item.text("order_product_id"), item.count("quantity")) for item in shipment.children("items")),
        )

    def create_fulfillment(self, request: FulfillmentRequest, view: FulfillmentView) -> str:
        """See StoreOrders. BigCommerce mails the customer, unless the merchant has switched that off."""
        left = {line.line_id: line for line in view.open_lines if line.open}
        if any(line not in left or left[line].remaining < units for line, units in request.lines):
            text = f"{self._client.name}: order {request.order_id}: the lines of this parcel are not open any more"
            raise Rejected(text, code="LINES_NOT_OPEN")
        addresses = {left[line].fulfillment_order_id for line, _ in request.lines}
        if len(addresses) != 1:
            text = f"{self._client.name}: order {request.order_id}: one parcel, several addresses"
            raise Rejected(text, code="SEVERAL_ADDRESSES")
        body = {
            "order_address_id": int(addresses.pop()),
            "items": [{"order_product_id": int(line), "quantity": units} for line, units in request.lines],
            **self._tracking((request.tracking_number,), request.carrier_name, (request.tracking_url,)),
        }
        path = f"{self._path(request.order_id)}/shipments"
        made = self._client.write("createOrderShipments", "POST", path, body).text("id")
        if not made:
            raise self._client.unclear("createOrderShipments", "no id in the answer", has_effect=True)
        return f"{request.order_id}/{made}"

    def update_fulfillment_tracking(self, update: TrackingUpdate) -> None:
        """See StoreOrders. Comments of a person on this shipment are replaced."""
        order_id, _, shipment = update.fulfillment_id.partition("/")
        path = f"{self._path(order_id)}/shipments/{quote(shipment, safe='')}"
        gone = Rejected(f"{self._client.name} updateOrderShipment: the shipment is gone", code="FULFILLMENT_GONE")
        if not shipment:
            raise gone
        try:
            # Another carrier's word would make a link that leads nowhere.
            cleared = ("tracking_number", "tracking_link", "comments", "shipping_provider", "tracking_carrier")
            body: dict[str, Any] = dict.fromkeys(cleared, "")
            body |= self._tracking(update.numbers, update.carrier_name, update.urls)
            answer = self._client.write("updateOrderShipment", "PUT", path, body)
        except NotFound:
            raise gone from None
        if answer.text("id") != shipment:
            raise self._client.unclear("updateOrderShipment", "the answer is about another one", has_effect=True)

    def _tracking(self, numbers: Sequence[str], carrier: str, urls: Sequence[str]) -> dict[str, Any]:
        """The first number with its carrier and link; what is not known is left out."""
        told = [number for number in numbers if number]
        if any(len(number) > LONGEST_NUMBER for number in told):
            text = f"{self._client.name}: a tracking number is longer than {LONGEST_NUMBER} characters"
            raise Rejected(text, code="TRACKING_TOO_LONG")
        provider = PROVIDERS.get("".join(filter(str.isalpha, carrier.lower())), "")
        link = next((url for number, url in zip(numbers, urls, strict=True) if number), "")
        found = {
            "tracking_number": told[0] if told else "",
            "shipping_provider": provider,
            "shipping_method": carrier,
            # Its own link comes with a known carrier; any other carrier needs ours.
            "tracking_link": link if not provider and len(link) <= LONGEST_LINK else "",
            "comments": FURTHER + ", ".join(told[1:]) if told[1:] else "",
        }
        return {name: value for name, value in found.items() if value}


def _is_of(row: Node, order: StoreOrder) -> bool:
    buyer = row.child("billing_address")
    if order.customer_id:
        return row.text("customer_id") == order.customer_id
    return buyer is not None and buyer.text("email").strip().casefold() == order.email.strip().casefold()


def _placed(rows: Sequence[Node]) -> list[ChangedOrder]:
    """Without checkouts that were not finished."""
    placed = [row for row in rows if row.count("status_id") != INCOMPLETE]
    return [ChangedOrder(row.text("id"), instant(row, "date_modified")) for row in placed]
