"""What each answer of CJ means for an order: certain refusals, unclear ones, and nothing of the buyer in any text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orderwright.errors import Misconfigured, OutcomeUnknown, Rejected, Retryable
from tests.connectors.cj.cj_kit import answering, request

STEPS = ["create", "add_cart", "confirm_cart", "generate_parent", "pay"]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"[]",
        b"[" * 100_000,
        {"code": 1699999, "success": False},
        {"code": 200, "success": False},
        {"success": True},
    ],
    ids=["empty", "html", "list", "deep", "unknown code", "contradiction", "no data"],
)
@pytest.mark.parametrize("step", STEPS[:4])
def test_an_answer_that_says_nothing_certain_is_unknown(answer: Any, step: str) -> None:
    ids = {"order_id": "SD1", "shipments_id": "S1", "pay_id": "P1"}
    with pytest.raises(OutcomeUnknown):
        answering(answer).run_step(step, request(ids))


@pytest.mark.parametrize("status", [400, 404, 408, 409, 422, 500, 502])
def test_a_gateways_error_is_never_a_refusal_of_the_order_nor_a_not_found(status: int) -> None:
    ids = {"shipments_id": "S1", "pay_id": "P1"}
    with pytest.raises(OutcomeUnknown):
        answering(b"", status).run_step("pay", request(ids))
    with pytest.raises((Retryable, Misconfigured)):
        answering(b"", status).look_up("OW-1001-1", {})


@pytest.mark.parametrize(
    ("step", "code", "error"),
    [
        ("create", 1600300, Rejected),
        ("create", 1602003, Rejected),
        ("create", 1603000, Rejected),
        ("create", 1605001, Rejected),
        ("create", 1600101, Misconfigured),
        ("create", 1600000, OutcomeUnknown),
        ("add_cart", 1603100, OutcomeUnknown),
        ("confirm_cart", 1603001, Rejected),
        ("pay", 1604000, Rejected),
        ("pay", 1604001, Rejected),
        ("pay", 1603101, OutcomeUnknown),
        ("pay", 1603102, OutcomeUnknown),
        ("pay", 1600201, Retryable),
        ("pay", 16900403, Rejected),
    ],
)
def test_each_code_has_one_meaning(step: str, code: int, error: type[Exception]) -> None:
    ids = {"order_id": "SD1", "shipments_id": "S1", "pay_id": "P1"}
    answer = {"code": code, "result": False, "message": "Aino", "data": None, "success": False}
    with pytest.raises(error) as raised:
        answering(answer).run_step(step, request(ids))
    assert "Aino" not in str(raised.value)


def test_nothing_of_the_buyer_is_in_any_error() -> None:
    message = json.dumps({"code": 1600300, "message": "Esimerkkikatu 1", "data": None, "success": False}).encode()
    with pytest.raises(Rejected) as refused:
        answering(message).run_step("create", request())
    assert "Esimerkki" not in str(refused.value)
