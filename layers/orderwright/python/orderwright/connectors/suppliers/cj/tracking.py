"""Parcels of a paid order (SupplierTracking).

CJ names no lines per parcel. An order that leaves in several parcels is split: the parts are orders of their own, called
"<order id>-1", "-2" ..., each with its lines and its parcel number; the vendor announces them by webhook only, so they are
asked for one after the other until one is not found.
"""

from __future__ import annotations

import logging
from typing import Any

from orderwright.connectors.suppliers.cj.client import CjPart
from orderwright.connectors.suppliers.cj.details import another_order, is_paid, only_ours, read_detail, read_own
from orderwright.connectors.suppliers.cj.fields import count, rows, text
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.tracking_numbers import contradicts
from orderwright.errors import OutcomeUnknown, Rejected, Retryable
from orderwright.ports.supplier import ORDER_ID, ParcelNews, SupplierOrderView

MOST_PARTS = 20
# trackingStatus is free text; these are the texts whose meaning is plain, any other is UNKNOWN.
_STATES = {
    "no tracking information": ShipmentState.PENDING,
    "warehouse outbound": ShipmentState.PICKED_UP,
    "in transit": ShipmentState.IN_TRANSIT,
    "arrived at destination country": ShipmentState.IN_TRANSIT,
    "terminal retrieval": ShipmentState.IN_TRANSIT,
    "out for delivery": ShipmentState.OUT_FOR_DELIVERY,
    "waiting for pick-up": ShipmentState.READY_FOR_PICKUP,
    "delivered": ShipmentState.DELIVERED,
    "delivery failed": ShipmentState.DELIVERY_FAILED,
    "returned": ShipmentState.RETURN_TO_SENDER,
}
_ALL_LEFT = frozenset({"SHIPPED", "DELIVERED"})
_logger = logging.getLogger(__name__)


def _units(source: dict[str, Any]) -> int:
    """How many units an order, or a part of one, holds."""
    return sum(count(line.get("quantity")) or 0 for line in rows(source.get("productList")))


def _name(number: str, named: str) -> str:
    """The carrier, "" where the number is another one's: `logisticName` is a service, `lastMileCarrier` may have its own."""
    return "" if contradicts(number, named) else named


def _parcel(source: dict[str, Any], row: dict[str, Any]) -> ParcelNews:
    number = text(source, "trackNumber")
    lines = []
    for line in rows(source.get("productList")):
        vid, units = text(line, "vid"), count(line.get("quantity"))
        if vid and units:
            lines.append((vid, units))
    state = ShipmentState.PENDING
    if "trackingStatus" in row:
        state = _STATES.get(text(row, "trackingStatus").lower(), ShipmentState.UNKNOWN)
    # The last mile's number is the one that the buyer's carrier knows; the first one's link does not show it.
    last = text(row, "lastTrackNumber")
    other = bool(last) and last != number
    named = text(row, "lastMileCarrier") or ("" if other else text(row, "logisticName") or text(source, "logisticName"))
    return ParcelNews(
        tracking_number=last if other else number,
        carrier_name=_name(last if other else number, named),
        tracking_url="" if other else text(source, "trackingUrl"),
        lines=tuple(lines),
        state=state,
        parcel_ref=text(source, "orderId"),
        former_numbers=(number,) if other else (),
    )


class CjTracking(CjPart):
    """SupplierTracking."""

    def read_parcels(self, reference: str, vendor_ids: dict[str, str]) -> SupplierOrderView:
        """All parcels known now, with lines as (vid, quantity).

        Raises Retryable or Misconfigured; OutcomeUnknown for another order than ours.
        """
        order = read_own(self._client, reference, vendor_ids.get(ORDER_ID, ""))
        if order is None:
            return SupplierOrderView(found=False, cancelled=False, parcels=())
        cancelled = order.get("orderStatus") == "CANCELLED"
        if cancelled or not is_paid(order):
            return SupplierOrderView(found=True, cancelled=cancelled, parcels=())
        order_id = text(order, "orderId") or vendor_ids.get(ORDER_ID, "")
        sources = self._parts(order_id, reference) or [order]
        if sum(map(_units, sources)) > _units(order):
            raise OutcomeUnknown(
                f"{self._client.name} getOrderDetail: the parts hold more than the order", code="UNREADABLE"
            )
        with_number = [source for source in sources if text(source, "trackNumber")]
        tracked = [self._row(text(source, "trackNumber")) for source in with_number]
        parcels = tuple(_parcel(source, row or {}) for source, row in zip(with_number, tracked, strict=True))
        # A part's look-up may lag behind its news: where all has left, the parts must hold all.
        all_left = text(order, "orderStatus") in _ALL_LEFT
        gaps = all_left and (not with_number or sum(map(_units, with_number)) < _units(order))
        return SupplierOrderView(found=True, cancelled=False, parcels=parcels, gaps=gaps, unread=None in tracked)

    def _parts(self, order_id: str, reference: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while order_id and len(found) < MOST_PARTS:
            code = f"{order_id}-{len(found) + 1}"
            part = read_detail(self._client, code)
            # An account that answers with the whole order instead does not know the part.
            if part is None or text(part, "orderId") == order_id:
                break
            if not only_ours(text(part, "orderId"), code):
                raise another_order(self._client, "getOrderDetail")
            # Its own code ties a part to our order. How CJ numbers it is not documented; another order's number is none of ours.
            number = text(part, "orderNum", "orderNumber")
            if number and number != reference and not number.startswith(f"{reference}-"):
                raise another_order(self._client, "getOrderDetail")
            found.append(part)
        return found

    def _row(self, number: str) -> dict[str, Any] | None:
        """trackInfo of one parcel: carrier, state, last mile. Without it the parcel is still worth telling.

        None where it is worth asking again: a last mile's number may be in it, which nothing else tells.
        """
        try:
            data = self._client.read("trackInfo", "logistic/trackInfo", [("trackNumber", number)])
        except (Retryable, Rejected) as error:
            _logger.warning("%s trackInfo: %s; the parcel is taken without it", self._client.name, error.code)
            return None if isinstance(error, Retryable) else {}
        return next((row for row in rows(data) if text(row, "trackingNumber") == number), {})
