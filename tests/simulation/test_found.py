"""What the simulation has found, one scenario or seed each; docs/found.md says what was wrong.

A seed says less once the dice are thrown in another order, so each of these has a test of its own beside the code as well.
"""

from __future__ import annotations

import pytest

from tests.simulation.modes import swarm
from tests.simulation.modes.bench import Bench
from tests.simulation.modes.exhaustive import Plan, record, run
from tests.simulation.modes.families import FAMILIES, OK
from tests.simulation.modes.paths import Path, scripted

PAYING = "place_purchase_order http:POST cj.test/api2.0/v1/shopping/pay/payBalanceV2"
CREATING = "place_purchase_order http:POST cj.test/api2.0/v1/shopping/order/createOrderV2"
CONFIRMING = "place_purchase_order http:POST cj.test/api2.0/v1/shopping/order/addCartConfirm"
WITHDRAWING = "place_purchase_order http:DELETE cj.test/api2.0/v1/shopping/order/deleteOrder"
SEEDS = (
    "53", "433", "1018", "2005", "2338", "3376", "10772", "66757", "70070", "72004", "80390", "93293", "94236",
)  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_that_once_broke_a_promise_breaks_none(bench: Bench, seed: str) -> None:
    assert swarm.run(bench, seed).violations == []


def test_an_order_that_its_supplier_lost_while_it_was_cancelled_keeps_no_stock(bench: Bench) -> None:
    (path,) = scripted("cj", ("createOrderV2",), ("accept_then_timeout",))
    unclear = record(bench, path)
    after_the_call = unclear.calls.index(CREATING) + 2
    cancelled = record(bench, path, {(after_the_call, "before"): "cancel"}, unclear)
    withdrawn = cancelled.calls.index(WITHDRAWING) + 2
    plan: Plan = {**cancelled.plan, (withdrawn, "before"): "kill"}
    verdict = run(bench, path, plan, cancelled)
    assert (verdict.violations, verdict.outcome) == ([], "CANCELLED NOTHING_ORDERED")


def test_a_lost_shipment_id_is_parked_and_never_taken_for_paid(bench: Bench) -> None:
    calls = record(bench, OK).calls
    killed = run(bench, OK, {(calls.index(CONFIRMING) + 1, "after"): "kill"})
    assert (killed.violations, killed.outcome) == ([], "NEEDS_ATTENTION ID_LOST")


def test_a_bill_below_the_expected_cost_does_not_slip_past_the_kill_switch(bench: Bench) -> None:
    path = Path("a lower bill", surcharge="-2.00")
    calls = record(bench, path).calls
    stopped = run(bench, path, {(calls.index(PAYING), "before"): "kill_switch"})
    assert (stopped.violations, stopped.outcome) == ([], "DELIVERED")


def test_every_family_has_a_name_of_its_own_and_paths_that_can_be_told_apart() -> None:
    names = [family.name for family in FAMILIES]
    assert len(set(names)) == len(names)
    for family in FAMILIES:
        assert len({path.name for path in family.paths}) == len(family.paths), family.name
