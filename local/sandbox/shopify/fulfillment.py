"""Fulfillments: sending units of fulfillment orders, and their tracking. Not idempotent, as at Shopify."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from local.sandbox.kit.orders import Tracking
from local.sandbox.shopify.orders import Orders
from local.sandbox.shopify.orders_state import FulfillmentOrderLine, FulfillmentOrderState, FulfillmentState, OrderState
from local.sandbox.shopify.refused import Refused
from local.sandbox.shopify.state import number_of

LINES_PER_FULFILLMENT_ORDER = 512


def tracking_rows(given: Mapping[str, Any] | None) -> list[Tracking]:
    """(number, company, url) rows of a FulfillmentTrackingInput; raises Refused where both forms are mixed."""
    if not given:
        return []
    if given.get("number") is not None and given.get("numbers") is not None:
        raise Refused(["trackingInfo"], "Use either number or numbers, not both")
    numbers = given.get("numbers") or ([given["number"]] if given.get("number") else [])
    urls = given.get("urls") or ([given["url"]] if given.get("url") else [])
    company = given.get("company")
    found = [(number, company, url) for number, url in zip_longest(numbers, urls)]
    return found or ([(None, company, None)] if company else [])


@dataclass
class Fulfillments:
    """The sending side of the order desk."""

    orders: Orders

    def create(self, given: Mapping[str, Any]) -> tuple[OrderState, FulfillmentState]:
        """Send units; raises Refused for more than remains, a closed fulfillment order, or mixed orders or locations."""
        picks = [self._picked(index, entry) for index, entry in enumerate(given["lineItemsByFulfillmentOrder"])]
        if not picks:
            raise Refused(["fulfillment"], "Fulfillment order line items are required")
        order, first, _ = picks[0]
        if any(other is not order for other, _, _ in picks):
            raise Refused(["fulfillment"], "All fulfillment orders must belong to the same order")
        if any(fulfillment_order.location != first.location for _, fulfillment_order, _ in picks):
            raise Refused(["fulfillment"], "All fulfillment orders must be assigned to the same location")
        tracking = tracking_rows(given.get("trackingInfo"))
        sent = self.orders.new_fulfillment(order, first.location)
        sent.tracking = tracking
        for _, fulfillment_order, parts in picks:
            self.orders.send(order, sent, fulfillment_order, parts)
        self.orders.told_of_parcel(order, sent, bool(given.get("notifyCustomer")))
        return order, sent

    def _picked(
        self, index: int, entry: Mapping[str, Any]
    ) -> tuple[OrderState, FulfillmentOrderState, list[tuple[FulfillmentOrderLine, int]]]:
        path = ["fulfillment", "lineItemsByFulfillmentOrder", str(index)]
        found = self.orders.shop.fulfillment_order(number_of(entry["fulfillmentOrderId"], "FulfillmentOrder"))
        if found is None:
            raise Refused([*path, "fulfillmentOrderId"], "Fulfillment order does not exist.")
        order, fulfillment_order = found
        if fulfillment_order.status not in ("OPEN", "IN_PROGRESS"):
            status = fulfillment_order.status.lower()
            raise Refused(path, f"Fulfillment order {fulfillment_order.number} has an unfulfillable status= {status}.")
        asked = entry.get("fulfillmentOrderLineItems")
        if not asked:
            return (
                order,
                fulfillment_order,
                [(part, part.remaining) for part in fulfillment_order.lines if part.remaining],
            )
        if len(asked) > LINES_PER_FULFILLMENT_ORDER:
            raise Refused(path, f"Fulfillment order line items are limited to {LINES_PER_FULFILLMENT_ORDER}")
        units: dict[int, int] = {}
        for row in asked:
            number = number_of(row["id"], "FulfillmentOrderLineItem") or 0
            if row["quantity"] < 1:
                raise Refused(path, "Invalid fulfillment order line item quantity requested.")
            units[number] = units.get(number, 0) + row["quantity"]
        parts = {part.number: part for part in fulfillment_order.lines}
        if any(number not in parts for number in units):
            raise Refused(path, "Fulfillment order line item does not exist.")
        if any(count > parts[number].remaining for number, count in units.items()):
            raise Refused(path, "Invalid fulfillment order line item quantity requested.")
        return order, fulfillment_order, [(parts[number], count) for number, count in units.items()]

    def set_tracking(self, global_id: str, given: Mapping[str, Any]) -> None:
        """Replace a fulfillment's tracking; raises Refused where there is none with this id."""
        found = self.orders.shop.fulfillment(number_of(global_id, "Fulfillment"))
        if found is None:
            raise Refused(["fulfillmentId"], "Fulfillment does not exist.")
        self.orders.set_tracking(*found, tracking_rows(given))
