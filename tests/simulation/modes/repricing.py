"""Worlds of three stores whose prices follow competitors, demand and a campaign, while costs and rules change (promise P4).

A world lasts some hours, so that competitors' prices can grow stale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cache, partial
from random import Random
from typing import Any

from local.sandbox.bigcommerce import BigCommerceConfig
from local.sandbox.goods import GOODS
from local.sandbox.sandbox import VENDORS
from local.sandbox.woocommerce import WooConfig
from orderwright.aws.secrets import SecretStore
from orderwright.bootstrap import Wiring
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.listing import Listing, Place
from orderwright.domain.repricing.signals import Demand
from orderwright.domain.rules import Rules
from orderwright.domain.shown_price import PublishedPrice
from orderwright.domain.timing import AWS
from orderwright.records import demand_key, listing_key
from orderwright.storage import Fact, Put
from orderwright.usecases.listing.records import listing_put
from orderwright.usecases.operator.applying import apply_config, current_config
from tests.simulation.faults.mix import MIXED_UP, Chaos, Mix, draw_mix
from tests.simulation.judge.judge import Judge
from tests.simulation.judge.repricing import BLOG, OUTLET
from tests.simulation.modes import swarm
from tests.simulation.modes.additions import configured, later, reprice, tell_cost
from tests.simulation.modes.bench import Bench
from tests.simulation.modes.hunting import Seeds
from tests.simulation.opening import usual_price
from tests.simulation.people.competitors import COMPETITORS, DEMANDED, KIND, MEMORY, FileWatch, Row
from tests.simulation.people.operator import MARGIN, AnswerPrices, Operator, SendRepricing
from tests.simulation.sim import START, Sim
from tests.simulation.supply import CJ_SUPPLY
from tests.support.shop import STORE

TROUBLE = timedelta(hours=6)
READ_EVERY = 15
"""Minutes between two readings of the competitors' file."""
HASH, WHERE = "sandboxhash", "Orderwright dropship"
FILE = {
    "kind": "competitor_prices", "url": "https://competitors.test/competitors.csv", "account": "", "seen_column": "",
    "max_change_percent": 100_000, "max_missing_percent": 100,
}  # fmt: skip
"""No breaker: a file of so few rows often changes as a whole."""
BESIDE: dict[str, dict[str, Any]] = {
    BLOG: {"kind": "woocommerce", "store_mails": [], "account": "woocommerce/woocommerce.test"},
    OUTLET: {
        "kind": "bigcommerce", "store_mails": [], "store_hash": HASH, "location": WHERE, "account": f"bigcommerce/stores/{HASH}",
    },
}  # fmt: skip
WINDOWS = ((20, 80), (100, 200), (330, 900))
"""When a campaign begins and ends, in minutes; the last one runs still when all is quiet."""
PARTS = ("0.001", "0.2", "0.85", "0.93", "0.97", "1.02", "1.08", "40")
"""A competitor's price, as a part of ours."""
SELLERS, SOLD_IN = ("Lampo", "Valo", "Lampo", "Valo", "Lykt"), {"Lykt": ("NOK",)}
COSTS = ("0.94", "1.06", "1.15")
NARROW = tuple(good.sku for good in GOODS[:2])


def rules_of(dice: Random) -> dict[str, Any]:
    """Two stores follow competitors, two articles of them with hardly a margin; the third store looks at demand."""
    bounds = {"percent": "12", "per_day_percent": dice.choice(("3", "12"))}
    follow = {"undercut_percent": "1", "stale_after_hours": 2}
    usual = {"markup": "2.4", "ending": "", "bounds": bounds}
    begins, ends = dice.choice(WINDOWS)
    sku = dice.choice(GOODS[2:])
    price = ((sku.cost + sku.freight) * 2).quantize(Decimal("0.01"))
    campaign = {
        "skus": [sku.sku], "stores": [STORE, BLOG], "price": {"amount": str(price), "currency": "USD"}, "compare_at": False,
        "begins": (START + timedelta(minutes=begins)).isoformat(), "ends": (START + timedelta(minutes=ends)).isoformat(),
    }  # fmt: skip
    demand = {"faster_percent": "50", "raise_percent": "6"}
    return {
        "prices": [
            {"name": "outlet", "stores": [OUTLET], **usual, "demand": demand},
            {"name": "narrow", "skus": NARROW, **usual, "competitors": follow, "minimum_margin_percent": "57"},
            {"name": "all", **usual, "competitors": follow, "minimum_margin_percent": "45"},
        ],
        "price_step_percent": "25",
        **({"campaigns": {"a week of lamps": campaign}} if dice.random() < 0.6 else {}),
    }  # fmt: skip


