"""Promises P1, P2, P3, P5, P6, P8, P10 and P11 on the order path, judged by the ledgers.

Every crash point of the undisturbed path, and a fixed sample of each other family; `python -m tests.crash` runs them all.
"""

from __future__ import annotations

import pytest

from tests.crash.bench import Bench, Recording
from tests.crash.scenarios import FAMILIES, OK, Family, each

CHUNKS = 8
PATHS = 3
SCENARIOS = 6


@pytest.fixture(scope="session")
def undisturbed(bench: Bench) -> Recording:
    """The path without any fault, with a moment before each invocation."""
    return bench.record(OK)


def test_the_undisturbed_path_passes_every_function_and_breaks_nothing(bench: Bench, undisturbed: Recording) -> None:
    functions = {call.split(" ")[0] for call in undisturbed.calls}
    assert functions == {
        "receive_webhook", "ingest_order", "relay_facts", "place_purchase_order", "update_tracking", "publish_fulfillment",
        "notify_customer",
    }  # fmt: skip
    verdict = bench.run(OK)
    assert (verdict.violations, verdict.outcome) == ([], "DELIVERED")
    assert len(bench.expected(OK).mails) == 4
    assert len(bench.expected(OK).texts) == 3


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_worker_killed_at_any_call_breaks_no_promise(bench: Bench, undisturbed: Recording, chunk: int) -> None:
    broken = {}
    for plan in each("kill")(undisturbed)[chunk::CHUNKS]:
        verdict = bench.run(OK, plan, undisturbed)
        assert verdict.kills == 1, f"nobody was killed: {verdict.name}"
        if verdict.violations:
            broken[verdict.name] = verdict.violations
    assert broken == {}


@pytest.mark.parametrize("family", FAMILIES[1:], ids=lambda family: family.name.replace(" ", "-"))
def test_a_sample_of_every_family_breaks_no_promise(bench: Bench, undisturbed: Recording, family: Family) -> None:
    broken = {}
    paths = family.paths[:: -(-len(family.paths) // PATHS)]
    for place, path in enumerate(paths):
        recording = undisturbed if path == OK else bench.record(path, moments_too=False)
        plans = family.plans(recording)
        step = max(1, len(plans) * len(paths) // SCENARIOS)
        for plan in plans[place * step // len(paths) :: step]:
            verdict = bench.run(path, plan, recording)
            if verdict.violations:
                broken[verdict.name] = verdict.violations
    assert broken == {}
