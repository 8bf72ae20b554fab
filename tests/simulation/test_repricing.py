"""Stores whose prices follow competitors: whatever goes wrong, each price in each store is one that its rules allow."""

from __future__ import annotations

from tests.simulation.modes.bench import Bench
from tests.simulation.modes.repricing import run

SEEDS = 10


def test_seeds_of_prices_that_follow_competitors_break_no_promise(bench: Bench) -> None:
    endings = [run(bench, str(seed)) for seed in range(SEEDS)]
    assert {ending.seed: ending.violations for ending in endings if ending.violations} == {}
    assert sum(ending.faults for ending in endings) > SEEDS
