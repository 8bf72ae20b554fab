"""What the crash suite once found, one scenario each."""

from __future__ import annotations

from tests.crash.bench import Bench, Path
from tests.crash.scenarios import OK

CONFIRM = "place_purchase_order http:POST cj.test/api2.0/v1/shopping/order/addCartConfirm"
CREATE = "place_purchase_order http:POST cj.test/api2.0/v1/shopping/order/createOrderV2"


def test_a_lost_shipment_id_is_parked_and_never_taken_for_paid(bench: Bench) -> None:
    recording = bench.record(OK)
    killed = bench.run(OK, {(recording.calls.index(CONFIRM) + 1, "after"): "kill"}, recording)
    assert (killed.violations, killed.outcome) == ([], "NEEDS_ATTENTION ID_LOST")


def test_a_bill_below_the_expected_cost_does_not_slip_past_the_kill_switch(bench: Bench) -> None:
    path = Path("a lower bill", surcharge="-2.00")
    recording = bench.record(path)
    stopped = bench.run(path, {(recording.calls.index(CREATE) + 1, "before"): "kill_switch"}, recording)
    assert (stopped.violations, stopped.outcome) == ([], "DELIVERED")
