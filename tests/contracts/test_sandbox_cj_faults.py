"""Scripted misbehaviour of the sandbox's CJ account: what has happened, judged by its ledger, against what was answered."""

from __future__ import annotations

import json

import pytest

from local.sandbox.cj import CjConfig
from tests.contracts.sandbox_kit import CjDesk, order_body, sample

EFFECT = {"accept_then_timeout": 1, "accept_then_500": 1, "timeout": 0, "error_500": 0, "rate_limited": 0, "refuse": 0}


@pytest.mark.parametrize(("behaviour", "expected"), EFFECT.items())
def test_a_fault_at_creation_has_exactly_its_effect(behaviour: str, expected: int) -> None:
    desk = CjDesk()
    desk.cj.faults.script("createOrderV2", behaviour)
    response = desk.raw("POST", "shopping/order/createOrderV2", order_body("OW-1"))
    assert response.hang == behaviour.endswith("timeout")
    assert response.status == (500 if behaviour.endswith("500") else 0 if response.hang else 200)
    assert len(desk.ledger("cj", "order_created")) == expected
    assert desk.call("GET", "shopping/order/getOrderDetail", orderId="OW-1")["code"] == (200 if expected else 1600300)


@pytest.mark.parametrize(("behaviour", "expected"), EFFECT.items())
def test_a_fault_at_payment_has_exactly_its_effect(behaviour: str, expected: int) -> None:
    desk = CjDesk()
    shipment = desk.confirm(desk.create())
    pay_id, _ = desk.bill(shipment)
    desk.cj.faults.script("payBalanceV2", behaviour)
    desk.pay(shipment, pay_id)
    assert len(desk.ledger("cj", "order_paid")) == expected
    assert desk.detail("OW-1")["orderStatus"] == ("UNSHIPPED" if expected else "UNPAID")


@pytest.mark.parametrize("operation", ["addCart", "addCartConfirm", "saveGenerateParentOrder", "deleteOrder"])
def test_a_refusal_uses_http_200_and_an_error_code(operation: str) -> None:
    desk = CjDesk()
    order_id = desk.create()
    desk.cj.refuse_next(operation)
    if operation == "deleteOrder":
        envelope = desk.call("DELETE", f"shopping/order/{operation}", orderId=order_id)
    else:
        envelope = desk.call("POST", f"shopping/order/{operation}", {"cjOrderIdList": [order_id]})
    assert envelope["code"] >= 1603001
    assert desk.detail(order_id)["orderStatus"] == "CREATED"


def test_a_late_acceptance_happens_after_its_time_at_the_next_call() -> None:
    desk = CjDesk()
    desk.cj.faults.late_seconds = 45
    desk.cj.faults.script("createOrderV2", "accept_late")
    assert desk.raw("POST", "shopping/order/createOrderV2", order_body("OW-1")).hang
    desk.clock.forward(44)
    assert desk.call("GET", "shopping/order/getOrderDetail", orderId="OW-1")["code"] == 1600300
    desk.clock.forward(1)
    assert desk.detail("OW-1")["orderStatus"] == "CREATED"


def test_a_late_payment_and_a_second_pay_id_are_two_payments() -> None:
    desk = CjDesk()
    shipment = desk.confirm(desk.create())
    first, second = desk.bill(shipment)[0], desk.bill(shipment)[0]
    desk.cj.faults.script("payBalanceV2", "accept_late")
    desk.pay(shipment, first)
    desk.pay(shipment, second)
    desk.clock.forward(31)
    desk.cj.tick()
    assert [entry.data["pay_id"] for entry in desk.ledger("cj", "order_paid")] == [second, first]


def test_a_lagging_look_up_says_not_found_once() -> None:
    desk = CjDesk()
    desk.create()
    desk.cj.faults.script("getOrderDetail", "not_found")
    assert desk.call("GET", "shopping/order/getOrderDetail", orderId="OW-1")["code"] == 1600300
    assert desk.detail("OW-1")["orderStatus"] == "CREATED"


def test_throttling_has_the_samples_form() -> None:
    desk = CjDesk()
    desk.cj.faults.script("getBalance", "rate_limited")
    envelope = desk.call("GET", "shopping/pay/getBalance")
    known = json.loads(sample("suppliers/cjdropshipping/error_1600200_rate.json").read_text())
    assert {**envelope, "requestId": known["requestId"]} == known


def test_an_unknown_behaviour_is_an_error_of_the_script() -> None:
    desk = CjDesk()
    desk.cj.faults.script("getBalance", "explode")
    with pytest.raises(ValueError, match="explode"):
        desk.raw("GET", "shopping/pay/getBalance")


def test_calls_per_second_are_limited_where_configured() -> None:
    desk = CjDesk(CjConfig(qps=1))
    assert [desk.call("GET", "shopping/pay/getBalance")["code"] for _ in range(2)] == [200, 1600200]
    desk.clock.forward(1)
    assert desk.call("GET", "shopping/pay/getBalance")["code"] == 200


def test_points_run_out_for_the_day_while_orders_cost_none() -> None:
    desk = CjDesk(CjConfig(points_per_day=25))
    codes = [desk.call("GET", "product/stock/queryByVid", vid="1")["code"] for _ in range(3)]
    assert codes == [200, 200, 1600201]
    desk.create()
    assert desk.call("GET", "shopping/pay/getBalance")["pointsInfo"] == {"usedToday": 20, "remaining": 5, "total": 25}
    desk.clock.forward(86_400)
    desk.token = desk.cj.access.issue().access
    assert desk.call("GET", "product/stock/queryByVid", vid="1")["code"] == 200
