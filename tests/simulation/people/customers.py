"""Customers: they buy, some change their minds, some move, some want to be forgotten."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from local.sandbox.goods import GOODS
from local.sandbox.shopify import Address, NotForSale, OutOfStock
from local.sandbox.shopify.orders_state import OrderState
from tests.simulation.people.persons import Person, draw_person
from tests.simulation.people.scene import Act, Scene, counted, is_over, sooner_or_later
from tests.simulation.people.sold import Cart, Sold

POPULAR = "HL-UL-300"
"""What many want and the supplier has little of."""
MOST_UNITS = 3
MOST_ARTICLES = 3
ASKS_AGAIN = 600.0


@dataclass(frozen=True)
class Habits:
    """How probable it is that a customer does something."""

    texts: float = 0.4
    popular: float = 0.3
    races: float = 0.05
    """Two buyers pass the store's check for the last piece at once."""
    forgets: float = 0.05
    """The postcode is left out, and given later."""
    cancels: float = 0.12
    moves: float = 0.08
    erased: float = 0.08


@dataclass(frozen=True)
class Purchase:
    """All that one customer is going to do. Seconds count from the purchase; None: never."""

    at: float
    cart: Cart
    person: Person
    texts: bool
    races: bool
    forgets: bool
    cancels: float | None
    moves: float | None
    erased: float | None


def draw_cart(dice: Random, popular: float) -> Cart:
    """One to three articles, one to three units of each; sometimes what many want is among them."""
    others = [good.sku for good in GOODS if good.sku != POPULAR]
    chosen = dice.sample(others, dice.randint(1, MOST_ARTICLES))
    if dice.random() < popular:
        chosen[0] = POPULAR
    return tuple((sku, dice.choice((1, 1, 1, 2, 2, MOST_UNITS))) for sku in chosen)


def draw_purchase(dice: Random, serial: int, span_seconds: float, habits: Habits) -> Purchase:
    """One customer. Every habit takes its dice whether it shows or not, so that one habit does not change the others."""

    def perhaps(chance: float, least: float, most: float) -> float | None:
        happens, seconds = dice.random() < chance, sooner_or_later(dice, least, most)
        return seconds if happens else None

    forgets = dice.random() < habits.forgets
    return Purchase(
        at=dice.uniform(0, span_seconds),
        cart=draw_cart(dice, habits.popular),
        person=draw_person(dice, serial),
        texts=dice.random() < habits.texts,
        races=dice.random() < habits.races,
        forgets=forgets,
        cancels=perhaps(habits.cancels, 2, 7200),
        moves=perhaps(1.0 if forgets else habits.moves, 5, 3600),
        erased=perhaps(habits.erased, 1800, 10_800),
    )


def plan_customers(
    sim: Scene,
    orders: int,
    dice: Random,
    *,
    span_seconds: float,
    habits: Habits | None = None,
    until: datetime | None = None,
) -> list[Purchase]:
    """Write `orders` purchases of the next `span_seconds` into the agenda; gives them as drawn."""
    first = sim.memory.get("customers", 0)
    sim.memory["customers"] = first + orders
    drawn = [draw_purchase(dice, first + index, span_seconds, habits or Habits()) for index in range(orders)]
    for purchase in drawn:
        when = sim.clock.now() + timedelta(seconds=purchase.at)
        sim.agenda.at(when, "a customer buys", Buy(sim, purchase, until))
    return drawn


