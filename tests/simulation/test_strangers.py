"""Promise P7 in the whole system: whatever strangers post, nothing changes; promise P2: odd news of the store is kept."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.simulation.modes import swarm
from tests.simulation.modes.additions import an_old_farewell, strangers
from tests.simulation.modes.bench import Bench
from tests.simulation.people.strangers import TRICKS
from tests.simulation.sim import Sim


def _played(bench: Bench, seed: str) -> Sim:
    sim = bench.fresh(seed)
    swarm.begin(sim)
    strangers(sim)
    an_old_farewell(sim)
    swarm.play(sim)
    return sim


@pytest.fixture(scope="module")
def worlds(bench: Bench) -> list[Sim]:
    """Some seeds with two dozen tries each."""
    return [_played(bench, str(seed)) for seed in range(6)]


def test_nothing_that_strangers_post_breaks_a_promise(worlds: list[Sim]) -> None:
    assert [sim.judge.violations for sim in worlds if sim.judge is not None] == [[]] * len(worlds)


def test_strangers_try_every_trick_and_are_answered_401_404_or_200(worlds: list[Sim]) -> None:
    tried = {what.rpartition(" ")[2] for sim in worlds for _, who, what in sim.trace.lines if who == "a stranger"}
    heard: Counter[str] = Counter()
    for sim in worlds:
        heard.update(sim.memory["strangers_heard"])
    assert tried == set(TRICKS)
    assert {"stranger 401", "stranger 404", "stranger 200"} <= set(heard)


def test_the_store_sends_odd_news_between_them(worlds: list[Sim]) -> None:
    # That each is kept is the judge's to say.
    assert all(sim.memory.get("odd") for sim in worlds)
