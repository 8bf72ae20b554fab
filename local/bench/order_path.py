"""One paid order from the store's webhook to "customer told", counted step by step on warm workers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from local.bench.counting_shop import Call
from local.bench.store_shop import StoreShop
from local.sandbox.shopify import Address, Buyer
from local.sandbox.wire import Delivery

BUYER = Buyer("Aino", "Virta", "aino.virta@example.com", "+358401234567")
HOME = Address(
    address1="Esimerkkikatu 1", city="Tampere", zip="33100", first_name="Aino", last_name="Virta", phone="+358401234567"
)
GOODS = (("HL-MS-400", 1),)
NEWS = {"shopify": "orders/paid", "woocommerce": "order.created", "bigcommerce": "store/order/created"}
FURTHER_MILESTONES = ("in_transit", "out_for_delivery", "delivered")


@dataclass(frozen=True)
class Stage:
    """One part of the path: what it asked of AWS and of vendors, and how often a function ran for it. `store_calls` are those of
    its vendor calls that the store got."""

    name: str
    calls: Sequence[Call]
    vendor_calls: int
    store_calls: int
    invocations: int

    @property
    def units(self) -> int:
        """Write units."""
        return sum(call.units for call in self.calls)

    def by_function(self) -> Counter[str]:
        """Calls by function."""
        return Counter(call.function for call in self.calls)


def brings_news(delivery: Delivery) -> bool:
    """Whether a webhook tells something that Orderwright does not know yet: the others are the vendors' echoes.

    Shopify sends orders/create, orders/paid and orders/updated for one paid order; CJ says that it was paid by us, that
    its stock fell by what we bought, and how its parcel moves; EasyPost says that we created a tracker.
    """
    if delivery.vendor in NEWS:
        return (delivery.topic or delivery.headers.get("X-Shopify-Topic")) == NEWS[delivery.vendor]
    body = json.loads(delivery.body)
    if delivery.vendor == "cj":
        return bool(body.get("type") == "LOGISTIC")
    return bool(body.get("description") == "tracker.updated")


class OrderPath:
    """Plays orders on one shop. The first order of a shop is cold; `play` again for a warm one."""

    def __init__(self, wanted: Callable[[Delivery], bool] = lambda _: True, kind: str = "shopify") -> None:
        self.shop = StoreShop(kind)
        self.shop.wanted = wanted
        self.shop.stock_up()
        self.shop.connect()

    def play(self) -> list[Stage]:
        """One order, all stages."""
        shop = self.shop
        shop.till.buy(list(GOODS), buyer=BUYER, address=HOME)
        stages = [self._stage("ordered and paid", shop.run)]
        shop.clock.advance(1)
        paid = shop.paid_orders()[-1]
        number = shop.supplier.ship(paid.reference).tracking_number
        stages.append(self._stage("shipped and customer told", shop.run))
        for status in FURTHER_MILESTONES:
            shop.clock.advance(1)
            shop.carrier.scan(number, status, status)
            stages.append(self._stage(f"carrier says {status}", shop.run))
        return stages

    def _stage(self, name: str, work: Callable[[], None]) -> Stage:
        shop = self.shop
        calls, vendors, ran = len(shop.calls), len(shop.vendor_calls), shop.invocations
        failed = len(shop.failed)
        work()
        problems = [f"{function}: {error}" for function, _, error in shop.failed[failed:]]
        if problems:
            raise RuntimeError(f"{name}: {problems[0]}")
        asked = [call for _, call in shop.vendor_calls[vendors:]]
        of_store = sum(1 for call in asked if f" {shop.host}/" in call)
        return Stage(name, tuple(shop.calls[calls:]), len(asked), of_store, shop.invocations - ran)


@cache
def warm_order(kind: str = "shopify") -> tuple[Stage, ...]:
    """A warm order with one webhook for each thing that happens, which is the path that the goals are set for."""
    return _second(OrderPath(brings_news, kind))


@cache
def warm_order_with_echoes(kind: str = "shopify") -> tuple[Stage, ...]:
    """A warm order with everything that the vendors really send."""
    return _second(OrderPath(kind=kind))


@cache
def cold_order() -> tuple[Stage, ...]:
    """As warm_order, with no worker warm when the order comes."""
    path = OrderPath(brings_news)
    path.play()
    path.shop.forget_workers()
    return tuple(path.play())


def _second(path: OrderPath) -> tuple[Stage, ...]:
    path.play()
    return tuple(path.play())