@dataclass
class Buy:
    """A customer pays for a cart, or finds it sold out."""

    sim: Scene
    purchase: Purchase
    until: datetime | None

    def __call__(self) -> None:
        """Buy now."""
        if is_over(self.sim, self.until):
            return
        what, person = self.purchase, self.purchase.person
        address = replace(person.address, zip=None) if what.forgets else person.address
        for cart in (what.cart, self._what_there_is()):
            order = self._bought(cart, address) if cart else None
            if order is not None:
                break
        else:
            counted(self.sim, "customers_did", "found it sold out")
            self.sim.note("a customer", "finds it sold out")
            return
        sold = Sold(order.name, str(order.number), cart, person.buyer, address, what.texts, person.canaries)
        self.sim.sold.append(sold)
        self.sim.note("a customer", f"buys {order.name}")
        for heard in self.sim.memory.get("on_bought", ()):
            heard(sold)
        self._later(what.cancels, "a customer cancels", Cancel(self.sim, sold, self.until))
        self._later(what.moves, "a customer moves", Move(self.sim, sold, person.moved, self.until))
        self._later(what.erased, "a customer asks to be forgotten", Erase(self.sim, sold, self.until))

    def _bought(self, cart: Cart, address: Address) -> OrderState | None:
        what, person = self.purchase, self.purchase.person
        try:
            return self.sim.store.buy(
                list(cart),
                buyer=person.buyer,
                address=address,
                sms=what.texts,
                locale=person.locale,
                **self._asked(),
            )
        except (OutOfStock, NotForSale):
            return None

    def _asked(self) -> dict[str, Any]:
        """What else the store is told of this purchase."""
        return {"oversell": self.purchase.races}

    def _what_there_is(self) -> Cart:
        """The cart without what the shop does not have any more."""
        shelf = {entry.sku: entry.available for entry in self.sim.store.shelf()}
        left = {
            sku: units if (there := shelf.get(sku, 0)) is None else min(units, there)
            for sku, units in self.purchase.cart
        }
        return tuple((sku, units) for sku, units in left.items() if units > 0)

    def _later(self, seconds: float | None, label: str, act: Act) -> None:
        if seconds is not None:
            self.sim.agenda.after(seconds, label, act)


@dataclass
class Cancel:
    """The customer cancels; the store refuses once something was sent."""

    sim: Scene
    sold: Sold
    until: datetime | None

    def __call__(self) -> None:
        """Cancel now."""
        if is_over(self.sim, self.until):
            return
        try:
            self.sim.store.cancel(self.sold.name)
        except ValueError:
            counted(self.sim, "customers_did", "cancelled too late")
            self.sim.note("a customer", f"would cancel {self.sold.name}, but the store refuses")
            return
        self.sold.cancelled = True
        self.sim.note("a customer", f"cancels {self.sold.name}")


@dataclass
class Move:
    """The customer gives another address, or for the first time a whole one."""

    sim: Scene
    sold: Sold
    address: Address
    until: datetime | None

    def __call__(self) -> None:
        """Change it now."""
        if is_over(self.sim, self.until) or self.sold.erased:
            return
        self.sim.store.set_address(self.sold.name, self.address)
        self.sold.address = self.address
        counted(self.sim, "customers_did", "moved")
        self.sim.note("a customer", f"changes the address of {self.sold.name}")


@dataclass
class Erase:
    """The customer wants to be forgotten, once all parcels have come."""

    sim: Scene
    sold: Sold
    until: datetime | None

    def __call__(self) -> None:
        """Ask now, or look again later."""
        if is_over(self.sim, self.until) or self.sold.cancelled or not self.sim.front.forgets:
            return
        if not self._has_come():
            # Without an end of all acts this would go on for ever where a parcel never comes.
            if self.until is not None:
                self.sim.agenda.after(ASKS_AGAIN, "a customer asks to be forgotten", self)
            return
        self.sim.store.redact(self.sold.name)
        self.sold.erased = True
        self.sim.note("a customer", f"of {self.sold.name} is to be forgotten")

    def _has_come(self) -> bool:
        order = self.sim.store.order(self.sold.name)
        numbers = {number for sent in order.fulfillments for number, _, _ in sent.tracking if number}
        return (
            order.fulfillment_status == "FULFILLED"
            and bool(numbers)
            and all(
                any(
                    scan.status == "delivered" and scan.when > order.created_at
                    for scan in self.sim.carrier.scans(number)
                )
                for number in numbers
            )
        )
