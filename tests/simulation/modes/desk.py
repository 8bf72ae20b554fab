"""Worlds with a supplier by e-mail beside CJ, or alone: mails, a page, and a clerk who says one thing and then another.

An hour is what the maker has to confirm in, and once more after a reminder; so these worlds last some hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from typing import Any

from local.sandbox.goods import GOODS
from local.sandbox.sandbox import Kind
from orderwright.aws.secrets import SecretStore
from orderwright.bootstrap import Wiring
from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.routing_rules import RoutingRules
from orderwright.domain.unit_cost import UnitCost
from orderwright.records import offer_key
from orderwright.storage import Delete
from orderwright.usecases.stock.offers import offer_put
from tests.simulation.faults.mix import Mix, draw_mix
from tests.simulation.judge.judge import Judge
from tests.simulation.judge.vendors.desk import ACCOUNT, BESIDE_A_DESK, FREIGHT, MAILBOX, MAKER
from tests.simulation.modes import swarm
from tests.simulation.modes.additions import configured
from tests.simulation.modes.bench import Bench
from tests.simulation.modes.families import CANCELLING, PLACING, Family, each, none, of, together
from tests.simulation.modes.hunting import Planned, Scenario
from tests.simulation.modes.paths import Path
from tests.simulation.modes.scripted import Fickle
from tests.simulation.people.clerk import Desk, plan_clerk
from tests.simulation.people.customers import Habits, plan_customers
from tests.simulation.people.journeys import Pace
from tests.simulation.people.suppliers import plan_logistics
from tests.simulation.sim import START, Sim
from tests.simulation.supply import CJ_SUPPLY
from tests.support.shop import SUPPLIER, admit

WORLD = "desk"
PAGE, SECRET = "https://pages.test/purchase-orders", "made-secret-of-the-maker"
SETTINGS = {"kind": "email", "orders_to": MAILBOX, "confirm_within_hours": 1, "attach": ["csv"], "account": ACCOUNT}
TROUBLE = timedelta(hours=4)
HASTY, REFUSES, BOUNCES = 0.4, 0.4, 0.15
CUSTOMERS = Habits(cancels=0.3, forgets=0.0, races=0.0, erased=0.05)
PEOPLES = ("alone", "first", "second")
"""Whom the maker stands beside: nobody; before CJ; behind it."""


def _admits(secrets: SecretStore, supplier: Any) -> None:
    CJ_SUPPLY.admits(secrets, supplier)
    secrets.write(MAKER, "webhook", {"url": PAGE})
    secrets.write(MAKER, "secrets", {"link_secret": SECRET})
    admit(secrets, MAKER, "email", SECRET)


def _furnishes(sim: Sim, wiring: Wiring) -> None:
    """The maker offers everything that CJ does, at the same cost."""
    sim.stands[MAKER].sim = sim
    for good in GOODS:
        offer = Offer(
            sku=good.sku,
            supplier=MAKER,
            supplier_sku=f"M-{good.sku}",
            cost=UnitCost.parse(str(good.cost), "USD"),
            freight=UnitCost.parse(str(FREIGHT), "USD"),
            stock=good.stock,
            sellable=good.stock,
            observed_at=sim.clock.now(),
        )
        wiring.storage.commit([offer_put(offer, 0, matters=False)])


@cache
def bench_of() -> Bench:
    """The shop with both, as it opened."""
    stand = Kind(MAKER, "supplier", lambda world, _, made: Desk(world))
    supply = CJ_SUPPLY._replace(
        words=BESIDE_A_DESK, admits=_admits, more=(stand,), beside={MAKER: SETTINGS}, furnishes=_furnishes
    )
    return Bench(opened=Sim(supply=supply))


def stand(sim: Sim, where: str, agreed: bool, reroute: Mapping[str, Any] | None = None) -> None:
    """The maker's place among the suppliers, and the terms: what is not confirmed counts as refused where that is `agreed`.

    `reroute`: when the next supplier is asked though this one has not refused.
    """
    first, second = (SUPPLIER, MAKER) if where == "second" else (MAKER, SUPPLIER)

    def change(config: Config) -> Config:
        maker = config.connections[MAKER].model_copy(update={"unconfirmed_is_refused": agreed})
        routing = RoutingRules.model_validate({"reroute": reroute or {}})
        rules = config.rules.model_copy(update={"supplier_priority": (first, second), "routing": routing})
        return config.model_copy(update={"connections": {**config.connections, MAKER: maker}, "rules": rules})

    configured(sim, change)
    sim.stands[MAKER].agreed = agreed
    for good in GOODS if where == "alone" else ():
        held = sim.storage.get(offer_key(good.sku, SUPPLIER), Offer)
        assert held is not None
        sim.storage.commit([Delete(offer_key(good.sku, SUPPLIER), held.version)])


# --- seeds ------------------------------------------------------------------------------------------------------------


def name_of(seed: int) -> str:
    """As reports call it."""
    return f"desk, seed {seed}"


def begin(sim: Sim, seed: int, given: Mix | None = None, reroute: Mapping[str, Any] | None = None) -> None:
    """Some hours with one or two customers, a clerk, CJ's people, and faults as the seed draws them, or as they are `given`."""
    shape, drawn = sim.dice("shape"), draw_mix(sim.dice("mix"))
    rates = dict(drawn.rates)
    if shape.random() < HASTY:
        rates["cancel"] = shape.choice((0.005, 0.02))
    mix = given or replace(drawn, rates=rates)
    sim.skew, sim.vendor_skew = timedelta(seconds=mix.skew), timedelta(seconds=mix.vendor_skew)
    sim.workers.warm, sim.supplier.config.refuse_duplicates = mix.warm, mix.protected
    sim.quiet_from = START + TROUBLE
    sim.chaos = Fickle(sim, mix, sim.dice("chaos"))
    if {"cj", "freeze", "slow"} & set(mix.rates):
        sim.memory["duplicates_possible"] = True
    sim.running_schedules = ("sweep", "reconcile") if "webhook_dropped" in mix.rates else ("sweep",)
    for topic in swarm.GOODS_NEWS:
        sim.supplier.messages.callbacks.pop(topic, None)
    until = sim.quiet_from
    orders, refuses, bounces = shape.choice((1, 1, 2)), shape.random() < REFUSES, shape.random() < BOUNCES
    plan_customers(
        sim, orders, sim.dice("customers"), span_seconds=swarm.BUYING, habits=CUSTOMERS, until=until
    )  # fmt: skip
    plan_logistics(sim, sim.dice("logistics"), span_seconds=1.0, changes=0, surcharges=0.0, pace=Pace(), until=until)
    plan_clerk(sim, sim.dice("clerk"), until)
    if refuses:
        sim.supplier.faults.script("createOrderV2", "refuse")
    if bounces:
        sim.memory["bounces"] = shape.choice((1, 1, 2))
    sim.judge = Judge(sim)
    stand(sim, PEOPLES[seed % len(PEOPLES)], agreed=seed // len(PEOPLES) % 2 == 1, reroute=reroute)


def run(_: Bench, seed: str, mix: Mix | None = None) -> swarm.Ending:
    """One seed: the maker's place and terms take turns."""
    sim = bench_of().fresh(seed)
    begin(sim, int(seed), mix)
    swarm.play(sim)
    return swarm.ending_of(sim)


@dataclass(frozen=True)
class DeskPlanned(Planned):
    """One planned scenario in a shop with the maker."""

    def scenarios(self, bench: Bench) -> Iterator[Scenario]:
        """Just this one."""
        return super().scenarios(bench_of())


# --- planned ----------------------------------------------------------------------------------------------------------


def path(
    name: str,
    *acts: str,
    where: str = "first",
    agreed: bool = False,
    script: Any = (),
    reroute: Mapping[str, Any] | None = None,
    world: str = WORLD,
) -> Path:
    """A story that begins with an order, where `acts` has none. "wait" is longer than the maker has to confirm in."""
    plot = acts if "buy" in acts else ("buy", *acts)
    return Path(f"{world}: {name}", script, plot, world=partial(stand, where=where, agreed=agreed, reroute=reroute))


SHIPPED = ("clerk: ship", "clerk: ship", "wait")
OK = path("confirmed and sent", "clerk: scan", "clerk: confirm", "clerk: confirm", *SHIPPED)
REFUSED = path("all refused", "clerk: refuse", "clerk: refuse", "clerk: confirm", "ship", "delivered")
SOME = path("some refused", "clerk: refuse some", "clerk: refuse", "ship", *SHIPPED)
MISSED = path("never confirmed", "wait", "wait", "clerk: confirm", *SHIPPED)
AGREED = path("never confirmed, as agreed", "wait", "wait", "clerk: confirm", "clerk: ship", "ship", agreed=True)
ASKED = tuple(
    path(f"cancelled, and then they {word or 'say nothing'}", "cancels", f"clerk: {word}", "wait", where=where)
    for word, where in (
        ("agree", "first"),
        ("too late", "alone"),
        ("ship", "first"),
        ("refuse", "first"),
        ("", "alone"),
    )
)
PATHS = (
    OK,
    REFUSED,
    SOME,
    MISSED,
    AGREED,
    path("refused by the only one", "clerk: refuse", "wait", where="alone"),
    path("withdrawn from the only one", "wait", "wait", "wait", where="alone", agreed=True),
    path("refused after confirming", "clerk: confirm", "clerk: refuse", "clerk: ship", "wait"),
    path("late, after the reminder", "wait", "clerk: confirm", *SHIPPED, agreed=True),
    path("refused by CJ", *SHIPPED, where="second", script=(("cj", "createOrderV2", ("refuse",)),)),
    path("refused by both", "clerk: refuse", "wait", where="second", script=(("cj", "createOrderV2", ("refuse",)),)),
)
SENDING = "place_purchase_order sesv2:SendEmail"
AT_THE_DESK = of("place_purchase_order", "serve_supplier_page", "update_tracking")


def _sends(call: str) -> bool:
    return call == SENDING


@cache
def families() -> tuple[Family, ...]:
    """Each way of the maker's orders, struck at every call of those who place, serve and track."""
    mails = together(
        each("kill", _sends), each("lose_answer", _sends, ("after",)), each("throttle", _sends, ("before",)),
        each("no_connection", _sends, ("before",)), each("fail_500", _sends, ("before",)),
    )  # fmt: skip
    return (
        Family("desk: killed", (OK,), together(none, each("kill", AT_THE_DESK))),
        Family("desk: mails go wrong", (*PATHS, *ASKED), together(none, mails)),
        Family("desk: answers, killed", (*PATHS[1:], *ASKED), together(none, each("kill", AT_THE_DESK))),
        Family("desk: cancelled", (OK, MISSED, AGREED), each("cancel", CANCELLING, ("before",))),
        Family(
            "desk: cancelled, then killed", (OK, AGREED), each("cancel", PLACING, ("before",)), each("kill", PLACING)
        ),
        Family("desk: two workers", PATHS, each("freeze", of("place_purchase_order", "serve_supplier_page"))),
        Family("desk: conflicts", PATHS, each("lose_answers", AT_THE_DESK, ("after",))),
    )
