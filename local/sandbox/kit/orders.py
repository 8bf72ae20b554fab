"""The records of a store: what it sells, and one order with its lines, transactions, parcels and refunds. Amounts are USD."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from local.sandbox.kit.money import ZERO, TaxRule, rounded
from local.sandbox.kit.people import Address, Buyer

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
    """One order line. `quantity` never shrinks: removed, refunded and fulfilled units are counted beside it.

    `variant_id` and `product_id` are the store's numbers, None for a line of no article; `duty` is of the whole line.
    """

    number: int
    title: str
    unit_price: Decimal
    quantity: int
    sku: str | None = None
    variant_id: int | None = None
    product_id: int | None = None
    vendor: str | None = None
    variant_title: str | None = None
    requires_shipping: bool = True
    gift_card: bool = False
    taxable: bool = True
    weight_grams: int = 0
    duty: Decimal = ZERO
    hs_code: str | None = None
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
        return rounded(self.duty * units / self.quantity)


@dataclass
class Fulfillment:
    """A parcel that the client told the store of. `lines` rows are (id, line, units)."""

    number: int
    created_at: datetime
    lines: list[tuple[int, Line, int]] = field(default_factory=list)
    tracking: list[Tracking] = field(default_factory=list)


@dataclass
class Transaction:
    """One movement of money: SALE, AUTHORIZATION, CAPTURE, REFUND or VOID. `parent` is what is captured."""

    number: int
    kind: str
    amount: Decimal
    created_at: datetime
    parent: int | None = None


@dataclass
class Adjustment:
    """Money given back beside lines, shipping and duties: negative amounts are in the buyer's favour."""

    number: int
    amount: Decimal
    tax: Decimal
    reason: str


class RefundLine(NamedTuple):
    """Units of one line that are given back. `restock` is CANCEL (not sent yet), RETURN or NO_RESTOCK."""

    number: int
    line: Line
    units: int
    restock: str


@dataclass
class Refund:
    """Money and units given back; `shipping` is in the order's prices."""

    number: int
    created_at: datetime
    amount: Decimal
    note: str | None = None
    lines: list[RefundLine] = field(default_factory=list)
    shipping: Decimal = ZERO
    adjustments: list[Adjustment] = field(default_factory=list)

    @property
    def price(self) -> Decimal:
        """Its units and its shipping, in the order's prices."""
        return self.shipping + sum((line.unit_price * units for _, line, units, _ in self.lines), ZERO)

    @property
    def duties(self) -> Decimal:
        """Duties of its lines."""
        return sum((line.duty_of(units) for _, line, units, _ in self.lines), ZERO)


@dataclass
class Order:
    """A buyer's order. `risk` is ACCEPT, INVESTIGATE, CANCEL or NONE; `tax` None: nothing is taxed.

    `original_total` and `original_subtotal` are as bought; the properties say how things stand now. `payment_word` is the
    vendor's own word for a payment that its money does not show, such as a dispute. `staff_notes` are not the buyer's.
    """

    number: int
    name: str
    created_at: datetime
    updated_at: datetime
    buyer: Buyer | None
    address: Address | None
    locale: str = "en"
    test: bool = False
    shipping_price: Decimal = ZERO
    attributes: tuple[tuple[str, str], ...] = ()
    note: str | None = None
    lines: list[Line] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    fulfillments: list[Fulfillment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    original_total: Decimal = ZERO
    original_subtotal: Decimal = ZERO
    tax: TaxRule | None = None
    risk: str = "ACCEPT"
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    payment_word: str = ""
    staff_notes: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def account(self) -> int:
        """The buyer's account in the store; 0 for a guest."""
        return self.buyer.account if self.buyer else 0

    @property
    def gid(self) -> str:
        """The order's id as text."""
        return str(self.number)

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
        """Lines, shipping, tax and extras as they stand now."""
        return self.with_tax(self.subtotal + self.shipping_now, self.tax_now) + self.extras_now

    @property
    def duties_now(self) -> Decimal:
        """Duties of the units that are still sold."""
        return sum((line.duty_of(line.current) for line in self.lines if line.duty), ZERO)

    @property
    def extras_now(self) -> Decimal:
        """What the buyer pays beside prices and their tax: duties. A vendor with more (a tip) overrides it."""
        return self.duties_now

    def with_tax(self, price: Decimal, tax: Decimal) -> Decimal:
        """What the buyer pays for a price and its tax."""
        return price + tax if self.tax and not self.tax.included else price

    def without_tax(self, price: Decimal, tax: Decimal) -> Decimal:
        """What the merchant keeps of a price and its tax."""
        return price - tax if self.tax and self.tax.included else price

    def line_tax(self, line: Line, units: int) -> Decimal:
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

    def refund_value(self, refund: Refund) -> Decimal:
        """What the units, the shipping and the duties of a refund are worth to the buyer."""
        return self.with_tax(refund.price, self.refund_tax(refund)) + refund.duties

    def refund_tax(self, refund: Refund) -> Decimal:
        """The tax of a refund's units and shipping."""
        lines = sum((self.line_tax(line, units) for _, line, units, _ in refund.lines), ZERO)
        return lines + self.shipping_tax(refund.shipping)

    @property
    def refund_discrepancy(self) -> Decimal:
        """What refunds were worth, less what was given: positive in the merchant's favour."""
        return sum((self.refund_value(refund) - refund.amount for refund in self.refunds), ZERO)

    @property
    def received(self) -> Decimal:
        """Money that arrived, before refunds."""
        return sum((row.amount for row in self.transactions if row.kind in ("SALE", "CAPTURE")), ZERO)

    @property
    def refunded(self) -> Decimal:
        """Money that went back."""
        return sum((row.amount for row in self.transactions if row.kind == "REFUND"), ZERO)

    @property
    def outstanding(self) -> Decimal:
        """What is still to be paid; negative where too much was paid."""
        return self.total - self.received + self.refunded

    @property
    def voided(self) -> bool:
        """True for an order that was cancelled before money arrived."""
        return any(row.kind == "VOID" for row in self.transactions)

    @property
    def capturable(self) -> bool:
        """True while an authorisation waits for its capture."""
        authorised = any(row.kind == "AUTHORIZATION" for row in self.transactions)
        return authorised and not self.voided and self.received == 0

    @property
    def financial_status(self) -> str:
        """PENDING, AUTHORIZED, PAID, PARTIALLY_PAID, PARTIALLY_REFUNDED, REFUNDED or VOIDED; or `payment_word`."""
        if self.payment_word:
            return self.payment_word
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
        """UNFULFILLED, PARTIALLY_FULFILLED or FULFILLED."""
        if not any(line.fulfilled for line in self.lines):
            return "UNFULFILLED"
        return "PARTIALLY_FULFILLED" if any(line.unfulfilled for line in self.lines) else "FULFILLED"
