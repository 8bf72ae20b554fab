"""Thousands of orders in one shop under a constant rate of faults: at the end the store, the supplier and we must agree on each.

The queues, the streams and the sweep are shared by all orders here, and customers compete for the same stock.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from local.sandbox.goods import GOODS
from orderwright.config_store import CURRENT
from orderwright.domain.config import MoneyText
from orderwright.domain.operations import StoredConfig
from orderwright.storage import Put
from tests.simulation.faults.mix import KINDS, Chaos, Mix
from tests.simulation.judge.judge import Judge
from tests.simulation.modes.bench import Bench
from tests.simulation.people.customers import Habits, plan_customers
from tests.simulation.people.suppliers import on_ledger, plan_logistics
from tests.simulation.sim import PATIENCE, Sim, listening
from tests.support.shop import STORE, SUPPLIER

ORDERS_PER_MINUTE = 40
HABITS = Habits(erased=0.01)
NOT_HERE = ("freeze", "webhook_dropped")
"""Left to the seeds: a frozen worker outlives what AWS allows, and dropped webhooks need the reconciler's own time."""


@dataclass
class Balance:
    """What the three ledgers say about the same orders."""

    orders: int
    store: int = 0
    supplier: int = 0
    ours: int = 0
    differences: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    faults: int = 0
    kills: int = 0
    calls: int = 0
    seconds: float = 0.0
    quiet_after: timedelta = timedelta(0)


def constant(rate: float) -> Mix:
    """Each kind of fault strikes each call, message, batch or operation at this rate."""
    kinds = [kind for kind in KINDS if kind not in NOT_HERE]
    calls = ("kill", "throttle", "fail_500", "no_connection", "conflict", "lose_answer")
    # One call in twenty meets a fault: the kinds that strike calls share the rate among themselves.
    return Mix({kind: rate / len(calls) if kind in calls else rate for kind in kinds}, skew=5.0)


def open_large(orders: int) -> Bench:
    """A shop whose supplier has enough for everybody, and whose limits allow it; told to the store by its own functions."""
    sim = Sim("opening")
    sim.judge = Judge(sim)
    sim.judge.after_event()
    # A report counts only where it is newer than what is known.
    sim.pass_on(60)
    sim.judge.after_event()
    _raise_limits(sim, MoneyText(amount=Decimal(orders * 1000), currency="USD"))
    for good in GOODS:
        sim.supplier.set_stock(good.sku, orders * 4)
    sim.supplier.book.balance = Decimal(orders * 1000)
    sim.supplier.config.points_per_day *= 1000
    next(timer for timer in sim.timers if timer.kind == "poll_stock").start()
    with listening(sim):
        while not sim.settled(sim.clock.at):
            sim.step()
    return Bench(opened=sim)


def _raise_limits(sim: Sim, a_day: MoneyText) -> None:
    """As the merchant does before a large sale."""
    held = sim.storage.get(CURRENT, StoredConfig)
    assert held is not None
    limits = sim.config.limits.model_copy(update={"spend_per_day": {SUPPLIER: a_day}})
    sim.config = sim.config.model_copy(update={"limits": limits})
    applied = held.model.model_copy(update={"number": 2, "document": sim.config.model_dump_json()})
    sim.storage.commit([Put(CURRENT, applied, held.version)])


def run(bench: Bench, orders: int, seed: str = "thousands", rate: float = 0.05) -> Balance:
    """Play `orders` orders and compare."""
    begun = time.monotonic()
    sim = bench.fresh(seed)
    minutes = orders / ORDERS_PER_MINUTE
    sim.quiet_from = sim.clock.at + timedelta(minutes=minutes + 60)
    sim.chaos = Chaos(sim, constant(rate), sim.dice("chaos"))
    sim.skew = timedelta(seconds=5)
    sim.running_schedules = ("sweep", "poll_stock")
    plan_customers(sim, orders, sim.dice("customers"), span_seconds=minutes * 60, habits=HABITS, until=sim.quiet_from)
    plan_logistics(sim, sim.dice("logistics"), span_seconds=60, changes=0, surcharges=0.0, until=sim.quiet_from)
    assert sim.judge is not None
    balance = Balance(orders)
    _play(sim, balance)
    _compare(sim, balance)
    balance.violations = list(sim.judge.violations)
    balance.faults, balance.kills, balance.calls = sim.faults, sim.kills, sim.calls
    balance.seconds = time.monotonic() - begun
    return balance


def _play(sim: Sim, balance: Balance) -> None:
    end = sim.quiet_from + PATIENCE
    redriven = False
    with listening(sim):
        while (at := sim.agenda.next_at()) is not None and at <= end:
            if not redriven and at >= sim.quiet_from:
                sim.agenda.at(sim.quiet_from + timedelta(seconds=5), "", sim.redrive_all)
                redriven = True
            sim.step()
            on_ledger(sim)
            if sim.redriven and sim.settled(end):
                break
        balance.quiet_after = max(timedelta(0), sim.clock.at - sim.quiet_from)
        sim.judge_end()


def _compare(sim: Sim, balance: Balance) -> None:
    """Order by order: paid in the store, paid at the supplier, PLACED with us."""
    paid: Counter[str] = Counter()
    for entry in sim.world.ledger.of_kind("cj", "order_paid"):
        paid[entry.reference] += 1
    balance.store = len(sim.sold)
    balance.supplier = sum(paid.values())
    for sold in sim.sold:
        file = sim.storage.load_order(f"{STORE}#{sold.number}")
        placed = {held.model.reference for held in file.purchase_orders.values() if held.model.state.value == "PLACED"}
        balance.ours += len(placed)
        theirs = {reference for reference in paid if f"-{sold.number}-" in reference}
        if placed != theirs:
            balance.differences.append(f"{sold.name}: ours {sorted(placed)}, {SUPPLIER} {sorted(theirs)}")
        assert sim.judge is not None
        balance.outcomes[sim.judge.outcome_of(sold)] += 1
