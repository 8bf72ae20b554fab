"""Where a missing guard shows: seed after seed of the swarm, or one planned scenario; and what must be said of it then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tests.simulation.faults.mix import Mix
from tests.simulation.modes import swarm
from tests.simulation.modes.bench import Bench
from tests.simulation.modes.exhaustive import Plan, record, run
from tests.simulation.modes.paths import Path
from tests.simulation.sim import Sim

MOST_SEEDS = 1000
"""Promise: each guard that is missing shows within so many seeds."""
FEW_SEEDS = 40


class Look(NamedTuple):
    """One scenario and what the judge said of it."""

    where: str
    violations: list[str]


class Hunt(Protocol):
    """Scenarios in which a missing guard may show."""

    def looks(self, bench: Bench) -> Iterator[Look]:
        """All of them, one after the other; to be stopped as soon as one shows it."""

    def soon(self, bench: Bench) -> Iterator[Look]:
        """The one in which it showed when it was noted down, then some more."""


@dataclass(frozen=True)
class Seeds:
    """Seeds of the swarm. Without a `mix` each seed draws its own; `also` adds to the world before it begins to run.

    `known` is a seed that shows it: only a shortcut for quick tests, not a claim.
    """

    known: int = 0
    mix: Mix | None = None
    orders: int | None = None
    also: Callable[[Sim], None] | None = None

    def looks(self, bench: Bench) -> Iterator[Look]:
        """From seed 0 on."""
        for seed in range(MOST_SEEDS):
            yield self._look(bench, seed)

    def soon(self, bench: Bench) -> Iterator[Look]:
        """The known one first."""
        yield self._look(bench, self.known)
        for seed in range(FEW_SEEDS):
            yield self._look(bench, seed)

    def _look(self, bench: Bench, seed: int) -> Look:
        sim = bench.fresh(str(seed))
        swarm.begin(sim, orders=self.orders, mix=self.mix)
        if self.also is not None:
            self.also(sim)
        swarm.play(sim)
        assert sim.judge is not None
        return Look(f"seed {seed}{self._shape()}", list(sim.judge.violations))

    def _shape(self) -> str:
        words = [] if self.mix is None else [f"of a mix of {', '.join(sorted(self.mix.rates)) or 'nothing'}"]
        if self.also is not None:
            words.append(f"with {self.also.__name__.replace('_', ' ')}")
        return "".join(f" {word}" for word in words)


@dataclass(frozen=True)
class Planned:
    """One planned scenario: a path, and perhaps a strike at the `nth` call whose line ends with `call`."""

    path: Path
    call: str = ""
    strike: str = ""
    side: str = "after"
    nth: int = 1

    def looks(self, bench: Bench) -> Iterator[Look]:
        """Just this one."""
        if not self.call:
            verdict = run(bench, self.path)
        else:
            recording = record(bench, self.path)
            places = [number for number, line in enumerate(recording.calls, start=1) if line.endswith(self.call)]
            plan: Plan = {(places[self.nth - 1], self.side): self.strike}
            # What it is played on must not depend on the missing guard: the name says only where the strike was put.
            verdict = run(bench, self.path, plan, recording)
        yield Look(verdict.name, verdict.violations)

    def soon(self, bench: Bench) -> Iterator[Look]:
        """The same."""
        return self.looks(bench)


@dataclass(frozen=True)
class Guard:
    """One guard of the product. `removed` takes it out while it is open; `seen_by` is part of what the judge must say then.

    `without` says in one sentence what goes wrong without it.
    """

    name: str
    promise: str
    without: str
    removed: Callable[[], AbstractContextManager[object]]
    seen_by: str
    hunt: Hunt

    def sees(self, look: Look) -> str:
        """The violation that shows that it is missing; "" if there is none."""
        return next((said for said in look.violations if self.seen_by in said), "")
