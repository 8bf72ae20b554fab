"""The records of one order: lines, payments, fulfillment orders, fulfillments, refunds. Amounts are USD."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from local.sandbox.kit.people import Address, Buyer
from local.sandbox.shopify.money import SHOP_CURRENCY, ZERO, Currencies, rounded
from local.sandbox.shopify.taxes import USUAL_TERMS, TaxRule, Terms


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
    duty: Decimal = ZERO
    hs_code: str | None = None
    origin: str | None = None
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

    def duty_of(self, units: int) -> Decimal:
        """The duty of so many of its units."""
        return rounded(self.duty * units / self.quantity, SHOP_CURRENCY)


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
class AdjustmentState:
    """Money given back beside lines, shipping and duties: negative amounts are in the buyer's favour."""

    number: int
    amount: Decimal
    tax: Decimal
    reason: str


@dataclass
class RefundState:
    """Money and units given back. `lines` rows are (id, line, quantity, restock type), `shipping` is in the order's prices."""

    number: int
    created_at: datetime
    amount: Decimal
    note: str | None = None
    lines: list[tuple[int, LineState, int, str]] = field(default_factory=list)
    shipping: Decimal = ZERO
    adjustments: list[AdjustmentState] = field(default_factory=list)

    @property
    def duties(self) -> Decimal:
        """Duties of its lines."""
        return sum((line.duty_of(units) for _, line, units, _ in self.lines), ZERO)


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
    original_subtotal: Decimal = ZERO
    tax: TaxRule | None = None
    terms: Terms = USUAL_TERMS
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
    def shipping_now(self) -> Decimal:
        """Shipping less what was refunded of it; it goes with the last line."""
        if not any(line.current for line in self.lines):
            return ZERO
        return self.shipping_price - sum((refund.shipping for refund in self.refunds), ZERO)

    @property
    def total(self) -> Decimal:
        """Lines, shipping, duties, tip and tax as they stand now; shipping and tip go with the last line."""
        extra = self.duties_now + (self.terms.tip if any(line.current for line in self.lines) else ZERO)
        return self.with_tax(self.subtotal + self.shipping_now, self.tax_now) + extra

    @property
    def duties_now(self) -> Decimal:
        """Duties of the units that are still sold."""
        return sum((line.duty_of(line.current) for line in self.lines if line.duty), ZERO)

    def with_tax(self, price: Decimal, tax: Decimal) -> Decimal:
        """What the buyer pays for a price and its tax."""
        return price + tax if self.tax and not self.tax.included else price

    def without_tax(self, price: Decimal, tax: Decimal) -> Decimal:
        """What the merchant keeps of a price and its tax."""
        return price - tax if self.tax and self.tax.included else price

    def line_tax(self, line: LineState, units: int) -> Decimal:
        """The tax of so many units of a line."""
        taxed = self.tax and line.taxable and not line.gift_card
        return self.tax.of(line.unit_price * units) if self.tax and taxed else ZERO

    def shipping_tax(self, price: Decimal) -> Decimal:
        """The tax of so much shipping."""
        return self.tax.of(price) if self.tax and self.tax.on_shipping else ZERO

    @property
    def lines_tax_now(self) -> Decimal:
        """Tax of the units that are still sold."""
        return sum((self.line_tax(line, line.current) for line in self.lines), ZERO) if self.tax else ZERO

    @property
    def tax_now(self) -> Decimal:
        """Tax of everything as it stands now."""
        return self.lines_tax_now + self.shipping_tax(self.shipping_now)

    @property
    def tax_before_returns(self) -> Decimal:
        """Tax of everything that was ever sold."""
        lines = sum((self.line_tax(line, line.quantity) for line in self.lines), ZERO)
        return lines + self.shipping_tax(self.shipping_price)

    def refund_value(self, refund: RefundState) -> Decimal:
        """What the units, the shipping and the duties of a refund are worth to the buyer: the amount Shopify suggests."""
        price = refund.shipping + sum((line.unit_price * units for _, line, units, _ in refund.lines), ZERO)
        return self.with_tax(price, self.refund_tax(refund)) + refund.duties

    def refund_tax(self, refund: RefundState) -> Decimal:
        """The tax of a refund's units and shipping."""
        lines = sum((self.line_tax(line, units) for _, line, units, _ in refund.lines), ZERO)
        return lines + self.shipping_tax(refund.shipping)

    @property
    def refund_discrepancy(self) -> Decimal:
        """Suggested less actual refunds: positive in the merchant's favour."""
        return sum((self.refund_value(refund) - refund.amount for refund in self.refunds), ZERO)

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
