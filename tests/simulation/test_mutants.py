"""Each guard of the product taken out once: the judge must see it. `make simulate MUTANTS=1` looks for each from seed 0 on."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.simulation.modes.bench import Bench
from tests.simulation.modes.guards import GUARDS
from tests.simulation.modes.hunting import Guard
from tests.simulation.modes.mutation import hunt

RARE = ("a refund while the payment is under way", "a retried parcel's due time")
"""Guards of which no seed is noted now that shows them soon: `make simulate MUTANTS=1` looks for them among a thousand."""
HOLDERS = ("orderwright", "local.sandbox", "aws_lambda_powertools.utilities.batch")


def _held() -> dict[str, Any]:
    """What every name means in the modules and classes out of which guards are taken."""
    held: dict[str, Any] = {}
    for module_name, module in list(sys.modules.items()):
        if module_name.startswith(HOLDERS):
            for name, value in vars(module).items():
                held[f"{module_name}.{name}"] = value
                if isinstance(value, type) and value.__module__ == module_name:
                    inside = {f"{module_name}.{name}.{own}": what for own, what in vars(value).items()}
                    held.update({place: what for place, what in inside.items() if "__" not in place})
    return held


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: f"{guard.promise}-{guard.name.replace(' ', '-')}")
def test_a_guard_that_is_taken_out_is_missed(bench: Bench, guard: Guard) -> None:
    if guard.name in RARE:
        pytest.skip("it shows too seldom for a quick test")
    before = _held()
    kill = hunt(guard, guard.hunt.likely(bench))
    assert kill.seen, f"without {guard.name}, {guard.without}; but: {kill.how}"
    after = _held()
    # A worker that is still suspended when its scenario ends never goes on: what it would have put back stays out.
    assert [place for place in before if after.get(place) is not before[place]] == [], "the guard was not put back"


def test_every_promise_about_orders_money_goods_and_people_has_guards_that_are_missed() -> None:
    assert {guard.promise for guard in GUARDS} == {*(f"P{number}" for number in range(1, 12)), *("P13", "P14", "P15")}


def test_guards_have_names_of_their_own() -> None:
    names = [guard.name for guard in GUARDS]
    assert len(set(names)) == len(names)
