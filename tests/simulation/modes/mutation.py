"""Each guard taken out in turn: the judge must miss it. A simulation that finds nothing proves nothing until it finds these.

A guard counts as missed when the judge says what its removal leads to, in a scenario that breaks nothing with the guard in
its place. A scenario that ends in an error of the simulation itself says nothing.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from tests.simulation.modes.guards import GUARDS
from tests.simulation.modes.hunting import Guard, Scenario
from tests.simulation.work import COLLECT_EVERY, bench


class Kill(NamedTuple):
    """What became of one mutant. `how`: where it was seen and what was said, or how long nothing was."""

    guard: str
    seen: bool
    how: str


def hunt(guard: Guard, scenarios: Iterator[Scenario]) -> Kill:
    """Play scenarios without this guard until one shows it; then the same with it."""
    name, played, crashed = f"{guard.promise} {guard.name}", 0, 0
    for played, scenario in enumerate(scenarios, start=1):
        try:
            with guard.removed():
                said = guard.sees(scenario.play())
        except Exception:  # noqa: BLE001 - a mutant may break the simulation's own people; that is no find
            crashed, said = crashed + 1, ""
        if said:
            control = scenario.play()
            if control:
                return Kill(name, False, f"{scenario.where}: broken with the guard as well: {control[0]}")
            return Kill(name, True, f"{scenario.where}: {said}")
        if played % COLLECT_EVERY == 0:
            gc.collect()
    return Kill(name, False, f"not within {played} scenarios{f', {crashed} of them crashed' if crashed else ''}")


def hunt_task(place: int) -> Kill:
    """One mutant in a process of its own."""
    guard = GUARDS[place]
    return hunt(guard, guard.hunt.scenarios(bench()))


def run_all(jobs: int) -> list[Kill]:
    """Every mutant, each in a process that nobody uses again: a patch that stayed would shield the next."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=1) as pool:
        return list(pool.map(hunt_task, range(len(GUARDS))))
