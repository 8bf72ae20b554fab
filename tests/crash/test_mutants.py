"""Each guard taken out once: the checker must see it. A suite that finds nothing proves nothing until it finds these."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from orderwright.aws import writes
from orderwright.connectors.stores.shopify.orders import ShopifyOrders
from orderwright.domain.purchase_order import PurchaseOrder, open_step
from orderwright.domain.shipment import Milestone, Notice, NoticeState
from orderwright.ports import FulfillmentView
from orderwright.storage import Put, Spend
from orderwright.usecases.notices.telling import Telling
from orderwright.usecases.placing import placement, requests
from orderwright.usecases.placing.placement import Placement
from tests.crash.bench import Bench, Path
from tests.crash.scenarios import LAG, OK

UNPROTECTED_LATE = Path("late", (("cj", "createOrderV2", ("accept_late",)),), refuse_duplicates=False)
UNPROTECTED_SILENT = Path("silent", (("cj", "createOrderV2", ("accept_then_timeout",)),), refuse_duplicates=False)


def _found(bench: Bench, path: Path, call: str = "", action: str = "", side: str = "after", nth: int = 1) -> str:
    """The violations of one scenario as one text; `call` is the nth whose line ends like this."""
    if not call:
        return "\n".join(bench.run(path).violations)
    recording = bench.record(path, moments_too=False)
    places = [number for number, line in enumerate(recording.calls, start=1) if line.endswith(call)]
    return "\n".join(bench.run(path, {(places[nth - 1], side): action}, recording).violations)


def test_without_the_settle_window_a_late_order_is_made_twice(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _found(bench, UNPROTECTED_LATE) == ""
    real = open_step

    def hasty(po: PurchaseOrder, step: str, owner: str, now: datetime, *rest: Any, **more: Any) -> PurchaseOrder:
        opened = real(po, step, owner, now, *rest, **more)
        return opened.model_copy(update={"lease_until": now, "settle_until": now})

    monkeypatch.setattr(placement, "open_step", hasty)
    assert "was created 2 times" in _found(bench, UNPROTECTED_LATE)


def test_without_the_look_up_a_silent_order_is_made_twice(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _found(bench, UNPROTECTED_SILENT) == ""
    monkeypatch.setattr(Placement, "_recover", lambda self: self._open(self._step(self.po.step), resend=True))
    assert "was created 2 times" in _found(bench, UNPROTECTED_SILENT)


def test_without_the_last_read_of_the_store_a_cancelled_order_is_paid(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Placement, "_store_gate", lambda self, po: None)
    assert "P6: paid without reading the order again" in _found(bench, OK)


def test_without_recorded_sending_a_mail_goes_out_twice(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    put, finish = Telling._put, Telling._finish

    def forgetful(self: Telling, notice: Notice, version: int, **rest: Any) -> None:
        if notice.state is not NoticeState.SENDING:
            put(self, notice, version, **rest)

    def settled(self: Telling, held: Any, *rest: Any) -> None:
        finish(self, replace(held, version=held.version - 1), *rest)

    monkeypatch.setattr(Telling, "_put", forgetful)
    monkeypatch.setattr(Telling, "_finish", settled)
    assert "P5: 2 times the same mail" in _found(bench, OK, "sesv2:SendEmail", "kill")
    assert "P5: 2 times the same text" in _found(bench, OK, "sns:Publish", "kill")


def test_without_ranks_a_message_that_comes_again_is_told_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(self: Telling, notice: Notice, milestone: Milestone | None) -> Milestone | None:
        return milestone

    monkeypatch.setattr(Telling, "_next", careless)
    assert "P5: 2 times the same mail" in _found(bench, Path("twice", disorder=True))


def test_without_the_version_condition_two_workers_pay_twice(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real = writes.put_request

    def unconditional(table: str, item: dict[str, Any], version: int) -> dict[str, Any]:
        kept = ("TableName", "Item")
        return {name: value for name, value in real(table, item, version).items() if name in kept}

    monkeypatch.setattr(writes, "put_request", unconditional)
    intent = "place_purchase_order dynamodb:PutItem"
    assert "was paid 2 times" in _found(bench, OK, intent, "freeze", nth=3)


def test_without_the_kill_check_the_kill_switch_stops_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real = writes.spend_requests

    def unchecked(table: str, change: Spend, writer: str, now: datetime) -> list[dict[str, Any]]:
        return real(table, replace(change, check_kill=False), writer, now)

    monkeypatch.setattr(writes, "spend_requests", unchecked)
    assert "P10: paid although the kill switch" in _found(bench, OK, "createOrderV2", "kill_switch", "before")


def test_without_due_times_a_silent_order_waits_for_ever(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real = writes.put_item

    def undated(change: Put, *rest: Any) -> dict[str, Any]:
        return real(replace(change, due=None), *rest)

    monkeypatch.setattr(writes, "put_item", undated)
    assert "P11: PO#cj#1 waits and nothing will wake it" in _found(bench, UNPROTECTED_SILENT)


def test_without_giving_back_the_spend_counter_stays_too_high(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Path("refused", (("cj", "createOrderV2", ("refuse",)),))
    assert _found(bench, refused) == ""
    monkeypatch.setattr(requests, "free_spend", lambda po: [])
    assert "P10: the counter says" in _found(bench, refused)


def test_without_looking_into_the_store_a_parcel_is_recorded_twice(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = Path("silent", (("shopify", "fulfillmentCreate", ("accept_then_timeout",)),), split=True)
    assert _found(bench, silent) == ""
    read = ShopifyOrders.read_fulfillment

    def blind(self: ShopifyOrders, order_id: str) -> FulfillmentView:
        return read(self, order_id)._replace(made=())

    monkeypatch.setattr(ShopifyOrders, "read_fulfillment", blind)
    assert "fulfillment: parcel" in _found(bench, silent)


def test_without_the_cap_a_lowered_limit_stops_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real = writes.spend_requests

    def uncapped(table: str, change: Spend, writer: str, now: datetime) -> list[dict[str, Any]]:
        return real(table, replace(change, cap=None), writer, now)

    assert _found(bench, OK, "ingest_order dynamodb:TransactWriteItems", "lower_cap") == ""
    monkeypatch.setattr(writes, "spend_requests", uncapped)
    assert "P10: paid above a limit" in _found(bench, OK, "ingest_order dynamodb:TransactWriteItems", "lower_cap")


def test_a_lagging_look_up_costs_no_second_payment_even_without_protection(bench: Bench) -> None:
    lagging = Path("lag", (*UNPROTECTED_SILENT.script, *LAG), refuse_duplicates=False)
    assert _found(bench, lagging) == ""
