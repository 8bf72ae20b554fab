"""Every crash point of every path: a path is played once, and each crash on it starts right before its own event."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from tests.simulation.judge.judge import Judge
from tests.simulation.modes.bench import Bench, Moment
from tests.simulation.modes.paths import Path
from tests.simulation.modes.story import play
from tests.simulation.sim import Sim

Plan = Mapping[tuple[int, str], str]
"""(call number, "before" or "after") -> the name of a strike."""


@dataclass
class Recording:
    """One play of a path: its calls as "<function> <call>", and a moment before each event that made calls."""

    path: Path
    plan: Plan
    calls: list[str]
    starts: list[int]
    moments: list[Moment]
    verdict: Verdict
    base: Recording | None = None


@dataclass
class Verdict:
    """How one scenario ended."""

    name: str
    violations: list[str]
    outcome: str
    kills: int
    faults: int
    digest: str = ""


def record(
    bench: Bench, path: Path, plan: Plan | None = None, base: Recording | None = None, *, moments_too: bool = False
) -> Recording:
    """Play a path, with a plan from the moment before it if there is a base; `moments_too` costs several times as much."""
    plan = plan or {}
    sim = place(bench, path, plan, base)
    starts: list[int] = []
    moments: list[Moment] = []
    calls = list(base.calls[: sim.calls]) if base else []
    sim.keep_calls = calls

    def keep() -> None:
        if not sim.workers.running:
            if starts and starts[-1] == sim.calls:
                starts.pop()
                moments.pop()
            starts.append(sim.calls)
            moments.append(bench.take(sim))

    play(sim, keep if moments_too else None)
    recording = Recording(path, plan, calls, starts, moments, verdict_of(sim, path, plan, calls), base)
    bench.over(sim)
    return recording


def run(bench: Bench, path: Path, plan: Plan | None = None, base: Recording | None = None) -> Verdict:
    """Play a path with more planned, and judge it on the way and at the end."""
    plan = plan or {}
    sim = place(bench, path, plan, base)
    play(sim)
    verdict = verdict_of(sim, path, plan, base.calls if base else [])
    bench.over(sim)
    return verdict


def place(bench: Bench, path: Path, plan: Plan, base: Recording | None) -> Sim:
    """The world of a plan, at the last kept moment before anything new strikes."""
    new = [number for number in plan if base is None or number not in base.plan]
    while base is not None and not base.moments:
        new, base = list(plan), base.base
    if base is None or not new:
        sim = bench.fresh(path.name)
        path.begin(sim)
        sim.judge = Judge(sim)
    else:
        sim = bench.again(base.moments[bisect_right(base.starts, min(new)[0] - 1) - 1])
    path.face(sim, dict(plan))
    return sim


def verdict_of(sim: Sim, path: Path, plan: Plan, calls: list[str]) -> Verdict:
    """How it ended."""
    assert sim.judge is not None
    where = ", ".join(
        f"{what} {side} call {number} ({calls[number - 1] if number <= len(calls) else 'later'})"
        for (number, side), what in sorted(plan.items())
    )
    name = f"{path.name}{' | ' + where if where else ''}"
    outcome = "; ".join(sim.judge.outcome_of(sold) for sold in sim.sold)
    return Verdict(name, list(sim.judge.violations), outcome, sim.kills, sim.faults)
