"""The till and the order desk of a store: what buyers and the merchant do to orders, whatever the store's stock looks like.

A desk keeps orders, their money and the ledger. Its store says where units come from (`take`, `give_up`) and what it tells of
an event (`changed`, `ended`). Each event is one ledger line of the kinds that the page and the judges know: order_created,
order_paid, order_edited, order_refunded, order_cancelled, address_changed, fulfillment_created, tracking_updated,
payment_changed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from local.sandbox.goods import CURRENCY
from local.sandbox.kit.money import ZERO, TaxRule, rounded
from local.sandbox.kit.orders import Adjustment, Fulfillment, Line, Order, Refund, RefundLine, Tracking, Transaction
from local.sandbox.kit.people import USUAL_ADDRESS, USUAL_BUYER, Address, Buyer, CartInput, CartLine, cart_of
from local.sandbox.wire import World

PAYMENTS = {"paid": "SALE", "authorized": "AUTHORIZATION", "pending": None}
FREE = Decimal("0.00")
AnyOrder = TypeVar("AnyOrder", bound=Order)
LineKey = str | int
"""A line's number or SKU."""


class NotForSale(ValueError):
    """The store does not sell this SKU, or buyers do not see it."""


class OutOfStock(ValueError):
    """The store's own stock check refuses the sale."""


