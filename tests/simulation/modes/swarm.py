"""One seed, one world: a fault mix, some customers, a supplier, an operator; judged after every event and at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from local.sandbox.goods import GOODS
from tests.simulation.faults.mix import Chaos, Mix, draw_mix
from tests.simulation.faults.strikes import hang
from tests.simulation.judge.judge import Judge
from tests.simulation.judge.silence import GOES_WITHIN
from tests.simulation.kernel.hearing import listening
from tests.simulation.modes.bench import Bench
from tests.simulation.people.customers import plan_customers
from tests.simulation.people.journeys import Pace
from tests.simulation.people.operator import plan_operator
from tests.simulation.people.page_readers import plan_readers
from tests.simulation.people.scene import sooner_or_later
from tests.simulation.people.strangers import plan_strangers
from tests.simulation.people.suppliers import OffSale, on_ledger, plan_logistics
from tests.simulation.sim import PATIENCE, START, Sim
from tests.support.shop import SUPPLIER, hook

BUYING = 600.0
"""Seconds in which customers come."""
TROUBLE = timedelta(minutes=75)
"""How long things go wrong, and how long people act."""
REDRIVE_AFTER = 5.0
LEAN = Pace(splits=0.15, told=0.1, late=0.1, doubled=0.05, stale=0.03)
CROWDED = 0.15
"""How many seeds have several customers, an operator, moving goods. The others are one order each: ten times as many runs."""
STRANGE = 0.05
"""How many seeds have strangers who post forged, replayed and foreign webhooks."""
ODDITIES: dict[str, Any] = {"replaces": 0.15, "reuses": 0.1, "comes_home": 0.6}
"""Habits of the supplier and the carrier in every seed: journeys.Pace's `replaces`, `reuses`, `comes_home`."""
HANGS = 0.08
"""How many seeds have a vendor that accepts and never answers for up to half an hour."""
PAUSES = 0.05
"""How many seeds have an account that is paused for half an hour to six hours, in which it sends nothing to people."""
ENDS_SALE = 0.04
"""How many seeds have a supplier that takes an article off sale."""
READS = 0.15
"""How many seeds have customers who withdraw, ask where it is, or ask for returns on the page of their order."""
OPTIONAL_SCHEDULES = (("poll_stock", 0.02), ("reprice", 0.02))
GOODS_NEWS = ("stock", "product")


@dataclass
class Ending:
    """How one seed ended."""

    seed: str
    violations: list[str]
    outcomes: list[str]
    orders: int
    calls: int
    faults: int
    kills: int
    sim: Sim

    @property
    def digest(self) -> str:
        """Of the whole trace."""
        return self.sim.trace.digest()


