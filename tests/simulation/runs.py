"""The commands: spread work over processes, print, write the report."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait

from tests.scripted.registering import SUPPLIERS, registered
from tests.simulation import report
from tests.simulation.modes import desk, repricing, routing, scripted, stores, thousands, true_money, two_stacks
from tests.simulation.modes.exhaustive import Plan, place, verdict_of
from tests.simulation.modes.story import play
from tests.simulation.modes.swarm import begin
from tests.simulation.modes.swarm import play as play_seed
from tests.simulation.sim import START, Sim
from tests.simulation.work import (
    PLANNED,
    Figures,
    bench,
    bench_for,
    desk_task,
    money_task,
    paths_task,
    repricing_task,
    routing_task,
    scripted_task,
    seeds_task,
    stacks_task,
    stores_task,
)

CHUNK = 25
SAMPLE_STEP = 90
LEAST_SEEDS = 100
SEEDS_OF_TWO_STACKS = 20
SEEDS_OF_TRUE_MONEY = 24
SEEDS_OF_SCRIPTED = 48
SEEDS_OF_STORES = 40
SEEDS_OF_DESK = 48
SEEDS_OF_ROUTING = 18
SEEDS_OF_REPRICING = 24
MOST_SEEDS = 1500
"""In the two minutes of CI: a quicker machine ends sooner, and all machines look at the same seeds."""
HASH_SEEDS = ("0", "1", "2", "3")
_STRIKE = re.compile(r"(\w+) (before|after) call (\d+)")


def _spread(
    pool: ProcessPoolExecutor, work: Callable[[tuple[int, int]], Figures], tasks: Iterator[tuple[int, int]], jobs: int
) -> Iterator[Figures]:
    """Keep every process busy with one task and one in hand, so that a time limit is kept."""
    flying: set[Future[Figures]] = set()
    for task in tasks:
        flying.add(pool.submit(work, task))
        if len(flying) >= 2 * jobs:
            done, flying = wait(flying, return_when=FIRST_COMPLETED)
            for one in done:
                yield one.result()
    for one in flying:
        yield one.result()


def _chunks(first: int, count: int, until: float, least: int = 0, size: int = CHUNK) -> Iterator[tuple[int, int]]:
    end = first + count
    for start in range(first, end, size):
        if until and time.monotonic() > until and start - first >= least:
            return
        yield start, min(start + size, end)


def run_seeds(jobs: int, first: int, seeds: int, minutes: float) -> int:
    """The swarm."""
    begun = time.monotonic()
    until = begun + minutes * 60 if minutes else 0.0
    total = Figures()
    shown = 0
    with ProcessPoolExecutor(jobs) as pool:
        for figures in _spread(pool, seeds_task, _chunks(first, seeds, until), jobs):
            total.add(figures)
            report.show_new(figures)
            if total.scenarios - shown >= 2000:
                shown = total.scenarios
                report.progress(total, time.monotonic() - begun)
    return report.finish("swarm", {"swarm": total}, time.monotonic() - begun, jobs, {"first seed": first})


def _planned(pool: ProcessPoolExecutor, step: int, wanted: Callable[[str], bool]) -> Iterator[tuple[str, Figures]]:
    """The families, one after the other, each spread over the processes."""
    tasks = [
        (place_of, path_place, 1 if family.name == "single kills" and step < 1000 else step, path_place)
        for place_of, (_, family) in enumerate(PLANNED)
        if wanted(family.name)
        for path_place in range(len(family.paths))
    ]
    for place_of, figures in pool.map(paths_task, tasks):
        yield PLANNED[place_of][1].name, figures


def run_exhaustive(jobs: int, step: int, family: str) -> int:
    """All planned scenarios, or each `step`-th."""
    begun = time.monotonic()
    by_family: dict[str, Figures] = {}
    with ProcessPoolExecutor(jobs) as pool:
        for name, figures in _planned(pool, step, lambda name: family in name):
            report.show_new(figures)
            if name not in by_family and by_family:
                report.row(*list(by_family.items())[-1])
            by_family.setdefault(name, Figures()).add(figures)
    if by_family:
        report.row(*list(by_family.items())[-1])
    return report.finish("exhaustive", by_family, time.monotonic() - begun, jobs, {"step": step, "family": family})


def run_everything(jobs: int, minutes: float) -> int:
    """What CI runs: single kills, a sample of every family, seeds for the rest of the time."""
    begun = time.monotonic()
    parts: dict[str, Figures] = {
        "planned": Figures(),
        "two stacks": Figures(),
        "true money": Figures(),
        "scripted": Figures(),
        "stores": Figures(),
        "desk": Figures(),
        "routing": Figures(),
        "repricing": Figures(),
        "swarm": Figures(),
    }
    with ProcessPoolExecutor(jobs) as pool:
        for _, figures in _planned(pool, SAMPLE_STEP, lambda name: name.endswith(": killed") or ": " not in name):
            report.show_new(figures)
            parts["planned"].add(figures)
        report.row("planned", parts["planned"])
        for figures in _spread(pool, stacks_task, _chunks(0, SEEDS_OF_TWO_STACKS, 0.0, size=5), jobs):
            report.show_new(figures)
            parts["two stacks"].add(figures)
        report.row("two stacks", parts["two stacks"])
        for figures in _spread(pool, money_task, _chunks(0, SEEDS_OF_TRUE_MONEY, 0.0, size=4), jobs):
            report.show_new(figures)
            parts["true money"].add(figures)
        report.row("true money", parts["true money"])
        for figures in _spread(pool, scripted_task, _chunks(0, SEEDS_OF_SCRIPTED, 0.0, size=6), jobs):
            report.show_new(figures)
            parts["scripted"].add(figures)
        report.row("scripted", parts["scripted"])
        for figures in _spread(pool, stores_task, _chunks(0, SEEDS_OF_STORES, 0.0, size=5), jobs):
            report.show_new(figures)
            parts["stores"].add(figures)
        report.row("stores", parts["stores"])
        for figures in _spread(pool, desk_task, _chunks(0, SEEDS_OF_DESK, 0.0, size=6), jobs):
            report.show_new(figures)
            parts["desk"].add(figures)
        report.row("desk", parts["desk"])
        for figures in _spread(pool, routing_task, _chunks(0, SEEDS_OF_ROUTING, 0.0, size=6), jobs):
            report.show_new(figures)
            parts["routing"].add(figures)
        report.row("routing", parts["routing"])
        for figures in _spread(pool, repricing_task, _chunks(0, SEEDS_OF_REPRICING, 0.0, size=6), jobs):
            report.show_new(figures)
            parts["repricing"].add(figures)
        report.row("repricing", parts["repricing"])
        tasks = _chunks(0, MOST_SEEDS, begun + minutes * 60 - 4, LEAST_SEEDS)
        for figures in _spread(pool, seeds_task, tasks, jobs):
            report.show_new(figures)
            parts["swarm"].add(figures)
        report.row("swarm", parts["swarm"])
    return report.finish("everything", parts, time.monotonic() - begun, jobs, {"step": SAMPLE_STEP})


def run_two_stacks(jobs: int, first: int, seeds: int) -> int:
    """Two stacks on one shop."""
    return _run_part("two stacks", stacks_task, jobs, first, seeds)


def run_true_money(jobs: int, first: int, seeds: int) -> int:
    """Shops that know what their sales leave."""
    return _run_part("true money", money_task, jobs, first, seeds)


def run_scripted(jobs: int, first: int, seeds: int) -> int:
    """Shops whose supplier is scripted."""
    return _run_part("scripted", scripted_task, jobs, first, seeds)


def run_stores(jobs: int, first: int, seeds: int) -> int:
    """Shops that sell in other stores than Shopify."""
    return _run_part("stores", stores_task, jobs, first, seeds)


def run_desk(jobs: int, first: int, seeds: int) -> int:
    """Shops with a supplier by e-mail."""
    return _run_part("desk", desk_task, jobs, first, seeds)


def run_routing(jobs: int, first: int, seeds: int) -> int:
    """Shops in which the next supplier is asked."""
    return _run_part("routing", routing_task, jobs, first, seeds)


def run_repricing(jobs: int, first: int, seeds: int) -> int:
    """Three stores whose prices follow competitors."""
    return _run_part("repricing", repricing_task, jobs, first, seeds)


def _run_part(name: str, task: Callable[[tuple[int, int]], Figures], jobs: int, first: int, seeds: int) -> int:
    begun = time.monotonic()
    total = Figures()
    with ProcessPoolExecutor(jobs) as pool:
        for figures in _spread(pool, task, _chunks(first, seeds, 0.0, size=5), jobs):
            total.add(figures)
            report.show_new(figures)
    report.row(name, total)
    return report.finish(name, {name: total}, time.monotonic() - begun, jobs, {"first seed": first})


def run_thousands(orders: int) -> int:
    """One large shop."""
    balance = thousands.run(thousands.open_large(orders), orders)
    return report.show_balance(balance)


def run_repeats(repeats: int, jobs: int, first: int) -> int:
    """Play `repeats` seeds in processes whose dictionaries and sets are ordered differently, and compare the traces."""
    seeds = tuple(str(first + number) for number in range(repeats))
    traces: list[list[str]] = []
    for hash_seed in HASH_SEEDS:
        command = [sys.executable, "-c", _DIGESTS.format(seeds=seeds)]
        done = subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(done.stderr)
            return 1
        traces.append(done.stdout.split())
    different = [seed for seed, *digests in zip(seeds, *traces, strict=True) if len(set(digests)) != 1]
    same = repeats - len(different)
    print(f"{same} of {repeats} seeds gave the same trace in {len(HASH_SEEDS)} processes with different hash seeds")
    if different:
        print(f"different: {', '.join(different[:20])}")
    return 1 if different else 0


_DIGESTS = """
from tests.simulation.work import digests_task
print(*digests_task({seeds!r}))
"""


def run_mutants(jobs: int) -> int:
    """Every guard taken out."""
    from tests.simulation.modes.mutation import run_all

    return report.show_mutants(run_all(jobs))


def run_replay(what: str) -> int:
    """Tell one scenario as a story."""
    if what.startswith(two_stacks.name_of(0)[:-1]):
        broken = two_stacks.play(int(what.split()[-1])).broken
        print("\n".join(f"BROKEN {sentence}" for sentence in broken) or "no promise was broken")
        return 1 if broken else 0
    if re.fullmatch(r"(seed )?\d+", what):
        sim = bench().fresh(what.removeprefix("seed "))
        mix = begin(sim)
        play_seed(sim)
        print(f"seed {sim.seed}: {mix.told()}")
    elif what.startswith(stores.name_of(0)[:-1]):
        sim = stores.run(bench(), what.split()[-1]).sim
    elif what.startswith(desk.name_of(0)[:-1]):
        sim = desk.run(bench(), what.split()[-1]).sim
    elif what.startswith(routing.name_of(0)[:-1]):
        sim = routing.run(bench(), what.split()[-1]).sim
    elif what.startswith(repricing.name_of(0)[:-1]):
        sim = repricing.run(bench(), what.split()[-1]).sim
    elif what.startswith(true_money.name_of(0)[:-1]):
        sim = true_money.run(bench(), what.split()[-1]).sim
    else:
        with registered(SUPPLIERS):
            scripted_seed = what.startswith(scripted.name_of(0)[:-1])
            sim = scripted.run(bench(), what.split()[-1]).sim if scripted_seed else _planned_again(what)
    assert sim.judge is not None
    print("\n".join(sim.trace.story(START)))
    for sold in sim.sold:
        print(f"{sold.name}: {sim.judge.outcome_of(sold)}")
    for sentence in sim.judge.violations:
        print(f"BROKEN {sentence}")
    return 1 if sim.judge.violations else 0


def _planned_again(what: str) -> Sim:
    name, _, strikes = what.partition(" | ")
    found = [(shape, path) for shape, family in PLANNED for path in family.paths if path.name == name]
    if not found:
        raise SystemExit(f"error: no path is called {name!r}; give a seed, or a scenario's name as a run prints it")
    (shape, path), *_ = found
    plan: Plan = {(int(number), side): strike for strike, side, number in _STRIKE.findall(strikes)}
    sim = place(bench_for(shape), path, plan, None)
    play(sim)
    print(verdict_of(sim, path, plan, []).name)
    return sim
