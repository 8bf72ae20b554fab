"""Ending an order in the store, and its money: nothing is given back twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.shopify import CartLine
from orderwright.connectors.context import Context
from orderwright.connectors.stores.shopify import documents
from orderwright.connectors.stores.shopify.cancelling import LOOKS
from orderwright.connectors.stores.shopify.client import ShopifyClient
from orderwright.connectors.stores.shopify.connector import ShopifyConnector
from orderwright.domain.order import PaymentState
from orderwright.errors import NotFound, OutcomeUnknown, Rejected
from orderwright.ports.store import FulfillmentRequest
from tests.connectors.shopify.bench import Bench, order_id
from tests.connectors.shopify.nodes import ORDER_ID, bag
from tests.connectors.shopify.scripted import FixedClock, MemoryCredentials, ScriptedStore, answer, settings


def bought(bench: Bench, units: int = 2, **how: Any) -> str:
    bench.publish()
    return order_id(bench.store.buy([("HL-MS-400", units)], **how))


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_an_order_is_cancelled_and_all_its_money_goes_back_once(bench: Bench, currency: str) -> None:
    number = bought(bench, currency=currency)
    bench.shopify.cancel_order(number, refund=True)
    bench.shopify.cancel_order(number, refund=True)
    order = bench.shopify.fetch_order(number)
    assert order.cancelled_at is not None
    assert order.payment is PaymentState.REFUNDED
    assert bench.store.given_back() == ["45.98"]


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_money_of_an_order_that_is_cancelled_already_goes_back_alone(bench: Bench, currency: str) -> None:
    number = bought(bench, currency=currency)
    bench.shopify.cancel_order(number, refund=False)
    assert bench.shopify.fetch_order(number).payment is PaymentState.PAID
    assert bench.store.given_back() == []
    for _ in range(2):
        bench.shopify.cancel_order(number, refund=True)
    assert bench.store.given_back() == ["45.98"]


def test_only_what_is_left_goes_back_to_each_payment(bench: Bench) -> None:
    number = bought(bench)
    bench.store.edit(number, add=[CartLine(None, 1, "Wrapping", Decimal("5.00"))])
    bench.store.capture(number)
    bench.store.refund_money(number, Decimal("10.00"))
    bench.store.cancel(number, refund=False)
    bench.shopify.cancel_order(number, refund=True)
    assert [str(left) for _, left in bench.store.order(number).payments_left()] == ["0.00", "0.00"]
    assert bench.store.given_back() == ["10.00", "35.98", "5.00"]


def test_cancelling_puts_nothing_back_into_stock_and_the_store_tells_the_buyer(bench: Bench) -> None:
    number = bought(bench)
    lamp = bench.shopify.find_variants(["HL-MS-400"])[0]
    bench.shopify.cancel_order(number, refund=True)
    assert bench.shopify.read_listings([lamp.variant_id], bench.location)[0].quantity == 3
    assert "notifyCustomer: true" in documents.CANCEL_ORDER.document


@pytest.mark.parametrize("pay", ["pending", "authorized"])
def test_an_order_without_money_is_cancelled_and_nothing_is_given_back(bench: Bench, pay: str) -> None:
    number = bought(bench, pay=pay)
    bench.shopify.cancel_order(number, refund=True)
    assert bench.shopify.fetch_order(number).cancelled_at is not None
    assert bench.store.given_back() == []


def test_a_lost_answer_is_looked_up_and_gives_nothing_back_twice(bench: Bench) -> None:
    number = bought(bench)
    bench.store.config.faults.script("orderCancel", "accept_then_timeout")
    with pytest.raises(OutcomeUnknown):
        bench.shopify.cancel_order(number, refund=True)
    bench.shopify.cancel_order(number, refund=True)
    assert bench.store.given_back() == ["45.98"]
    other = bought(bench)
    bench.store.cancel(other, refund=False)
    bench.store.config.faults.script("refundCreate", "accept_then_timeout")
    with pytest.raises(OutcomeUnknown):
        bench.shopify.cancel_order(other, refund=True)
    bench.shopify.cancel_order(other, refund=True)
    assert bench.store.given_back() == ["45.98", "45.98"]


def test_an_order_of_which_a_part_is_sent_or_that_is_disputed_is_refused_untouched(bench: Bench) -> None:
    number = bought(bench)
    bench.store.dispute(number)
    with pytest.raises(Rejected) as caught:
        bench.shopify.cancel_order(number, refund=True)
    assert caught.value.code == "PAYMENT_DISPUTED"
    assert bench.shopify.fetch_order(number).cancelled_at is None
    view = bench.shopify.read_fulfillment(number)
    bench.store.dispute(number, "WON")
    lines = tuple((line.line_id, line.remaining) for line in view.open_lines)
    bench.shopify.create_fulfillment(FulfillmentRequest(number, lines, "T1", "Carrier", ""), view)
    with pytest.raises(Rejected) as caught:
        bench.shopify.cancel_order(number, refund=True)
    assert caught.value.code == "INVALID"
    assert bench.store.given_back() == []


def test_an_order_that_does_not_exist_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound):
        bench.shopify.cancel_order("1", refund=False)


# --- what the sandbox does not do ---------------------------------------------------------------------------------------


def end(*transactions: dict[str, Any], net: str = "0.0", **changes: Any) -> dict[str, Any]:
    """An answer to OrderEnd, in the buyer's currency SEK."""
    order: dict[str, Any] = {
        "cancelledAt": None,
        "presentmentCurrencyCode": "SEK",
        "disputes": [],
        "netPaymentSet": kronor(net),
    }
    return {"order": {**order, "transactions": list(transactions), **changes}}


