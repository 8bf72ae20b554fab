"""The operator by dice: over real tables, through the product's own use cases, and never on the unsafe side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from orderwright.domain.operations import StoredConfig
from orderwright.domain.order import Reason
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.time_line import LogEntry
from orderwright.domain.timing import AWS
from orderwright.records import CURRENT_CONFIG
from orderwright.storage import Put
from orderwright.usecases.operator.applying import current_config
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.kill import kill_switches
from orderwright.usecases.operator.order_list import ATTENTION, list_orders
from tests.simulation.people import desk_work
from tests.simulation.people.desk_work import SETTLED, is_certainly_not_ordered, look_after, waiting_orders
from tests.simulation.people.fake_scene import START, FakeScene
from tests.simulation.people.operator import Duties, LowerCap, Operator, Redrive, Round, StopSpending, plan_operator
from tests.support.shop import SUPPLIER, test_config
from tests.unit.usecases.operator.operator_kit import NOW, PK, TIMING, Bench, purchase_order

IDLE = Duties(kills=0, caps=0, stops=0, rounds=0, prices=0, redrives=0, renames=0)
REFERENCE = "OW-1001-abc-1"


class Day:
    """A scene with tables behind its desk."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.scene = FakeScene()
        self.scene.storage = self.bench.storage
        document = test_config().model_dump_json()
        applied = StoredConfig(number=1, document=document, applied_at=START, applied_by="test")
        self.bench.storage.commit([Put(CURRENT_CONFIG, applied, 0)])
        self.operator = Operator(self.scene, AWS, None)

    def cap(self) -> Decimal:
        """The day's limit in force."""
        return self.operator.config().limits.spend_per_day[SUPPLIER].amount

    def look_after(self, *, doubts: bool = True) -> str:
        """One look at the one order."""
        desk = self.operator.desk("a test")
        return look_after(self.scene, desk, PK, test_config(), TIMING, doubts=doubts)

    def certainly_not_ordered(self) -> bool:
        """What the operator would swear."""
        file = self.bench.storage.load_order(PK)
        return is_certainly_not_ordered(self.scene, file, waiting_orders(file))


@pytest.fixture
def day() -> Iterator[Day]:
    made = Day()
    yield made
    made.bench.aws.close()


def parked(code: str = "OUTCOME_UNCLEAR", **more: Any) -> PurchaseOrder:
    """Two sends of the first step ended without an answer, just now."""
    log = (LogEntry(at=NOW, who="place_purchase_order", what="parked"),)
    return purchase_order(PurchaseOrderState.PARKED, code, **{"step": "create", "sends": 2, "log": log, **more})


# --- plans --------------------------------------------------------------------------------------------------------------


def test_the_same_dice_give_the_same_day_at_the_desk(day: Day) -> None:
    plans = []
    for seed in (1, 1, 2):
        scene = FakeScene()
        plan_operator(scene, Random(seed), span_seconds=3600)
        plans.append(
            [(when, type(act).__name__) for when, _, _, act in sorted(scene.agenda.waiting, key=lambda x: x[:2])]
        )
    assert plans[0] == plans[1]
    assert plans[0] != plans[2]


def test_everything_that_was_switched_is_back_at_the_end(day: Day) -> None:
    for seed in range(20):
        end = day.scene.clock.at + timedelta(hours=1)
        duties = Duties(kills=1.0, caps=1.0, stops=1.0, rounds=1, prices=1, redrives=1, renames=1.0)
        plan_operator(day.scene, Random(seed), span_seconds=3500, duties=duties, until=end)
        day.scene.play()
        assert kill_switches(day.bench.storage) == {}
        assert day.cap() == Decimal("2000.00")
        assert all(until is not None and since < until <= end for since, until in day.scene.memory["kill_on"][-1:])
    assert len(day.scene.memory["kill_on"]) == len(day.scene.memory["caps"]) == 20
    assert all(until is not None and since < until for since, until, _ in day.scene.memory["caps"])


def test_nothing_new_is_begun_after_the_end(day: Day) -> None:
    duties = Duties(kills=1.0, caps=1.0, stops=1.0)
    plan_operator(day.scene, Random(1), span_seconds=3600, duties=duties, until=START)
    day.scene.play()
    assert day.scene.memory == {}
    assert day.scene.redriven == 0


# --- single acts --------------------------------------------------------------------------------------------------------


def test_the_kill_switch_is_on_for_the_span_that_is_noted(day: Day) -> None:
    StopSpending(day.operator, 120.0)()
    assert list(kill_switches(day.bench.storage)) == [SUPPLIER]
    assert day.scene.memory["kill_on"] == [[START, None]]
    day.scene.play()
    assert kill_switches(day.bench.storage) == {}
    assert day.scene.memory["kill_on"] == [[START, START + timedelta(seconds=120)]]


