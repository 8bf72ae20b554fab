"""Promise P9: where nothing else goes wrong, no message has to come twice because of one that nobody can work on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.simulation.judge.waiting import kind_of

if TYPE_CHECKING:
    from tests.simulation.sim import Sim


def judge_delayed(sim: Sim) -> Iterator[str]:
    """Asked after each event. Only worlds with poison and without any fault are looked at: there, nothing fails twice."""
    poison = sim.memory.get("poison")
    if not poison or sim.last_fault is not None:
        return
    for name, queue in sorted(sim.queues.items()):
        for held in queue.messages:
            if held.receives > 1 and held.body not in poison:
                yield f"P9: {kind_of(held.body)} had to come again to {name}, where only poison fails"