class Desk(ABC, Generic[AnyOrder]):
    """All orders of one store by number, oldest first. Raises KeyError for an unknown order, line or SKU, ValueError for what
    makes no sense. `last_order` is the number before the first order's; two stores of a sandbox may share order names."""

    role = "store"
    too_late = "has been fulfilled already"
    """Why an order of which something was sent cannot be cancelled."""
    refunds_nothing = False
    """True: an unpaid order that is cancelled has a refund of no money."""

    def __init__(self, world: World, kind: str, orders: dict[int, AnyOrder], last_order: int) -> None:
        self.world, self.kind = world, kind
        self._orders, self._last_order = orders, last_order
        self._named: dict[str, AnyOrder] = {}
        self._taxes: dict[str, TaxRule] = {}

    @property
    def taxes(self) -> dict[str, TaxRule]:
        """What the store charges by country code; without a rule nothing is taxed. May be changed at any time."""
        return self._taxes

    def changed(self, event: str, order: AnyOrder, part: Any = None) -> None:
        """Override it: `event` is created, paid, edited, cancelled, refunded, fulfilled or updated. `part` is the refund, the
        fulfillment (of an update too), or the edit's rows of (line, difference)."""

    def ended(self, order: AnyOrder) -> None:
        """Override it where all events of one action leave the store together: the action is over."""

    @abstractmethod
    def new_id(self) -> int:
        """A number that nothing else has."""

    def now(self) -> datetime:
        """The store's time; override it where its time stamps are coarser than the world's clock."""
        return self.world.clock()

    def shown_id(self, what: str, number: int) -> str:
        """How the ledger writes the store's id of a record."""
        return str(number)

    def check_cart(self, cart: Sequence[CartLine], oversell: bool) -> None:
        """Override it: raise NotForSale, or (unless `oversell`) OutOfStock."""

    @abstractmethod
    def new_order(
        self, name: str, buyer: Buyer | None, address: Address | None, currency: str, **facts: Any
    ) -> AnyOrder:
        """An order without lines; `facts` are fields of Order. Raises ValueError for another currency."""

    def tax_rule(self, order: AnyOrder) -> TaxRule | None:
        """What an order is taxed by: the rule that it was made with, else its country's."""
        return order.tax or (self.taxes.get(order.address.country_code) if order.address else None)

    def new_line(self, wanted: CartLine) -> Line:
        """An order line for one line of a cart; override it for what has a SKU."""
        shipped = not wanted.gift_card if wanted.requires_shipping is None else wanted.requires_shipping
        return Line(
            self.new_id(), wanted.title or "", wanted.price or ZERO, wanted.quantity, requires_shipping=shipped,
            gift_card=wanted.gift_card, duty=wanted.duty,
        )  # fmt: skip

    def take(self, order: AnyOrder, line: Line, units: int) -> None:
        """Override it: promise units of a line from stock."""

    def give_up(self, order: AnyOrder, line: Line, units: int, restock: bool) -> None:
        """Override it: units that were promised will not be sent; `restock` makes them free again."""

    def order(self, order_id: str | int) -> AnyOrder:
        """An order by number or name; raises KeyError."""
        text = str(order_id)
        found = self._orders.get(int(text)) if text.isdigit() else self._named.get(text)
        if found is None:
            raise KeyError(order_id)
        return found

    def buy(
        self,
        lines: Sequence[CartInput],
        buyer: Buyer | None = USUAL_BUYER,
        address: Address | None = USUAL_ADDRESS,
        pay: str = "paid",
        currency: str = CURRENCY,
        test: bool = False,
        sms: bool = False,
        locale: str = "en",
        oversell: bool = False,
        shipping_price: Decimal = FREE,
        **more: Any,
    ) -> AnyOrder:
        """A buyer orders. `pay` is paid, authorized or pending; `oversell` lets two buyers race for the last one."""
        if pay not in PAYMENTS:
            raise ValueError(f"pay must be one of {', '.join(PAYMENTS)}, not {pay!r}")
        cart = cart_of(lines)
        self.check_cart(cart, oversell)
        wish = (("sms_updates", "yes"),) if sms else ()
        facts = {"test": test, "locale": locale, "shipping_price": shipping_price, "attributes": wish, **more}
        order = self.new_order(f"#{self._last_order + 1}", buyer, address, currency, **facts)
        self._last_order += 1
        order.tax = self.tax_rule(order)
        order.lines = [self.new_line(line) for line in cart]
        order.original_total, order.original_subtotal = order.total, order.subtotal
        for line in order.lines:
            self.take(order, line, line.quantity)
        if kind := PAYMENTS[pay]:
            self._money(order, kind, order.total)
        self._orders[order.number] = self._named[order.name] = order
        rows = [
            {
                "sku": row.sku,
                "title": row.title,
                "quantity": row.quantity,
                "tax": str(order.line_tax(row, row.quantity)),
            }
            for row in order.lines
        ]
        tax = {"tax": str(order.tax_now), "taxes_included": order.tax is not None and order.tax.included}
        self._record(
            "order_created", order, lines=rows, total=str(order.total), **tax, test=test, pay=pay, id=order.number
        )
        self.changed("created", order)
        if pay == "paid":
            self._record("order_paid", order, total=str(order.total), test=order.test)
            self.changed("paid", order)
        self.ended(order)
        return order

    def capture(self, order_id: str | int) -> AnyOrder:
        """The outstanding money arrives: a capture of what was authorised, or a payment of what was pending."""
        order = self.order(order_id)
        outstanding = order.outstanding
        if order.cancelled_at or outstanding <= 0:
            raise ValueError(f"{order.name} has nothing to pay")
        parent = next((row.number for row in order.transactions if row.kind == "AUTHORIZATION"), None)
        self._money(order, "CAPTURE" if order.capturable else "SALE", outstanding, parent)
        self._record("order_paid", order, total=str(order.total), test=order.test)
        return self.done("paid", order)

    def cancel(
        self,
        order_id: str | int,
        reason: str = "CUSTOMER",
        restock: bool = True,
        refund: bool = True,
        by: str = "merchant",
    ) -> AnyOrder:
        """Cancel what has not been sent; raises ValueError when it is too late or was done before."""
        order = self.order(order_id)
        if order.cancelled_at:
            raise ValueError(f"{order.name} has already been cancelled")
        if any(line.fulfilled for line in order.lines if line.requires_shipping):
            raise ValueError(f"{order.name} {self.too_late}")
        now, money = self.now(), order.received - order.refunded
        given_back: Refund | None = None
        if (refund and money) or (self.refunds_nothing and not money):
            given_back = Refund(self.new_id(), now, money, shipping=order.shipping_now)
        for line in order.lines:
            current = line.current
            self._return(order, line, current, restock)
            if given_back and current:
                kind = "CANCEL" if restock else "NO_RESTOCK"
                given_back.lines.append(RefundLine(self.new_id(), line, current, kind))
        if not order.received:
            self._money(order, "VOID", ZERO)
        elif given_back:
            self._money(order, "REFUND", money)
        order.cancelled_at, order.cancel_reason, order.updated_at = now, reason, now
        self._record("order_cancelled", order, reason=reason, by=by, refunded=str(order.refunded))
        self.changed("cancelled", order)
        if given_back and given_back.lines:
            order.refunds.append(given_back)
            self.changed("refunded", order, given_back)
        self.ended(order)
        return order

    def edit(
        self, order_id: str | int, quantities: Mapping[LineKey, int] | None = None, add: Sequence[CartInput] = ()
    ) -> AnyOrder:
        """The merchant sets lines to new quantities, and adds lines; raises ValueError where units are sent already."""
        order = self.order(order_id)
        wanted = [(self._line(order, key), quantity) for key, quantity in (quantities or {}).items()]
        for line, quantity in wanted:
            if quantity < 0 or line.current - quantity > line.unfulfilled:
                raise ValueError(f"{line.title} cannot be set to {quantity}: units were sent already")
        changes: list[tuple[Line, int]] = []
        for line, quantity in wanted:
            delta = quantity - line.current
            if delta < 0:
                line.removed -= delta
                self.give_up(order, line, -delta, restock=True)
            elif delta > 0:
                line.quantity += delta
                self.take(order, line, delta)
            changes.append((line, delta))
        for extra in cart_of(add) if add else []:
            line = self.new_line(extra)
            order.lines.append(line)
            self.take(order, line, line.quantity)
            changes.append((line, line.quantity))
        facts = [{"sku": line.sku, "delta": delta} for line, delta in changes]
        self._record("order_edited", order, lines=facts, total=str(order.total))
        return self.done("edited", order, changes)

    def refund(
        self,
        order_id: str | int,
        lines: Sequence[tuple[LineKey, int]] = (),
        amount: Decimal | None = None,
        restock: bool = True,
        note: str | None = None,
        shipping: Decimal = ZERO,
        tax: Decimal = ZERO,
        pending: bool = False,
    ) -> AnyOrder:
        """The merchant gives units, shipping (in the order's prices) and money (USD) back.

        Without `amount` what they are worth with tax and duties. `tax` is the tax in what goes beyond that, `pending` books
        this as a pair of adjustments that cancel out. Raises ValueError for more than there is.
        """
        order = self.order(order_id)
        wanted = [(self._line(order, key), quantity) for key, quantity in lines]
        for line, quantity in wanted:
            if not 0 < quantity <= line.current:
                raise ValueError(f"{line.title}: {quantity} cannot be refunded, {line.current} are on the order")
        if shipping > order.shipping_now:
            raise ValueError(f"{order.name}: {shipping} is more than the shipping that is left")
        refund = Refund(self.new_id(), self.now(), ZERO, note, shipping=shipping)
        for line, quantity in wanted:
            kind = "NO_RESTOCK" if not restock else "CANCEL" if line.unfulfilled else "RETURN"
            refund.lines.append(RefundLine(self.new_id(), line, quantity, kind))
        value = order.refund_value(refund)
        money = refund.amount = value if amount is None else amount
        if money > order.received - order.refunded:
            raise ValueError(f"{order.name}: {money} is more than was received")
        for line, quantity in wanted:
            self._return(order, line, quantity, restock)
        refund.adjustments = self._adjustments(value - money, tax, pending)
        order.refunds.append(refund)
        if money:
            self._money(order, "REFUND", money)
        facts = [{"sku": line.sku, "quantity": quantity} for line, quantity in wanted]
        taxes = order.refund_tax(refund) + tax
        self._record("order_refunded", order, lines=facts, amount=str(money), tax=str(taxes))
        return self.done("refunded", order, refund)

    def refund_money(
        self, order_id: str | int, amount: Decimal, tax: Decimal = ZERO, pending: bool = False
    ) -> AnyOrder:
        """The merchant gives money back and no units: see refund."""
        return self.refund(order_id, amount=amount, restock=False, tax=tax, pending=pending)

    def set_payment(self, order_id: str | int, state: str) -> AnyOrder:
        """The payment of a fresh order goes into a state: one of Order.financial_status, or a word of the vendor's own."""
        order = self.order(order_id)
        rows = {
            "AUTHORIZED": [("AUTHORIZATION", order.total)],
            "PARTIALLY_PAID": [("SALE", order.total / 2)],
            "PARTIALLY_REFUNDED": [("SALE", order.total), ("REFUND", order.total / 2)],
            "REFUNDED": [("SALE", order.total), ("REFUND", order.total)],
            "PAID": [("SALE", order.total)],
            "VOIDED": [("VOID", ZERO)],
            "PENDING": [],
        }
        order.transactions.clear()
        for kind, amount in rows.get(state, [("SALE", order.total)]):
            self._money(order, kind, rounded(amount))
        order.payment_word = "" if state in rows else state
        self._record("payment_changed", order, state=state)
        return self.done("updated", order)

    def given_back(self) -> list[str]:
        """All money that ever went back to buyers, whoever gave it back: one amount each."""
        rows = [row for order in self._orders.values() for row in order.transactions]
        return [str(row.amount) for row in rows if row.kind == "REFUND"]

    def set_address(self, order_id: str | int, address: Address) -> AnyOrder:
        """The merchant corrects the shipping address."""
        order = self.order(order_id)
        order.address = address
        self._record("address_changed", order)
        return self.done("updated", order)

    def redact(self, order_id: str | int) -> AnyOrder:
        """Erase the person behind an order. Nobody is told; a vendor that tells it overrides this."""
        order = self.order(order_id)
        order.buyer = order.address = order.note = None
        order.updated_at = self.now()
        self._record("customer_redacted", order)
        return order

    def told_of_parcel(self, order: AnyOrder, sent: Fulfillment, notified: bool) -> None:
        """The client told of a parcel, whose units the store has moved: book it."""
        order.fulfillments.append(sent)
        facts = [
            {"sku": line.sku, "quantity": units, "line": self.shown_id("LineItem", line.number)}
            for _, line, units in sent.lines
        ]
        number, company, url = sent.tracking[0] if sent.tracking else (None, None, None)
        self._record(
            "fulfillment_created", order, id=self.shown_id("Fulfillment", sent.number), lines=facts, number=number,
            numbers=[row[0] for row in sent.tracking if row[0]], company=company, url=url, notified=notified,
        )  # fmt: skip
        self.done("fulfilled", order, sent)

    def set_tracking(self, order: AnyOrder, sent: Fulfillment, tracking: Sequence[Tracking]) -> None:
        """The client changes a parcel's number."""
        sent.tracking = list(tracking)
        number, company, url = tracking[0] if tracking else (None, None, None)
        facts = {"id": self.shown_id("Fulfillment", sent.number), "number": number, "company": company, "url": url}
        self._record("tracking_updated", order, **facts)
        self.done("updated", order, sent)

    def done(self, event: str, order: AnyOrder, part: Any = None) -> AnyOrder:
        """Stamp the order, and say what happened as the whole of one action."""
        order.updated_at = self.now()
        self.changed(event, order, part)
        self.ended(order)
        return order

    def _record(self, event: str, order: AnyOrder, **data: Any) -> None:
        self.world.record(self.kind, event, order.name, **data)

    def _money(self, order: AnyOrder, kind: str, amount: Decimal, parent: int | None = None) -> None:
        order.transactions.append(Transaction(self.new_id(), kind, amount, self.now(), parent))

    def _line(self, order: AnyOrder, key: LineKey) -> Line:
        for line in order.lines:
            if key in (line.number, line.sku):
                return line
        raise KeyError(key)

    def _return(self, order: AnyOrder, line: Line, units: int, restock: bool) -> None:
        """Units go back to the merchant: those that were not sent yet first."""
        waiting = min(units, line.unfulfilled)
        self.give_up(order, line, waiting, restock)
        line.refunded_unfulfilled += waiting
        line.refunded += units

    def _adjustments(self, difference: Decimal, tax: Decimal, pending: bool) -> list[Adjustment]:
        """How the store books what a refund gives beyond (negative) or below (positive) what it suggested."""
        if not difference:
            return []
        first = Adjustment(self.new_id(), -difference if pending else difference, ZERO if pending else -tax, _BOOKED)
        return [first, Adjustment(self.new_id(), difference, ZERO, f"PENDING_{_BOOKED}")] if pending else [first]


_BOOKED = "REFUND_DISCREPANCY"
