"""Each guard of the product taken out once: the judge must see it. `make simulate MUTANTS=1` looks for each from seed 0 on."""

from __future__ import annotations

import pytest

from tests.simulation.modes.bench import Bench
from tests.simulation.modes.guards import GUARDS
from tests.simulation.modes.hunting import Guard
from tests.simulation.modes.mutation import hunt


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: f"{guard.promise}-{guard.name.replace(' ', '-')}")
def test_a_guard_that_is_taken_out_is_missed(bench: Bench, guard: Guard) -> None:
    kill = hunt(guard, guard.hunt.likely(bench))
    assert kill.seen, f"without {guard.name}, {guard.without}; but: {kill.how}"


def test_every_promise_about_orders_money_goods_and_people_has_guards_that_are_missed() -> None:
    assert {guard.promise for guard in GUARDS} == {f"P{number}" for number in range(1, 12)}


def test_guards_have_names_of_their_own() -> None:
    names = [guard.name for guard in GUARDS]
    assert len(set(names)) == len(names)
