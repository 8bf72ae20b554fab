"""The cost bucket."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderwright.connectors.stores.shopify.throttle import Throttle
from tests.connectors.shopify.scripted import START


def cost(available: float = 50, maximum: float = 1000, rate: float = 50) -> dict[str, Any]:
    state = {"maximumAvailable": maximum, "currentlyAvailable": available, "restoreRate": rate}
    return {"requestedQueryCost": 10, "throttleStatus": state}


def test_before_the_first_answer_nothing_is_held_back() -> None:
    assert Throttle().delay_for(10_000, START) == timedelta(0)


def test_the_wait_is_for_the_points_that_are_missing() -> None:
    throttle = Throttle()
    assert throttle.learn(cost(), START) == 10
    assert throttle.delay_for(50, START) == timedelta(0)
    assert throttle.delay_for(150, START) == timedelta(seconds=2)
    assert throttle.delay_for(150, START + timedelta(seconds=1)) == timedelta(seconds=1)


def test_points_never_exceed_the_bucket_and_a_larger_cost_waits_for_a_full_one() -> None:
    throttle = Throttle()
    throttle.learn(cost(), START)
    assert throttle.delay_for(5000, START) == timedelta(seconds=19)
    assert throttle.delay_for(5000, START + timedelta(days=1)) == timedelta(0)


def test_a_clock_that_goes_back_adds_no_points() -> None:
    throttle = Throttle()
    throttle.learn(cost(), START)
    assert throttle.delay_for(100, START - timedelta(hours=1)) == timedelta(seconds=1)


@pytest.mark.parametrize(
    "wrong", [None, {}, {"throttleStatus": None}, {"throttleStatus": {}}, cost(rate=0), cost(maximum=-1), [], "x"]
)
def test_an_answer_without_figures_changes_nothing(wrong: Any) -> None:
    throttle = Throttle()
    throttle.learn(cost(), START)
    throttle.learn(wrong, START + timedelta(seconds=1))
    assert throttle.learned_at == START
