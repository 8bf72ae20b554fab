"""Suppliers that are scripted: whatever their steps, and however they take orders, the engine keeps its promises."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scripted.registering import SUPPLIERS, registered
from tests.simulation.modes import scripted
from tests.simulation.modes.exhaustive import Recording, keep_moments, record, run
from tests.simulation.modes.families import Family, each, thinned
from tests.simulation.modes.paths import Path
from tests.simulation.modes.scripted import BUYS, SHAPES, bench_of, families_of

EACH = 3
SCENARIOS = 3
SEEDS = 18
FAMILIES = [(shape, family) for shape in SHAPES for family in families_of(shape)[1:]]


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    """The scripted kinds are there while a test runs."""
    with registered(SUPPLIERS):
        yield


@pytest.mark.parametrize("shape", SHAPES)
def test_a_worker_killed_at_any_call_of_an_order_breaks_no_promise(shape: str) -> None:
    bench, (ok,) = bench_of(shape), families_of(shape)[0].paths
    recording = record(bench, ok)
    assert (recording.verdict.violations, recording.verdict.outcome) == ([], "PLACED")
    plans = each("kill")(recording)[list(SHAPES).index(shape) % EACH :: EACH]
    ready: Recording = keep_moments(bench, recording, (min(plan)[0] for plan in plans))
    verdicts = [run(bench, ok, plan, ready) for plan in plans]
    assert all(verdict.kills == 1 for verdict in verdicts)
    assert {verdict.name: verdict.violations for verdict in verdicts if verdict.violations} == {}


@pytest.mark.parametrize(
    ("shape", "family"), FAMILIES, ids=lambda one: str(getattr(one, "name", one)).replace(" ", "-")
)
def test_a_sample_of_every_family_of_a_shape_breaks_no_promise(shape: str, family: Family) -> None:
    bench, broken = bench_of(shape), {}
    for path in family.paths[:: -(-len(family.paths) // 2)]:
        recording = record(bench, path)
        verdicts = [recording.verdict]
        plans = family.plans(recording)
        for plan in thinned(plans, max(1, len(plans) // SCENARIOS), 0)[: SCENARIOS if family.second is None else 1]:
            after = record(bench, path, plan)
            verdicts.append(after.verdict)
            seconds = family.second(after) if family.second is not None else []
            verdicts += [run(bench, path, pair) for pair in thinned(seconds, max(1, len(seconds) // SCENARIOS), 0)]
        assert all(verdict.faults for verdict in verdicts[1:]), "each of them was struck"
        broken.update({verdict.name: verdict.violations for verdict in verdicts if verdict.violations})
    assert broken == {}


def test_seeds_of_every_shape_break_no_promise() -> None:
    endings = [scripted.run(bench_of(scripted.shape_of(seed)), str(seed)) for seed in range(SEEDS)]
    assert {ending.seed: ending.violations for ending in endings if ending.violations} == {}
    assert sum(ending.faults for ending in endings) > SEEDS


@pytest.mark.parametrize("how", ["accept_then_timeout", "timeout", "error_500", "accept_late", "malformed"])
@pytest.mark.parametrize("step", ["create", "commit"])
def test_without_a_look_up_an_order_is_parked_at_the_first_doubt_and_never_sent_again(step: str, how: str) -> None:
    path = Path(f"{step} {how}", (("scripted", step, (how,)),), acts=BUYS)
    recording = record(bench_of("no look-up"), path)
    sends = [line for line in recording.calls if line.endswith(("/orders", "/commit"))]
    assert (recording.verdict.outcome, recording.verdict.violations) == ("NEEDS_ATTENTION OUTCOME_UNCLEAR", [])
    assert len(sends) == 1 + (step == "commit")


@pytest.mark.parametrize("strike", ["kill", "lose_answer", "lose_answers"])
def test_an_order_by_mail_whose_sending_is_in_doubt_is_parked_and_mailed_once(strike: str) -> None:
    path, bench = Path("by mail", acts=BUYS), bench_of("mail")
    calls = record(bench, path).calls
    sent = next(place for place, line in enumerate(calls, 1) if line == "place_purchase_order sesv2:SendEmail")
    struck = record(bench, path, {(sent, "after"): strike})
    assert (struck.verdict.outcome, struck.verdict.violations) == ("NEEDS_ATTENTION OUTCOME_UNCLEAR", [])
    assert struck.calls.count("place_purchase_order sesv2:SendEmail") == 1
