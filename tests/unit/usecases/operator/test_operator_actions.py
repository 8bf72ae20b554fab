"""Adopt, release, stop, correct: each one commit, each with who and why."""

from __future__ import annotations

import pytest

from orderwright.domain.order import OrderState, Reason
from orderwright.domain.order_state import STOPPED
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.records import CONTROL, Key
from orderwright.usecases.operator.address import AddressFaulty, fix_address
from orderwright.usecases.operator.adopt import adopt_purchase_order
from orderwright.usecases.operator.cancel import stop_order
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.release import before_release, release_order
from orderwright.usecases.order_summary import ACKNOWLEDGED
from tests.support.shop import test_config as shop_config
from tests.unit.usecases.operator.operator_kit import PK, TIMING, Bench, purchase_order, usd

STATE = PurchaseOrderState


def test_an_adopted_purchase_order_is_placed_tracked_and_its_money_counted(bench: Bench) -> None:
    bench.put(purchase_order(STATE.PARKED, "OUTCOME_UNCLEAR", step="pay", sends=2, payable=usd("9.50")))
    record = adopt_purchase_order(bench.desk, PK, " CJ-77 ", shop_config(), TIMING)
    po = bench.po()
    assert (po.state, po.vendor_ids["order_id"], po.placed_at) == (STATE.PLACED, "CJ-77", bench.clock.now())
    assert str(bench.raw("PO#cj#1")["due_at"]).endswith("#tracking.due")
    assert (record.state, record.margin) == (OrderState.PLACED, usd("13.49"))
    budget = bench.storage.get_raw(Key(CONTROL, "BUDGET#cj", "DAY#2026-11-22"))
    assert budget is not None
    assert budget[0]["spent"] == 950


def test_adopting_money_that_was_reserved_counts_only_the_difference(bench: Bench) -> None:
    bench.put(purchase_order(STATE.PARKED, "ID_LOST", step="pay", sends=1, payable=usd("9.50"),
                             reserved_spend=usd("9.30"), spend_day="2026-11-21"))  # fmt: skip
    adopt_purchase_order(bench.desk, PK, "CJ-77", shop_config(), TIMING)
    budget = bench.storage.get_raw(Key(CONTROL, "BUDGET#cj", "DAY#2026-11-21"))
    assert budget is not None
    assert budget[0]["spent"] == 20


def test_what_is_still_being_placed_is_not_adopted(bench: Bench) -> None:
    bench.put(purchase_order(STATE.INTENT, step="pay", sends=1))
    with pytest.raises(Refused, match="parked or refused"):
        adopt_purchase_order(bench.desk, PK, "CJ-77", shop_config(), TIMING)


def test_release_passes_over_what_is_the_operators_to_decide_and_nothing_else(bench: Bench) -> None:
    stock = Reason(code="OUT_OF_STOCK", message="none left", fix="wait")
    risk = Reason(code="RISK", message="risky")
    bench.put(holds=(risk,), problems=(stock,))
    with pytest.raises(Refused, match="without --code nothing is bought") as refused:
        release_order(bench.desk, PK, TIMING)
    assert refused.value.fix == "orderwright orders release '#1001' --code RISK"
    done = release_order(bench.desk, PK, TIMING, ["risk"])
    assert done.codes == ("RISK",)
    assert bench.record().released == ("RISK",)
    assert [reason.code for reason in bench.record().problems] == ["OUT_OF_STOCK"]
    assert "order.changed" in bench.facts("ORDER")
    with pytest.raises(Refused, match="nothing that stops") as refused:
        release_order(bench.desk, PK, TIMING)
    assert "looked at every 15 minutes" in refused.value.fix


def test_only_what_was_shown_is_let_pass(bench: Bench) -> None:
    bench.put(holds=(Reason(code="RISK", message="risky", seen="A"),))
    shown = before_release(bench.desk, PK, shop_config(), TIMING, ["RISK"])
    assert shown.costs
    other = shown._replace(reasons=(shown.reasons[0].model_copy(update={"seen": "B"}),))
    with pytest.raises(Refused, match="has changed since"):
        release_order(bench.desk, PK, TIMING, shown.codes, other)
    assert bench.record().released == ()
    assert release_order(bench.desk, PK, TIMING, shown.codes, shown).codes == ("RISK",)


def test_releasing_the_margin_lets_the_parked_purchase_order_go_on(bench: Bench) -> None:
    bench.put(purchase_order(STATE.PARKED, "MARGIN_TOO_LOW", step="parent", resume_step="pay", sends=1))
    release_order(bench.desk, PK, TIMING, ["margin_too_low"])
    assert (bench.po().state, bench.po().step, bench.po().sends) == (STATE.INTENT, "pay", 0)
    assert bench.record().released == ("MARGIN_TOO_LOW",)


