"""One opened shop per process; every scenario starts from a copy of that moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from local.sandbox.goods import GOODS
from tests.simulation.cloud import quick, readings
from tests.simulation.kernel.cloning import cloned
from tests.simulation.kernel.dissolving import dissolve
from tests.simulation.sim import Sim


class Moment(NamedTuple):
    """Everything at one instant at which nothing runs."""

    sim: Sim
    aws: dict[tuple[str, str], dict[object, object]]


class Bench:
    """`fresh` gives the shop as it opened; `take` and `again` keep later moments."""

    def __init__(self, *, exact: bool = False, opened: Sim | None = None) -> None:
        sim = opened or Sim(exact=exact)
        self._opened = self.take(sim)
        for table in sim.topology.tables:
            for item in sim.account.items(table):
                readings.plain_item(item)
        self._remembered = readings.keep()

    def take(self, sim: Sim) -> Moment:
        """This moment. Warm processes do not survive in it."""
        assert not sim.workers.running, "a moment is taken between invocations"
        warm, calls = sim.workers.idle, sim.keep_calls
        sim.workers.idle, sim.keep_calls = {}, None
        try:
            return Moment(self._copy(sim), sim.account.take())
        finally:
            sim.workers.idle, sim.keep_calls = warm, calls

    def again(self, moment: Moment) -> Sim:
        """That moment once more."""
        moment.sim.account.put(moment.aws)
        return self._copy(moment.sim)

    def fresh(self, seed: str) -> Sim:
        """The shop as it opened, with the dice of a seed."""
        sim = self.again(self._opened)
        sim.seed = seed
        return sim

    def over(self, sim: Sim) -> None:
        """Nobody looks at this world any more."""
        dissolve(sim)
        readings.forget(self._remembered)
        quick.forget_sizes()

    @staticmethod
    def _copy(sim: Sim) -> Sim:
        return cloned(
            sim, (sim.topology, *_specs(sim), sim.account, sim.config, sim.supply, sim.words, sim.front, GOODS, *GOODS)
        )


def _specs(sim: Sim) -> Iterator[object]:
    """What the template says of each part; nobody changes it."""
    yield from sim.topology.queues.values()
    yield from sim.topology.queue_mappings
    yield from sim.topology.stream_mappings
    yield from sim.topology.schedules.values()
