"""The customer's order: what the store says of it, and what we made of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.money import Money
from orderwright.domain.order_money import OrderMoney
from orderwright.domain.time_line import LogEntry, Logged

MOST_REFUNDS_KEPT = 50
MOST_OF_A_NOTE = 2_000


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
    DISPUTED = "DISPUTED"
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

    def corrected(self, given: Mapping[str, str]) -> Address:
        """With these fields as the operator gave them."""
        return changed(self, **{name: text.strip() for name, text in given.items()})


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
    of_line: str = Field(default="", description="of a component of a bundle: the store's own line; else empty")
    bundle: str = Field(default="", description="the bundle's SKU")
    per_bundle: int = Field(default=1, ge=1, description="pieces of it in one bundle")
    weight: int = Field(default=0, ge=0, description="by which it has its part of the bundle's money")
    share: Money | None = Field(
        default=None, description="its part of the price of one bundle, for all its pieces in it"
    )

    def reduced(self, units: int) -> OrderLine:
        """As if only these units had been sold, and none of them had left."""
        return changed(self, quantity=units, unfulfilled=units)

    def reopened(self, units: int) -> OrderLine:
        """Units that the store shows as fulfilled have not left yet: they are still to be shipped."""
        return changed(self, unfulfilled=min(self.quantity, self.unfulfilled + units)) if units > 0 else self

    def left_untold(self, units: int) -> OrderLine:
        """Of a component: so many have left, of which the store is told with the rest of the bundle."""
        return changed(self, unfulfilled=max(0, self.unfulfilled - units)) if units > 0 else self

    def sold_as(self, sku: str) -> OrderLine:
        """Under our own spelling of its SKU."""
        return changed(self, sku=sku)

    def component(
        self, line_id: str, sku: str, title: str, *, bundle: str, pieces: int, weight: int, share: Money
    ) -> OrderLine:
        """One component of this line of bundles. `variant_title` says to people what it is a part of."""
        return changed(
            self, line_id=line_id, sku=sku, title=title, of_line=self.line_id, bundle=bundle, per_bundle=pieces, weight=weight,
            share=share, variant_title=", ".join(filter(None, (self.title, self.variant_title))), variant_id="",
            quantity=self.quantity * pieces, unfulfilled=self.unfulfilled * pieces,
            unit_price=Money(minor=share.minor // pieces, currency=share.currency),
        )  # fmt: skip

    def put_together(self, price: Money) -> OrderLine:
        """The store's own line again, of a component, at the price of one bundle."""
        return changed(
            self, line_id=self.of_line, sku=self.bundle, title=self.variant_title, variant_title="", of_line="", bundle="",
            per_bundle=1, weight=0, share=None, quantity=self.quantity // self.per_bundle,
            unfulfilled=self.unfulfilled // self.per_bundle, unit_price=price,
        )  # fmt: skip


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
    buyer_note: str = Field(default="", description="what the buyer wrote at the checkout; no supplier sees it")
    earlier_orders: int | None = Field(
        default=None, description="of the same customer, as far as the store tells; None: not known, or not asked"
    )

    def ordered_after(self, earlier: int | None) -> StoreOrder:
        """The store says how many orders of this customer came before it."""
        return changed(self, earlier_orders=earlier)

    def reopened(self, units: Mapping[str, int]) -> StoreOrder:
        """Units by line id that the store shows as fulfilled, and that have not left yet."""
        return changed(self, lines=tuple(line.reopened(units.get(line.line_id, 0)) for line in self.lines))

    def left_untold(self, units: Mapping[str, int]) -> StoreOrder:
        """Units by line id that have left, and that the store does not show yet."""
        return changed(self, lines=tuple(line.left_untold(units.get(line.line_id, 0)) for line in self.lines))

    def taken_apart(self, lines: tuple[OrderLine, ...], money: OrderMoney | None) -> StoreOrder:
        """With the components of bundles in place of their lines (bundle_lines.py)."""
        return changed(self, lines=lines, money=money)

    def sold_as(self, ours: Mapping[str, str]) -> StoreOrder:
        """With our own spelling of SKUs, by the store's."""
        return changed(self, lines=tuple(line.sold_as(ours.get(line.sku, line.sku)) for line in self.lines))

    def remembered(self, before: Iterable[OrderLine]) -> StoreOrder:
        """With the SKUs that lines had when they were read `before`: some stores drop them with a product that is deleted."""
        known = {line.line_id: line.sku for line in before}
        return changed(self, lines=tuple(line.sold_as(line.sku or known.get(line.line_id, "")) for line in self.lines))


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
    """What the operator accepted: the terms of a Reason as it stood, who did it, and when."""

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
    released: tuple[str, ...] = Field(default=(), description="reason codes that the operator accepted")
    releases: tuple[Release, ...] = Field(default=(), description="what each release holds for (domain/releases.py)")
    test: bool = False
    problems: tuple[Reason, ...] = ()
    holds: tuple[Reason, ...] = ()
    approvals: tuple[Reason, ...] = ()
    reserved: dict[str, Reservation] = Field(
        default_factory=dict, description="by reservation id: line id, or line id.n"
    )
    routed: int = Field(
        default=0, description="how often it was decided who ships what; the last such decision's number"
    )
    reserving: int = Field(default=0, description="reservations that did not fit into the commits made so far")
    digital_left: bool = Field(default=False, description="digital lines wait until nothing stops the order (R9)")
    giving_back: dict[str, Reservation] = Field(
        default_factory=dict, description="not this order's any more, and still in the offers: too many for one commit"
    )
    store_problem: Reason | None = Field(default=None, description="what the store was asked to do with it and did not")
    margin: Money | None = None
    refunds: tuple[SeenRefund, ...] = Field(default=(), description="since this was first written down; the last 50")
    payment_overdue: bool = Field(default=False, description="the merchant was told that the money does not come")
    recheck_at: Instant | None = Field(default=None, description="when to look again automatically")
    erased_at: Instant | None = None
    link_mark: str = Field(default="", description="under which its customer's page is kept (tracking_links.py)")
    linked_at: Instant | None = Field(default=None, description="since when it has a page")
    asked: int = Field(default=0, description='how often its customer asked on the page "where is my order?"')

    @classmethod
    def first_seen(cls, order: StoreOrder, now: datetime, *, erased: bool) -> OrderRecord:
        """Not known before. `erased`: the person was erased before the order arrived."""
        return cls(
            connection=order.connection, order_id=order.order_id, name=order.name, state=OrderState.AWAITING_PAYMENT,
            payment=order.payment, total=order.total, refunded=order.refunded, created_at=order.created_at,
            store_updated_at=order.updated_at, seen_at=now, erased_at=now if erased else None,
        ).seen_again(order)  # fmt: skip

    def seen_again(self, order: StoreOrder) -> OrderRecord:
        """As the store shows it now; what we made of it stays."""
        return changed(
            self, name=order.name, payment=order.payment, total=order.total, refunded=order.refunded,
            store_updated_at=order.updated_at, cancelled=order.cancelled_at is not None, test=order.test,
        )  # fmt: skip

    def linked(self, mark: str, at: datetime) -> OrderRecord:
        """Its customer has a page from now on; one that it has already stays."""
        return self if self.link_mark or not mark else changed(self, link_mark=mark, linked_at=at)

    def asked_where(self) -> OrderRecord:
        """Its customer asked where it is."""
        return changed(self, asked=self.asked + 1)

    def refund_seen(self, amount: Money, tax: Money | None) -> OrderRecord:
        """The store shows more money given back than before, since its last change."""
        seen = SeenRefund(at=self.store_updated_at, amount=amount, tax=tax)
        return changed(self, refunds=(*self.refunds, seen)[-MOST_REFUNDS_KEPT:])

    def summarised(self, state: OrderState, reasons: tuple[Reason, ...], cancel_outcome: str) -> OrderRecord:
        """What all its parts make of it (domain/order_state.py)."""
        return changed(self, state=state, reasons=reasons, cancel_outcome=cancel_outcome)

    def judged(
        self, problems: tuple[Reason, ...], holds: tuple[Reason, ...], approvals: tuple[Reason, ...]
    ) -> OrderRecord:
        """All that stands against buying it."""
        return changed(self, problems=problems, holds=holds, approvals=approvals)

    def digital_waits(self, *, left: bool) -> OrderRecord:
        """Are there digital lines that are still to be delivered?"""
        return changed(self, digital_left=left)

    def stock_taken(self, taken: Mapping[str, Reservation], missing: int) -> OrderRecord:
        """More is reserved for it; so many reservations did not fit into this commit."""
        return changed(self, reserved={**self.reserved, **taken}, reserving=missing)

    def routing_decided(self) -> OrderRecord:
        """It was decided who ships what, and that is kept beside it under this number."""
        return changed(self, routed=self.routed + 1)

    def stock_freed(self, names: Collection[str]) -> OrderRecord:
        """These reservations are not its own any more."""
        return changed(self, reserved={name: held for name, held in self.reserved.items() if name not in names})

    def stock_sent(self, units: Mapping[str, int]) -> OrderRecord:
        """Of these reservations so many units have left an own warehouse: what is left of them stays reserved."""
        left = {name: held.quantity - units.get(name, 0) for name, held in self.reserved.items()}
        kept = {name: changed(self.reserved[name], quantity=many) for name, many in left.items() if many > 0}
        return changed(self, reserved=kept)

    def stock_owed(self, rest: Mapping[str, Reservation], now: datetime) -> OrderRecord:
        """More goes back than one commit takes: the rest waits here, and the order is due at once."""
        return changed(self, giving_back={**self.giving_back, **rest}, recheck_at=now) if rest else self

    def stock_given_back(self, names: Collection[str], now: datetime) -> OrderRecord:
        """A part of what waits has gone back; the next follows at once."""
        left = {name: held for name, held in self.giving_back.items() if name not in names}
        return changed(self, giving_back=left, recheck_at=now)

    def unwanted(self) -> OrderRecord:
        """Nobody wants its goods any more: no stock is missing, and nothing stands against buying them."""
        return changed(self.judged((), (), ()), reserving=0)

    def rechecked_at(self, at: datetime | None, *, overdue: bool = False) -> OrderRecord:
        """When it is looked at next; None: it waits for nothing. `overdue`: the merchant is told that its money does not come."""
        return changed(self, recheck_at=at, payment_overdue=self.payment_overdue or overdue)

    def margin_changed(self, by: Money | None) -> OrderRecord:
        """What a purchase order leaves, or leaves more or less than was written; None: that is not known."""
        if by is None:
            return self
        return changed(self, margin=by if self.margin is None else self.margin + by)

    def stopped(self, hold: Reason) -> OrderRecord:
        """Somebody stopped it: the store's next news does not lift that hold."""
        holds = (*(one for one in self.holds if one.code != hold.code), hold)
        return changed(self, released=tuple(sorted({*self.released, hold.code})), holds=holds)

    def not_ended_in_store(self, problem: Reason | None) -> OrderRecord:
        """The store was asked to cancel it, and did not; None: it did, or is asked again."""
        return changed(self, store_problem=problem)

    def let_pass(
        self, codes: Collection[str], releases: tuple[Release, ...], *, lifted: Collection[str] = ()
    ) -> OrderRecord:
        """These codes stop it no more, and `releases` say for what that holds. `lifted`: an operator's own stop ends instead."""
        return changed(
            self.judged(*(tuple(reason for reason in held if reason.code not in codes)
                          for held in (self.problems, self.holds, self.approvals))),
            released=tuple(sorted({*self.released, *codes} - {*lifted})),
            releases=releases,
        )  # fmt: skip

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
    buyer_note: str = ""

    @classmethod
    def of(cls, order: StoreOrder) -> OrderDetails:
        """As the store shows them."""
        return cls(
            lines=order.lines, money=order.money, address=order.address, email=order.email, phone=order.phone,
            sms_consent=order.sms_consent, locale=order.locale, customer_id=order.customer_id,
            buyer_note=order.buyer_note[:MOST_OF_A_NOTE].encode(errors="replace").decode(),  # half a letter cannot be stored
        )  # fmt: skip

    def corrected(self, address: Address | None) -> OrderDetails:
        """The operator says where it goes; that wins over the store's address from then on."""
        return changed(self, fixed_address=address)

    @property
    def destination(self) -> Address | None:
        """Where to ship: the operator's correction, else what the buyer gave."""
        return self.fixed_address or self.address

    def erased(self) -> OrderDetails:
        """Lines and money stay (what was sold is the merchant's record), everything about the person goes."""
        return OrderDetails(lines=self.lines, money=self.money)
