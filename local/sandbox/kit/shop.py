"""A store's own world: variants with price and stock, and the orders that buyers and the merchant make of them.

A vendor's class is a `Store` that says in `changed` which webhooks an event sends, and shows these records in its shapes.
Amounts are in the shop's currency (USD) and hold no tax. Each event is one ledger line of the kinds that the page and the
judges know: order_created, order_paid, order_edited, order_refunded, order_cancelled, fulfillment_created, price_changed...
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from local.sandbox.goods import CURRENCY, GOODS, Good
from local.sandbox.kit.orders import ZERO, Fulfillment, Line, Order, Refund, Tracking, Variant
from local.sandbox.kit.people import Address, Buyer, CartInput, cart_of
from local.sandbox.wire import World


@dataclass
class Shop:
    """Everything that a store knows. Variants by number, orders by number, oldest first."""

    variants: dict[int, Variant] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    installed: bool = True


class Store:
    """The till, the order desk and the shelf of one store. Raises KeyError for an unknown order, line or SKU, ValueError for
    what makes no sense. `first_order` is the number before the first order's: no two stores of a sandbox share order names."""

    role = "store"

    def __init__(self, world: World, kind: str, first_order: int = 5000, goods: Iterable[Good] = GOODS) -> None:
        self.world, self.kind = world, kind
        self.shop = Shop()
        self._last_id, self._last_order = 10_000, first_order
        for good in goods:
            price = (good.landed_cost * 2).quantize(Decimal(1)) + Decimal("0.99")
            variant = Variant(self.new_id(), self.new_id(), good.sku, good.title, price, good.stock, world.clock())
            variant.description_html, variant.image_url = good.description_html, good.image_url
            self.shop.variants[variant.number] = variant

    def changed(self, event: str, order: Order, part: Any = None) -> None:
        """Override it: `event` is created, paid, updated, cancelled, refunded or fulfilled; `part` the refund or fulfillment."""

    def stock_changed(self, variant: Variant) -> None:
        """Override it: the stock of a variant moved."""

    def new_id(self) -> int:
        """A number that nothing else has."""
        self._last_id += 1
        return self._last_id

    def shelf(self) -> list[Variant]:
        """Everything that a visitor can buy now."""
        return [variant for variant in self.shop.variants.values() if variant.visible]

    def variant(self, key: int | str) -> Variant:
        """A variant by number or SKU."""
        for variant in self.shop.variants.values():
            if key in (variant.number, variant.sku):
                return variant
        raise KeyError(key)

    def order(self, key: int | str) -> Order:
        """An order by number or name."""
        found = self.shop.orders.get(int(key)) if str(key).isdigit() else None
        for order in self.shop.orders.values() if found is None else ():
            if order.name == key:
                return order
        if found is None:
            raise KeyError(key)
        return found

    def set_price(self, variant: Variant, price: Decimal) -> None:
        """The client writes a price."""
        before, variant.price, variant.updated_at = variant.price, price, self.world.clock()
        if price != before:
            self._record("price_changed", variant.sku, before=str(before), after=str(price))

    def set_stock(self, variant: Variant, stock: int | None, reason: str = "") -> None:
        """The client writes a stock."""
        before, variant.stock, variant.updated_at = variant.stock, stock, self.world.clock()
        self._record("quantity_changed", variant.sku, before=before, after=stock, location=self.kind, reason=reason)
        self.stock_changed(variant)

    def set_visible(self, variant: Variant, visible: bool) -> None:
        """The client shows or hides a variant."""
        if visible != variant.visible:
            variant.visible = visible
            self._record(f"product_{'' if visible else 'un'}published", variant.sku, title=variant.title)

    def buy(
        self,
        lines: Sequence[CartInput],
        buyer: Buyer | None = None,
        address: Address | None = None,
        pay: str = "paid",
        currency: str = CURRENCY,
        test: bool = False,
        sms: bool = False,
        locale: str = "en",
        oversell: bool = False,
        shipping_price: Decimal = ZERO,
    ) -> Order:
        """A buyer orders. `pay` is paid, authorized or pending; `oversell` lets two buyers race for the last one."""
        if pay not in ("paid", "authorized", "pending"):
            raise ValueError(f"pay must be paid, authorized or pending, not {pay!r}")
        if currency != CURRENCY:
            raise ValueError(f"currency {currency!r} is not sold in here; use {CURRENCY}")
        cart = [self._line(wanted.sku, wanted.quantity, wanted.title, wanted.price) for wanted in cart_of(lines)]
        for line in cart:
            if not oversell and line.variant and line.variant.stock is not None and line.variant.stock < line.quantity:
                raise ValueError(f"{line.sku}: {line.quantity} wanted, {line.variant.stock} left")
        now = self.world.clock()
        self._last_order += 1
        name, sms_wish = f"#{self._last_order}", (("sms_updates", "yes"),) if sms else ()
        order = Order(
            self.new_id(), name, now, now, buyer, address, cart, shipping_price, locale, test, attributes=sms_wish,
            authorized=pay == "authorized",
        )  # fmt: skip
        self.shop.orders[order.number] = order
        for line in cart:
            self._take(line, line.quantity)
        facts = [{"sku": row.sku, "title": row.title, "quantity": row.quantity, "tax": "0"} for row in cart]
        money = {"total": str(order.total), "tax": "0", "taxes_included": False}
        self._record("order_created", name, lines=facts, **money, test=test, pay=pay, id=order.number)
        self.changed("created", order)
        if pay == "paid":
            self.capture(order.number)
        return order

    def capture(self, key: int | str) -> Order:
        """The outstanding money arrives."""
        order = self.order(key)
        outstanding = order.total - order.received + order.refunded
        if order.cancelled_at or outstanding <= 0:
            raise ValueError(f"{order.name} has nothing to pay")
        order.received += outstanding
        self._record("order_paid", order.name, total=str(order.total), test=order.test)
        return self._done("paid", order)

    def cancel(
        self, key: int | str, reason: str = "CUSTOMER", restock: bool = True, refund: bool = True, by: str = "merchant"
    ) -> Order:
        """Cancel what has not been sent."""
        order = self.order(key)
        if order.cancelled_at or any(line.fulfilled for line in order.lines if line.requires_shipping):
            raise ValueError(f"{order.name} has been {'cancelled' if order.cancelled_at else 'fulfilled'} already")
        money, lines = order.received - order.refunded, [(line, line.current) for line in order.lines]
        if refund and money:
            self._give_back(order, lines, money, restock, order.shipping_now)
        else:
            self._release(lines, restock)
        order.cancelled_at = self.world.clock()
        self._record("order_cancelled", order.name, reason=reason, by=by, refunded=str(order.refunded))
        return self._done("cancelled", order)

    def edit(
        self, key: int | str, quantities: Mapping[str | int, int] | None = None, add: Sequence[CartInput] = ()
    ) -> Order:
        """The merchant sets lines (by SKU or number) to new quantities, and adds lines."""
        order, facts = self.order(key), []
        for name, quantity in (quantities or {}).items():
            line = self._line_of(order, name)
            delta = quantity - line.current
            if quantity < 0 or -delta > line.unfulfilled:
                raise ValueError(f"{line.title} cannot be set to {quantity}: units were sent already")
            line.removed, line.quantity = line.removed + max(-delta, 0), line.quantity + max(delta, 0)
            self._take(line, delta)
            facts.append({"sku": line.sku, "delta": delta})
        for wanted in cart_of(add) if add else []:
            line = self._line(wanted.sku, wanted.quantity, wanted.title, wanted.price)
            order.lines.append(line)
            self._take(line, line.quantity)
            facts.append({"sku": line.sku, "delta": line.quantity})
        self._record("order_edited", order.name, lines=facts, total=str(order.total))
        return self._done("updated", order)

    def refund(
        self,
        key: int | str,
        lines: Sequence[tuple[str | int, int]] = (),
        amount: Decimal | None = None,
        restock: bool = True,
        note: str | None = None,
        shipping: Decimal = ZERO,
    ) -> Order:
        """The merchant gives units, shipping and money back; without `amount` what they are worth."""
        order = self.order(key)
        wanted = [(self._line_of(order, name), units) for name, units in lines]
        if any(not 0 < units <= line.current for line, units in wanted) or shipping > order.shipping_now:
            raise ValueError(f"{order.name}: more than there is cannot be refunded")
        worth = sum((line.unit_price * units for line, units in wanted), shipping)
        refund = self._give_back(order, wanted, worth if amount is None else amount, restock, shipping)
        facts = [{"sku": line.sku, "quantity": units} for line, units in wanted]
        self._record("order_refunded", order.name, lines=facts, amount=str(refund.amount), tax="0")
        return self._done("refunded", order, refund)

    def set_address(self, key: int | str, address: Address) -> Order:
        """The merchant corrects the shipping address."""
        order = self.order(key)
        order.address = address
        self._record("address_changed", order.name)
        return self._done("updated", order)

    def fulfil(
        self, order: Order, units: Sequence[tuple[Line, int]], tracking: Sequence[Tracking], notified: bool = False
    ) -> Fulfillment:
        """The client tells of a parcel. Not idempotent, as no store is that says nothing of it."""
        if not units or any(not 0 < count <= line.unfulfilled for line, count in units):
            raise ValueError(f"{order.name}: these units cannot be sent")
        sent = Fulfillment(self.new_id(), self.world.clock(), list(units), list(tracking))
        for line, count in units:
            line.fulfilled += count
        order.fulfillments.append(sent)
        facts = [{"sku": line.sku, "quantity": count, "line": str(line.number)} for line, count in units]
        number, company, url = tracking[0] if tracking else (None, None, None)
        self._record(
            "fulfillment_created", order.name, id=str(sent.number), lines=facts, number=number, company=company, url=url,
            numbers=[row[0] for row in tracking if row[0]], notified=notified,
        )  # fmt: skip
        self._done("fulfilled", order, sent)
        return sent

    def set_tracking(self, order: Order, sent: Fulfillment, tracking: Sequence[Tracking]) -> None:
        """The client changes a parcel's number."""
        sent.tracking = list(tracking)
        number, company, url = tracking[0] if tracking else (None, None, None)
        facts = {"id": str(sent.number), "number": number, "company": company, "url": url}
        self._record("tracking_updated", order.name, **facts)
        self._done("updated", order)

    def _record(self, event: str, reference: str, **data: Any) -> None:
        self.world.record(self.kind, event, reference, **data)

    def _done(self, event: str, order: Order, part: Any = None) -> Order:
        order.updated_at = self.world.clock()
        self.changed(event, order, part)
        return order

    def _line(self, sku: str | None, quantity: int, title: str | None, price: Decimal | None) -> Line:
        if sku is None:
            return Line(self.new_id(), title or "", price or ZERO, quantity)
        variant = self.variant(sku)
        if not variant.visible:
            raise ValueError(f"{sku} is not for sale in this store")
        at = variant.price if price is None else price
        return Line(self.new_id(), variant.title, at, quantity, sku, variant, variant.requires_shipping)

    def _line_of(self, order: Order, key: str | int) -> Line:
        for line in order.lines:
            if key in (line.number, line.sku):
                return line
        raise KeyError(key)

    def _take(self, line: Line, units: int) -> None:
        if line.variant is not None and line.variant.stock is not None and units:
            line.variant.stock -= units
            line.variant.updated_at = self.world.clock()
            self.stock_changed(line.variant)

    def _give_back(
        self, order: Order, lines: Sequence[tuple[Line, int]], money: Decimal, restock: bool, shipping: Decimal
    ) -> Refund:
        if money > order.received - order.refunded:
            raise ValueError(f"{order.name}: {money} is more than was received")
        refund = Refund(self.new_id(), self.world.clock(), money, [row for row in lines if row[1]], shipping)
        self._release(refund.lines, restock)
        order.refunds.append(refund)
        return refund

    def _release(self, lines: Sequence[tuple[Line, int]], restock: bool) -> None:
        for line, units in lines:
            waiting = min(units, line.unfulfilled)
            line.refunded_unfulfilled += waiting
            line.refunded += units
            self._take(line, -waiting if restock else 0)
