"""A supplier's own world: accepted orders by reference, what was paid for, and the parcels that leave.

A vendor's class is a `Supplier` with a `Book` and a `Warehouse`; it says in `Warehouse.changed` which webhooks an event sends.
Each event is one ledger line of the kinds that the page and the judges know: order_paid, order_shipped, number_replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from local.sandbox.inventory import Inventory
from local.sandbox.parcel_numbers import ParcelNumbers
from local.sandbox.wire import World

ZERO = Decimal(0)


@dataclass
class Parcel:
    """One parcel. `code` is the supplier's name for what it holds, `status` the supplier's word or number for its place.

    `former` are the numbers that it had before; `last_number` and `last_carrier` belong to the last mile.
    """

    code: str
    tracking_number: str
    carrier: str
    quantities: dict[str, int]
    shipped_at: datetime
    status: Any = 1
    former: list[str] = field(default_factory=list)
    last_number: str = ""
    last_carrier: str = ""

    @property
    def travels_as(self) -> str:
        """The number that carriers scan now."""
        return self.last_number or self.tracking_number


@dataclass(kw_only=True)
class Purchase:
    """One accepted order: `order_number` is the client's reference, `order_id` the supplier's. Amounts are USD, units by SKU.

    A vendor with lines of its own overrides `quantities`, `amount`, `country`, `names` and `store_lines`.
    """

    order_number: str
    order_id: str
    address: dict[str, str]
    created_at: datetime
    status: str
    ordered: dict[str, int] = field(default_factory=dict)
    price: Decimal = ZERO
    surcharge: Decimal = ZERO
    paid_at: datetime | None = None
    updated_at: datetime | None = None
    parcels: list[Parcel] = field(default_factory=list)
    is_split: bool = False

    @property
    def quantities(self) -> dict[str, int]:
        """Ordered units by SKU."""
        return self.ordered

    @property
    def amount(self) -> Decimal:
        """What was asked for at the start."""
        return self.price

    @property
    def country(self) -> str:
        """Where it goes, two letters."""
        return self.address["country"]

    @property
    def names(self) -> tuple[str, ...]:
        """Everything by which the order is found."""
        return self.order_number, self.order_id

    @property
    def store_lines(self) -> list[str]:
        """The ids of the store's order lines, as the client gave them."""
        return []

    def unshipped(self) -> dict[str, int]:
        """Units by SKU that are in no parcel yet."""
        left = dict(self.quantities)
        for parcel in self.parcels:
            for sku, count in parcel.quantities.items():
                left[sku] -= count
        return {sku: count for sku, count in left.items() if count}


AnyPurchase = TypeVar("AnyPurchase", bound=Purchase)


class OutOfStock(ValueError):
    """The warehouse has too few units."""


class Book(Generic[AnyPurchase]):
    """All accepted orders, oldest first, and the merchant's money (USD)."""

    def __init__(self, world: World, vendor: str, inventory: Inventory, balance: Decimal = ZERO) -> None:
        self.world, self.vendor, self.inventory, self.balance = world, vendor, inventory, balance
        self.orders: list[AnyPurchase] = []
        self.newest: dict[str, AnyPurchase] = {}

    def find(self, reference: str) -> AnyPurchase | None:
        """The newest order with this name."""
        return self.newest.get(reference)

    def keep(self, order: AnyPurchase, **facts: Any) -> None:
        """Accept an order; `facts` go into the ledger with it."""
        self.orders.append(order)
        self.newest.update(dict.fromkeys(order.names, order))
        known = {"order_id": order.order_id, "quantities": order.quantities, "amount": order.amount}
        self.world.record(self.vendor, "order_created", order.order_number, **known, **facts)

    def paid(self, order: AnyPurchase, amount: Decimal, **facts: Any) -> None:
        """Take money for an order. Two payments of one order are two payments."""
        self.balance -= amount
        order.paid_at = order.paid_at or self.world.clock()
        known = {"order_id": order.order_id, "quantities": order.quantities}
        self.world.record(self.vendor, "order_paid", order.order_number, amount=amount, **facts, **known)

    def take_stock(self, orders: Iterable[AnyPurchase]) -> None:
        """Take the units of all these orders, or none; raises OutOfStock."""
        needed: dict[str, int] = {}
        for order in orders:
            for sku, count in order.quantities.items():
                needed[sku] = needed.get(sku, 0) + count
        short = [sku for sku, count in needed.items() if self.inventory[sku].stock < count]
        if short:
            raise OutOfStock(f"too few of {', '.join(short)}")
        for sku, count in needed.items():
            self.inventory.set_stock(sku, self.inventory[sku].stock - count, self.world.clock())


