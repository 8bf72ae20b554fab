"""What happens to a paid order at CJ: it is packed into one or several parcels, which then travel.

An order that leaves in several parcels is split: CJ announces ORDERSPLIT with a code and a product list per part, which is
confirmed; no field that ties an order line to a parcel number was found elsewhere. That each part then answers
getOrderDetail under its own code, and that the whole order shows no parcel number any more, is this stand-in's choice.
"""

from __future__ import annotations

from typing import Any

from local.sandbox.cj.config import CjConfig
from local.sandbox.cj.messages import Messages
from local.sandbox.cj.orders import OrderBook
from local.sandbox.cj.state import DELIVERED, DELIVERED_CODE, Order, Parcel
from local.sandbox.cj.views import tracking_row
from local.sandbox.kit import supply
from local.sandbox.parcel_numbers import ParcelNumbers


class Warehouse(supply.Warehouse[Order]):
    """Ships orders and moves parcels. How CJ announces another number is not documented: here as it announces the first."""

    def __init__(self, config: CjConfig, book: OrderBook, messages: Messages, numbers: ParcelNumbers) -> None:
        super().__init__(book, numbers, config.default_carrier)
        self._config = config
        self._messages = messages

    def changed(self, event: str, order: Order, parcel: Parcel, note: str = "") -> None:
        """ORDERSPLIT where something stays behind; ORDER where the order's own number changed; LOGISTIC."""
        if event == "split":
            self._messages.split(order)
            return
        if event != "last_mile":
            self._messages.order(order, parcel)
        self._messages.logistic(order, parcel, note)

    def move_parcel(self, tracking_number: str, status: int, activity: str) -> None:
        """A parcel's next status; the order is DELIVERED when its last parcel is."""
        order, parcel = self.parcel(tracking_number)
        parcel.status = status
        all_delivered = all(each.status == DELIVERED_CODE for each in order.parcels) and not order.unshipped()
        if all_delivered:
            order.status = DELIVERED
            order.updated_at = self.world.clock()
        self._messages.logistic(order, parcel, activity)
        if all_delivered:
            self._messages.order(order, parcel)

    def tracking(self, numbers: list[str]) -> list[dict[str, Any]]:
        """logistic/trackInfo: one row for each number that is known."""
        now = self.world.clock()
        known = [self.latest(number) for number in numbers]
        return [tracking_row(*found, now, self._config.zone) for found in known if found is not None]
