"""What Shopify's orders have beside the kit's (kit.orders): terms and fulfillment orders. Amounts are USD."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from local.sandbox.kit.money import ZERO
from local.sandbox.kit.orders import Fulfillment, Line, Order, Transaction
from local.sandbox.shopify.money import Currencies, currencies_for


@dataclass(frozen=True)
class Terms:
    """How an order came in and is paid. Amounts are USD.

    `incoterm` is DDP, DAP or None, `company` the name of a business that buys, `merchant_of_record` an app that sells
    in its own name, `source` Shopify's source name.
    """

    gateway: str = "shopify_payments"
    incoterm: str | None = None
    merchant_of_record: str | None = None
    source: str = "web"
    company: str | None = None
    tax_exempt: bool = False
    estimated_taxes: bool = False
    tip: Decimal = ZERO


USUAL_TERMS = Terms()


@dataclass
class FulfillmentOrderLine:
    """Units of one line that one location shall send."""

    number: int
    line: Line
    total: int
    remaining: int


@dataclass
class FulfillmentOrderState:
    """What one location shall send for one order. `method` is Shopify's delivery method type."""

    number: int
    location: int
    method: str
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


@dataclass(kw_only=True)
class FulfillmentState(Fulfillment):
    """The store's record of a sent parcel."""

    name: str
    location: int
    updated_at: datetime
    fulfillment_orders: list[int] = field(default_factory=list)


@dataclass
class OrderState(Order):
    """A buyer's order as the store keeps it; `name` is what the merchant calls it, such as #1001. `disputes`: number, status."""

    currencies: Currencies = field(default_factory=lambda: currencies_for("USD"))
    customer: int | None = None
    tags: list[str] = field(default_factory=list)
    fulfillments: list[FulfillmentState] = field(default_factory=list)  # type: ignore[assignment]
    fulfillment_orders: list[FulfillmentOrderState] = field(default_factory=list)
    terms: Terms = USUAL_TERMS
    risk_level: str = "LOW"
    closed_at: datetime | None = None
    disputes: list[tuple[int, str]] = field(default_factory=list)

    @property
    def gid(self) -> str:
        """The order's global id."""
        return f"gid://shopify/Order/{self.number}"

    @property
    def order_number(self) -> int:
        """The number in its name."""
        return int(self.name[1:])

    def payments_left(self) -> list[tuple[Transaction, Decimal]]:
        """Each payment, and what no refund has taken of it yet."""
        taken = [row for row in self.transactions if row.kind == "REFUND"]
        return [
            (paid, paid.amount - sum((row.amount for row in taken if row.parent == paid.number), ZERO))
            for paid in self.transactions
            if paid.kind in ("SALE", "CAPTURE")
        ]

    @property
    def extras_now(self) -> Decimal:
        """Duties, and the tip, which goes with the last line."""
        return self.duties_now + (self.terms.tip if any(line.current for line in self.lines) else ZERO)