def kronor(amount: str) -> dict[str, Any]:
    return {**bag("9.99"), "presentmentMoney": {"amount": amount, "currencyCode": "SEK"}}


def sale(number: int = 1, amount: str = "100.0", **changes: Any) -> dict[str, Any]:
    node = {"id": f"gid://shopify/OrderTransaction/{number}", "kind": "SALE", "status": "SUCCESS", "gateway": "klarna"}
    return {**node, "parentTransaction": None, "amountSet": kronor(amount), **changes}


def back(number: int, amount: str, status: str = "SUCCESS") -> dict[str, Any]:
    return sale(number, amount, kind="REFUND", status=status, parentTransaction={"id": sale()["id"]})


CANCELLED = {"cancelledAt": "2026-11-22T10:00:00Z"}
DONE: dict[str, Any] = {"orderCancel": {"orderCancelUserErrors": []}}


class Patient(ShopifyConnector):
    """A connector whose waiting is counted."""

    def __init__(self, store: ScriptedStore, clock: FixedClock) -> None:
        self.slept: list[timedelta] = []
        context = Context("shop", settings(), MemoryCredentials(clock), store, clock, timedelta(seconds=3))
        super().__init__(ShopifyClient(context, self.wait))

    def wait(self, duration: timedelta) -> None:
        self.slept.append(duration)


@pytest.fixture
def patient(store: ScriptedStore, clock: FixedClock) -> Patient:
    return Patient(store, clock)


def test_a_slow_job_is_waited_for_and_one_that_stays_open_is_unclear(patient: Patient, store: ScriptedStore) -> None:
    whole = sale()
    ended = end(whole, back(2, "100.0"), **CANCELLED)
    store.script(
        "OrderEnd", end(whole, net="100.0"), end(whole, net="100.0"), end(whole, net="100.0", **CANCELLED), ended
    )
    store.script("CancelOrder", DONE, DONE)
    patient.cancel_order(ORDER_ID, refund=True)
    assert len(patient.slept) == 2
    store.script("OrderEnd", *[end(whole, net="100.0")] * (LOOKS + 1))
    with pytest.raises(OutcomeUnknown):
        patient.cancel_order(ORDER_ID, refund=False)
    assert [sent["refund"] for sent in store.sent("CancelOrder")] == [True, False]


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_what_cannot_be_seen_after_it_was_asked_is_unclear(status: int, patient: Patient, store: ScriptedStore) -> None:
    blind = [answer({}, status)] * 4
    store.script("OrderEnd", end(sale(), net="100.0"), *blind)
    store.script("CancelOrder", DONE)
    with pytest.raises(OutcomeUnknown):
        patient.cancel_order(ORDER_ID, refund=True)