def _with(config: Config, **rules: Any) -> Config:
    kept = config.rules.model_dump(mode="json", by_alias=True)
    return config.model_copy(update={"rules": Rules.model_validate({**kept, **rules})})


# --- the shop ---------------------------------------------------------------------------------------------------------


def _admits(secrets: SecretStore, supplier: Any) -> None:
    CJ_SUPPLY.admits(secrets, supplier)
    blog, outlet = WooConfig(), BigCommerceConfig()
    keys = {"consumer_key": blog.consumer_key, "consumer_secret": blog.consumer_secret}
    secrets.write(BLOG, "secrets", {**keys, "webhook_secret": "hook"})
    secrets.write(OUTLET, "secrets", {"access_token": outlet.access_token, "client_secret": outlet.client_secret})
    secrets.write(COMPETITORS, "secrets", {"username": KIND, "password": "sandbox"})


def _furnishes(sim: Sim, wiring: Wiring) -> None:
    """The goods of the first store are in the others as well, at the same prices."""
    for store in BESIDE:
        connector = wiring.connectors.store_catalogue(store)
        location = connector.find_location(WHERE)
        for good in GOODS:
            record = SkuRecord(
                sku=good.sku, title=good.title, description_html=good.description_html, brand="Nordlight"
            )
            price = usual_price(good)
            view = connector.publish_goods(record, price, good.stock, location)
            place = Place(view.variant_id, view.listed_id, view.stock_id, location)
            there = Listing(sku=good.sku, store=store).put_on_sale(place, price, good.stock, None, sim.clock.now())
            listing = there.model_copy(
                update={
                    "desired_price": price,
                    "desired_quantity": good.stock,
                    "checked_at": sim.clock.now(),
                    "price_set_at": None,
                }
            )
            wiring.storage.commit([listing_put(listing, 0)])


@cache
def bench_of() -> Bench:
    """The shop with three stores, as it opened."""
    made = {name: {**one, "base_url": f"https://{one['kind']}.test"} for name, one in BESIDE.items()}
    stores = tuple(kind for kind in VENDORS if kind.name in {one["kind"] for one in made.values()})
    beside = {**made, COMPETITORS: FILE}
    supply = CJ_SUPPLY._replace(admits=_admits, beside=beside, furnishes=_furnishes, more=stores)
    return Bench(opened=Sim(supply=supply))


def _long_shown(sim: Sim) -> None:
    """All prices were shown for days, as a shop that opened today has none of the day before."""
    for good in GOODS:
        for store in (STORE, *BESIDE):
            held = sim.storage.get(listing_key(good.sku, store), Listing)
            assert held is not None
            assert held.model.published_price is not None
            shown = (PublishedPrice(price=held.model.published_price, at=START - timedelta(days=3)),)
            listing = held.model.model_copy(update={"price_history": shown, "listed_at": START - timedelta(days=3)})
            sim.storage.commit([listing_put(listing, held.version)])


# --- a seed -----------------------------------------------------------------------------------------------------------


def begin(sim: Sim, given: Mix | None = None) -> None:
    """Competitors, a supplier and an operator who change things, and faults as the seed draws them, or as they are `given`."""
    drawn, dice, file = draw_mix(sim.dice("mix")), sim.dice("repricing"), FileWatch(sim)
    mix = given or replace(drawn, rates={kind: rate for kind, rate in drawn.rates.items() if kind != MIXED_UP})
    sim.memory |= {MEMORY: file, DEMANDED: []}
    sim.skew, sim.workers.warm = timedelta(seconds=mix.skew), mix.warm
    sim.quiet_from, sim.running_schedules = START + TROUBLE, ("sweep",)
    _long_shown(sim)
    sim.stands[KIND].quotes.clear()
    sim.chaos, sim.judge = Chaos(sim, mix, sim.dice("chaos")), Judge(sim)
    configured(sim, lambda config: _with(config, **rules_of(dice)))
    later(sim, 1, partial(reprice, sim))
    span = TROUBLE.total_seconds() / 60
    for minutes in (*range(2, int(span), READ_EVERY), span + 0.05):
        later(sim, minutes, file.read)
    for good in GOODS:
        own = usual_price(good).decimal
        for _ in range(dice.choice((0, 1, 2, 3))):
            seller, price = dice.choice(SELLERS), (own * Decimal(dice.choice(PARTS))).quantize(Decimal("0.01"))
            said = Row(price, *SOLD_IN.get(seller, ())) if dice.random() < 0.85 else None
            later(sim, dice.uniform(0, span), partial(file.say, good.sku, seller, said))
        if dice.random() < 0.2:
            later(
                sim,
                dice.uniform(0, span),
                partial(tell_cost, sim, good, (good.cost * Decimal(dice.choice(COSTS))).quantize(Decimal("0.01"))),
            )
        if dice.random() < 0.3:
            later(sim, dice.uniform(0, span), partial(_sells_faster, sim, good.sku))
    if dice.random() < 0.6:
        silent = dice.uniform(30, span / 2)
        seconds = 60 * (dice.uniform(30, 200) if dice.random() < 0.3 else 2 * span)
        later(sim, silent, partial(file.hush, seconds))
    operator = Operator(sim, AWS, sim.quiet_from)
    for number in range(3):
        later(sim, dice.uniform(1, span), AnswerPrices(operator, dice.getrandbits(64), number))
    if dice.random() < 0.7:
        changes = {"markup": dice.choice(("2.3", "2.4", "2.5"))}, {"undercut_percent": "4"}
        later(sim, dice.uniform(10, span - 10), ChangeRules(operator, *changes))


