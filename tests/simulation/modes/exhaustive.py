"""Every crash point of every path: a path is played once, and each crash on it starts right before its own event."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
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
    """One play of a path: its calls as "<function> <call>", and moments from which it can be played again.

    `quiet`: how many calls there had been at each event before which nothing ran; `starts`: the same of the kept moments.
    """

    path: Path
    plan: Plan
    calls: list[str]
    quiet: list[int]
    starts: list[int]
    moments: list[Moment]
    verdict: Verdict
    base: Recording | None = None

    def events_before(self, calls: Iterable[int]) -> set[int]:
        """The last quiet event before each of these calls, by its place in `quiet`."""
        return {bisect_right(self.quiet, number - 1) - 1 for number in calls}


@dataclass
class Verdict:
    """How one scenario ended."""

    name: str
    violations: list[str]
    outcome: str
    kills: int
    faults: int
    digest: str = ""


def record(bench: Bench, path: Path, plan: Plan | None = None, base: Recording | None = None) -> Recording:
    """Play a path, with a plan from the moment before it if there is a base."""
    return _record(bench, path, plan or {}, base, frozenset())


def keep_moments(bench: Bench, recording: Recording, calls: Iterable[int]) -> Recording:
    """Play the same once more, and keep the moments from which to strike these calls."""
    return _record(bench, recording.path, recording.plan, recording.base, recording.events_before(calls))


def _record(bench: Bench, path: Path, plan: Plan, base: Recording | None, kept: Collection[int]) -> Recording:
    sim = place(bench, path, plan, base)
    quiet: list[int] = []
    starts: list[int] = []
    moments: list[Moment] = []
    calls = list(base.calls[: sim.calls]) if base else []
    sim.keep_calls = calls

    def look() -> None:
        if not sim.workers.running:
            if len(quiet) in kept:
                starts.append(sim.calls)
                moments.append(bench.take(sim))
            quiet.append(sim.calls)

    play(sim, look)
    recording = Recording(path, plan, calls, quiet, starts, moments, verdict_of(sim, path, plan, calls), base)
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
