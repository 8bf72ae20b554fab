"""What is added to a seed's world for guards that the seeds' own people never put to the test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from math import ceil
from typing import Any

from local.sandbox.goods import GOODS, Good
from local.sandbox.kit.hooks import hmac_base64 as signature
from local.sandbox.wire import Delivery
from orderwright.domain.config import Config
from orderwright.domain.config_values import MoneyText
from orderwright.domain.customer_request import RequestKind
from orderwright.domain.operations import StoredConfig
from orderwright.domain.rules import MapPrice, PriceRule
from orderwright.domain.timing import AWS
from orderwright.messages import Message
from orderwright.records import ALL_SUPPLIERS, CURRENT_CONFIG
from orderwright.storage import Put
from tests.simulation.faults.mix import Chaos
from tests.simulation.faults.strikes import hang
from tests.simulation.modes.story import POISON
from tests.simulation.modes.swarm import BUYING, off_sale, pause
from tests.simulation.people.customers import Habits, plan_customers
from tests.simulation.people.operator import LowerCap, Operator, RenameConnections, StopSpending
from tests.simulation.people.page_readers import plan_readers
from tests.simulation.people.strangers import OpenDoor, plan_strangers
from tests.simulation.people.suppliers import LOGISTICS
from tests.simulation.sim import START, Sim
from tests.support.shop import STORE, SUPPLIER, hook

TICK = 10.0
NOW = "2026-11-22T08:00:00Z"


def configured(sim: Sim, change: Callable[[Config], Config]) -> None:
    """Another configuration from the beginning, for the product and for the judge."""
    held = sim.storage.get(CURRENT_CONFIG, StoredConfig)
    assert held is not None
    assert sim.judge is not None
    sim.config = change(sim.config)
    document = sim.config.model_dump_json()
    sim.storage.commit([Put(CURRENT_CONFIG, held.model.model_copy(update={"document": document}), held.version)])
    sim.judge.after_event()
    del sim.judge.book.configs[:-1]


def _limits(config: Config, amount: str) -> Config:
    single = {SUPPLIER: MoneyText(amount=Decimal(amount), currency="USD")}
    return config.model_copy(update={"limits": config.limits.model_copy(update={"spend_per_purchase_order": single})})


def a_low_limit_per_purchase_order(sim: Sim) -> None:
    """Twenty dollars, which many orders cost more than."""
    configured(sim, lambda config: _limits(config, "20.00"))


def slightly_higher_bills(sim: Sim) -> None:
    """The supplier's next bill for each article is a little above its quote."""
    for good in GOODS:
        sim.supplier.set_payable_surcharge(good.sku, Decimal("0.50"))


def dear_bills(sim: Sim) -> None:
    """The supplier's next bill for each article is far above its quote."""
    for good in GOODS:
        sim.supplier.set_payable_surcharge(good.sku, Decimal("60.00"))


def later(sim: Sim, minutes: float, act: Callable[[], None]) -> None:
    """Something in so many minutes."""
    sim.agenda.at(sim.clock.now() + timedelta(minutes=minutes), "", act)


def _buyers(sim: Sim, count: int, span_seconds: float, **habits: float) -> None:
    """Some customers more, who do nothing but what is named."""
    kinds = {"races": 0.0, "forgets": 0.0, "cancels": 0.0, "moves": 0.0, "erased": 0.0, **habits}
    plan_customers(
        sim, count, sim.dice("more"), span_seconds=span_seconds, habits=Habits(**kinds), until=sim.quiet_from
    )


def _crowd(sim: Sim, cancels: float) -> None:
    _buyers(sim, 8, 20, popular=1.0, races=1.0, cancels=cancels)


def a_crowd(sim: Sim) -> None:
    """Many customers within a minute, who want what there is little of; each passes the store's own check."""
    _crowd(sim, 0.0)


def a_crowd_that_cancels(sim: Sim) -> None:
    """The same, and most of them change their minds."""
    _crowd(sim, 0.9)


def fickle_customers(sim: Sim) -> None:
    """Six customers who all cancel, many of them while their order is being placed."""
    _buyers(sim, 6, BUYING, cancels=1.0)


def withdrawing_customers(sim: Sim) -> None:
    """Six customers who all withdraw on their page, many of them while their order is being placed; some change the address."""
    plan_readers(sim, sim.dice("withdrawing"), times=1, kinds=(RequestKind.WITHDRAWAL,), until=sim.quiet_from)
    _buyers(sim, 6, BUYING, moves=0.5)


def leaving_customers(sim: Sim) -> None:
    """Four customers who all want to be forgotten once their parcels have come."""
    _buyers(sim, 4, BUYING, erased=1.0)


def other_names(sim: Sim) -> None:
    """Store and supplier are renamed while six customers buy, who look at their orders again and again."""
    _buyers(sim, 6, BUYING, moves=1.0)
    operator = Operator(sim, AWS, sim.quiet_from)
    for minutes in (3, 8):
        later(sim, minutes, RenameConnections(operator))


