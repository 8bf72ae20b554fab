"""`orders cancel --in-store`: the store ends the order once and gives the money back once, whatever dies between (R11, P11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from orderwright.bootstrap_connectors import Connectors
from orderwright.domain.money import Money
from orderwright.domain.order import OrderState
from orderwright.domain.shipment import FulfillmentState
from orderwright.errors import Misconfigured, OutcomeUnknown, Rejected, Retryable
from orderwright.usecases.operator.cancel import InStore, asked_of_store, stop_order
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.operator.release import before_release, release_order
from orderwright.usecases.operator.retry import retry_order
from tests.unit.usecases.order_shop import OrderShop, buy
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["OpenShop", "open_shop", "shop"]

MS = "HL-MS-400"


class Killed(BaseException):
    """The worker dies here."""


class Till:
    """OrderCancelling as a store does it: reads first, and does what is missing. `next`: how the next calls go, oldest first."""

    def __init__(self, shop: OrderShop) -> None:
        self.shop, self.next, self.given, self.calls = shop, list[str](), list[str](), 0
        self.late: list[tuple[Any, Callable[[], None]]] = []

    def money_left(self, order_id: str) -> Money:
        """See ports/store.py."""
        order = self.shop.store.order(order_id)
        return Money.parse(order.received - order.refunded, "USD")

    def cancel_order(self, order_id: str, *, refund: bool) -> None:
        """See ports/store.py."""
        self.calls += 1
        for at, act in [one for one in self.late if one[0] <= self.shop.clock.now()]:
            self.late.remove((at, act))
            act()
        how = self.next.pop(0) if self.next else "done"
        if how == "refused":
            raise Rejected("the payment cannot be given back", code="NO_REFUND")
        if how == "later":
            raise Retryable("busy", code="UNAVAILABLE")
        if how == "lost":
            raise OutcomeUnknown("silence")
        if how == "lost, and done late":
            self.late.append((self.shop.clock.now() + timedelta(seconds=20), lambda: self._do(refund)))
            raise OutcomeUnknown("silence")
        self._do(refund)
        if how == "lost, and done":
            raise OutcomeUnknown("silence")
        if how == "killed":
            raise Killed

    def _do(self, refund: bool) -> None:
        order = next(iter(self.shop.store.shop.orders.values()))
        if refund and not self.given:
            self.given.append("22.99")
        if order.cancelled_at is None:
            self.shop.store.cancel(order.name)


@pytest.fixture
def till(shop: OrderShop, monkeypatch: pytest.MonkeyPatch) -> Till:
    """The store lets us."""
    made = Till(shop)
    monkeypatch.setattr(Connectors, "cancelling", lambda *_: made)
    return made


def desk(shop: OrderShop) -> Desk:
    return Desk(shop.wiring.storage, shop.clock, "tester")


def cancel(shop: OrderShop, name: str, *, refund: bool = True) -> None:
    """As the command does it, agreed to."""
    pk, ways = shop.order(name).pk, shop.wiring.connectors
    asked, _ = asked_of_store(desk(shop), pk, ways.cancelling, str, refund=refund)
    stop_order(desk(shop), pk, in_store=asked)


def state(shop: OrderShop, name: str) -> FulfillmentState:
    held = shop.order(name).cancellation
    assert held is not None
    return FulfillmentState(held.model.state)


def test_the_store_cancels_gives_back_and_the_order_ends(shop: OrderShop, till: Till) -> None:
    name = buy(shop, (MS, 1))
    _, told = asked_of_store(desk(shop), shop.order(name).pk, shop.wiring.connectors.cancelling, str, refund=True)
    assert "22.99 USD is given back, which is all that is left" in told[0]
    assert "paid at" in told[1], "what is bought stays bought, and the operator is told"
    cancel(shop, name)
    shop.run()
    assert (till.given, till.calls, state(shop, name)) == (["22.99"], 1, FulfillmentState.DONE)
    assert shop.record(name).cancelled
    assert any("cancelled in the store" in line.what for line in shop.order(name).cancellation.model.log)


@pytest.mark.parametrize("how", ["lost", "lost, and done", "lost, and done late", "later"])
def test_p1_money_is_given_back_once_whatever_becomes_of_the_answer(shop: OrderShop, till: Till, how: str) -> None:
    name = buy(shop, (MS, 1))
    till.next = [how]
    cancel(shop, name)
    shop.run()
    before = till.calls
    shop.pass_time(30, step=10)
    assert how == "later" or till.calls == before, "not again before the call has settled"
    shop.pass_time(1500, step=300)
    assert (till.given, state(shop, name)) == (["22.99"], FulfillmentState.DONE)


def test_p1_a_worker_that_dies_after_the_call_leaves_one_refund(shop: OrderShop, till: Till) -> None:
    name = buy(shop, (MS, 1))
    till.next = ["killed"]
    cancel(shop, name)
    with pytest.raises(Killed):
        shop.run()
    shop.pass_time(1500, step=300)
    assert (till.given, state(shop, name)) == (["22.99"], FulfillmentState.DONE)


def test_two_lost_answers_wait_for_the_operator_and_a_retry_looks_first(shop: OrderShop, till: Till) -> None:
    name = buy(shop, (MS, 1))
    till.next = ["lost", "lost"]
    cancel(shop, name)
    shop.run()
    shop.pass_time(3000, step=300)
    assert (till.calls, till.given) == (2, [])
    assert (shop.record(name).state, shop.codes(name)) == (OrderState.NEEDS_ATTENTION, ["NOT_CANCELLED_IN_STORE"])
    retry_order(desk(shop), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    assert (till.given, state(shop, name)) == (["22.99"], FulfillmentState.DONE)
    assert "NOT_CANCELLED_IN_STORE" not in shop.codes(name)


def test_what_the_store_refuses_is_shown_with_its_reason(shop: OrderShop, till: Till) -> None:
    name = buy(shop, (MS, 1))
    till.next = ["refused"]
    cancel(shop, name)
    shop.run()
    (reason,) = shop.record(name).reasons
    assert "NO_REFUND" in reason.message
    assert till.given == []


def test_without_refund_no_money_moves(shop: OrderShop, till: Till) -> None:
    name = buy(shop, (MS, 1))
    cancel(shop, name, refund=False)
    shop.run()
    assert (till.given, shop.record(name).cancelled) == ([], True)


def test_more_than_the_operator_agreed_to_is_not_given_back(shop: OrderShop, till: Till) -> None:
    name = buy(shop, (MS, 1))
    stop_order(desk(shop), shop.order(name).pk, in_store=InStore(True, Money.parse("10.00", "USD")))
    shop.run()
    assert (till.calls, till.given, shop.codes(name)) == (0, [], ["NOT_CANCELLED_IN_STORE"])
    assert "Nothing was asked" in shop.record(name).reasons[0].message
    cancel(shop, name)
    shop.run()
    assert (till.given, state(shop, name)) == (["22.99"], FulfillmentState.DONE)


def test_the_amount_is_that_of_the_store_and_not_what_the_order_is_worth(shop: OrderShop, till: Till) -> None:
    name = buy(shop, (MS, 1))
    shop.store.cancel(name, refund=False)
    shop.run()
    assert shop.record(name).total == Money.parse("0.00", "USD")
    pk, ways = shop.order(name).pk, shop.wiring.connectors
    asked, told = asked_of_store(desk(shop), pk, ways.cancelling, str, refund=True)
    assert asked.shown == Money.parse("22.99", "USD")
    assert "22.99 USD is given back" in told[0]
    shop.store.set_payment(shop.record(name).order_id, "REFUNDED")
    with pytest.raises(Refused, match="cancelled in the store already"):
        cancel(shop, name)


def test_a_store_that_does_it_by_hand_is_said_so(shop: OrderShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connectors, "cancelling", lambda *_: None)
    name = buy(shop, (MS, 1))
    with pytest.raises(Refused, match="does not cancel"):
        cancel(shop, name)


def given_up(shop: OrderShop, till: Till) -> str:
    """An order that the store refused to end."""
    name = buy(shop, (MS, 1))
    till.next = ["refused"]
    cancel(shop, name)
    shop.run()
    assert state(shop, name) is FulfillmentState.PARKED
    return name


def release(shop: OrderShop, name: str, *codes: str) -> None:
    """As the command does it."""
    pk, wiring = shop.order(name).pk, shop.wiring
    shown = before_release(desk(shop), pk, wiring.config(), wiring.timing, codes)
    release_order(desk(shop), pk, wiring.timing, codes, shown)
    assert shown.costs == ()


def test_what_was_given_up_is_asked_anew_without_the_money_and_stays_told(shop: OrderShop, till: Till) -> None:
    name = given_up(shop, till)
    cancel(shop, name, refund=False)
    shop.run()
    assert (till.given, state(shop, name), shop.record(name).cancelled) == ([], FulfillmentState.DONE, True)
    assert "NOT_CANCELLED_IN_STORE" not in shop.codes(name)
    assert any("NO_REFUND" in line.why or line.what == "parked" for line in shop.order(name).cancellation.model.log)


def test_what_was_done_by_hand_is_said_by_its_own_code_and_never_asked_again(shop: OrderShop, till: Till) -> None:
    name = given_up(shop, till)
    with pytest.raises(Refused):
        release(shop, name)
    release(shop, name, "NOT_CANCELLED_IN_STORE")
    assert (state(shop, name), shop.codes(name)) == (FulfillmentState.DONE, [])
    shop.pass_time(3000, step=300)
    assert till.calls == 1
    assert "STOPPED_BY_OPERATOR" in shop.record(name).released


@pytest.mark.parametrize("parked", [False, True])
def test_a_stop_is_not_taken_back_while_the_store_is_to_end_the_order(
    shop: OrderShop, till: Till, parked: bool
) -> None:
    name = shop.store.buy([(MS, 1)], pay="pending").name
    shop.run()
    till.next = ["refused" if parked else "lost"]
    cancel(shop, name)
    shop.run()
    with pytest.raises(Refused, match="asked to cancel"):
        release(shop, name, "STOPPED_BY_OPERATOR")


def test_a_connection_that_is_missing_is_waited_for(
    shop: OrderShop, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = buy(shop, (MS, 1))
    with monkeypatch.context() as patch:

        def missing(*_: object) -> None:
            raise Misconfigured("there is no connection called it")

        patch.setattr(Connectors, "cancelling", missing)
        asked = InStore(True, till.money_left(shop.record(name).order_id))
        stop_order(desk(shop), shop.order(name).pk, in_store=asked)
        shop.run()
        assert (till.calls, state(shop, name)) == (0, FulfillmentState.NEW)
    shop.pass_time(3000, step=300)
    assert (till.given, state(shop, name)) == (["22.99"], FulfillmentState.DONE)


def test_a_test_order_that_the_store_did_not_end_is_not_passed_over(shop: OrderShop, till: Till) -> None:
    name = shop.store.buy([(MS, 1)], test=True).name
    shop.run()
    till.next = ["refused"]
    cancel(shop, name)
    shop.run()
    assert (shop.record(name).state, shop.codes(name)) == (OrderState.NEEDS_ATTENTION, ["NOT_CANCELLED_IN_STORE"])