def begin(sim: Sim, *, orders: int | None = None, mix: Mix | None = None) -> Mix:
    """Set a freshly opened shop going as its seed says."""
    mix = mix or draw_mix(sim.dice("mix"))
    shape = sim.dice("shape")
    sim.skew = timedelta(seconds=mix.skew)
    sim.vendor_skew = timedelta(seconds=mix.vendor_skew)
    sim.workers.warm = mix.warm
    sim.supplier.config.refuse_duplicates = mix.protected
    sim.gateway.in_base64 = shape.random() < 0.2
    sim.quiet_from = START + TROUBLE
    sim.chaos = Chaos(sim, mix, sim.dice("chaos"))
    if {"cj", "freeze", "slow"} & set(mix.rates):
        # Where look-ups lag, or a worker outlives its lease, a supplier without protection may take an order twice.
        sim.memory["duplicates_possible"] = True
    reconciles = "webhook_dropped" in mix.rates or shape.random() < 0.08
    extra = tuple(kind for kind, chance in OPTIONAL_SCHEDULES if shape.random() < chance)
    sim.running_schedules = ("sweep", *(("reconcile",) if reconciles else ()), *extra)
    crowded = shape.random() < CROWDED
    count = orders or (shape.choice((2, 2, 3)) if crowded else 1)
    span = TROUBLE.total_seconds()
    goods_move = shape.random() < (0.5 if crowded else 0.1)
    if not goods_move:
        # Most seeds are about orders; the supplier's news of goods would be most of the work in them.
        for topic in GOODS_NEWS:
            sim.supplier.messages.callbacks.pop(topic, None)
    plan_customers(sim, count, sim.dice("customers"), span_seconds=BUYING, until=sim.quiet_from)
    plan_logistics(
        sim,
        sim.dice("logistics"),
        span_seconds=span / 2,
        changes=2 if goods_move else 0,
        pace=replace(Pace() if crowded else LEAN, **ODDITIES),
        until=sim.quiet_from,
    )
    if shape.random() < (0.6 if crowded else 0.15):
        plan_operator(sim, sim.dice("operator"), span_seconds=span, until=sim.quiet_from)
    if shape.random() < STRANGE:
        plan_strangers(sim, sim.dice("strangers"), tries=4, span_seconds=span, until=sim.quiet_from)
    odd = sim.dice("oddities")
    if odd.random() < HANGS:
        vendor, begins = odd.choice(("shopify", "supplier", "easypost")), odd.uniform(0, span / 2)
        act = partial(hang, sim, vendor, odd.uniform(60, 1800))
        sim.agenda.at(sim.clock.now() + timedelta(seconds=begins), "a vendor hangs", act)
    still = sim.dice("stopped")
    if still.random() < PAUSES:
        pause(sim, still.uniform(0, span / 2), sooner_or_later(still, 1800, 6 * 3600))
    sale = sim.dice("off sale")
    if sale.random() < ENDS_SALE:
        off_sale(sim, sale.choice(GOODS).sku, sale.uniform(0, span / 2))
    readers = sim.dice("readers")
    if readers.random() < READS:
        plan_readers(sim, readers, times=readers.choice((1, 1, 2)), until=sim.quiet_from)
    sim.judge = Judge(sim)
    return mix


def pause(sim: Sim, after: float, seconds: float) -> None:
    """The account sends nothing to people for so long."""
    begins = sim.clock.now() + timedelta(seconds=after)
    sim.memory["pause"] = (begins, begins + timedelta(seconds=seconds))


def off_sale(sim: Sim, sku: str, after: float) -> None:
    """The supplier takes an article off sale then, and says so."""
    sim.supplier.messages.callbacks["product"] = hook(SUPPLIER)
    sim.agenda.after(after, "the supplier ends a sale", OffSale(sim, sku, sim.quiet_from))


def play(sim: Sim) -> None:
    """To the end of the trouble, and 15 minutes further, or until nothing is left to do."""
    end = max(sim.quiet_from + PATIENCE, sim.memory.get("pause", (START, START))[1] + GOES_WITHIN)
    redriven = False
    with listening(sim):
        while True:
            at = sim.agenda.next_at()
            if at is None or at > end:
                break
            if not redriven and at >= sim.quiet_from:
                # The alarm of a dead-letter queue is up by now; the operator does what it says.
                sim.agenda.at(sim.quiet_from + timedelta(seconds=REDRIVE_AFTER), "", sim.redrive_all)
                redriven = True
            sim.step()
            on_ledger(sim)
            if redriven and sim.redriven and not sim.buried() and sim.settled(end):
                break
        sim.judge_end()


def run(
    bench: Bench,
    seed: str,
    *,
    orders: int | None = None,
    mix: Mix | None = None,
    also: Callable[[Sim], None] | None = None,
) -> Ending:
    """One seed from the opening to the judgement. `also` adds to its world before it begins to run."""
    sim = bench.fresh(seed)
    begin(sim, orders=orders, mix=mix)
    if also is not None:
        also(sim)
    play(sim)
    return ending_of(sim)


def ending_of(sim: Sim) -> Ending:
    """How a seed ended that was played."""
    assert sim.judge is not None
    return Ending(
        sim.seed,
        list(sim.judge.violations),
        [sim.judge.outcome_of(sold) for sold in sim.sold],
        len(sim.sold),
        sim.calls,
        sim.faults,
        sim.kills,
        sim,
    )
