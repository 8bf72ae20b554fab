"""Promises P1 to P11 on planned disturbances: a part of what `make simulate` runs, so that a mistake is seen in seconds."""

from __future__ import annotations

import pytest

from tests.simulation.modes.bench import Bench
from tests.simulation.modes.exhaustive import Recording, keep_moments, place, record, run
from tests.simulation.modes.families import FAMILIES, HOUSE, OK, PLACING, Family, each
from tests.simulation.modes.families import thinned as sample
from tests.simulation.modes.story import play

CHUNKS = 4
EACH = 7
PATHS = 2
SCENARIOS = 3
LONG = ("a week without the store",)
"""Ten seconds a scenario: `make simulate` plays it."""


@pytest.fixture(scope="session")
def undisturbed(bench: Bench) -> Recording:
    """The story without any fault, with a moment before each event that makes a call."""
    recording = record(bench, OK)
    return keep_moments(bench, recording, range(1, len(recording.calls) + 1))


def test_the_undisturbed_story_passes_every_function_of_an_order_and_breaks_nothing(undisturbed: Recording) -> None:
    functions = {call.split(" ")[0] for call in undisturbed.calls}
    assert functions >= {
        "receive_webhook", "ingest_order", "relay_facts", "place_purchase_order", "update_tracking", "publish_fulfillment",
        "notify_customer",
    }  # fmt: skip
    assert (undisturbed.verdict.violations, undisturbed.verdict.outcome) == ([], "DELIVERED")


def test_the_story_of_stock_and_prices_passes_their_functions_and_breaks_nothing(bench: Bench) -> None:
    recording = record(bench, HOUSE)
    functions = {call.split(" ")[0] for call in recording.calls}
    assert functions >= {"dispatch_schedules", "poll_stock", "recalculate_price", "publish_listing", "reconcile_store"}
    assert recording.verdict.violations == []


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_worker_killed_at_any_call_breaks_no_promise(bench: Bench, undisturbed: Recording, chunk: int) -> None:
    broken = {}
    for plan in each("kill")(undisturbed)[chunk::CHUNKS][::EACH]:
        verdict = run(bench, OK, plan, undisturbed)
        assert verdict.kills == 1, f"nobody was killed: {verdict.name}"
        if verdict.violations:
            broken[verdict.name] = verdict.violations
    assert broken == {}


def test_a_pair_of_strikes_goes_the_same_from_a_kept_moment_as_from_the_beginning(
    bench: Bench, undisturbed: Recording
) -> None:
    first = each("kill", PLACING)(undisturbed)[0]
    after = record(bench, OK, first, undisturbed)
    pairs = each("kill", PLACING)(after)[::4]
    ready = keep_moments(bench, after, (max(pair)[0] for pair in pairs))
    assert len(ready.moments) > 1
    for pair in pairs:
        traces = set()
        for base in (None, after, ready):
            sim = place(bench, OK, pair, base)
            play(sim)
            traces.add(sim.trace.digest())
            bench.over(sim)
        assert len(traces) == 1, pair


@pytest.mark.parametrize(
    "family",
    [family for family in FAMILIES if family.name not in LONG],
    ids=lambda family: family.name.replace(" ", "-"),
)
def test_a_sample_of_every_family_breaks_no_promise(bench: Bench, family: Family) -> None:
    broken = {}
    for path in family.paths[:: -(-len(family.paths) // PATHS)]:
        recording = record(bench, path)
        verdicts = [recording.verdict]
        for plan in sample(family.plans(recording), 10_000, 0)[:1]:
            after = record(bench, path, plan, recording)
            verdicts.append(after.verdict)
            if family.second is not None:
                seconds = family.second(after)
                step = max(1, len(seconds) // SCENARIOS)
                verdicts += [run(bench, path, pair, after) for pair in sample(seconds, step, 0)[:SCENARIOS]]
        broken.update({verdict.name: verdict.violations for verdict in verdicts if verdict.violations})
    assert broken == {}
