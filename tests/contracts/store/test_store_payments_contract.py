"""Every store's payment states and warnings: what it can show is told apart, and what it cannot is declared."""

from __future__ import annotations

from orderwright.declarations import Ability
from orderwright.domain.order import PaymentState
from orderwright.domain.payment import PaymentGate, payment_gate
from tests.contracts.store.kit import LAMP, able, selling
from tests.support.stand import StoreStand

PAID = {PaymentState.PAID, PaymentState.PARTIALLY_REFUNDED}


def test_each_state_of_a_payment_is_told_apart(store: StoreStand) -> None:
    connector = selling(store, 50)
    for state in sorted(store.shows):
        order_id = store.buy({LAMP: 2})
        store.pay(order_id, state)
        assert connector.fetch_order(order_id).payment is state


def test_unpaid_and_unknown_can_be_shown_and_the_rest_is_declared(store: StoreStand) -> None:
    assert {PaymentState.PAID, PaymentState.PENDING, PaymentState.UNKNOWN} <= store.shows
    assert (PaymentState.AUTHORIZED in store.shows) == able(store, Ability.AUTHORISED)
    assert (PaymentState.DISPUTED in store.shows) == able(store, Ability.DISPUTED)


def test_only_money_that_arrived_opens_the_gate(store: StoreStand) -> None:
    connector = selling(store, 50)
    for state in sorted(store.shows):
        order_id = store.buy({LAMP: 2})
        store.pay(order_id, state)
        gate = payment_gate(connector.fetch_order(order_id)).gate
        assert (gate is PaymentGate.FORWARD) == (state in PAID), state


def test_an_order_under_suspicion_waits(store: StoreStand) -> None:
    connector = selling(store)
    order_id = store.buy({LAMP: 1})
    assert not connector.fetch_order(order_id).risk_hold
    if not able(store, Ability.RISK):
        return
    store.suspect(order_id)
    order = connector.fetch_order(order_id)
    assert order.risk_hold
    assert order.risk_note
    store.tells_nothing(order.risk_note)


def test_a_test_order_is_told_apart(store: StoreStand) -> None:
    connector = selling(store)
    order_id = store.buy({LAMP: 1})
    store.as_test(order_id)
    assert connector.fetch_order(order_id).test == able(store, Ability.TEST)
