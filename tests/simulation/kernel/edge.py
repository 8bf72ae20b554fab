"""Where every worker meets AWS and the vendors: it is suspended there, numbered, and may be struck there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from tests.simulation.kernel.workers import Invocation, Killed, current

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

Answer = TypeVar("Answer")


class Injected(Exception):
    """A call went wrong as AWS or the network goes wrong. The caller's client turns `kind` into its own error.

    `lasting`: the SDK's own repeats fail as well.
    """

    def __init__(self, kind: str, *, lasting: bool = False) -> None:
        super().__init__(kind)
        self.kind = kind
        self.lasting = lasting


class Edge:
    """The boundary of all workers. What people and the judge do passes untouched."""

    def __init__(self, sim: Sim) -> None:
        self._sim = sim
        self._aside = False

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What happens within is a person's doing, though a worker's call is the moment for it."""
        before, self._aside = self._aside, True
        try:
            yield
        finally:
            self._aside = before

    @property
    def untouched(self) -> bool:
        """True while it is people or the judge who ask."""
        return self._aside or current() is None

    def call(self, name: str, effect: Callable[[], Answer]) -> Answer:
        """One call: its duration, what strikes before, its effect, what strikes after. Raises Killed or Injected."""
        now = current()
        if now is None or self._aside:
            return effect()
        sim = self._sim
        alive(now)
        pause(now, sim.chaos.latency(name))
        sim.calls += 1
        now.calls += 1
        number = sim.calls
        sim.note(now.who, sys.intern(name))
        if sim.keep_calls is not None:
            sim.keep_calls.append(f"{now.function} {name}")
        strike = sim.chaos.before(now, name, number)
        if strike is not None:
            strike(sim, now)
        answer = effect()
        strike = sim.chaos.after(now, name, number)
        if strike is not None:
            strike(sim, now)
        return answer

    def sleep(self, seconds: float) -> None:
        """The worker waits."""
        now = current()
        if now is None:
            self._sim.clock.at += timedelta(seconds=seconds)
        else:
            pause(now, seconds)


def alive(now: Invocation) -> None:
    """Raises Killed where this worker is dead, or its time is over."""
    if now.dead:
        raise Killed(now.function)
    if now.deadline is not None and now.sim.clock.at > now.deadline:
        kill(now, "timed out")


def kill(now: Invocation, how: str) -> None:
    """This worker ends here; every later call of it raises too."""
    now.dead = True
    now.sim.kills += 1
    now.sim.fault(now.who, how)
    raise Killed(now.function)


def pause(now: Invocation, seconds: float) -> None:
    """Time passes for this worker, and for everybody else."""
    sim = now.sim
    if seconds > 0:
        sim.agenda.after(seconds, "", now.resume)
        now.suspend()
    alive(now)


class WorkersTime:
    """What a worker's `time` module is where the product's own code sleeps by it."""

    @staticmethod
    def sleep(seconds: float) -> None:
        """The worker waits; people do not."""
        now = current()
        if now is not None:
            pause(now, seconds)
