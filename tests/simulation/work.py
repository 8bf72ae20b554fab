"""What the processes of a run do: one task is one path of a family, or some seeds. Each process opens its shop once."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.scripted.registering import SUPPLIERS, registered
from tests.simulation.modes import desk, repricing, routing, scripted, stores, swarm, true_money, two_stacks
from tests.simulation.modes.bench import Bench
from tests.simulation.modes.exhaustive import Verdict
from tests.simulation.modes.families import FAMILIES, scenarios

COLLECT_EVERY = 400
PLANNED = (
    *(("", family) for family in FAMILIES),
    *((shape, family) for shape in scripted.SHAPES for family in scripted.families_of(shape)),
    *((kind, family) for kind in stores.PLACES for family in stores.families_of(kind)),
    *((desk.WORLD, family) for family in (*desk.families(), *routing.families())),
)
"""All families, each with the shape of its scripted supplier or the kind of its store, "" for CJ and Shopify; or `desk.WORLD`."""


def bench_for(world: str) -> Bench:
    """The shop of a family's world."""
    if not world:
        return bench()
    if world == desk.WORLD:
        return desk.bench_of()
    return stores.bench_of(world) if world in stores.PLACES else scripted.bench_of(world)


@dataclass
class Figures:
    """Of one task, or of many."""

    scenarios: int = 0
    orders: int = 0
    calls: int = 0
    faults: int = 0
    kills: int = 0
    cpu_seconds: float = 0.0
    violations: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """The scenarios that broke a promise, as `--replay` takes them."""
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, other: Figures) -> None:
        """Take another task's figures in."""
        self.scenarios += other.scenarios
        self.orders += other.orders
        self.calls += other.calls
        self.faults += other.faults
        self.kills += other.kills
        self.cpu_seconds += other.cpu_seconds
        self.violations += other.violations
        self.broken += other.broken
        self.outcomes.update(other.outcomes)

    def take(self, name: str, violations: Iterable[str], outcomes: Iterable[str]) -> None:
        """One scenario more."""
        self.scenarios += 1
        self.outcomes.update(outcomes)
        found = [f"{name}: {sentence}" for sentence in violations]
        self.violations += found
        if found:
            self.broken.append(name)
        if self.scenarios % COLLECT_EVERY == 0:
            gc.collect()

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "scenarios": self.scenarios,
            "orders": self.orders,
            "calls": self.calls,
            "faults": self.faults,
            "killed workers": self.kills,
            "violations": len(self.violations),
            "cpu seconds": round(self.cpu_seconds, 1),
            "outcomes": dict(self.outcomes.most_common()),
        }


@cache
def bench() -> Bench:
    """This process's shop. Collecting garbage by hand is a quarter quicker: nearly all of it goes by reference counts."""
    made = Bench()
    gc.collect()
    gc.freeze()
    gc.disable()
    return made


def paths_task(task: tuple[int, int, int, int]) -> tuple[int, Figures]:
    """(family, path, step, offset) -> the family and its figures."""
    place, path_place, step, offset = task
    shape, family = PLANNED[place]
    begun, figures = time.process_time(), Figures()
    with registered(SUPPLIERS):
        for verdict in scenarios(bench_for(shape), family, family.paths[path_place], step, offset):
            take_verdict(figures, verdict)
    figures.cpu_seconds = time.process_time() - begun
    return place, figures


def take_verdict(figures: Figures, verdict: Verdict) -> None:
    """One planned scenario into the figures."""
    figures.take(verdict.name, verdict.violations, [verdict.outcome])
    figures.orders += 1
    figures.faults += verdict.faults
    figures.kills += verdict.kills


def stacks_task(task: tuple[int, int]) -> Figures:
    """(first, end) -> the figures of these seeds of two stacks on one shop."""
    begun, figures = time.process_time(), Figures()
    for seed in range(*task):
        played = two_stacks.play(seed)
        figures.take(two_stacks.name_of(seed), played.broken, ())
        figures.orders += played.orders
        figures.kills += played.kills
    figures.cpu_seconds = time.process_time() - begun
    return figures


def seeds_task(task: tuple[int, int]) -> Figures:
    """Seeds from one number up to another, without it."""
    return _seeds(task, lambda seed: f"seed {seed}", swarm.run)


def money_task(task: tuple[int, int]) -> Figures:
    """The same in shops that know what their sales leave."""
    return _seeds(task, true_money.name_of, true_money.run)


def scripted_task(task: tuple[int, int]) -> Figures:
    """The same in shops whose supplier is scripted."""
    with registered(SUPPLIERS):
        return _seeds(task, scripted.name_of, scripted.run)


def routing_task(task: tuple[int, int]) -> Figures:
    """The same where the next supplier is asked."""
    return _seeds(task, routing.name_of, routing.run)


def repricing_task(task: tuple[int, int]) -> Figures:
    """The same in three stores whose prices follow competitors."""
    return _seeds(task, repricing.name_of, repricing.run)


def desk_task(task: tuple[int, int]) -> Figures:
    """The same in shops with a supplier by e-mail."""
    return _seeds(task, desk.name_of, desk.run)


def stores_task(task: tuple[int, int]) -> Figures:
    """The same in shops that sell in other stores than Shopify."""
    return _seeds(task, stores.name_of, stores.run)


def _seeds(task: tuple[int, int], name_of: Callable[[int], str], play: Callable[[Bench, str], swarm.Ending]) -> Figures:
    shop = bench()
    begun, figures = time.process_time(), Figures()
    for seed in range(*task):
        ending = play(shop, str(seed))
        figures.take(name_of(seed), ending.violations, ending.outcomes)
        figures.orders += ending.orders
        figures.calls += ending.calls
        figures.faults += ending.faults
        figures.kills += ending.kills
        shop.over(ending.sim)
    figures.cpu_seconds = time.process_time() - begun
    return figures


def digests_task(seeds: tuple[str, ...]) -> list[str]:
    """The traces' digests of some seeds, in this process."""
    shop = bench()
    return [swarm.run(shop, seed).digest for seed in seeds]
