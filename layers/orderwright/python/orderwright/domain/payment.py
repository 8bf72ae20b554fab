"""The payment gate (R6): nothing is forwarded before the money is certain."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from orderwright.domain.money import Money
from orderwright.domain.order import OrderLine, PaymentState, Reason


class PaymentGate(StrEnum):
    """FORWARD: paid. WAIT: the store may still tell of money. STOP: no money will come. ASK: the operator decides."""

    FORWARD = "FORWARD"
    WAIT = "WAIT"
    STOP = "STOP"
    ASK = "ASK"


class PaymentFacts(Protocol):
    """What the gate looks at: a StoreOrder, or the same facts from our own record."""

    @property
    def payment(self) -> PaymentState: ...
    @property
    def total(self) -> Money: ...
    @property
    def refunded(self) -> Money: ...
    @property
    def lines(self) -> Sequence[OrderLine]: ...


class KnownPayment(NamedTuple):
    """Payment facts from our own record."""

    payment: PaymentState
    total: Money
    refunded: Money
    lines: Sequence[OrderLine]


class PaymentDecision(NamedTuple):
    """The gate and, unless it is FORWARD, the reason."""

    gate: PaymentGate
    reason: Reason | None = None


_CAPTURE = "capture the payment in the store; the order goes on automatically"
_NOTHING = "nothing; a new payment in the store opens the order again"

_ANSWERS: dict[PaymentState, tuple[PaymentGate, str, str, str]] = {
    PaymentState.PENDING: (
        PaymentGate.WAIT,
        "PAYMENT_PENDING",
        "the payment is not confirmed yet",
        "wait for the payment provider, or mark the order as paid in the store",
    ),
    PaymentState.AUTHORIZED: (
        PaymentGate.WAIT,
        "PAYMENT_AUTHORIZED",
        "the payment is authorised, not captured",
        _CAPTURE,
    ),
    PaymentState.PARTIALLY_PAID: (
        PaymentGate.WAIT,
        "PAYMENT_PARTIAL",
        "only a part of the total is paid",
        "collect the rest in the store; the order goes on automatically",
    ),
    PaymentState.REFUNDED: (PaymentGate.STOP, "PAYMENT_REFUNDED", "the payment was refunded in full", _NOTHING),
    PaymentState.VOIDED: (PaymentGate.STOP, "PAYMENT_VOIDED", "the payment was voided", _NOTHING),
    PaymentState.EXPIRED: (
        PaymentGate.ASK,
        "PAYMENT_EXPIRED",
        "the authorisation expired before it was captured",
        "ask the customer to pay again, or cancel the order in the store",
    ),
    PaymentState.DISPUTED: (
        PaymentGate.ASK,
        "PAYMENT_DISPUTED",
        "the customer disputes the payment: the money may be taken back",
        "answer the dispute at the payment provider; once the store shows the order as paid again it goes on automatically",
    ),
    PaymentState.UNKNOWN: (
        PaymentGate.ASK,
        "PAYMENT_UNKNOWN",
        "the store reports a payment state that is not known here",
        "look at the order in the store; mark it as paid or cancel it there",
    ),
}


def payment_gate(order: PaymentFacts) -> PaymentDecision:
    """Whether this order's lines may be bought. PAID passes, and PARTIALLY_REFUNDED while lines are left."""
    if order.payment in (PaymentState.PAID, PaymentState.PARTIALLY_REFUNDED):
        # `total` is what is still sold: after edits, refunds and returns.
        refunded_all = order.refunded.minor > 0 and order.total.minor <= 0
        nothing_left = order.payment is PaymentState.PARTIALLY_REFUNDED and not any(
            line.quantity for line in order.lines
        )
        if not refunded_all and not nothing_left:
            return PaymentDecision(PaymentGate.FORWARD)
        gate, code, message, fix = _ANSWERS[PaymentState.REFUNDED]
    else:
        gate, code, message, fix = _ANSWERS[order.payment]
    return PaymentDecision(gate, Reason(code=code, message=message, fix=fix, field="payment"))
