"""Suppliers by e-mail: whatever becomes of the mails, and whatever their people say, no promise is broken."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.simulation.modes import desk, routing
from tests.simulation.modes.exhaustive import record, run
from tests.simulation.modes.families import Family, thinned

SCENARIOS = 3
SEEDS = 12
ENDS = {
    "confirmed and sent": "SHIPPED",
    "all refused": "DELIVERED",
    "some refused": "NEEDS_ATTENTION SUPPLIER_CONTRADICTS",
    "never confirmed": "SHIPPED",
    "never confirmed, as agreed": "NEEDS_ATTENTION SUPPLIER_CONTRADICTS",
    "refused by the only one": "NEEDS_ATTENTION REFUSED_BY_SUPPLIER",
    "withdrawn from the only one": "NEEDS_ATTENTION UNCONFIRMED",
    "refused after confirming": "NEEDS_ATTENTION SUPPLIER_CONTRADICTS",
    "late, after the reminder": "SHIPPED",
    "refused by CJ": "SHIPPED",
    "refused by both": "NEEDS_ATTENTION REFUSED_BY_SUPPLIER",
    "cancelled, and then they agree": "CANCELLED NOTHING_ORDERED",
    "cancelled, and then they too late": "NEEDS_ATTENTION ORDERED_TOO_LATE ORDERED_TOO_LATE",
    "cancelled, and then they ship": "NEEDS_ATTENTION ORDERED_TOO_LATE ORDERED_TOO_LATE",
    "cancelled, and then they refuse": "CANCELLED NOTHING_ORDERED",
    "cancelled, and then they say nothing": "NEEDS_ATTENTION CANCELLATION_REQUESTED CANCELLATION_REQUESTED",
}
"""How each story ends where nothing goes wrong."""
MOVED = {
    "late, and they give it back": "DELIVERED",
    "late, and they ship it": "SHIPPED",
    "switched off": "PLACED",
    "all are switched off": "PLACED",
    "paid, and never heard of again": "PLACED",
    "takes no order for hours": "SHIPPED",
    "late, and they say nothing": "PLACED",
    "late, and they refuse": "NEEDS_ATTENTION SUPPLIER_CONTRADICTS",
    "cancelled while it is asked back": "CANCELLED NOTHING_ORDERED",
    "off, and the next one refuses": "NEEDS_ATTENTION CJ_1603000",
    "CJ is off": "SHIPPED",
}


def test_each_story_of_the_maker_ends_as_it_should() -> None:
    verdicts = [record(desk.bench_of(), path).verdict for path in (*desk.PATHS, *desk.ASKED)]
    assert {verdict.name.removeprefix("desk: "): verdict.outcome for verdict in verdicts} == ENDS
    assert [verdict.violations for verdict in verdicts if verdict.violations] == []


def test_each_way_to_the_next_supplier_ends_as_it_should() -> None:
    verdicts = [record(desk.bench_of(), path).verdict for path in routing.PATHS]
    assert {verdict.name.removeprefix("routing: "): verdict.outcome for verdict in verdicts} == MOVED
    assert [verdict.violations for verdict in verdicts if verdict.violations] == []


@pytest.mark.parametrize(
    "family", [*desk.families(), *routing.families()], ids=lambda family: family.name.replace(" ", "-")
)
def test_a_sample_of_every_family_of_the_desk_breaks_no_promise(family: Family) -> None:
    bench, broken = desk.bench_of(), {}
    for path in family.paths[:: -(-len(family.paths) // 4)]:
        recording = record(bench, path)
        plans = family.plans(recording)
        for plan in thinned(plans, max(1, len(plans) // SCENARIOS), 0)[:SCENARIOS]:
            after = record(bench, path, plan, recording)
            seconds = family.second(after) if family.second is not None else []
            verdicts = [after.verdict]
            verdicts += [run(bench, path, pair) for pair in thinned(seconds, max(1, len(seconds) // 2), 0)]
            broken.update({verdict.name: verdict.violations for verdict in verdicts if verdict.violations})
    assert broken == {}


@pytest.mark.parametrize("mode", [desk, routing], ids=["desk", "routing"])
def test_seeds_with_a_supplier_by_e_mail_break_no_promise(mode: ModuleType) -> None:
    bench, endings = desk.bench_of(), list[tuple[str, list[str], int]]()
    for seed in range(SEEDS):
        ending = mode.run(bench, str(seed))
        endings.append((ending.seed, ending.violations, ending.faults))
        bench.over(ending.sim)
    assert {seed: violations for seed, violations, _ in endings if violations} == {}
    assert sum(faults for *_, faults in endings) > SEEDS
