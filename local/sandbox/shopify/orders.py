"""Shopify's order desk: the kit's, with stock in several locations, fulfillment orders, risk, and people who are erased."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from local.sandbox.kit.desk import Desk, NotForSale, OutOfStock
from local.sandbox.kit.money import ZERO, TaxRule, rounded
from local.sandbox.kit.orders import Line, Refund
from local.sandbox.kit.people import Address, Buyer, CartLine
from local.sandbox.shopify.money import currencies_for
from local.sandbox.shopify.orders_state import (
    USUAL_TERMS,
    FulfillmentOrderLine,
    FulfillmentOrderState,
    FulfillmentState,
    OrderState,
    Terms,
)
from local.sandbox.shopify.rest_bodies import edit_body, fulfillment_body, order_body, refund_body, risk_body
from local.sandbox.shopify.rest_shop import privacy_body
from local.sandbox.shopify.state import Shop, gid, number_of
from local.sandbox.shopify.stock_moves import best_location, move, release
from local.sandbox.shopify.webhooks import Event, Webhooks

SALES = {"created": "orders/create", "paid": "orders/paid"}
RISK_LEVELS = {"ACCEPT": "LOW", "INVESTIGATE": "MEDIUM", "CANCEL": "HIGH", "NONE": "NONE"}


class Orders(Desk[OrderState]):
    """The till and the order desk of one store. An order is found by global id, number or name (#1001)."""

    too_late = "has been fulfilled and cannot be cancelled"
    refunds_nothing = True

    def __init__(self, shop: Shop, hooks: Webhooks) -> None:
        super().__init__(shop.world, "shopify", shop.orders, 1000)
        self.shop, self.hooks = shop, hooks
        self._events: list[Event] = []
        self._customers: dict[str, int | None] = {}

    def new_id(self) -> int:
        """The shop's next number."""
        return self.shop.new_id()

    def now(self) -> datetime:
        """The shop's time."""
        return self.shop.now()

    @property
    def taxes(self) -> dict[str, TaxRule]:
        """As the configuration says now."""
        return self.shop.config.taxes

    def shown_id(self, what: str, number: int) -> str:
        """A global id."""
        return gid(what, number)

    def order(self, order_id: str | int) -> OrderState:
        """An order by global id, number or name; raises KeyError."""
        return super().order(number_of(str(order_id), "Order") or order_id)

    def check_cart(self, cart: Sequence[CartLine], oversell: bool) -> None:
        """Raise NotForSale, or OutOfStock for more than the fullest location has."""
        wanted: dict[str, int] = {}
        for line in cart:
            if line.sku is not None:
                wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
        for sku, quantity in wanted.items():
            variant = self.shop.by_sku(sku)
            if variant is None or not self.shop.products[variant.product].visible:
                raise NotForSale(f"{sku} is not for sale in this store")
            limited = variant.item.tracked and variant.policy == "DENY" and not oversell
            if limited and max((level.available for level in variant.item.levels.values()), default=0) < quantity:
                raise OutOfStock(f"{sku}: {quantity} wanted, {variant.available} left")

    def new_order(
        self,
        name: str,
        buyer: Buyer | None,
        address: Address | None,
        currency: str,
        terms: Terms = USUAL_TERMS,
        **facts: Any,
    ) -> OrderState:
        """An order in one of the buyer's currencies."""
        currencies, now = currencies_for(currency), self.now()
        order = OrderState(self.new_id(), name, now, now, buyer, address, currencies=currencies, terms=terms, **facts)
        customer = self.new_id() if buyer else None
        # One customer to each mail address, as the store itself keeps them, guests included.
        order.customer = self._customers.setdefault(buyer.email, customer) if buyer and buyer.email else customer
        return order

    def tax_rule(self, order: OrderState) -> TaxRule | None:
        """None for a buyer who is exempt."""
        return None if order.terms.tax_exempt else super().tax_rule(order)

    def new_line(self, wanted: CartLine) -> Line:
        """An order line for one line of a cart, priced as the store prices it now."""
        variant = self.shop.by_sku(wanted.sku) if wanted.sku is not None else None
        if variant is None:
            return super().new_line(wanted)
        article = self.shop.products[variant.product]
        return Line(
            self.new_id(),
            article.title,
            variant.price if wanted.price is None else wanted.price,
            wanted.quantity,
            sku=variant.item.sku,
            variant_id=variant.number,
            product_id=article.number,
            vendor=article.vendor,
            variant_title=None if variant.title == "Default Title" else variant.title,
            requires_shipping=variant.item.requires_shipping,
            taxable=variant.taxable,
            weight_grams=round(variant.item.weight_value) if variant.item.weight_unit == "GRAMS" else 0,
            duty=wanted.duty,
            hs_code=variant.item.hs_code,
        )

    def take(self, order: OrderState, line: Line, units: int) -> None:
        """Give units of a line to the fulfillment order of its location, and promise them from stock there."""
        shop = self.shop
        location = best_location(shop, shop.variant(line.variant_id))
        method = "SHIPPING" if line.requires_shipping else "NONE"
        for target in order.fulfillment_orders:
            if (target.location, target.method) == (location, method) and target.status in ("OPEN", "IN_PROGRESS"):
                break
        else:
            target = FulfillmentOrderState(shop.new_id(), location, method)
            shop.add_fulfillment_order(order, target)
        part = next((part for part in target.lines if part.line is line), None)
        if part is None:
            target.lines.append(FulfillmentOrderLine(shop.new_id(), line, units, units))
        else:
            part.total += units
            part.remaining += units
        move(shop, line, location, -units, units)

    def give_up(self, order: OrderState, line: Line, units: int, restock: bool) -> None:
        """Take units off the fulfillment orders, and back into free stock where wanted."""
        release(self.shop, order, line, units, restock)

    def changed(self, event: str, order: OrderState, part: Any = None) -> None:
        """Note the webhooks of an event; bodies are as the order is now."""
        if event in SALES:
            self._events.append((SALES[event], order_body(order)))
        elif event == "edited":
            self._events.append(("orders/edited", edit_body(order, self.new_id(), order.updated_at, part)))
        elif event == "refunded":
            self._events.append(("refunds/create", refund_body(order, part)))
        elif event == "fulfilled":
            self._note_fulfillment(order, part)
        elif event == "cancelled":
            for fulfillment_order in order.fulfillment_orders:
                fulfillment_order.cancelled = fulfillment_order.method != "NONE" or fulfillment_order.status == "OPEN"
            order.closed_at = order.cancelled_at
            self._events += [("orders/cancelled", order_body(order)), ("orders/updated", order_body(order))]
        elif part is not None:
            part.updated_at = order.updated_at
            self._events.append(("fulfillments/update", fulfillment_body(order, part)))

    def _note_fulfillment(self, order: OrderState, sent: FulfillmentState) -> None:
        """A paid order that is sent completely is archived."""
        done = order.fulfillment_status == "FULFILLED"
        if done and order.financial_status == "PAID":
            order.closed_at = order.updated_at
        topic = "orders/fulfilled" if done else "orders/partially_fulfilled"
        self._events += [("fulfillments/create", fulfillment_body(order, sent)), (topic, order_body(order))]

    def ended(self, order: OrderState) -> None:
        """Send what the action caused. Files and gift cards are sent by the store itself once they are paid for."""
        events, self._events = self._events, []
        if not any(topic == "orders/updated" for topic, _ in events):
            events.append(("orders/updated", order_body(order)))
        self.hooks.emit(*events)
        if any(topic in SALES.values() for topic, _ in events) and order.financial_status == "PAID":
            for waiting in order.fulfillment_orders:
                if waiting.method == "NONE" and waiting.status == "OPEN":
                    self._hand_over(order, waiting)

    def _hand_over(self, order: OrderState, files: FulfillmentOrderState) -> None:
        sent = self.new_fulfillment(order, files.location)
        self.send(order, sent, files, [(part, part.remaining) for part in files.lines])
        for part in files.lines:
            self.world.record("shopify", "digital_delivered", order.name, sku=part.line.sku)
        order.fulfillments.append(sent)
        self.done("fulfilled", order, sent)

    def new_fulfillment(self, order: OrderState, location: int) -> FulfillmentState:
        """A parcel of an order that holds nothing yet."""
        now, name = self.now(), f"{order.name}-F{len(order.fulfillments) + 1}"
        sent = FulfillmentState(self.new_id(), now, name=name, location=location, updated_at=now)
        self.shop.orders_by_part[sent.number] = order
        return sent

    def send(
        self,
        order: OrderState,
        sent: FulfillmentState,
        fulfillment_order: FulfillmentOrderState,
        parts: Sequence[tuple[FulfillmentOrderLine, int]],
    ) -> None:
        """Put units of a fulfillment order into a parcel."""
        sent.fulfillment_orders.append(fulfillment_order.number)
        for part, units in parts:
            part.remaining -= units
            part.line.fulfilled += units
            move(self.shop, part.line, fulfillment_order.location, 0, -units)
            sent.lines.append((self.new_id(), part.line, units))

    def _money(self, order: OrderState, kind: str, amount: Decimal, parent: int | None = None) -> None:
        """A refund goes to the payments that it comes from, the oldest first."""
        if kind != "REFUND" or parent is not None:
            super()._money(order, kind, amount, parent)
            return
        for payment, left in order.payments_left():
            if part := min(left, amount):
                super()._money(order, kind, part, payment.number)
                amount -= part

    def give_back(self, order_id: str, wanted: Sequence[tuple[int, Decimal]]) -> Refund:
        """What the app's refundCreate does: rows of (payment, amount in the buyer's currency). Raises KeyError, ValueError."""
        order = self.order(order_id)
        left, amounts = {payment.number: free for payment, free in order.payments_left()}, []
        for number, amount in wanted:
            free, rate, currency = left[number], order.currencies.rate, order.currencies.presentment
            most = rounded(free * rate, currency)
            if not 0 < amount <= most:
                raise ValueError("Refund amount exceeds the available amount")
            amounts.append(free if amount == most else rounded(amount / rate))
        self.refund_money(order_id, sum(amounts, ZERO))
        return order.refunds[-1]

    def set_payment(self, order_id: str | int, state: str) -> OrderState:
        """A dispute stands beside the state of a payment here."""
        if state != "DISPUTED":
            return super().set_payment(order_id, state)
        super().set_payment(order_id, "PAID")
        return self.dispute(order_id)

    def dispute(self, order_id: str | int, status: str = "NEEDS_RESPONSE") -> OrderState:
        """The buyer's bank asks for the money back; or how that ends: WON, LOST."""
        order = self.order(order_id)
        number = order.disputes[0][0] if order.disputes else self.new_id()
        order.disputes = [(number, status)]
        self.world.record("shopify", "order_disputed", order.name, status=status)
        return self.done("updated", order)

    def set_risk(self, order_id: str | int, recommendation: str = "INVESTIGATE") -> OrderState:
        """The store's fraud analysis changes its mind: ACCEPT, INVESTIGATE, CANCEL or NONE."""
        if recommendation not in RISK_LEVELS:
            raise ValueError(f"recommendation must be one of {', '.join(RISK_LEVELS)}, not {recommendation!r}")
        order = self.order(order_id)
        order.risk, order.risk_level = recommendation, RISK_LEVELS[recommendation]
        self.world.record("shopify", "order_risk_changed", order.name, recommendation=recommendation)
        self._events.append(("orders/risk_assessment_changed", risk_body(order, self.now())))
        return self.done("updated", order)

    def redact(self, order_id: str | int) -> OrderState:
        """Erase the person behind an order, and tell the app to do the same."""
        order = self.order(order_id)
        body = privacy_body(self.shop, order, "orders_to_redact")
        super().redact(order_id)
        self.hooks.emit(("customers/redact", body))
        return order

    def request_data(self, order_id: str | int) -> OrderState:
        """A customer asks what is kept about them."""
        order = self.order(order_id)
        body = {**privacy_body(self.shop, order, "orders_requested"), "data_request": {"id": self.new_id()}}
        self.hooks.emit(("customers/data_request", body))
        return order