def _sells_faster(sim: Sim, sku: str) -> None:
    """The night's count: in each store 14 pieces in 7 days, and 4 a week before."""
    key, day = demand_key(sku), (START - timedelta(days=1)).date()
    week, before = (2,) * 7, (1, 1, 0, 1, 0, 1, 0) * 4
    sim.memory[DEMANDED].append(sku)
    sold = dict.fromkeys((STORE, *BESIDE), (*week, *before))
    held = sim.storage.get(key, Demand)
    demand = Demand(sku=sku, day=day, sold=sold, last_sold=day)
    fact = Fact("offer.changed", pk=key.pk, resource=sku)
    sim.storage.commit([Put(key, demand, held.version if held else 0, facts=(fact,))])


@dataclass
class ChangeRules:
    """The operator applies other price rules, and all is priced anew: these fields of each, and of how it follows competitors."""

    operator: Operator
    fields: dict[str, Any]
    follow: dict[str, Any]

    def __call__(self) -> None:
        """Now."""
        self.operator.do("rules changed", self._apply)

    def _apply(self) -> None:
        held = current_config(self.operator.sim.storage)
        assert held.config is not None
        rules = [{**rule.model_dump(mode="json", by_alias=True), **self.fields} for rule in held.config.rules.prices]
        for rule in rules:
            rule["competitors"] = rule["competitors"] and {**rule["competitors"], **self.follow}
        number, _ = apply_config(self.operator.desk("other prices"), _with(held.config, prices=rules), held.number)
        wait = (AWS.config_cache + MARGIN).total_seconds()
        self.operator.sim.agenda.after(wait, "repricing", SendRepricing(self.operator, number))


def a_file_that_stops(sim: Sim) -> None:
    """After an hour it can be read no more, and three hours later other rules are applied."""
    span = TROUBLE.total_seconds()
    later(sim, 60, partial(sim.memory[MEMORY].hush, 2 * span))
    later(sim, 240, ChangeRules(Operator(sim, AWS, sim.quiet_from), {}, {"undercut_percent": "6"}))


def a_hasty_operator(sim: Sim) -> None:
    """Rules are changed again and again within a minute."""
    operator = Operator(sim, AWS, sim.quiet_from)
    for minutes, markup in ((240, "2.5"), (240.6, "2.3"), (241.4, "2.45"), (280, "2.35"), (280.7, "2.5")):
        later(sim, minutes, ChangeRules(operator, {"markup": markup}, {}))


def run(_: Bench, seed: str, mix: Mix | None = None, also: Callable[[Sim], None] | None = None) -> swarm.Ending:
    """One seed. `also` adds to its world before it begins to run."""
    sim = bench_of().fresh(seed)
    begin(sim, mix)
    if also is not None:
        also(sim)
    swarm.play(sim)
    return swarm.ending_of(sim)


def name_of(seed: int) -> str:
    """As reports call it."""
    return f"repricing, seed {seed}"


@dataclass(frozen=True)
class RepricingSeeds(Seeds):
    """Seeds of such worlds."""

    def _play(self, bench: Bench, seed: int) -> list[str]:
        return run(bench, str(seed), self.mix, self.also).violations

    def _shape(self) -> str:
        return f" of repricing{super()._shape()}"
