"""Every crash point of every path: a path is played once, and each crash on it starts right before its own event."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

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


def record(bench: Bench, path: Path, plan: Plan | None = None, base: Recording | None = None) -> Recording:
    """Play a path, with a plan from the moment before it if there is a base."""
    plan = plan or {}
    sim = place(bench, path, plan, base)
    quiet: list[int] = []
    calls = list(base.calls[: sim.calls]) if base else []
    sim.keep_calls = calls

    def look() -> None:
        if not sim.workers.running:
            quiet.append(sim.calls)

    play(sim, look)
    recording = Recording(path, plan, calls, quiet, [], [], verdict_of(sim, path, plan, calls), base)
    bench.over(sim)
    return recording


class _Enough(Exception):
    """The last moment that is wanted was taken."""


def keep_moments(bench: Bench, recording: Recording, calls: Iterable[int]) -> Recording:
    """Play the same once more, as far as the last of these calls, and keep the moments from which to strike them."""
    kept = recording.events_before(calls)
    sim = place(bench, recording.path, recording.plan, recording.base)
    events = 0
    starts: list[int] = []
    moments: list[Moment] = []

    def look() -> None:
        nonlocal events
        if len(starts) == len(kept):
            raise _Enough
        if not sim.workers.running:
            if events in kept:
                starts.append(sim.calls)
                moments.append(bench.take(sim))
            events += 1

    with suppress(_Enough):
        play(sim, look)
    bench.over(sim)
    return replace(recording, starts=starts, moments=moments)


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
        path.furnish(sim)
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
