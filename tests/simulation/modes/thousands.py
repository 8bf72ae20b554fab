"""Thousands of orders in one shop under a constant rate of faults: at the end the store, the supplier and we must agree on each.

The queues, the streams and the sweep are shared by all orders here, and customers compete for the same stock. They come in
waves, each larger than what the functions can place while it lasts.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from local.sandbox.goods import GOODS
from orderwright.domain.config_values import MoneyText
from orderwright.domain.operations import StoredConfig
from orderwright.records import CURRENT_CONFIG
from orderwright.storage import Put
from tests.simulation.faults.constant import Counted, constant
from tests.simulation.judge.judge import Judge
from tests.simulation.kernel.hearing import listening
from tests.simulation.modes.balance import Balance, compare
from tests.simulation.modes.bench import Bench
from tests.simulation.modes.forgetting import collect, forget, garbage_by_hand
from tests.simulation.people.customers import POPULAR, Habits, plan_customers
from tests.simulation.people.journeys import Pace
from tests.simulation.people.suppliers import Restock, on_ledger, plan_logistics
from tests.simulation.sim import PATIENCE, Sim
from tests.support.shop import SUPPLIER

WAVE = 200
WAVE_LASTS = timedelta(minutes=5)
BETWEEN_WAVES = timedelta(minutes=20)
"""From the beginning of one wave to the next: ten orders a minute in the long run, forty in a wave."""
POPULAR_IN_A_WAVE = 0.3
"""Pieces of what many want that come in for each customer: fewer than they would buy."""
AFTER_THE_LAST = timedelta(minutes=150)
"""How long things go on going wrong when the last wave has passed: until nearly all parcels have come."""
PACE = Pace(packing=(660.0, 2400.0))
"""Parcels leave when the supplier's stock has shown the purchase, so that its reservation is closed on that occasion."""
HABITS = Habits(erased=0.01)
REDRIVES = timedelta(minutes=30)
FORGET_EVERY = 50_000
"""Events between two times of letting go."""


def open_large(orders: int) -> Bench:
    """A shop whose supplier has enough of nearly everything, and whose limits allow it; told to the store by its functions."""
    sim = Sim("opening")
    sim.judge = Judge(sim)
    sim.judge.after_event()
    # A report counts only where it is newer than what is known.
    sim.pass_on(60)
    sim.judge.after_event()
    _raise_limits(sim, MoneyText(amount=Decimal(orders * 1000), currency="USD"))
    for good in GOODS:
        sim.supplier.set_stock(good.sku, 0 if good.sku == POPULAR else orders * 4)
    sim.supplier.book.balance = Decimal(orders * 1000)
    # The vendor's points for a day are enough for some thousand orders: who sells more has bought more of them.
    sim.supplier.config.points_per_day *= 1000
    next(timer for timer in sim.timers if timer.kind == "poll_stock").start()
    with listening(sim):
        while not sim.settled(sim.clock.at):
            sim.step()
    return Bench(opened=sim)


def _raise_limits(sim: Sim, a_day: MoneyText) -> None:
    """As the merchant does before a large sale."""
    held = sim.storage.get(CURRENT_CONFIG, StoredConfig)
    assert held is not None
    limits = sim.config.limits.model_copy(update={"spend_per_day": {SUPPLIER: a_day}})
    sim.config = sim.config.model_copy(update={"limits": limits})
    applied = held.model.model_copy(update={"number": 2, "document": sim.config.model_dump_json()})
    sim.storage.commit([Put(CURRENT_CONFIG, applied, held.version)])


@dataclass
class Wave:
    """Many customers come at once; then the next wave, until enough of them have bought something."""

    sim: Sim
    orders: int
    dice: Random
    last_at: datetime

    def __call__(self) -> None:
        """Some find what they want sold out: they are made up for by the waves behind."""
        sim, missing = self.sim, self.orders - len(self.sim.sold)
        if missing <= 0 or sim.clock.at > self.last_at:
            return
        count = min(WAVE, missing)
        stock = sim.supplier.inventory[POPULAR].stock
        Restock(sim, POPULAR, stock + int(count * POPULAR_IN_A_WAVE), sim.quiet_from)()
        span = WAVE_LASTS.total_seconds() * count / WAVE
        plan_customers(sim, count, self.dice, span_seconds=span, habits=HABITS, until=sim.quiet_from)
        sim.agenda.after(BETWEEN_WAVES.total_seconds(), "the next wave", self)


