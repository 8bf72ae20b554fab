"""The records of a store: what it sells, and one order with its lines, parcels and refunds. Amounts are USD without tax."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from local.sandbox.kit.people import Address, Buyer

ZERO = Decimal(0)
Tracking = tuple[str | None, str | None, str | None]
"""(number, company, url)."""


@dataclass
class Variant:
    """One thing on the shelf. `stock` None is not counted; `extra` is for fields that only one vendor has."""

    number: int
    product: int
    sku: str
    title: str
    price: Decimal
    stock: int | None
    updated_at: datetime
    compare_at_price: Decimal | None = None
    description_html: str = ""
    image_url: str | None = None
    visible: bool = True
    requires_shipping: bool = True
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def available(self) -> int | None:
        """Units free to sell, as the page asks for them."""
        return self.stock


@dataclass
class Line:
    """One order line. `quantity` never shrinks: removed, refunded and fulfilled units are counted beside it."""

    number: int
    title: str
    unit_price: Decimal
    quantity: int
    sku: str | None = None
    variant: Variant | None = None
    requires_shipping: bool = True
    removed: int = 0
    refunded: int = 0
    refunded_unfulfilled: int = 0
    fulfilled: int = 0

    @property
    def current(self) -> int:
        """Units still on the order: bought, minus edited out, minus refunded."""
        return self.quantity - self.removed - self.refunded

    @property
    def unfulfilled(self) -> int:
        """Units that still have to be sent."""
        return self.quantity - self.removed - self.refunded_unfulfilled - self.fulfilled


@dataclass
class Fulfillment:
    """A parcel that the client told the store of."""

    number: int
    created_at: datetime
    lines: list[tuple[Line, int]]
    tracking: list[Tracking]


@dataclass
class Refund:
    """Money and units given back."""

    number: int
    created_at: datetime
    amount: Decimal
    lines: list[tuple[Line, int]]
    shipping: Decimal = ZERO


@dataclass
class Order:
    """A buyer's order. `risk` is ACCEPT, INVESTIGATE, CANCEL or NONE."""

    number: int
    name: str
    created_at: datetime
    updated_at: datetime
    buyer: Buyer | None
    address: Address | None
    lines: list[Line]
    shipping_price: Decimal = ZERO
    locale: str = "en"
    test: bool = False
    attributes: tuple[tuple[str, str], ...] = ()
    note: str | None = None
    received: Decimal = ZERO
    authorized: bool = False
    risk: str = "ACCEPT"
    cancelled_at: datetime | None = None
    fulfillments: list[Fulfillment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def gid(self) -> str:
        """The order's id as text."""
        return str(self.number)

    @property
    def shipping_now(self) -> Decimal:
        """Shipping less what was refunded of it; it goes with the last line."""
        left = self.shipping_price - sum((refund.shipping for refund in self.refunds), ZERO)
        return left if any(line.current for line in self.lines) else ZERO

    @property
    def total(self) -> Decimal:
        """Lines and shipping as they stand now."""
        return sum((line.unit_price * line.current for line in self.lines), self.shipping_now)

    @property
    def refunded(self) -> Decimal:
        """Money that went back."""
        return sum((refund.amount for refund in self.refunds), ZERO)

    @property
    def financial_status(self) -> str:
        """PENDING, AUTHORIZED, PAID, PARTIALLY_PAID, PARTIALLY_REFUNDED, REFUNDED or VOIDED."""
        if self.refunded:
            return "REFUNDED" if self.refunded >= self.received else "PARTIALLY_REFUNDED"
        if self.received:
            return "PAID" if self.received >= self.total else "PARTIALLY_PAID"
        return "VOIDED" if self.cancelled_at else "AUTHORIZED" if self.authorized else "PENDING"

    @property
    def fulfillment_status(self) -> str:
        """UNFULFILLED, PARTIALLY_FULFILLED or FULFILLED."""
        if not any(line.fulfilled for line in self.lines):
            return "UNFULFILLED"
        return "PARTIALLY_FULFILLED" if any(line.unfulfilled for line in self.lines) else "FULFILLED"
