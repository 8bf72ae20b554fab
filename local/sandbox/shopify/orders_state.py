"""The records of one order: lines, payments, fulfillment orders, fulfillments, refunds. Amounts are USD."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from local.sandbox.shopify.money import ZERO, Currencies
from local.sandbox.shopify.people import Address, Buyer


@dataclass
class LineState:
    """One order line. `quantity` never shrinks: removed, refunded and fulfilled units are counted beside it."""

    number: int
    title: str
    unit_price: Decimal
    quantity: int
    sku: str | None = None
    variant: int | None = None
    product: int | None = None
    vendor: str | None = None
    variant_title: str | None = None
    requires_shipping: bool = True
    gift_card: bool = False
    taxable: bool = True
    weight_grams: int = 0
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
class FulfillmentOrderLine:
    """Units of one line that one location shall send."""

    number: int
    line: LineState
    total: int
    remaining: int


@dataclass
class FulfillmentOrderState:
    """What one location shall send for one order. `method` is Shopify's delivery method type."""

    number: int
    location: int
    method: str
    created_at: datetime
    updated_at: datetime
    lines: list[FulfillmentOrderLine] = field(default_factory=list)
    cancelled: bool = False

    @property
    def status(self) -> str:
        """OPEN until a part is sent, IN_PROGRESS between, CLOSED when nothing is left."""
        if self.cancelled:
            return "CANCELLED"
        if not any(line.remaining for line in self.lines):
            return "CLOSED"
        sent = any(line.remaining < line.total for line in self.lines)
        return "IN_PROGRESS" if sent else "OPEN"


@dataclass
class FulfillmentEventState:
    """One point on a parcel's way, told by the app."""

    number: int
    status: str
    happened_at: datetime
    created_at: datetime
    message: str | None = None
    city: str | None = None
    country: str | None = None
    zip: str | None = None
    estimated_delivery_at: str | None = None


@dataclass
class FulfillmentState:
    """The store's record of a sent parcel. `tracking` rows are (number, company, url)."""

    number: int
    name: str
    location: int
    created_at: datetime
    updated_at: datetime
    lines: list[tuple[int, LineState, int]] = field(default_factory=list)
    fulfillment_orders: list[int] = field(default_factory=list)
    tracking: list[tuple[str | None, str | None, str | None]] = field(default_factory=list)
    events: list[FulfillmentEventState] = field(default_factory=list)


@dataclass
class RefundState:
    """Money and units given back. `lines` rows are (id, line, quantity, restock type)."""

    number: int
    created_at: datetime
    amount: Decimal
    note: str | None = None
    lines: list[tuple[int, LineState, int, str]] = field(default_factory=list)


@dataclass
class TransactionState:
    """One movement of money: SALE, AUTHORIZATION, CAPTURE, REFUND or VOID."""

    number: int
    kind: str
    amount: Decimal
    created_at: datetime
    status: str = "SUCCESS"
    parent: int | None = None


@dataclass
class OrderState:
    """A buyer's order as the store keeps it."""

    number: int
    order_number: int
    created_at: datetime
    updated_at: datetime
    currencies: Currencies
    buyer: Buyer | None
    customer: int | None
    address: Address | None
    locale: str
    test: bool
    shipping_price: Decimal
    attributes: tuple[tuple[str, str], ...] = ()
    note: str | None = None
    tags: list[str] = field(default_factory=list)
    lines: list[LineState] = field(default_factory=list)
    transactions: list[TransactionState] = field(default_factory=list)
    fulfillment_orders: list[FulfillmentOrderState] = field(default_factory=list)
    fulfillments: list[FulfillmentState] = field(default_factory=list)
    refunds: list[RefundState] = field(default_factory=list)
    original_total: Decimal = ZERO
    risk: str = "ACCEPT"
    risk_level: str = "LOW"
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    closed_at: datetime | None = None
    edited: bool = False
    voided: bool = False

    @property
    def gid(self) -> str:
        """The order's global id."""
        return f"gid://shopify/Order/{self.number}"

    @property
    def name(self) -> str:
        """What the merchant calls it, such as #1001."""
        return f"#{self.order_number}"

    @property
    def subtotal(self) -> Decimal:
        """The lines as they stand now."""
        return sum((line.unit_price * line.current for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        """Lines and shipping as they stand now; shipping goes with the last line."""
        shipping = self.shipping_price if any(line.current for line in self.lines) else ZERO
        return self.subtotal + shipping

    @property
    def received(self) -> Decimal:
        """Money that arrived, before refunds."""
        return sum((t.amount for t in self.transactions if t.kind in ("SALE", "CAPTURE")), ZERO)

    @property
    def refunded(self) -> Decimal:
        """Money that went back."""
        return sum((t.amount for t in self.transactions if t.kind == "REFUND"), ZERO)

    @property
    def capturable(self) -> bool:
        """True while an authorisation waits for its capture."""
        authorised = any(t.kind == "AUTHORIZATION" for t in self.transactions)
        return authorised and not self.voided and self.received == 0

    @property
    def financial_status(self) -> str:
        """Shopify's OrderDisplayFinancialStatus."""
        if self.voided:
            return "VOIDED"
        if self.capturable:
            return "AUTHORIZED"
        if self.refunded:
            return "REFUNDED" if self.refunded >= self.received else "PARTIALLY_REFUNDED"
        if self.received < self.total:
            return "PARTIALLY_PAID" if self.received else "PENDING"
        return "PAID"

    @property
    def fulfillment_status(self) -> str:
        """Shopify's OrderDisplayFulfillmentStatus."""
        sent = any(line.fulfilled for line in self.lines)
        waiting = any(line.unfulfilled for line in self.lines)
        if sent:
            return "PARTIALLY_FULFILLED" if waiting else "FULFILLED"
        return "UNFULFILLED"
