"""A store whose stock is one number per variant: its shelf, and the desk on which buyers and the merchant make orders of it.

A vendor's class is a `Store` that says in `changed` which webhooks an event sends, and shows these records in its shapes. A
store with stock in several places, or with goods of another form, is a `desk.Desk` with a shelf of its own (see Shopify's).
Amounts are in the shop's currency (USD). Each event is one ledger line of the kinds that the page and the judges know: see
`desk`, and price_changed, quantity_changed, product_published, product_unpublished.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from local.sandbox.goods import CURRENCY, GOODS, Good
from local.sandbox.kit.desk import Desk, NotForSale, OutOfStock
from local.sandbox.kit.orders import Fulfillment, Line, Order, Tracking, Variant
from local.sandbox.kit.people import Address, Buyer, CartLine
from local.sandbox.wire import World


@dataclass
class Shop:
    """Everything that a store knows. Variants by number, orders by number, oldest first."""

    variants: dict[int, Variant] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    installed: bool = True


class Store(Desk[Order]):
    """A desk with a shelf. `first_order` is the number before the first order's; other ids begin 5000 above it, so that
    the time line can tell the lines of two stores apart."""

    def __init__(self, world: World, kind: str, first_order: int = 5000, goods: Iterable[Good] = GOODS) -> None:
        self.shop = Shop()
        super().__init__(world, kind, self.shop.orders, first_order)
        self._last_id = first_order + 5_000
        for good in goods:
            price = (good.landed_cost * 2).quantize(Decimal(1)) + Decimal("0.99")
            variant = Variant(self.new_id(), self.new_id(), good.sku, good.title, price, good.stock, world.clock())
            variant.description_html, variant.image_url = good.description_html, good.image_url
            self.shop.variants[variant.number] = variant

    def shelve(self, skus: Sequence[str], *, together: bool = False, stock: int = 1000) -> list[Variant]:
        """The merchant makes goods for 1.00 each: articles of their own, or the variants of one (`Variant.product`)."""
        article, made = self.new_id(), list[Variant]()
        for sku in skus:
            number, product = self.new_id(), article if together else self.new_id()
            made.append(Variant(number, product, sku, f"Goods {sku}", Decimal("1.00"), stock, self.world.clock()))
        self.shop.variants.update((variant.number, variant) for variant in made)
        return made

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

    def set_price(self, variant: Variant, price: Decimal) -> None:
        """The client writes a price."""
        before, variant.price, variant.updated_at = variant.price, price, self.world.clock()
        if price != before:
            self.world.record(self.kind, "price_changed", variant.sku, before=str(before), after=str(price))

    def set_stock(self, variant: Variant, stock: int | None, reason: str = "") -> None:
        """The client writes a stock."""
        before, variant.stock, variant.updated_at = variant.stock, stock, self.world.clock()
        self.world.record(
            self.kind, "quantity_changed", variant.sku, before=before, after=stock, location=self.kind, reason=reason
        )
        self.stock_changed(variant)

    def set_visible(self, variant: Variant, visible: bool) -> None:
        """The client shows or hides a variant."""
        if visible != variant.visible:
            variant.visible = visible
            self.world.record(
                self.kind, f"product_{'' if visible else 'un'}published", variant.sku, title=variant.title
            )

    def check_cart(self, cart: Sequence[CartLine], oversell: bool) -> None:
        """Only what is visible and (unless `oversell`) there is sold."""
        for wanted in cart:
            if wanted.sku is None:
                continue
            variant = self.variant(wanted.sku)
            if not variant.visible:
                raise NotForSale(f"{wanted.sku} is not for sale in this store")
            if not oversell and variant.stock is not None and variant.stock < wanted.quantity:
                raise OutOfStock(f"{wanted.sku}: {wanted.quantity} wanted, {variant.stock} left")

    def new_order(self, name: str, buyer: Buyer | None, address: Address | None, currency: str, **facts: Any) -> Order:
        """An order in the shop's own currency."""
        if currency != CURRENCY:
            raise ValueError(f"currency {currency!r} is not sold in here; use {CURRENCY}")
        now = self.now()
        return Order(self.new_id(), name, now, now, buyer, address, **facts)

    def new_line(self, wanted: CartLine) -> Line:
        """A line at the variant's price; raises NotForSale for one that is hidden."""
        if wanted.sku is None:
            return super().new_line(wanted)
        variant = self.variant(wanted.sku)
        if not variant.visible:
            raise NotForSale(f"{wanted.sku} is not for sale in this store")
        price = variant.price if wanted.price is None else wanted.price
        return Line(
            self.new_id(), variant.title, price, wanted.quantity, wanted.sku, variant.number, variant.product,
            requires_shipping=variant.requires_shipping, duty=wanted.duty,
        )  # fmt: skip

    def take(self, order: Order, line: Line, units: int) -> None:
        """Units leave the stock of the line's variant, where that is counted."""
        variant = self.shop.variants.get(line.variant_id or 0)
        if variant is not None and variant.stock is not None and units:
            variant.stock, variant.updated_at = variant.stock - units, self.now()
            self.stock_changed(variant)

    def give_up(self, order: Order, line: Line, units: int, restock: bool) -> None:
        """Units that will not be sent go back to the shelf where wanted."""
        self.take(order, line, -units if restock else 0)

    def fulfil(
        self, order: Order, units: Sequence[tuple[Line, int]], tracking: Sequence[Tracking], notified: bool = False
    ) -> Fulfillment:
        """The client tells of a parcel. Not idempotent, as no store is that says nothing of it."""
        if not units or any(not 0 < count <= line.unfulfilled for line, count in units):
            raise ValueError(f"{order.name}: these units cannot be sent")
        sent = Fulfillment(self.new_id(), self.now(), tracking=list(tracking))
        for line, count in units:
            line.fulfilled += count
            sent.lines.append((self.new_id(), line, count))
        self.told_of_parcel(order, sent, notified)
        return sent
