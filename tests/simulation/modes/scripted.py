"""Worlds whose supplier is scripted (tests/scripted/suppliers): the engine of steps under the same faults, with no vendor in it.

One world per shape. The vendors behind take every reference again, so nothing but the product's own guards stands between a
customer and two purchases. Parcels are not sent here: an order ends where it is placed, parked or cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from local.sandbox.goods import Good
from local.sandbox.inventory import Inventory
from local.sandbox.sandbox import Kind
from local.sandbox.scripted import LateEffects
from local.sandbox.wire import Faults, World
from orderwright.aws.secrets import SecretStore
from orderwright.bootstrap import Wiring
from tests.scripted.registering import SUPPLIERS, registered
from tests.scripted.suppliers.vendor import PREFIX, MailDesk, ScriptedVendor
from tests.simulation.faults.mix import MIXED_UP, Chaos, Mix, draw_mix
from tests.simulation.faults.strikes import STRIKES, Strike
from tests.simulation.judge.judge import Judge
from tests.simulation.judge.vendors import Words
from tests.simulation.judge.vendors.scripted import BY_MAIL, by_steps
from tests.simulation.kernel.workers import Invocation
from tests.simulation.modes import swarm
from tests.simulation.modes.bench import Bench
from tests.simulation.modes.families import CANCELLING, PLACING, Family, each, none, together
from tests.simulation.modes.hunting import Seeds
from tests.simulation.modes.paths import BEHAVIOURS, Path
from tests.simulation.people.customers import Habits, plan_customers
from tests.simulation.people.operator import plan_operator
from tests.simulation.sim import START, Sim
from tests.simulation.supply import Supply
from tests.support.shop import SUPPLIER

BUYS, LABELLED = ("buy",), "label_printed"
OPERATED = 0.3
"""How many seeds have an operator, who stops spending, lowers limits and works on what waits."""
HASTY = 0.4
"""How many seeds have a customer who cancels while the order is being placed."""
CUSTOMERS = Habits(cancels=0.25, forgets=0.0, races=0.0, erased=0.0)
NOT_HERE = ("freeze", MIXED_UP)
"""Where a reference is taken again, a worker that stands still between its INTENT and the send buys twice."""


class Shape(NamedTuple):
    """A kind of supplier. `calls` are those of its steps that can go wrong at the vendor, in their order."""

    kind: str
    words: Words
    calls: tuple[str, ...] = ()
    settings: dict[str, Any] = {}


SHAPES = {
    "one step": Shape("scripted", by_steps("place"), ("place",), {"shape": "one"}),
    "two steps": Shape("scripted", by_steps("commit"), ("create", "commit"), {"shape": "two"}),
    "three steps": Shape(
        "scripted", by_steps("commit", ends=LABELLED), ("create", "commit", "label"), {"shape": "three"}
    ),
    "on account": Shape("scripted", by_steps("place"), ("place",), {"shape": "one", "charges": "ON_ACCOUNT"}),
    "no look-up": Shape(
        "scripted",
        by_steps("commit", looks_up=False, ends=LABELLED),
        ("create", "commit", "label"),
        {"shape": "three", "looks_up": False},
    ),
    "mail": Shape("scripted-mail", BY_MAIL),
}


class House(ScriptedVendor):
    """The vendor, with what the world asks of a supplier. From its `config` nothing follows."""

    def __init__(self, world: World, inventory: Inventory) -> None:
        super().__init__(world, inventory)
        self.config = SimpleNamespace()

    @property
    def still_to_come(self) -> bool:
        """May it still take an order in that it was sent?"""
        return bool(self.api.late.waiting)


class MailHouse(MailDesk):
    """The same of the people who read mails: they take every one, at once."""

    still_to_come = False

    def __init__(self, world: World, inventory: Inventory) -> None:
        super().__init__(world)
        self.inventory, self.faults, self.config = inventory, Faults(), SimpleNamespace()
        self.api = SimpleNamespace(late=LateEffects(world))

    def tick(self) -> None:
        """Nothing of theirs comes late."""


def _admits(secrets: SecretStore, vendor: Any) -> None:
    secrets.write(SUPPLIER, "secrets", {"api_key": getattr(vendor, "key", ""), "link_secret": "link"})


def _subscribes(wiring: Wiring) -> None:
    """It sends no webhooks."""


def _names(good: Good) -> tuple[str, str, str]:
    return good.sku, PREFIX + good.sku, ""


@cache
def bench_of(name: str) -> Bench:
    """The shop with this supplier, as it opened. To be asked, and played in, while the kinds are registered."""
    shape = SHAPES[name]
    house = House if shape.kind == "scripted" else MailHouse
    stand = Kind(shape.kind, "supplier", lambda world, _, made: house(world, made["cj"].inventory))
    settings = {"kind": shape.kind, **shape.settings}
    return Bench(opened=Sim(supply=Supply(shape.words, _admits, _subscribes, _names, (stand,), settings)))


# --- seeds ------------------------------------------------------------------------------------------------------------


def name_of(seed: int) -> str:
    """As reports call it."""
    return f"scripted, seed {seed}"


def shape_of(seed: int) -> str:
    """The shapes take turns."""
    return tuple(SHAPES)[seed % len(SHAPES)]


def begin(sim: Sim, given: Mix | None = None) -> None:
    """Customers, of whom many cancel, perhaps an operator, and faults as the seed draws them, or as they are `given`."""
    drawn, shape = draw_mix(sim.dice("mix")), sim.dice("shape")
    rates = {kind: rate for kind, rate in drawn.rates.items() if kind not in NOT_HERE}
    if shape.random() < HASTY:
        rates["cancel"] = shape.choice((0.01, 0.03))
    mix = given or replace(drawn, rates=rates)
    sim.skew, sim.vendor_skew = timedelta(seconds=mix.skew), timedelta(seconds=mix.vendor_skew)
    sim.workers.warm = mix.warm
    sim.quiet_from = START + swarm.TROUBLE
    sim.chaos = Fickle(sim, mix, sim.dice("chaos"))
    sim.running_schedules = ("sweep", "reconcile") if "webhook_dropped" in mix.rates else ("sweep",)
    span = swarm.TROUBLE.total_seconds()
    orders, dice, until = shape.choice((1, 1, 2)), sim.dice("customers"), sim.quiet_from
    plan_customers(sim, orders, dice, span_seconds=swarm.BUYING, habits=CUSTOMERS, until=until)
    if shape.random() < OPERATED:
        plan_operator(sim, sim.dice("operator"), span_seconds=span, until=until)
    sim.judge = Judge(sim)


class Fickle(Chaos):
    """The same, and the first customer may cancel at any call of whoever places the order."""

    def before(self, now: Invocation, name: str, number: int) -> Strike | None:
        """One of what may strike before."""
        sold = self.sim.sold
        if sold and not sold[0].cancelled and CANCELLING(f"{now.function} ") and self._happens("cancel"):
            return STRIKES["cancel"]
        return super().before(now, name, number)


def run(_: Bench, seed: str, shape: str = "", mix: Mix | None = None) -> swarm.Ending:
    """One seed, in the shop of its shape or of another one."""
    sim = bench_of(shape or shape_of(int(seed))).fresh(seed)
    begin(sim, mix)
    swarm.play(sim)
    return swarm.ending_of(sim)


@dataclass(frozen=True)
class ScriptedSeeds(Seeds):
    """Where a guard is missed whose absence no world of CJ shows. All of one shape, if it is given."""

    shape: str = ""

    def _play(self, bench: Bench, seed: int) -> list[str]:
        with registered(SUPPLIERS):
            return run(bench, str(seed), self.shape, self.mix).violations

    def _shape(self) -> str:
        return f" of {self.shape or 'all scripted suppliers'}{super()._shape()}"


# --- planned ----------------------------------------------------------------------------------------------------------


@cache
def families_of(name: str) -> tuple[Family, ...]:
    """Every call and write of one order struck before and after, on its way and around each step that goes wrong."""
    shape = SHAPES[name]
    ok = Path(f"{name}: ok", acts=BUYS)
    wrong = tuple(
        Path(f"{name}: {call} {how}", ((shape.kind, call, (how,)),), acts=BUYS)
        for call in shape.calls
        for how in BEHAVIOURS
        if how != "not_found"
    )
    found = [
        Family(f"scripted, {name}: killed", (ok,), together(none, each("kill"))),
        Family(f"scripted, {name}: killed twice", (ok,), each("kill", PLACING), each("kill", PLACING)),
        Family(f"scripted, {name}: cancelled", (ok,), each("cancel", CANCELLING, ("before",))),
        Family(f"scripted, {name}: cancelled, then killed", (ok,), each("cancel", CANCELLING, ("before",)),
               each("kill", CANCELLING)),
        Family(f"scripted, {name}: kill switch", (ok,), each("kill_switch", CANCELLING, ("before",))),
        Family(f"scripted, {name}: cap", (ok,), each("lower_cap", CANCELLING, ("before",))),
        Family(f"scripted, {name}: lost answers of AWS", (ok,), each("lose_answers", _aws_of_placing, ("after",))),
    ]  # fmt: skip
    struck = together(none, each("kill", PLACING), each("cancel", CANCELLING, ("before",)))
    return (*found, *((Family(f"scripted, {name}: goes wrong", wrong, struck),) if wrong else ()))


def _aws_of_placing(call: str) -> bool:
    return PLACING(call) and not call.split(" ")[1].startswith("http")
