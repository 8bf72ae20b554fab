"""Every store's orders that we end there, and notes that we write: once, whatever call goes wrong. The store's ledger judges."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from orderwright.declarations import Ability
from orderwright.domain.order import PaymentState
from orderwright.errors import NotFound, OutcomeUnknown, Rejected, Retryable
from tests.contracts.store.kit import LAMP, able, selling
from tests.support.stand import StoreStand

MOST_CALLS = 30


def _cancels(store: StoreStand) -> None:
    if not able(store, Ability.CANCELS):
        pytest.skip("it declares why it cannot")


def _back(store: StoreStand) -> Decimal:
    return sum(map(Decimal, store.given_back()), Decimal(0))


def _done(store: StoreStand, act: Callable[[], Any]) -> None:
    """Do it until it is done: at once again where it certainly was not, and after an unclear call when that has settled."""
    for _ in range(5):
        try:
            act()
        except OutcomeUnknown:
            store.clock.forward(minutes=10)
        except Retryable as error:
            store.clock.forward(seconds=(error.after or timedelta(seconds=1)).total_seconds())
        else:
            store.clock.forward(minutes=10)
            return
    raise AssertionError("it is never done")


def _in_trouble(store: StoreStand, how: str, act: Callable[[str], Any], holds: Callable[[str], None]) -> None:
    """One order for each call that `act` makes, which goes wrong. `holds` judges what became of the order."""
    for number in range(1, MOST_CALLS):
        order_id = store.buy({LAMP: 1})
        store.clock.forward(minutes=10)
        calls = store.calls
        with store.breaking(number, how):
            _done(store, lambda one=order_id: act(one))  # type: ignore[misc]
        holds(order_id)
        if store.calls - calls < number:
            return
    raise AssertionError("it takes too many calls")


def test_an_order_is_cancelled_without_its_money_and_a_repeat_changes_nothing(store: StoreStand) -> None:
    _cancels(store)
    connector = selling(store)
    number = store.buy({LAMP: 2})
    for _ in range(2):
        _done(store, lambda: connector.cancel_order(number, refund=False))
        order = connector.fetch_order(number)
        assert order.cancelled_at is not None
        assert (order.refunded, _back(store)) == (store.money("0.00"), Decimal(0))


def test_an_order_is_cancelled_with_all_its_money_given_back_once(store: StoreStand) -> None:
    _cancels(store)
    connector = selling(store)
    number = store.buy({LAMP: 2})
    if not able(store, Ability.REFUNDS):
        with store.refuses(Rejected):
            connector.cancel_order(number, refund=True)
        assert _back(store) == 0
        return
    assert connector.money_left(number).decimal == Decimal("45.98")
    for _ in range(3):
        _done(store, lambda: connector.cancel_order(number, refund=True))
    assert connector.money_left(number).minor == 0
    order = connector.fetch_order(number)
    assert order.cancelled_at is not None or order.payment is PaymentState.REFUNDED
    assert (order.refunded, _back(store)) == (store.money("45.98"), Decimal("45.98"))
    # Promise P13: an order whose money went back leaves nothing, whichever way the store tells of it.
    assert order.money is not None
    assert (order.money.net.minor, order.money.unclear) == (0, ())


def test_what_the_merchant_gave_back_is_not_given_back_again(store: StoreStand) -> None:
    _cancels(store)
    if not able(store, Ability.REFUNDS):
        return
    connector = selling(store)
    number = store.buy({LAMP: 2})
    store.clock.forward(seconds=60)
    store.refund(number, LAMP, 1)
    store.clock.forward(seconds=60)
    store.refund_money(number, "2.00")
    assert connector.money_left(number).decimal == Decimal("20.99")
    _done(store, lambda: connector.cancel_order(number, refund=True))
    assert _back(store) == Decimal("45.98")


def test_an_unpaid_order_is_cancelled_and_no_money_moves(store: StoreStand) -> None:
    _cancels(store)
    connector = selling(store)
    number = store.buy({LAMP: 1})
    store.pay(number, PaymentState.PENDING)
    store.clock.forward(seconds=60)
    assert connector.money_left(number).minor == 0
    _done(store, lambda: connector.cancel_order(number, refund=able(store, Ability.REFUNDS)))
    assert _back(store) == 0
    assert connector.fetch_order(number).cancelled_at is not None


@pytest.mark.parametrize("how", ["lost", "502", "unsent"])
def test_whichever_call_goes_wrong_nothing_is_given_back_twice(store: StoreStand, how: str) -> None:
    _cancels(store)
    refund = able(store, Ability.REFUNDS)
    connector = selling(store, MOST_CALLS + 5)
    ended = list[str]()

    def holds(order_id: str) -> None:
        ended.append(order_id)
        assert _back(store) == (Decimal("22.99") * len(ended) if refund else 0)
        order = connector.fetch_order(order_id)
        assert order.cancelled_at is not None or order.payment is PaymentState.REFUNDED

    _in_trouble(store, how, lambda order_id: connector.cancel_order(order_id, refund=refund), holds)


def test_an_order_that_is_not_there_is_neither_cancelled_nor_noted(store: StoreStand) -> None:
    connector = selling(store)
    if able(store, Ability.CANCELS):
        with store.refuses(NotFound):
            connector.cancel_order("1", refund=False)
    if able(store, Ability.NOTES):
        with store.refuses(NotFound):
            connector.add_note("1", "Ordered at the supplier.")


# --- notes ------------------------------------------------------------------------------------------------------------


def test_a_note_is_written_once_beside_those_that_are_there(store: StoreStand) -> None:
    if not able(store, Ability.NOTES):
        return
    connector = selling(store)
    order_id, other = store.buy({LAMP: 1}), store.buy({LAMP: 1})
    texts = ("Ordered at the supplier.", "Tracking: T1 & T2 <b>\n2nd line ä", "Ordered at the supplier. Again.")
    for text in (*texts, *texts):
        store.clock.forward(minutes=1)
        connector.add_note(order_id, text)
    noted = "\n".join(store.noted(order_id))
    for text in ("Ordered at the supplier. Again.", "2nd line ä"):
        assert noted.count(text) == 1
    assert noted.count("Ordered at the supplier.") == 2
    assert list(store.noted(other)) == []
    assert connector.fetch_order(order_id).payment is PaymentState.PAID


@pytest.mark.parametrize("how", ["lost", "502", "unsent"])
def test_whichever_call_goes_wrong_a_note_is_written_once(store: StoreStand, how: str) -> None:
    if not able(store, Ability.NOTES):
        return
    connector = selling(store, MOST_CALLS + 5)

    def holds(order_id: str) -> None:
        assert "\n".join(store.noted(order_id)).count("Ordered.") == 1

    _in_trouble(store, how, lambda order_id: connector.add_note(order_id, "Ordered."), holds)