@dataclass
class Redrives:
    """The operator looks at the alarms of the dead-letter queues now and then."""

    sim: Sim

    def __call__(self) -> None:
        """Look now, and again as long as things go wrong."""
        if self.sim.faulty:
            self.sim.redrive()
            self.sim.agenda.after(REDRIVES.total_seconds(), "the operator looks at dead letters", self)


def begin(bench: Bench, orders: int, seed: str, rate: float) -> Sim:
    """The large shop with everything planned, before its first customer."""
    sim = bench.fresh(seed)
    waves = -(-orders // WAVE) + max(1, orders // (20 * WAVE))
    last_at = sim.clock.at + BETWEEN_WAVES * waves
    sim.quiet_from = last_at + AFTER_THE_LAST
    sim.chaos = Counted(sim, constant(rate), sim.dice("chaos"))
    sim.skew = timedelta(seconds=5)
    sim.running_schedules = ("sweep", "poll_stock", "reconcile")
    Wave(sim, orders, sim.dice("customers"), last_at)()
    Redrives(sim)()
    logistics = sim.dice("logistics")
    plan_logistics(sim, logistics, span_seconds=60, changes=0, surcharges=0.0, pace=PACE, until=sim.quiet_from)
    return sim


def run(bench: Bench, orders: int, seed: str = "thousands", rate: float = 0.05) -> Balance:
    """Play `orders` orders and compare."""
    begun = time.process_time()
    balance = play(begin(bench, orders, seed, rate), orders)
    balance.seconds = time.process_time() - begun
    return balance


def play(sim: Sim, orders: int, forget_every: int = FORGET_EVERY) -> Balance:
    """To the end of the trouble, and 15 minutes further, or until nothing is left to do."""
    balance = Balance(orders)
    begun, end, events = sim.clock.at, sim.quiet_from + PATIENCE, 0
    with listening(sim), garbage_by_hand():
        while (at := sim.agenda.next_at()) is not None and at <= end:
            if at >= sim.quiet_from and not sim.redriven:
                sim.redrive_all()
            sim.step()
            on_ledger(sim)
            events += 1
            if events % forget_every == 0:
                forget(sim)
                collect()
            if sim.redriven and _rests(sim, end):
                break
        else:
            balance.differences.append(f"no rest {PATIENCE} after the last fault: {_still_busy(sim)}")
        balance.minutes_to_quiet = max(0.0, (sim.clock.at - sim.quiet_from).total_seconds() / 60)
        balance.virtual_hours = (sim.clock.at - begun).total_seconds() / 3600
        sim.judge_end()
    compare(sim, balance)
    assert sim.judge is not None
    assert isinstance(sim.chaos, Counted)
    balance.violations = list(sim.judge.violations)
    balance.faults, balance.kills, balance.calls = sim.faults, sim.kills, sim.calls
    balance.rates = sim.chaos.rates()
    return balance


def _rests(sim: Sim, until: datetime) -> bool:
    """Idle, and nothing tries again before then.

    What was sent is looked after every few hours, in each minute something of some order, final ones among them; whether
    an order waits for that is told by the books.
    """
    return sim.idle() and not _tried_again(sim, until)


def _tried_again(sim: Sim, until: datetime) -> list[str]:
    return [f"{pk} {sk} {due}" for (_, pk, sk), due in sim.waking.until(until) if not due.endswith("#tracking.due")]


def _still_busy(sim: Sim) -> str:
    flying = {name: len(queue.flying()) for name, queue in sim.queues.items() if queue.flying()}
    streams = [stream.spec.table for stream in sim.streams if stream.busy]
    return (
        f"queues {flying}, workers {[one.who for one in sim.workers.running]}, streams {streams}, webhooks "
        f"{sim.gateway.flying}, due {_tried_again(sim, sim.quiet_from + PATIENCE)[:5]}"
    )