def test_a_switch_that_somebody_else_turned_is_left_to_them(day: Day) -> None:
    StopSpending(day.operator, 600.0)()
    StopSpending(day.operator, 60.0)()
    assert len(day.scene.memory["kill_on"]) == 1
    assert len(day.scene.agenda.waiting) == 1


def test_a_lowered_limit_is_a_new_version_and_reprices_under_the_same_ids_each_time(day: Day) -> None:
    LowerCap(day.operator, Decimal("5.00"), 600.0)()
    assert day.cap() == Decimal("5.00")
    assert day.scene.memory["caps"] == [[START, None, "5.00"]]
    day.scene.play()
    assert day.cap() == Decimal("2000.00")
    assert current_config(day.bench.storage).number == 3
    assert day.scene.memory["caps"][0][1] == START + timedelta(seconds=600)
    assert len({message.id for message in day.scene.sent}) == len(day.scene.sent)


def test_dead_letters_are_sent_back_and_counted(day: Day) -> None:
    Redrive(day.operator)()
    Redrive(day.operator)()
    assert day.scene.memory["redriven"] == 4


def test_a_refusal_is_counted_and_anything_else_is_an_error_of_the_product(day: Day) -> None:
    def refuse() -> None:
        raise Refused("NOT_NOW", "not now")

    def break_down() -> None:
        raise RuntimeError("broken")

    assert not day.operator.do("something", refuse)
    assert day.scene.memory["refused"] == {"something: NOT_NOW": 1}
    with pytest.raises(RuntimeError):
        day.operator.do("something", break_down)


# --- one order ----------------------------------------------------------------------------------------------------------


def test_what_is_paid_at_the_supplier_is_adopted(day: Day) -> None:
    day.bench.put(parked())
    order_id = day.scene.pay(REFERENCE)
    assert day.look_after() == "adopted"
    assert day.bench.po().state is PurchaseOrderState.PLACED
    assert day.bench.po().vendor_ids["order_id"] == order_id


def test_an_unclear_outcome_is_looked_up_and_not_sworn_to_before_it_has_settled(day: Day) -> None:
    day.bench.put(parked())
    assert not day.certainly_not_ordered()
    assert day.look_after() == "retried"
    assert day.bench.po().sends == 2, "it is looked up, not sent"


def test_what_certainly_never_came_may_be_sent_once_more(day: Day) -> None:
    day.bench.put(parked())
    day.scene.clock.at = NOW + SETTLED
    assert day.certainly_not_ordered()
    assert day.look_after(doubts=False) == "retried"


def test_an_operator_who_looked_says_so(day: Day) -> None:
    day.bench.put(parked())
    day.scene.clock.at = NOW + SETTLED
    assert day.look_after() == "retried, not ordered"


def test_nobody_swears_while_something_is_there_unpaid_or_still_to_come(day: Day) -> None:
    day.bench.put(parked())
    day.scene.clock.at = NOW + SETTLED
    day.scene.supplier.api.late.add(60, lambda: None)
    assert not day.certainly_not_ordered()
    day.scene.supplier.api.late.waiting.clear()
    day.scene.world.record("cj", "order_created", REFERENCE, order_id="SD1")
    assert not day.certainly_not_ordered()
    assert day.look_after() == "retried"


def test_an_approval_is_given_and_an_address_fault_is_not_passed_over(day: Day) -> None:
    held = Reason(code="HIGH_VALUE", message="much money")
    fault = Reason(code="POSTCODE_MISSING", message="no postcode")
    day.bench.put(approvals=(held,), problems=(fault,))
    assert day.look_after() == "released"
    assert day.bench.record().released == ("HIGH_VALUE",)
    assert [problem.code for problem in day.bench.record().problems] == ["POSTCODE_MISSING"]


def test_a_round_looks_at_what_waits_and_leaves_some_for_later(day: Day) -> None:
    day.bench.put(parked("MARGIN_TOO_LOW", step="", sends=0))
    assert [listed.pk for listed in list_orders(day.bench.storage, ATTENTION)] == [PK]
    for number in range(12):
        Round(day.operator, 1, number)()
    done = day.scene.memory["operator_did"]
    assert done["order looked after"] >= 1
    assert day.bench.po().state is PurchaseOrderState.NEW


def test_the_codes_that_are_passed_over_open_no_gate_to_money_or_address() -> None:
    assert not {"MARGIN_TOO_LOW", "CAP_PER_PURCHASE_ORDER", "CAP_REACHED", "POSTCODE_MISSING"} & desk_work.SAFE_CODES