def a_hand_on_the_switch(sim: Sim, switch: str = SUPPLIER) -> None:
    """Spending is switched off and on again while six customers buy."""
    _buyers(sim, 6, BUYING)
    operator = Operator(sim, AWS, sim.quiet_from)
    for minutes in (3, 6):
        later(sim, minutes, StopSpending(operator, 90.0, switch))


def a_hand_on_the_switch_for_all(sim: Sim) -> None:
    """The same with the switch for all suppliers."""
    a_hand_on_the_switch(sim, ALL_SUPPLIERS)


def an_anxious_operator(sim: Sim) -> None:
    """The limit of the day is lowered to what is spent almost at once, while six customers buy."""
    _buyers(sim, 6, BUYING)
    later(sim, 1, LowerCap(Operator(sim, AWS, sim.quiet_from), Decimal("40.00"), back_after=3000.0))


def polled(sim: Sim) -> None:
    """The feed and the offers are polled, whatever the seed says."""
    if "poll_stock" not in sim.running_schedules:
        sim.running_schedules = (*sim.running_schedules, "poll_stock")


def an_old_feed(sim: Sim) -> None:
    """The feed shows the morning's file for an hour, while the supplier's stock moves on; then a new one."""
    polled(sim)
    sim.feed.stale()
    for number, good in enumerate(GOODS):
        later(sim, 12 + number * 5, partial(sim.supplier.set_stock, good.sku, 20 + number))
    later(sim, 45, partial(sim.feed.stale, frozen=False))


def a_broken_feed(sim: Sim) -> None:
    """The feed is cut off, empty and without rows, one poll after the other."""
    polled(sim)
    for behaviour in ("ok", "truncated", "empty", "header_only", "ok"):
        sim.feed.faults.script("fetch", behaviour)


def a_jump_in_cost(sim: Sim) -> None:
    """Everything becomes much dearer at once, in a shop of small margins: the old prices may not stay."""
    configured(sim, _small_margins)
    polled(sim)
    for good in GOODS:
        later(sim, 20, partial(sim.supplier.set_cost, good.sku, good.cost * 3))


def narrow_prices(sim: Sim) -> None:
    """Rules with a margin that lifts prices, a MAP and an MSRP; every price is worked out anew."""
    configured(sim, _narrow)
    later(sim, 3, partial(reprice, sim))


def reprice(sim: Sim) -> None:
    """Every listing anew, as after a change of rules."""
    sim.send([Message("offer.changed", f"again-{good.sku}", NOW, resource=good.sku) for good in GOODS])


def a_late_price(sim: Sim) -> None:
    """The store takes a price in, says nothing, and carries it out behind the next one."""
    good = GOODS[0]
    sim.store.config.faults.script("productVariantsBulkUpdate", "accept_late")
    for minutes, cost in ((15.0, "6.80"), (15.6, "7.40")):
        later(sim, minutes, partial(tell_cost, sim, good, Decimal(cost)))


def tell_cost(sim: Sim, good: Good, cost: Decimal) -> None:
    """An article costs something else, and the supplier says so."""
    sim.supplier.set_cost(good.sku, cost)
    sim.send([Message("stock.news", f"cost-{cost}", NOW, connection=SUPPLIER, resource=good.supplier.vid)])


def a_store_that_mails(sim: Sim) -> None:
    """The store itself confirms orders and tells what was sent."""
    configured(sim, _mailing)


def _mailing(config: Config) -> Config:
    store = config.connections[STORE].model_copy(update={"store_mails": ("CONFIRMED", "SHIPPED")})
    return config.model_copy(update={"connections": {**config.connections, STORE: store}})


def _small_margins(config: Config) -> Config:
    rule = PriceRule(name="all", markup=Decimal("1.6"), minimum_margin_percent=Decimal(30))
    return config.model_copy(update={"rules": config.rules.model_copy(update={"prices": (rule,)})})


def _narrow(config: Config) -> Config:
    rule = PriceRule(name="all", markup=Decimal("1.1"), minimum_margin_percent=Decimal(30))
    own = {
        "HL-KID-120": MapPrice(map_price=MoneyText(amount=Decimal("12.00"), currency="USD")),
        "HL-COB-350": MapPrice(msrp=MoneyText(amount=Decimal("10.40"), currency="USD")),
    }
    changes = {"prices": (rule,), "sku_prices": own, "price_step_percent": Decimal(90)}
    return config.model_copy(update={"rules": config.rules.model_copy(update=changes)})


def strangers(sim: Sim) -> None:
    """Two dozen forged, replayed and foreign webhooks, and some odd news."""
    plan_strangers(sim, sim.dice("strangers"), tries=24, span_seconds=3600, until=sim.quiet_from)


def an_old_farewell(sim: Sim) -> None:
    """A delivery of years ago, when the app was removed once, is sent again: with the store's own signature."""
    body = b'{"id": 548380009, "myshopify_domain": "nordlight.myshopify.com"}'
    headers = {
        "X-Shopify-Topic": "app/uninstalled",
        "X-Shopify-Webhook-Id": "an-old-one",
        "X-Shopify-Hmac-SHA256": signature(sim.store.config.client_secret, body),
    }
    later(sim, 20, partial(OpenDoor(sim).send, Delivery("stranger", hook(STORE), headers, body)))


