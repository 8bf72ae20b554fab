"""Shops that sell in each kind of store: whatever goes wrong on the way to it, its own ledger shows no broken promise."""

from __future__ import annotations

import pytest

from tests.simulation.modes.bench import Bench
from tests.simulation.modes.exhaustive import record, run
from tests.simulation.modes.families import Family, thinned
from tests.simulation.modes.stores import KINDS, PLACES, bench_of, families_of
from tests.simulation.modes.stores import run as run_seed

SCENARIOS = 2
SEEDS = 16
FAMILIES = [(kind, family) for kind in PLACES for family in families_of(kind)]


@pytest.mark.parametrize(("kind", "family"), FAMILIES, ids=lambda one: str(getattr(one, "name", one)).replace(" ", "-"))
def test_a_sample_of_every_family_of_a_store_breaks_no_promise(kind: str, family: Family) -> None:
    bench, broken = bench_of(kind), {}
    for path in family.paths[:: -(-len(family.paths) // 3)]:
        recording = record(bench, path)
        plans = family.plans(recording)
        verdicts = [recording.verdict]
        verdicts += [run(bench, path, plan, recording) for plan in thinned(plans, max(1, len(plans) // SCENARIOS), 0)]
        broken.update({verdict.name: verdict.violations for verdict in verdicts if verdict.violations})
    assert broken == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_write_that_is_scripted_to_go_wrong_is_one_that_the_store_knows(kind: str) -> None:
    wrong = [path for family in families_of(kind) for path in family.paths if path.script]
    once = {path.script[0][:2]: path for path in wrong}  # one behaviour of each operation
    unused = [path.name for path in once.values() if not record(bench_of(kind), path).verdict.faults]
    assert unused == []


def test_seeds_of_other_stores_break_no_promise(bench: Bench) -> None:
    endings = [run_seed(bench, str(seed)) for seed in range(SEEDS)]
    assert {ending.seed: ending.violations for ending in endings if ending.violations} == {}
    assert sum(ending.faults for ending in endings) > SEEDS