class Warehouse(Generic[AnyPurchase]):
    """Ships orders and gives parcels other numbers. KeyError: no such order or parcel. ValueError: an impossible shipment."""

    packing, gone = "UNSHIPPED", "SHIPPED"
    """The vendor's status of an order of which units are left, and of one that is sent whole."""

    def __init__(self, book: Book[AnyPurchase], numbers: ParcelNumbers, carrier: str) -> None:
        self.book, self.world, self.numbers, self.carrier = book, book.world, numbers, carrier
        self._shipped: dict[str, list[tuple[AnyPurchase, Parcel]]] = {}

    def changed(self, event: str, order: AnyPurchase, parcel: Parcel, note: str = "") -> None:
        """Override it: `event` is split (before shipped, where units stay behind), shipped, renumbered, last_mile or moved."""

    def code(self, order: AnyPurchase, part: int) -> str:
        """The supplier's name for part `part` (from 1) of a split order."""
        return f"{order.order_id}-{part}"

    def ship(
        self,
        reference: str,
        lines: Mapping[str, int] | None = None,
        tracking_number: str | None = None,
        carrier: str | None = None,
    ) -> Parcel:
        """Put `lines` (units by SKU; None: all that is left) of a paid order into one parcel. Without `tracking_number` the
        carrier's own kind of number is made up."""
        order = self.book.find(reference)
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
        by = carrier or self.carrier
        number = tracking_number or self.numbers.next(by, order.country)
        code = self.code(order, len(order.parcels) + 1) if order.is_split else order.order_id
        parcel = Parcel(code, number, by, quantities, self.world.clock())
        order.parcels.append(parcel)
        self._shipped.setdefault(number, []).append((order, parcel))
        order.status, order.updated_at = self.packing if stays_behind else self.gone, self.world.clock()
        facts = {"tracking_number": number, "carrier": by, "quantities": quantities, "code": code}
        self.world.record(self.book.vendor, "order_shipped", order.order_number, **facts)
        if stays_behind:
            self.changed("split", order, parcel)
        self.changed("shipped", order, parcel, "Parcel left the warehouse")
        return parcel

    def renumber(
        self,
        tracking_number: str,
        new_number: str | None = None,
        carrier: str | None = None,
        *,
        last_mile: bool = False,
    ) -> Parcel:
        """Another number for a parcel. The old one is gone; or, on the `last_mile`, stays with the new one behind it."""
        order, parcel = self.parcel(tracking_number)
        by, old = carrier or parcel.carrier, parcel.travels_as
        number = new_number or self.numbers.next(by, order.country)
        if last_mile:
            parcel.last_number, parcel.last_carrier = number, by
        else:
            self._shipped[tracking_number].remove((order, parcel))
            if not self._shipped[tracking_number]:
                del self._shipped[tracking_number]
            parcel.tracking_number, parcel.carrier, parcel.last_number, parcel.last_carrier = number, by, "", ""
            self._shipped.setdefault(number, []).append((order, parcel))
        parcel.former.append(old)
        order.updated_at = self.world.clock()
        facts = {"old": old, "tracking_number": number, "carrier": by, "code": parcel.code, "last_mile": last_mile}
        self.world.record(self.book.vendor, "number_replaced", order.order_number, **facts)
        if last_mile:
            self.changed("last_mile", order, parcel, f"Handed over to {by}")
        else:
            self.changed("renumbered", order, parcel, "Tracking number changed")
        return parcel

    def parcel(self, tracking_number: str) -> tuple[AnyPurchase, Parcel]:
        """The first parcel that has this number, and its order."""
        return self._shipped[tracking_number][0]

    def latest(self, tracking_number: str) -> tuple[AnyPurchase, Parcel] | None:
        """The newest parcel that has this number, and its order."""
        return self._shipped[tracking_number][-1] if tracking_number in self._shipped else None

    def ship_due(self, seconds: float | None) -> None:
        """Ship every order that was paid so many seconds ago or earlier, and of which nothing has left."""
        for order in self.book.orders if seconds is not None else ():
            waited = (self.world.clock() - (order.paid_at or self.world.clock())).total_seconds()
            if order.status == self.packing and order.paid_at and not order.parcels and waited >= (seconds or 0):
                self.ship(order.order_number)


class Supplier(Generic[AnyPurchase]):
    """What the supplier's staff do on the page: override nothing, but set `book` and `warehouse`."""

    role = "supplier"
    book: Book[AnyPurchase]
    warehouse: Warehouse[AnyPurchase]

    @property
    def orders(self) -> tuple[AnyPurchase, ...]:
        """All orders, oldest first."""
        return tuple(self.book.orders)

    @property
    def ship(self) -> Callable[..., Parcel]:
        """See Warehouse.ship."""
        return self.warehouse.ship

    @property
    def renumber(self) -> Callable[..., Parcel]:
        """See Warehouse.renumber."""
        return self.warehouse.renumber
