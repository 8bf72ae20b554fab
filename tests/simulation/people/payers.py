"""Customers where money is looked at closely: they pay for shipping, by several gateways, and get money back at any moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from local.sandbox.goods import GOODS
from local.sandbox.shopify import Address, NotForSale, OutOfStock, Terms
from local.sandbox.shopify.orders_state import OrderState
from tests.simulation.people.customers import Buy, Habits, draw_purchase
from tests.simulation.people.persons import COUNTRIES, Country
from tests.simulation.people.scene import Scene, counted, is_over, sooner_or_later
from tests.simulation.people.sold import Sold

GATEWAYS = ("shopify_payments", "shopify_payments", "paypal", "paypal", "klarna")
SHIPPING = ("0.00", "4.90", "9.90")
BACK = ("shipping", "line", "money", "money with tax", "money, pending", "nearly all")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Payment:
    """How one customer pays, and what is given back or added: (seconds after the purchase, what, a share)."""

    shipping: Decimal
    gateway: str
    events: tuple[tuple[float, str, Decimal], ...]


def plan_payers(
    sim: Scene, count: int, dice: Random, *, span_seconds: float, countries: tuple[str, ...], until: datetime | None
) -> None:
    """Write so many purchases into the agenda. `countries`: where these customers live, drawn among them."""
    first = sim.memory.get("customers", 0)
    sim.memory["customers"] = first + count
    habits = Habits(races=0.0, erased=0.0, forgets=0.0, cancels=0.05, moves=0.05)
    for index in range(count):
        purchase = draw_purchase(dice, first + index, span_seconds, habits)
        code = dice.choice(countries)
        where = next(one for one in COUNTRIES if one.code == code)
        person = purchase.person
        person = replace(
            person, address=_moved(person.address, where), moved=_moved(person.moved, where), locale=where.locale
        )
        pay = Pay(sim, replace(purchase, person=person), until, _payment(dice))
        sim.agenda.at(sim.clock.now() + timedelta(seconds=purchase.at), "a customer buys", pay)


def _moved(address: Address, to: Country) -> Address:
    return replace(
        address,
        city=to.city,
        zip=to.postcode,
        country_code=to.code,
        country=to.name,
        province=to.province,
        province_code=to.province_code,
    )


def _payment(dice: Random) -> Payment:
    events = []
    for chance in (0.6, 0.3):
        when, what = sooner_or_later(dice, 1, 3600), dice.choice((*BACK, "adds an article"))
        share = Decimal(dice.randint(5, 60)) / 100
        if dice.random() < chance:
            events.append((when, what, share))
    return Payment(Decimal(dice.choice(SHIPPING)), dice.choice(GATEWAYS), tuple(sorted(events)))


@dataclass
class Pay(Buy):
    """As any purchase, with a payment of its own."""

    payment: Payment

    def __call__(self) -> None:
        """Buy now; what is given back is planned with it."""
        before = len(self.sim.sold)
        super().__call__()
        for sold in self.sim.sold[before:]:
            for when, what, share in self.payment.events:
                self.sim.agenda.after(when, "money goes back", GiveBack(self.sim, sold, what, share, self.until))

    def _asked(self) -> dict[str, Any]:
        return {"shipping_price": self.payment.shipping, "terms": Terms(gateway=self.payment.gateway)}


@dataclass
class GiveBack:
    """The merchant gives a part back, as lines or as money; or the customer adds an article and pays for it."""

    sim: Scene
    sold: Sold
    what: str
    share: Decimal
    until: datetime | None

    def __call__(self) -> None:
        """Do it now; where the store refuses, nothing happens."""
        if is_over(self.sim, self.until) or self.sold.cancelled:
            return
        try:
            self._act(self.sim.store.order(self.sold.name))
        except (ValueError, OutOfStock, NotForSale):
            self.sim.note("the merchant", f"would give back of {self.sold.name}, but the store refuses")
            return
        counted(self.sim, "given_back", self.what)
        self.sim.note("the merchant", f"gives back of {self.sold.name}: {self.what}")

    def _act(self, order: OrderState) -> None:
        store, name, left = self.sim.store, self.sold.name, order.received - order.refunded
        if self.what == "line":
            line = next((one for one in order.lines if one.unfulfilled), None)
            if line is None:
                raise ValueError("nothing is left to refund")
            store.refund(name, [(line.number, 1)])
        elif self.what == "shipping":
            store.refund(name, shipping=(order.shipping_now * self.share).quantize(CENT))
        elif self.what == "adds an article":
            # An article of its own: by the supplier's ledger two lines of one SKU could not be told apart.
            there = {line.sku for line in order.lines}
            store.edit(name, add=[(next(good.sku for good in GOODS if good.sku not in there), 1)])
            store.capture(name)
        else:
            share = Decimal("0.97") if self.what == "nearly all" else self.share
            money = (left * share).quantize(CENT)
            rate = order.tax.rate if order.tax else Decimal(0)
            tax = (money * rate / (100 + rate)).quantize(CENT, ROUND_HALF_UP)
            told = self.what == "money with tax"
            store.refund_money(name, money, tax if told else Decimal(0), pending=self.what == "money, pending")
