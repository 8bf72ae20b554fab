"""What happens to a paid order at CJ: it is packed into one or several parcels, which then travel.

An order that leaves in several parcels is split: CJ announces ORDERSPLIT with a code and a product list per part, which is
confirmed; no field that ties an order line to a parcel number was found elsewhere. That each part then answers
getOrderDetail under its own code, and that the whole order shows no parcel number any more, is this stand-in's choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.sandbox.cj.config import CjConfig
from local.sandbox.cj.messages import Messages
from local.sandbox.cj.orders import VENDOR, OrderBook
from local.sandbox.cj.state import DELIVERED, DELIVERED_CODE, SHIPPED, UNSHIPPED, Order, Parcel
from local.sandbox.cj.views import split_code, tracking_row
from local.sandbox.parcel_numbers import ParcelNumbers
from local.sandbox.wire import World


class Warehouse:
    """Ships orders and moves parcels. Raises KeyError for an unknown order or parcel, ValueError for an impossible shipment."""

    def __init__(
        self, world: World, config: CjConfig, book: OrderBook, messages: Messages, numbers: ParcelNumbers
    ) -> None:
        self._world = world
        self._config = config
        self._book = book
        self._messages = messages
        self._numbers = numbers
        self._shipped: dict[str, list[tuple[Order, Parcel]]] = {}

    def ship(
        self,
        reference: str,
        lines: Mapping[str, int] | None = None,
        tracking_number: str | None = None,
        carrier: str | None = None,
    ) -> Parcel:
        """One parcel with `lines`, or with all that is left. Sends ORDERSPLIT where something stays behind, then ORDER and
        LOGISTIC. Without `tracking_number` the carrier's own kind of number is made up."""
        order = self._book.find(reference)
        if order is None:
            raise KeyError(reference)
        left = order.unshipped()
        quantities = dict(left if lines is None else lines)
        if order.paid_at is None or not quantities:
            raise ValueError(f"order {order.order_number} is {order.status}: nothing to ship")
        for sku, count in quantities.items():
            if not 0 < count <= left.get(sku, 0):
                raise ValueError(f"order {order.order_number} has {left.get(sku, 0)} of {sku} left, not {count}")
        stays_behind = quantities != left
        order.is_split = order.is_split or stays_behind
        by = carrier or self._config.default_carrier
        number = tracking_number or self._numbers.next(by, order.address["shippingCountryCode"])
        code = split_code(order, len(order.parcels) + 1) if order.is_split else order.order_id
        parcel = Parcel(code, number, by, quantities, self._world.clock())
        order.parcels.append(parcel)
        self._shipped.setdefault(number, []).append((order, parcel))
        order.status = UNSHIPPED if stays_behind else SHIPPED
        order.updated_at = self._world.clock()
        self._world.record(
            VENDOR,
            "order_shipped",
            order.order_number,
            tracking_number=number,
            carrier=by,
            quantities=quantities,
            code=code,
        )
        if stays_behind:
            self._messages.split(order)
        self._messages.order(order, parcel)
        self._messages.logistic(order, parcel, "Parcel left the warehouse")
        return parcel

    def renumber(self, tracking_number: str, new_number: str | None, carrier: str | None, *, last_mile: bool) -> Parcel:
        """The parcel travels under another number. The old one is gone; or, on the `last_mile`, stays with the new one behind it.

        Sends ORDER where the order's own number changed, and LOGISTIC. How CJ announces it is not documented.
        """
        order, parcel = self._parcel(tracking_number)
        by, old = carrier or parcel.carrier, parcel.travels_as
        number = new_number or self._numbers.next(by, order.address["shippingCountryCode"])
        if last_mile:
            parcel.last_number, parcel.last_carrier = number, by
        else:
            self._shipped[tracking_number].remove((order, parcel))
            if not self._shipped[tracking_number]:
                del self._shipped[tracking_number]
            parcel.tracking_number, parcel.carrier, parcel.last_number, parcel.last_carrier = number, by, "", ""
            self._shipped.setdefault(number, []).append((order, parcel))
        parcel.former.append(old)
        order.updated_at = self._world.clock()
        facts = {"old": old, "tracking_number": number, "carrier": by, "code": parcel.code, "last_mile": last_mile}
        self._world.record(VENDOR, "number_replaced", order.order_number, **facts)
        if not last_mile:
            self._messages.order(order, parcel)
        self._messages.logistic(order, parcel, f"Handed over to {by}" if last_mile else "Tracking number changed")
        return parcel

    def move_parcel(self, tracking_number: str, status: int, activity: str) -> None:
        """A parcel's next status; the order is DELIVERED when its last parcel is."""
        order, parcel = self._parcel(tracking_number)
        parcel.status = status
        all_delivered = all(each.status == DELIVERED_CODE for each in order.parcels) and not order.unshipped()
        if all_delivered:
            order.status = DELIVERED
            order.updated_at = self._world.clock()
        self._messages.logistic(order, parcel, activity)
        if all_delivered:
            self._messages.order(order, parcel)

    def tracking(self, numbers: list[str]) -> list[dict[str, Any]]:
        """logistic/trackInfo: one row for each number that is known."""
        now = self._world.clock()
        known = [self._shipped[number][-1] for number in numbers if number in self._shipped]
        return [tracking_row(order, parcel, now, self._config.zone) for order, parcel in known]

    def ship_due(self) -> None:
        """Ship every order that was paid `auto_ship_after` seconds ago or earlier."""
        if self._config.auto_ship_after is None:
            return
        now = self._world.clock()
        for order in self._book.orders:
            if order.status == UNSHIPPED and order.paid_at is not None and not order.parcels:
                waited = (now - order.paid_at).total_seconds()
                if waited >= self._config.auto_ship_after:
                    self.ship(order.order_number)

    def _parcel(self, tracking_number: str) -> tuple[Order, Parcel]:
        return self._shipped[tracking_number][0]
