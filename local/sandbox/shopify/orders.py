"""What buyers and the merchant do to orders: buy, pay, cancel, judge the risk, erase the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from local.sandbox.kit.people import Address, Buyer, CartInput, CartLine, cart_of
from local.sandbox.shopify.money import currencies_for
from local.sandbox.shopify.orders_state import (
    FulfillmentOrderLine,
    FulfillmentOrderState,
    FulfillmentState,
    LineState,
    OrderState,
    RefundState,
    TransactionState,
)
from local.sandbox.shopify.rest_bodies import fulfillment_body, order_body, refund_body, risk_body
from local.sandbox.shopify.rest_shop import privacy_body
from local.sandbox.shopify.state import NotForSale, OutOfStock, Shop, number_of
from local.sandbox.shopify.stock_moves import best_location, move, release
from local.sandbox.shopify.taxes import Terms
from local.sandbox.shopify.webhooks import Event, Webhooks

PAYMENTS = {"paid": "SALE", "authorized": "AUTHORIZATION", "pending": None}
RISK_LEVELS = {"ACCEPT": "LOW", "INVESTIGATE": "MEDIUM", "CANCEL": "HIGH", "NONE": "NONE"}


@dataclass
class Orders:
    """The till and the order desk of one store."""

    shop: Shop
    hooks: Webhooks

    def find(self, order_id: str | int) -> OrderState:
        """An order by global id, number or name (#1001); raises KeyError when there is none."""
        text = str(order_id)
        number = number_of(text, "Order") or (int(text) if text.isdigit() else None)
        order = self.shop.orders.get(number or 0) or self.shop.orders_by_name.get(text)
        if order is None:
            raise KeyError(order_id)
        return order

    def buy(
        self,
        lines: Sequence[CartInput],
        buyer: Buyer | None,
        address: Address | None,
        pay: str,
        currency: str,
        test: bool,
        sms: bool,
        locale: str,
        oversell: bool,
        shipping_price: Decimal,
        note: str | None,
        terms: Terms,
    ) -> OrderState:
        """Place an order; raises NotForSale, OutOfStock, or ValueError for a cart or payment that makes no sense."""
        if pay not in PAYMENTS:
            raise ValueError(f"pay must be one of {', '.join(PAYMENTS)}, not {pay!r}")
        cart = cart_of(lines)
        currencies = currencies_for(currency)
        self._check_stock(cart, oversell)
        shop, now = self.shop, self.shop.now()
        shop.last_order += 1
        order = OrderState(
            number=shop.new_id(),
            order_number=shop.last_order,
            created_at=now,
            updated_at=now,
            currencies=currencies,
            buyer=buyer,
            customer=shop.new_id() if buyer else None,
            address=address,
            locale=locale,
            test=test,
            shipping_price=shipping_price,
            attributes=(("sms_updates", "yes"),) if sms else (),
            note=note,
            tax=shop.config.taxes.get(address.country_code) if address and not terms.tax_exempt else None,
            terms=terms,
        )
        order.lines = [self.new_line(line) for line in cart]
        order.original_total, order.original_subtotal = order.total, order.subtotal
        for line in order.lines:
            self.route(order, line, line.quantity)
        kind = PAYMENTS[pay]
        if kind:
            order.transactions.append(TransactionState(shop.new_id(), kind, order.total, now))
        shop.add_order(order)
        facts = [
            {
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "tax": str(order.line_tax(line, line.quantity)),
            }
            for line in order.lines
        ]
        shop.world.record(
            "shopify",
            "order_created",
            order.name,
            lines=facts,
            total=str(order.total),
            tax=str(order.tax_now),
            taxes_included=order.tax is not None and order.tax.included,
            test=test,
            pay=pay,
            id=order.number,
        )
        events: list[Event] = [("orders/create", order_body(order))]
        if pay == "paid":
            self._record_payment(order)
            events.append(("orders/paid", order_body(order)))
        self.hooks.emit(*events, ("orders/updated", order_body(order)))
        self._hand_over_files(order)
        return order

    def _check_stock(self, cart: list[CartLine], oversell: bool) -> None:
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

    def new_line(self, wanted: CartLine) -> LineState:
        """An order line for one line of a cart, priced as the store prices it now."""
        variant = self.shop.by_sku(wanted.sku) if wanted.sku is not None else None
        if variant is None:
            return LineState(
                self.shop.new_id(),
                wanted.title or "",
                wanted.price or Decimal(0),
                wanted.quantity,
                requires_shipping=not wanted.gift_card
                if wanted.requires_shipping is None
                else wanted.requires_shipping,
                gift_card=wanted.gift_card,
                duty=wanted.duty,
            )
        article = self.shop.products[variant.product]
        return LineState(
            self.shop.new_id(),
            article.title,
            variant.price if wanted.price is None else wanted.price,
            wanted.quantity,
            sku=variant.item.sku,
            variant=variant.number,
            product=article.number,
            vendor=article.vendor,
            variant_title=None if variant.title == "Default Title" else variant.title,
            requires_shipping=variant.item.requires_shipping,
            taxable=variant.taxable,
            weight_grams=round(variant.item.weight_value) if variant.item.weight_unit == "GRAMS" else 0,
            duty=wanted.duty,
            hs_code=variant.item.hs_code,
            origin=variant.item.origin,
        )

    def route(self, order: OrderState, line: LineState, units: int) -> None:
        """Give units of a line to the fulfillment order of its location, and promise them from stock there."""
        shop, now = self.shop, self.shop.now()
        location = best_location(shop, shop.variant(line.variant))
        method = "SHIPPING" if line.requires_shipping else "NONE"
        target = next(
            (
                fo
                for fo in order.fulfillment_orders
                if fo.location == location and fo.method == method and fo.status in ("OPEN", "IN_PROGRESS")
            ),
            None,
        )
        if target is None:
            target = FulfillmentOrderState(shop.new_id(), location, method, now, now)
            shop.add_fulfillment_order(order, target)
        part = next((part for part in target.lines if part.line is line), None)
        if part is None:
            target.lines.append(FulfillmentOrderLine(shop.new_id(), line, units, units))
        else:
            part.total += units
            part.remaining += units
        move(shop, line, location, -units, units)

    def capture(self, order_id: str | int) -> OrderState:
        """The outstanding money arrives: a capture of what was authorised, or a payment of what was pending."""
        order, shop = self.find(order_id), self.shop
        outstanding = order.total - order.received + order.refunded
        if order.cancelled_at or outstanding <= 0:
            raise ValueError(f"{order.name} has nothing to pay")
        parent = next((t.number for t in order.transactions if t.kind == "AUTHORIZATION"), None)
        kind = "CAPTURE" if order.capturable else "SALE"
        order.transactions.append(TransactionState(shop.new_id(), kind, outstanding, shop.now(), parent=parent))
        shop.touch(order)
        self._record_payment(order)
        self.hooks.emit(("orders/paid", order_body(order)), ("orders/updated", order_body(order)))
        self._hand_over_files(order)
        return order

    def _record_payment(self, order: OrderState) -> None:
        self.shop.world.record("shopify", "order_paid", order.name, total=str(order.total), test=order.test)

    def _hand_over_files(self, order: OrderState) -> None:
        """Files and gift cards are sent by the store itself once they are paid for."""
        waiting = [fo for fo in order.fulfillment_orders if fo.method == "NONE" and fo.status == "OPEN"]
        if order.financial_status != "PAID":
            return
        for fulfillment_order in waiting:
            now = self.shop.now()
            name = f"{order.name}-F{len(order.fulfillments) + 1}"
            sent = FulfillmentState(self.shop.new_id(), name, fulfillment_order.location, now, now)
            sent.fulfillment_orders.append(fulfillment_order.number)
            for part in fulfillment_order.lines:
                sent.lines.append((self.shop.new_id(), part.line, part.remaining))
                move(self.shop, part.line, fulfillment_order.location, 0, -part.remaining)
                part.line.fulfilled += part.remaining
                part.remaining = 0
                self.shop.world.record("shopify", "digital_delivered", order.name, sku=part.line.sku)
            self.shop.add_fulfillment(order, sent)
            self.announce_fulfillment(order, sent)

    def announce_fulfillment(self, order: OrderState, sent: FulfillmentState) -> None:
        """The webhooks of a new fulfillment; a paid order that is sent completely is archived."""
        done = order.fulfillment_status == "FULFILLED"
        self.shop.touch(order)
        if done and order.financial_status == "PAID":
            order.closed_at = order.updated_at
        self.hooks.emit(
            ("fulfillments/create", fulfillment_body(order, sent)),
            ("orders/fulfilled" if done else "orders/partially_fulfilled", order_body(order)),
            ("orders/updated", order_body(order)),
        )

    def cancel(self, order_id: str | int, reason: str, restock: bool, refund: bool, by: str) -> OrderState:
        """Cancel what has not been sent; raises ValueError when it is too late or was done before."""
        order, shop = self.find(order_id), self.shop
        if order.cancelled_at:
            raise ValueError(f"{order.name} has already been cancelled")
        if any(line.fulfilled for line in order.lines if line.requires_shipping):
            raise ValueError(f"{order.name} has been fulfilled and cannot be cancelled")
        now, money = shop.now(), order.received - order.refunded
        given_back: RefundState | None = None
        if refund or not money:
            given_back = RefundState(shop.new_id(), now, money, shipping=order.shipping_now)
        for line in order.lines:
            units, current = line.unfulfilled, line.current
            release(shop, order, line, units, restock)
            line.refunded_unfulfilled += units
            line.refunded += current
            if given_back and current:
                given_back.lines.append((shop.new_id(), line, current, "CANCEL" if restock else "NO_RESTOCK"))
        for fulfillment_order in order.fulfillment_orders:
            fulfillment_order.cancelled = fulfillment_order.method != "NONE" or fulfillment_order.status == "OPEN"
        if not order.received:
            order.voided = True
            order.transactions.append(TransactionState(shop.new_id(), "VOID", Decimal(0), now))
        elif given_back:
            order.transactions.append(TransactionState(shop.new_id(), "REFUND", money, now))
        order.cancelled_at, order.cancel_reason, order.closed_at = now, reason, now
        shop.touch(order)
        shop.world.record("shopify", "order_cancelled", order.name, reason=reason, by=by, refunded=str(order.refunded))
        events: list[Event] = [("orders/cancelled", order_body(order)), ("orders/updated", order_body(order))]
        if given_back and given_back.lines:
            order.refunds.append(given_back)
            events.append(("refunds/create", refund_body(order, given_back)))
        self.hooks.emit(*events)
        return order

    def set_risk(self, order_id: str | int, recommendation: str) -> OrderState:
        """The store's fraud analysis changes its mind: ACCEPT, INVESTIGATE, CANCEL or NONE."""
        if recommendation not in RISK_LEVELS:
            raise ValueError(f"recommendation must be one of {', '.join(RISK_LEVELS)}, not {recommendation!r}")
        order = self.find(order_id)
        order.risk, order.risk_level = recommendation, RISK_LEVELS[recommendation]
        self.shop.touch(order)
        self.shop.world.record("shopify", "order_risk_changed", order.name, recommendation=recommendation)
        self.hooks.emit(
            ("orders/risk_assessment_changed", risk_body(order, order.updated_at)),
            ("orders/updated", order_body(order)),
        )
        return order

    def set_address(self, order_id: str | int, address: Address) -> OrderState:
        """Correct the shipping address."""
        order = self.find(order_id)
        order.address = address
        self.shop.touch(order)
        self.shop.world.record("shopify", "address_changed", order.name)
        self.hooks.emit(("orders/updated", order_body(order)))
        return order

    def redact(self, order_id: str | int) -> OrderState:
        """Erase the person behind an order, and tell the app to do the same."""
        order = self.find(order_id)
        body = privacy_body(self.shop, order, "orders_to_redact")
        order.buyer = order.address = order.note = None
        self.shop.touch(order)
        self.shop.world.record("shopify", "customer_redacted", order.name)
        self.hooks.emit(("customers/redact", body))
        return order

    def request_data(self, order_id: str | int) -> OrderState:
        """A customer asks what is kept about them."""
        order = self.find(order_id)
        body = {**privacy_body(self.shop, order, "orders_requested"), "data_request": {"id": self.shop.new_id()}}
        self.hooks.emit(("customers/data_request", body))
        return order
