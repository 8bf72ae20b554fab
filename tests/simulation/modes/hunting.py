"""Where a missing guard shows: seed after seed of the swarm, or one planned scenario; and what must be said of it then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

from tests.simulation.faults.mix import Mix
from tests.simulation.modes import swarm
from tests.simulation.modes.bench import Bench
from tests.simulation.modes.exhaustive import Plan, record, run
from tests.simulation.modes.paths import Path
from tests.simulation.sim import Sim

MOST_SEEDS = 1000
"""Each guard that is missing shows within so many seeds."""
FEW_SEEDS = 40


class Scenario(NamedTuple):
    """One scenario: where it can be found again, and how to play it, which gives what the judge says."""

    where: str
    play: Callable[[], list[str]]


class Hunt(Protocol):
    """Scenarios in which a missing guard may show."""

    def scenarios(self, bench: Bench) -> Iterator[Scenario]:
        """All of them, one after the other."""

    def likely(self, bench: Bench) -> Iterator[Scenario]:
        """The one in which it showed when that was noted down, then some more."""


@dataclass(frozen=True)
class Seeds:
    """Seeds of the swarm. Without a `mix` each seed draws its own; `also` adds to its world before it begins to run.

    `known` is a seed that shows it: a shortcut for quick tests, no claim.
    """

    known: int = 0
    mix: Mix | None = None
    orders: int | None = None
    also: Callable[[Sim], None] | None = None

    def scenarios(self, bench: Bench) -> Iterator[Scenario]:
        """From seed 0 on."""
        return (self._scenario(bench, seed) for seed in range(MOST_SEEDS))

    def likely(self, bench: Bench) -> Iterator[Scenario]:
        """The known one first."""
        return (self._scenario(bench, seed) for seed in (self.known, *range(FEW_SEEDS)))

    def _scenario(self, bench: Bench, seed: int) -> Scenario:
        return Scenario(f"seed {seed}{self._shape()}", partial(self._play, bench, seed))

    def _play(self, bench: Bench, seed: int) -> list[str]:
        sim = bench.fresh(str(seed))
        swarm.begin(sim, orders=self.orders, mix=self.mix)
        if self.also is not None:
            self.also(sim)
        swarm.play(sim)
        assert sim.judge is not None
        return list(sim.judge.violations)

    def _shape(self) -> str:
        words = [] if self.mix is None else [f"with the faults {', '.join(sorted(self.mix.rates)) or 'none'}"]
        if self.also is not None:
            words.append(f"and {self.also.__name__.replace('_', ' ')}")
        return "".join(f" {word}" for word in words)


@dataclass(frozen=True)
class Planned:
    """One planned scenario: a path, and perhaps a strike at the `nth` call whose line ends with `call`, `times` in a row."""

    path: Path
    call: str = ""
    strike: str = ""
    side: str = "after"
    nth: int = 1
    times: int = 1

    def scenarios(self, bench: Bench) -> Iterator[Scenario]:
        """Just this one."""
        where = f"{self.strike} {self.side} {self.call}" if self.call else ""
        yield Scenario(" | ".join(filter(None, (self.path.name, where))), partial(self._play, bench))

    def likely(self, bench: Bench) -> Iterator[Scenario]:
        """The same."""
        return self.scenarios(bench)

    def _play(self, bench: Bench) -> list[str]:
        recording = record(bench, self.path)
        if not self.call:
            return recording.verdict.violations
        places = [number for number, line in enumerate(recording.calls, start=1) if line.endswith(self.call)]
        struck = places[self.nth - 1 : self.nth - 1 + self.times]
        plan: Plan = {(number, self.side): self.strike for number in struck}
        return run(bench, self.path, plan, recording).violations


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

    def sees(self, violations: list[str]) -> str:
        """The violation that shows that it is missing; "" if there is none."""
        return next((said for said in violations if self.seen_by in said), "")