def test_a_cancellation_that_came_too_late_is_acknowledged(bench: Bench) -> None:
    bench.put(purchase_order(STATE.PLACED, cancel_requested=True, cancel_outcome="ORDERED_TOO_LATE"), cancelled=True)
    assert bench.record().state is OrderState.NEEDS_ATTENTION
    done = release_order(bench.desk, PK, TIMING)
    assert done.record.released == (ACKNOWLEDGED,)
    assert done.record.state is OrderState.CANCELLED


@pytest.mark.parametrize(
    ("before", "state", "requested"),
    [
        (purchase_order(STATE.NEW), STATE.CANCELLED, False),
        (purchase_order(STATE.INTENT, step="pay", sends=1), STATE.INTENT, True),
        (purchase_order(STATE.PARKED, "MARGIN_TOO_LOW", step="parent", resume_step="pay", sends=1), STATE.INTENT, True),
        (purchase_order(STATE.PARKED, "OUTCOME_UNCLEAR", step="pay", sends=2), STATE.PARKED, False),
        (purchase_order(STATE.REJECTED, "REFUSED"), STATE.CANCELLED, False),
    ],
    ids=lambda value: value.state.value if isinstance(value, PurchaseOrder) else str(value),
)
def test_stopping_ends_what_is_not_paid(
    bench: Bench, before: PurchaseOrder, state: PurchaseOrderState, requested: bool
) -> None:
    bench.put(before)
    stop_order(bench.desk, PK)
    assert (bench.po().state, bench.po().cancel_requested) == (state, requested)
    assert STOPPED in bench.record().released
    assert bench.offer().sellable == (10 if state is STATE.CANCELLED else 9)


def test_what_is_paid_already_is_not_stopped_and_that_is_said(bench: Bench) -> None:
    bench.put(purchase_order(STATE.PLACED, placed_at=bench.clock.now()))
    with pytest.raises(Refused) as refused:
        stop_order(bench.desk, PK, {"cj": "cj-main"}.__getitem__)
    assert refused.value.message == "too late: OW-1001-abc-1 was paid at cj-main on 2026-11-22; nothing was stopped"
    assert "ask cj-main to stop it" in refused.value.fix
    assert STOPPED not in bench.record().released


@pytest.mark.parametrize(
    ("on_account", "words"),
    [
        (False, "was paid at cj-main, which cancelled it; ask for the money back there"),
        (True, "was ordered at cj-main, which cancelled it; see that no invoice comes"),
    ],
)
def test_what_the_supplier_cancelled_after_it_was_ordered_is_not_called_never_ordered(
    bench: Bench, on_account: bool, words: str
) -> None:
    bench.put(
        purchase_order(STATE.REJECTED, "CANCELLED_BY_SUPPLIER", placed_at=bench.clock.now(), on_account=on_account)
    )
    assert stop_order(bench.desk, PK, {"cj": "cj-main"}.__getitem__).lines == (f"OW-1001-abc-1: {words}",)
    assert bench.po().state is STATE.REJECTED


def test_a_stopped_order_waits_on_hold_and_goes_on_when_it_is_released(bench: Bench) -> None:
    bench.put()
    assert stop_order(bench.desk, PK).record.state is OrderState.ON_HOLD
    done = release_order(bench.desk, PK, TIMING, [STOPPED])
    assert done.record.released == ()
    assert done.record.state is OrderState.PLACING


def test_an_address_is_checked_before_it_is_taken(bench: Bench) -> None:
    bench.put()
    with pytest.raises(AddressFaulty) as faulty:
        fix_address(bench.desk, PK, {"postcode": "1"}, shop_config().rules)
    assert [reason.code for reason in faulty.value.problems] == ["POSTCODE_INVALID"]
    assert faulty.value.fix == "orderwright orders fix-address '#1001' --postcode POSTCODE"
    done = fix_address(bench.desk, PK, {"postcode": " 33200 "}, shop_config().rules)
    details = bench.storage.load_order(PK).details
    assert details is not None
    assert details.model.fixed_address is not None
    assert (details.model.fixed_address.postcode, details.model.fixed_address.city) == ("33200", "Tampere")
    assert done.fields == ("postcode",)
    assert "33200" not in str([entry.what for entry in bench.record().log]), "no value of an address in a time line"
    assert "order.changed" in bench.facts("ORDER")


def test_the_operator_is_told_what_went_to_the_old_address(bench: Bench) -> None:
    bench.put(purchase_order(STATE.PLACED))
    assert fix_address(bench.desk, PK, {"line2": "A 2"}, shop_config().rules).already_sent == ("OW-1001-abc-1",)


def test_an_erased_order_gets_no_address_again(bench: Bench) -> None:
    bench.put(erased_at=bench.clock.now())
    with pytest.raises(Refused, match="erased"):
        fix_address(bench.desk, PK, {"postcode": "33200"}, shop_config().rules)
