"""The customer's order: what the store says of it, and what we made of it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.money import Money
from orderwright.domain.order_money import OrderMoney
from orderwright.domain.time_line import LogEntry, Logged


class PaymentState(StrEnum):
    """Where the money is, in the words all stores can be mapped to. Only PAID and PARTIALLY_REFUNDED may be forwarded."""

    PENDING = "PENDING"
    AUTHORIZED = "AUTHORIZED"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    PAID = "PAID"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"
    VOIDED = "VOIDED"
    EXPIRED = "EXPIRED"
    UNKNOWN = "UNKNOWN"


class Address(Model):
    """Where a parcel goes. Personal data: lives in the DETAILS item and nowhere else. All texts as the buyer gave them."""

    name: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    province: str = ""
    province_code: str = ""
    postcode: str = ""
    country_code: str = ""
    phone: str = ""

    def with_phone(self, phone: str) -> Address:
        """With the number that can be dialled, or ""."""
        return changed(self, phone=phone)


class OrderLine(Model):
    """One line as the store has it now: `quantity` is what is still sold, `unfulfilled` what is still to be shipped."""

    line_id: str
    sku: str = ""
    variant_id: str = ""
    title: str
    variant_title: str = ""
    quantity: int = Field(ge=0)
    unfulfilled: int = Field(ge=0)
    unit_price: Money
    requires_shipping: bool = True
    gift_card: bool = False
    personalised: bool = False


def units_of(counted: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Units by line id, or by another name: those of a name that comes more than once are added up."""
    total: dict[str, int] = {}
    for name, units in counted:
        total[name] = total.get(name, 0) + units
    return total


class StoreOrder(Model):
    """An order freshly fetched from a store, in shop currency. Holds personal data: never logged, never in a message."""

    connection: str
    order_id: str
    name: str
    created_at: Instant
    updated_at: Instant
    cancelled_at: Instant | None = None
    test: bool = False
    payment: PaymentState
    total: Money
    refunded: Money
    lines: tuple[OrderLine, ...]
    money: OrderMoney | None = Field(default=None, description="None: the connector does not read it")
    address: Address | None = None
    email: str = ""
    phone: str = ""
    sms_consent: bool = False
    locale: str = ""
    risk_hold: bool = False
    risk_note: str = ""
    customer_id: str = ""


class OrderState(StrEnum):
    """What we do with an order. The last four are final."""

    RESERVING = "RESERVING"
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    ON_HOLD = "ON_HOLD"
    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"
    PLACING = "PLACING"
    PLACED = "PLACED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"
    NOTHING_TO_ORDER = "NOTHING_TO_ORDER"
    IGNORED = "IGNORED"


FINAL_ORDER_STATES = frozenset(
    {OrderState.DELIVERED, OrderState.CANCELLED, OrderState.NOTHING_TO_ORDER, OrderState.IGNORED}
)


class Reason(Model):
    """Why something waits, for the operator: a stable code, the field, what is wrong, what to do. No personal data.

    The last four are its terms: what it stands for, so that a release holds for that and for nothing worse
    (domain/releases.py). A reason without `measure` and `seen` has none: its code says all.
    """

    code: str
    message: str
    fix: str = ""
    field: str = ""
    line_id: str = ""
    measure: int | None = Field(default=None, description="worse when higher: minor units, or pieces")
    unit: str = Field(default="", description="of `measure` and `allowed`: a currency, or pieces")
    allowed: int | None = Field(default=None, description="the limit it was held against: worse when lower")
    seen: str = Field(default="", description="what the operator looks at; any other text is another thing")

    def about(self, seen: str) -> Reason:
        """The same of what the operator looks at: any other text is another thing."""
        return changed(self, seen=seen)

    def measured(self, measure: int, unit: str, seen: str) -> Reason:
        """The same with its terms: worse when higher."""
        return changed(self, measure=measure, unit=unit, seen=seen)

    def told_further(self, more: str) -> Reason:
        """With one more sentence."""
        return changed(self, message=f"{self.message} {more}")


class Release(Model):
    """What the operator let pass: the terms of a Reason as it stood, who did it, and when."""

    code: str
    line_id: str = ""
    measure: int | None = None
    unit: str = ""
    allowed: int | None = None
    seen: str = ""
    at: Instant
    by: str


class Reservation(Model):
    """Stock taken for one line from one supplier's offer (promise P3)."""

    line_id: str
    sku: str
    supplier: str
    quantity: int = Field(gt=0)
    sold: bool = Field(default=False, description="of one that is given back: because it was bought")


class SeenRefund(Model):
    """More money given back, as the store showed it: when it changed the order, how much, and the tax in it.

    `tax` is None where one of the store's figures was not known.
    """

    at: Instant
    amount: Money
    tax: Money | None = None


class OrderRecord(Logged):
    """Our state of an order (item ORDER): small, without personal data."""

    connection: str
    order_id: str
    name: str
    state: OrderState
    reasons: tuple[Reason, ...] = ()
    payment: PaymentState
    total: Money
    refunded: Money
    created_at: Instant
    store_updated_at: Instant
    seen_at: Instant
    cancelled: bool = False
    cancel_outcome: str = ""
    released: tuple[str, ...] = Field(default=(), description="reason codes that the operator let pass")
    releases: tuple[Release, ...] = Field(default=(), description="what each release holds for (domain/releases.py)")
    test: bool = False
    problems: tuple[Reason, ...] = ()
    holds: tuple[Reason, ...] = ()
    approvals: tuple[Reason, ...] = ()
    reserved: dict[str, Reservation] = Field(
        default_factory=dict, description="by reservation id: line id, or line id.n"
    )
    reserving: int = Field(default=0, description="reservations that did not fit into the commits made so far")
    giving_back: dict[str, Reservation] = Field(
        default_factory=dict, description="not this order's any more, and still in the offers: too many for one commit"
    )
    margin: Money | None = None
    refunds: tuple[SeenRefund, ...] = Field(default=(), description="since this was first written down; the last 50")
    payment_overdue: bool = Field(default=False, description="the merchant was told that the money does not come")
    recheck_at: Instant | None = Field(default=None, description="when to look again by itself")
    erased_at: Instant | None = None

    def with_margin(self, margin: Money | None) -> OrderRecord:
        """What its purchase orders leave together."""
        return changed(self, margin=margin)

    def erased(self, entry: LogEntry) -> OrderRecord:
        """Its personal half is gone."""
        return changed(self, erased_at=entry.at).noted(entry)


class OrderDetails(Model):
    """The personal half of an order (item DETAILS). `fixed_address` is the operator's correction and wins."""

    lines: tuple[OrderLine, ...]
    money: OrderMoney | None = Field(default=None, description="None: written by a version that did not read it")
    address: Address | None = None
    fixed_address: Address | None = None
    email: str = ""
    phone: str = ""
    sms_consent: bool = False
    locale: str = ""
    customer_id: str = ""

    @property
    def destination(self) -> Address | None:
        """Where to ship: the operator's correction, else what the buyer gave."""
        return self.fixed_address or self.address

    def erased(self) -> OrderDetails:
        """Lines and money stay (what was sold is the merchant's record), everything about the person goes."""
        return OrderDetails(lines=self.lines, money=self.money)
