"""A retry never sends anything that may have been sent already without looking first (promise P1)."""

from __future__ import annotations

import pytest

from orderwright.domain.order import OrderState
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.purchase_order_state import MAX_SENDS
from orderwright.records import CONTROL, Key
from orderwright.storage import Due, Spend
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.retry import retry_order
from tests.unit.usecases.operator.operator_kit import NOW, PK, TIMING, Bench, later, purchase_order, usd

PARKED, REJECTED, INTENT = PurchaseOrderState.PARKED, PurchaseOrderState.REJECTED, PurchaseOrderState.INTENT


def test_an_unclear_outcome_is_looked_up_again_and_keeps_its_sends(bench: Bench) -> None:
    bench.put(purchase_order(PARKED, "OUTCOME_UNCLEAR", step="createOrder", sends=MAX_SENDS))
    retry_order(bench.desk, PK, TIMING)
    po = bench.po()
    assert (po.state, po.step, po.sends, po.settle_until) == (INTENT, "createOrder", MAX_SENDS, NOW)
    assert bench.facts("PO#cj#1") == ["purchase_order.due"]


def test_one_more_send_needs_the_word_of_the_operator_and_is_preceded_by_a_look(bench: Bench) -> None:
    bench.put(purchase_order(PARKED, "OUTCOME_UNCLEAR", step="createOrder", sends=MAX_SENDS))
    retry_order(bench.desk, PK, TIMING, not_ordered=True)
    # Sends above 0: the placing function looks up first. One below the bound: one send is left.
    assert bench.po().sends == MAX_SENDS - 1


def test_where_there_is_no_look_up_the_word_of_the_operator_is_what_allows_the_send(bench: Bench) -> None:
    bench.put(purchase_order(PARKED, "OUTCOME_UNCLEAR", step="mail", sends=1))
    retry_order(bench.desk, PK, TIMING, not_ordered=True)
    assert bench.po().sends == 0


def test_a_purchase_order_parked_before_the_send_goes_on_with_its_step(bench: Bench) -> None:
    bench.put(
        purchase_order(PARKED, "MARGIN_TOO_LOW", step="parent", resume_step="pay", sends=1, spend_day="2026-11-01")
    )
    done = retry_order(bench.desk, PK, TIMING)
    po = bench.po()
    assert (po.state, po.step, po.sends, po.resume_step) == (INTENT, "pay", 0, "")
    assert po.spend_day == "", "spend that was given back is reserved against the day on which it is reserved again"
    assert done.record.state is OrderState.PLACING


def test_a_step_that_was_refused_after_it_was_sent_is_looked_up_first(bench: Bench) -> None:
    bench.put(purchase_order(PARKED, "BALANCE", step="pay", resume_step="pay", sends=2, reserved_spend=usd("9.30"),
                             spend_day="2026-11-21"))  # fmt: skip
    retry_order(bench.desk, PK, TIMING)
    assert (bench.po().sends, bench.po().spend_day) == (1, "2026-11-21")


def test_sends_whose_look_up_never_answered_go_on_counting(bench: Bench) -> None:
    parked = purchase_order(
        PARKED, "UNAVAILABLE", step="pay", resume_step="pay", sends=MAX_SENDS, refusals=TIMING.give_up_after
    )
    bench.put(parked)
    retry_order(bench.desk, PK, TIMING)
    assert (bench.po().sends, bench.po().refusals) == (MAX_SENDS, 0)


def test_one_that_never_began_begins(bench: Bench) -> None:
    bench.put(purchase_order(PARKED, "NO_CONNECTION"))
    retry_order(bench.desk, PK, TIMING)
    assert bench.po().state is PurchaseOrderState.NEW


def test_a_refused_one_ends_gives_stock_back_and_asks_for_a_new_plan(bench: Bench) -> None:
    bench.put(purchase_order(REJECTED, "REFUSED", step="createOrder", sends=1))
    assert bench.offer().sellable == 9
    retry_order(bench.desk, PK, TIMING)
    assert bench.po().state is PurchaseOrderState.CANCELLED
    assert bench.offer().sellable == 10
    assert bench.record().reserved == {}
    assert "order.changed" in bench.facts("ORDER")


def test_a_lost_look_up_is_replaced_only_on_the_word_of_the_operator_and_frees_its_spend(bench: Bench) -> None:
    bench.storage.commit([Spend("cj", "2026-11-22", usd("9.30"), None)])
    lost = purchase_order(
        PARKED, "LOOK_UP_LOST", step="pay", sends=1, reserved_spend=usd("9.30"), spend_day="2026-11-22"
    )
    bench.put(lost)
    retry_order(bench.desk, PK, TIMING, not_ordered=True)
    assert (bench.po().state, bench.po().reserved_spend) == (PurchaseOrderState.CANCELLED, None)
    budget = bench.storage.get_raw(Key(CONTROL, "BUDGET#cj", "DAY#2026-11-22"))
    assert budget is not None
    assert budget[0]["spent"] == 0


def test_who_and_why_stand_in_the_time_line_and_a_waiting_wake_up_is_kept(bench: Bench) -> None:
    bench.put(purchase_order(PARKED, "NO_CONNECTION"), due=Due(later(30), "order.due"))
    retry_order(bench.desk, PK, TIMING)
    entry = bench.po().log[-1]
    assert (entry.who, entry.why) == ("operator mika", "asked the supplier")
    assert [e.what for e in bench.record().log] == ["retry", "order is PLACING"]
    assert str(bench.raw("ORDER")["due_at"]).endswith("#order.due")


def test_nothing_to_retry_is_refused_in_words(bench: Bench) -> None:
    bench.put(purchase_order(PurchaseOrderState.PLACED))
    with pytest.raises(Refused, match="parked or refused"):
        retry_order(bench.desk, PK, TIMING)


def test_a_write_in_between_makes_the_operator_decide_anew(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.put(purchase_order(PARKED, "NO_CONNECTION"))
    loads = []
    real = bench.storage.load_order

    def racing(pk: str) -> object:
        file = real(pk)
        loads.append(pk)
        if len(loads) == 1:
            # Another operator retries while this one has read.
            retry_order(bench.desk, PK, TIMING)
        return file

    monkeypatch.setattr(bench.storage, "load_order", racing)
    with pytest.raises(Refused, match="parked or refused"):
        retry_order(bench.desk, PK, TIMING)
    assert len(bench.po().log) == 1, "the second did not retry once more what was retried already"
