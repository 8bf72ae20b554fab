"""Promise P7 in the whole system: whatever strangers post, nothing changes; promise P2: odd news of the store is kept."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from local.sandbox.wire import Delivery
from tests.simulation.modes import swarm
from tests.simulation.modes.additions import an_old_farewell, strangers
from tests.simulation.modes.bench import Bench
from tests.simulation.people.strangers import TRICKS, OpenDoor
from tests.simulation.sim import Sim
from tests.support.shop import WEBHOOK_BASE


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


def test_p7_strangers_try_every_trick_and_are_answered_401_or_200(worlds: list[Sim]) -> None:
    tried = {what.rpartition(" ")[2] for sim in worlds for _, who, what in sim.trace.lines if who == "a stranger"}
    heard: Counter[str] = Counter()
    for sim in worlds:
        heard.update(sim.memory["strangers_heard"])
    assert tried == set(TRICKS)
    assert {"stranger 401", "stranger 200"} <= set(heard)
    # Ours alone are the faults: a killed process, a list or a queue that cannot be reached.
    assert set(heard) <= {"stranger 401", "stranger 200", "stranger 500", "stranger 503"}


def test_p7_a_flood_against_addresses_that_nobody_has_makes_no_function_read_more(bench: Bench) -> None:
    sim = bench.fresh("flood")
    calls: list[str] = []
    sim.keep_calls = calls
    door = OpenDoor(sim)
    for number in range(1000):
        url = f"{WEBHOOK_BASE}/{f'shop-{number}' if number % 2 else f'{number:048x}'}"
        # 100 seconds in all: one process is enough, and reads the list at 0, 30, 60 and 90.
        delivery = Delivery("stranger", url, {"X-Shopify-Topic": "orders/create"}, b'{"id": 1}')
        sim.agenda.after(number / 10, "a stranger", partial(door.send, delivery))
    while sum(sim.memory.get("strangers_heard", {}).values()) < 1000:
        sim.step()
    assert sim.memory["strangers_heard"] == {"stranger 401": 1000}
    assert calls == ["receive_webhook ssm:GetParametersByPath"] * 4


def test_the_store_sends_odd_news_between_them(worlds: list[Sim]) -> None:
    # That each is kept is the judge's to say.
    assert all(sim.memory.get("odd") for sim in worlds)