@dataclass
class Clumps(Chaos):
    """Deliveries in bundles every few seconds, so that strangers to each other share a batch."""

    def copies(self, queue: str) -> Sequence[float]:
        """As drawn, but never between two ticks."""
        passed = (self.sim.clock.at - START).total_seconds()
        return tuple(ceil((passed + delay) / TICK) * TICK - passed for delay in super().copies(queue))


def in_bundles(sim: Sim) -> None:
    """Messages come in bundles: two of the same start two workers at the same instant."""
    assert isinstance(sim.chaos, Chaos)
    sim.chaos = Clumps(sim, sim.chaos.mix, sim.chaos.dice)


def poison(sim: Sim) -> None:
    """Messages that nobody can work on, in every queue, in the same batches as all others."""
    in_bundles(sim)
    sim.memory["poison"] = list(POISON)
    for name in sorted(sim.queues):
        if sim.queues[name].mapping is not None:
            for half_minute in range(20):
                body = POISON[half_minute % len(POISON)]
                later(sim, half_minute / 2, partial(sim.queues[name].send, body))


@dataclass
class GivesAddressAgain:
    """Some minutes after a customer was erased, the store has an address again, by whoever knows it still."""

    sim: Sim
    done: list[str] = field(default_factory=list)

    def __call__(self) -> None:
        """Look who was erased."""
        for sold in self.sim.sold:
            if sold.erased and sold.name not in self.done:
                self.done.append(sold.name)
                self.sim.store.set_address(sold.name, sold.address)
        later(self.sim, 3, self)


def an_address_after_erasure(sim: Sim) -> None:
    """What was erased comes back in the store; it must not come back here."""
    leaving_customers(sim)
    later(sim, 3, GivesAddressAgain(sim))


def a_lost_purchase(sim: Sim) -> None:
    """The supplier takes the money and says nothing, and its look-up loses the order; later the store has news of it."""
    sim.supplier.faults.script("payBalanceV2", "accept_then_timeout")
    sim.supplier.faults.script("getOrderDetail", *(["not_found"] * 8))
    later(sim, 65, partial(_news_of_all, sim))


def _odd(sim: Sim, **chances: Any) -> None:
    """Six customers more, and a supplier or carrier with these habits."""
    _buyers(sim, 6, BUYING)
    people = sim.memory[LOGISTICS]
    people.pace = replace(people.pace, **chances)


def replaced_numbers(sim: Sim) -> None:
    """Most parcels get another number on their way."""
    _odd(sim, replaces=0.8, splits=0.4)


def used_numbers(sim: Sim) -> None:
    """Most numbers were another parcel's months ago."""
    _odd(sim, reuses=0.8)


def parcels_sent_back(sim: Sim) -> None:
    """Most parcels go back, and are delivered to their sender."""
    _odd(sim, returns=0.7, comes_home=0.9)


def a_store_that_hangs(sim: Sim) -> None:
    """All parcels came quickly; then the store accepts everything and answers nothing, while people change their minds."""
    in_bundles(sim)
    _buyers(sim, 10, 60)
    people = sim.memory[LOGISTICS]
    people.pace = replace(people.pace, packing=(20.0, 60.0), travelling=(60.0, 300.0), splits=0.0)
    sim.memory |= {"nobody_dies": True, "erase_within": timedelta(minutes=10)}
    later(sim, 25, partial(_silent, sim))


def _silent(sim: Sim) -> None:
    """One minute of news, of which each but the last asks the store; and three quarters of an hour without an answer."""
    hang(sim, "shopify", 48 * 60.0)
    for place, sold in enumerate(sim.sold):
        if place % 5 < 4:
            sim.store.set_address(sold.name, sold.address)
        elif not sold.cancelled:
            sim.store.redact(sold.name)
            sold.erased = True
            sim.memory.setdefault("asked_to_forget", {})[sold.name] = sim.clock.at


def a_long_pause(sim: Sim) -> None:
    """From the second minute on the account sends nothing to people for six hours."""
    pause(sim, 60, 6 * 3600)


def an_end_of_sale(sim: Sim) -> None:
    """The supplier takes each second article off sale."""
    for good in GOODS[::2]:
        off_sale(sim, good.sku, 300)


def _news_of_all(sim: Sim) -> None:
    for sold in sim.sold:
        sim.store.set_address(sold.name, sold.address)


def a_platform_that_drops(sim: Sim) -> None:
    """The store drops every subscription of ours, and says nothing of it."""
    # Before the hourly look at them: a run may end as soon as nothing is left to do.
    later(sim, 5, partial(_drop_subscriptions, sim))
    if "reconcile" not in sim.running_schedules:
        sim.running_schedules = (*sim.running_schedules, "reconcile")


def _drop_subscriptions(sim: Sim) -> None:
    sim.store.hooks.subscriptions.clear()
    sim.memory["subscriptions_dropped"] = True
    sim.unheard()
