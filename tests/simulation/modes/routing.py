"""Worlds in which the next supplier is asked: CJ (an API) and the maker (people), one of them late, silent or switched off."""

from __future__ import annotations

from datetime import timedelta
from functools import cache, partial

from orderwright.records import ALL_SUPPLIERS
from orderwright.usecases.operator.kill import kill_switches
from tests.simulation.faults.mix import Mix
from tests.simulation.judge.vendors.desk import MAKER
from tests.simulation.modes import desk, swarm
from tests.simulation.modes.bench import Bench
from tests.simulation.modes.desk import AT_THE_DESK
from tests.simulation.modes.families import Family, each, none, of, together
from tests.simulation.modes.story import switch
from tests.simulation.sim import START, Sim
from tests.support.shop import SUPPLIER

WORLD = "routing"
RULES = {"late_hours": 2, "not_answering_hours": 1}
MOVING = of("ingest_order", "place_purchase_order", "serve_supplier_page", "update_tracking")
path = partial(desk.path, world=WORLD, reroute=RULES)

PLANNED = ("all off", "buy")
"""Nothing is sent of it yet; a supplier that is off is not even planned with."""
ASKED_BACK = ("clerk: confirm", "wait", "wait", "wait")
LATE = path("late, and they give it back", *ASKED_BACK, "clerk: agree", "wait", "ship", "delivered")
SENT = path("late, and they ship it", *ASKED_BACK, "clerk: ship", "wait")
OFF = path("switched off", *PLANNED, "maker off", "all on", "wait", "maker on", "wait")
ALL_OFF = path("all are switched off", *PLANNED, "maker off", "wait", "maker on", "all on", "wait")
SILENT = path(
    "paid, and never heard of again",
    "wait", "wait", "clerk: ship", "wait",
    where="second",
    script=(("cj", "payBalanceV2", ("accept_then_timeout",)), ("cj", "getOrderDetail", ("rate_limited",) * 24)),
)  # fmt: skip
DEAF = path(
    "takes no order for hours", "wait", "wait", "clerk: ship", "wait",
    where="second", script=(("cj", "createOrderV2", ("rate_limited",) * 40),),
)  # fmt: skip
PATHS = (
    LATE, SENT, OFF, ALL_OFF, SILENT, DEAF,
    path("late, and they say nothing", *ASKED_BACK, "wait"),
    path("late, and they refuse", *ASKED_BACK, "clerk: refuse", "wait"),
    path("cancelled while it is asked back", *ASKED_BACK, "cancels", "clerk: agree", "wait"),
    path("off, and the next one refuses", *PLANNED, "maker off", "all on", "maker on", "wait", "clerk: ship", "wait",
         script=(("cj", "createOrderV2", ("refuse",)),)),
    path("CJ is off", *PLANNED, "cj off", "all on", "wait", "clerk: ship", "cj on", "wait", where="second"),
)  # fmt: skip


@cache
def families() -> tuple[Family, ...]:
    """Each way to the next supplier, struck where the old one ends and the new one begins."""
    return (
        Family("routing: killed", PATHS, together(none, each("kill", MOVING))),
        Family("routing: two workers", PATHS, each("freeze", of("place_purchase_order", "ingest_order"))),
        Family("routing: conflicts", PATHS, each("lose_answers", AT_THE_DESK, ("after",))),
    )


def name_of(seed: int) -> str:
    """As reports call it."""
    return f"routing, seed {seed}"


def run(_: Bench, seed: str, mix: Mix | None = None) -> swarm.Ending:
    """The hours of a desk's seed, with rules for the next supplier, and somebody who switches suppliers off and on."""
    sim = desk.bench_of().fresh(seed)
    desk.begin(sim, int(seed), mix, reroute=RULES)
    dice = sim.dice("switches")
    for supplier in (MAKER, SUPPLIER, ALL_SUPPLIERS):
        if dice.random() < 0.4:
            off = dice.uniform(0, 1800)
            on = off + dice.uniform(60, 7200)
            for at, wanted in ((off, True), (on, False)):
                sim.agenda.at(START + timedelta(seconds=at), "the operator", _Switch(sim, supplier, wanted))
    swarm.play(sim)
    return swarm.ending_of(sim)


class _Switch:
    """One turn of a kill switch."""

    def __init__(self, sim: Sim, supplier: str, on: bool) -> None:
        self.sim, self.supplier, self.on = sim, supplier, on

    def __call__(self) -> None:
        """Now."""
        if self.on != (self.supplier in kill_switches(self.sim.storage)):
            switch(self.sim, self.supplier, on=self.on)
            self.sim.memory.pop("left_while_off", None)  # a worker that stands still may have decided just before
