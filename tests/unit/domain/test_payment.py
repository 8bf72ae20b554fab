"""The payment gate."""

from __future__ import annotations

import pytest

from orderwright.domain.order import PaymentState
from orderwright.domain.payment import PaymentGate, payment_gate
from tests.unit.domain.order_kit import line, order, usd


@pytest.mark.parametrize(
    ("state", "gate"),
    [
        (PaymentState.PAID, PaymentGate.FORWARD),
        (PaymentState.PARTIALLY_REFUNDED, PaymentGate.FORWARD),
        (PaymentState.PENDING, PaymentGate.WAIT),
        (PaymentState.AUTHORIZED, PaymentGate.WAIT),
        (PaymentState.PARTIALLY_PAID, PaymentGate.WAIT),
        (PaymentState.REFUNDED, PaymentGate.STOP),
        (PaymentState.VOIDED, PaymentGate.STOP),
        (PaymentState.EXPIRED, PaymentGate.ASK),
        (PaymentState.DISPUTED, PaymentGate.ASK),
        (PaymentState.UNKNOWN, PaymentGate.ASK),
    ],
)
def test_only_confirmed_money_forwards_and_every_other_state_says_why(state: PaymentState, gate: PaymentGate) -> None:
    decision = payment_gate(order(payment=state))
    assert decision.gate is gate
    assert (decision.reason is None) is (gate is PaymentGate.FORWARD)
    if decision.reason is not None:
        assert decision.reason.message
        assert decision.reason.fix
        assert decision.reason.code.startswith("PAYMENT_")


def test_every_payment_state_has_an_answer() -> None:
    assert {payment_gate(order(payment=state)).gate for state in PaymentState} == set(PaymentGate)


def test_partly_refunded_with_no_line_left_stops() -> None:
    assert payment_gate(order(line(quantity=0), payment=PaymentState.PARTIALLY_REFUNDED)).gate is PaymentGate.STOP


def test_paid_and_refunded_in_full_stops() -> None:
    assert payment_gate(order(total=usd("0"), refunded=usd("22.99"))).gate is PaymentGate.STOP


def test_a_partial_refund_larger_than_what_is_left_still_passes() -> None:
    # The store's total is what is still sold, so the refund may well exceed it.
    rest = order(total=usd("9.00"), refunded=usd("22.99"), payment=PaymentState.PARTIALLY_REFUNDED)
    assert payment_gate(rest).gate is PaymentGate.FORWARD


def test_an_order_for_nothing_that_is_marked_paid_passes() -> None:
    assert payment_gate(order(total=usd("0"))).gate is PaymentGate.FORWARD