def test_a_refusal_counts_only_where_the_order_is_not_cancelled_by_then(patient: Patient, store: ScriptedStore) -> None:
    refused = {"orderCancel": {"orderCancelUserErrors": [{"field": ["orderId"], "message": "no", "code": "INVALID"}]}}
    store.script("CancelOrder", refused, refused)
    store.script("OrderEnd", end(), end(**CANCELLED), end(), end())
    patient.cancel_order(ORDER_ID, refund=True)
    with pytest.raises(Rejected, match="orderId") as caught:
        patient.cancel_order(ORDER_ID, refund=True)
    assert caught.value.code == "INVALID"


def test_an_internal_error_of_the_store_is_unclear(patient: Patient, store: ScriptedStore) -> None:
    error = {"field": None, "message": "no", "code": "INTERNAL_ERROR"}
    store.script("OrderEnd", end())
    store.script("CancelOrder", {"orderCancel": {"orderCancelUserErrors": [error]}})
    with pytest.raises(OutcomeUnknown):
        patient.cancel_order(ORDER_ID, refund=True)


def test_a_refund_goes_in_the_buyers_currency_under_a_key_of_the_state(patient: Patient, store: ScriptedStore) -> None:
    left = end(sale(), back(2, "40.0"), net="60.0", **CANCELLED)
    done = end(sale(), back(2, "40.0"), back(3, "60.0"), **CANCELLED)
    made = {"refundCreate": {"refund": {"id": "gid://shopify/Refund/5"}, "userErrors": []}}
    store.script("OrderEnd", left, done, left, done)
    store.script("CreateRefund", made, made)
    for _ in range(2):
        patient.cancel_order(ORDER_ID, refund=True)
    first, second = store.sent("CreateRefund")
    assert first == second
    assert (first["input"]["currency"], first["input"]["transactions"][0]["amount"]) == ("SEK", "60.0")
    assert first["input"]["transactions"][0]["parentId"] == sale()["id"]


@pytest.mark.parametrize(
    "order",
    [
        end(sale(), net="90.0", **CANCELLED),
        end(sale(), back(2, "40.0", "PENDING"), net="60.0", **CANCELLED),
        end(sale(), sale(3, "10.0", kind="CHANGE"), net="90.0", **CANCELLED),
        end(sale(), back(2, "40.0") | {"parentTransaction": None}, net="60.0", **CANCELLED),
        end(*[sale(number) for number in range(1, 101)], **CANCELLED),
    ],
)
def test_money_that_does_not_add_up_is_given_back_by_a_person(
    order: dict[str, Any], patient: Patient, store: ScriptedStore
) -> None:
    store.script("OrderEnd", order)
    with pytest.raises(Rejected) as caught:
        patient.cancel_order(ORDER_ID, refund=True)
    assert caught.value.code == "REFUND_UNCLEAR"
    assert store.sent("CreateRefund") == []


def test_a_whole_refund_on_its_way_is_not_made_again(patient: Patient, store: ScriptedStore) -> None:
    store.script("OrderEnd", end(sale(), back(2, "100.0", "PENDING"), net="100.0", **CANCELLED))
    patient.cancel_order(ORDER_ID, refund=True)
    assert store.sent("CreateRefund") == []


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("Refund amount is too high", Rejected),
        ("The idempotency key is in use by a concurrent request", OutcomeUnknown),
    ],
)
def test_a_refused_refund_is_unclear_only_where_the_same_one_is_running(
    message: str, error: type[Exception], patient: Patient, store: ScriptedStore
) -> None:
    problem = {"field": None, "message": message}
    store.script("OrderEnd", end(sale(), net="100.0", **CANCELLED))
    store.script("CreateRefund", {"refundCreate": {"refund": None, "userErrors": [problem]}})
    with pytest.raises(error):
        patient.cancel_order(ORDER_ID, refund=True)


@pytest.mark.parametrize(
    "status", ["NEEDS_RESPONSE", "UNDER_REVIEW", "LOST", "ACCEPTED", "CHARGE_REFUNDED", "PREVENTED"]
)
def test_a_disputed_payment_is_told_until_the_dispute_is_won(bench: Bench, status: str) -> None:
    number = bought(bench)
    bench.store.dispute(number, status)
    assert bench.shopify.fetch_order(number).payment is PaymentState.DISPUTED
    bench.store.dispute(number, "WON")
    assert bench.shopify.fetch_order(number).payment is PaymentState.PAID
