"""Very long runs let go of what nobody looks at any more, so that they end in the memory of one machine.

No promise is judged by less: whatever is forgotten was read before, by everybody who reads it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from tests.simulation.sim import Sim

LOOKED_BACK = timedelta(minutes=5)
"""Longer than an index ever lags."""
STORY = 50_000
"""So many of the trace's last lines stay, for people."""


def forget(sim: Sim) -> None:
    """Let go now."""
    assert sim.judge is not None
    sim.judge.forget(STORY)
    sim.next_due()  # reads the streams
    sim.account.forget_transactions()
    for table, lag in sim.lags.items():
        read = [stream.position for stream in sim.streams if stream.spec.table == table]
        read += [lag.forget(sim.clock.at - LOOKED_BACK), sim.judge.watch.read[table], sim.waking.read[table]]
        sim.account.forget_stream(table, min(read))


@contextmanager
def garbage_by_hand() -> Iterator[None]:
    """Looking for garbage among millions of objects that stay would take longer than all the rest."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()


def collect() -> None:
    """Look for garbage among what is new since the last time. What stays is not looked through again."""
    gc.collect()
    gc.freeze()
