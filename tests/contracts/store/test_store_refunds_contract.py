"""Every store's refunds, as the merchant gives them: by units, by money, in part and whole."""

from __future__ import annotations

from orderwright.declarations import Ability
from orderwright.domain.order import PaymentState, StoreOrder
from orderwright.ports.store import FulfillmentRequest
from tests.contracts.store.kit import LAMP, OTHER, able, selling
from tests.support.stand import StoreStand


def _units(order: StoreOrder) -> dict[str, tuple[int, int]]:
    return {line.sku: (line.quantity, line.unfulfilled) for line in order.lines if line.quantity}


def test_units_that_went_back_are_not_sold_any_more(store: StoreStand) -> None:
    connector = selling(store)
    number = store.buy({LAMP: 3, OTHER: 2})
    store.clock.forward(seconds=60)
    store.refund(number, LAMP, 1)
    store.clock.forward(seconds=60)
    store.refund(number, LAMP, 1)
    order = connector.fetch_order(number)
    assert (order.payment, order.refunded) == (PaymentState.PARTIALLY_REFUNDED, store.money("45.98"))
    if able(store, Ability.UNITS_REFUNDED):
        assert _units(order) == {LAMP: (1, 1), OTHER: (2, 2)}
        assert order.total == store.money("42.99"), "what is still sold"
    assert order.money is None or order.money.net == store.money("42.99")


def test_an_order_given_back_unit_by_unit_is_refunded_and_has_nothing_to_ship(store: StoreStand) -> None:
    connector = selling(store)
    number = store.buy({LAMP: 2, OTHER: 1})
    for sku in (OTHER, LAMP, LAMP):
        store.clock.forward(seconds=60)
        store.refund(number, sku, 1)
    order = connector.fetch_order(number)
    assert (order.payment, order.refunded) == (PaymentState.REFUNDED, store.money("55.98"))
    assert _units(order) == {}
    assert connector.read_fulfillment(number).open_lines == ()


def test_money_that_went_back_without_units_takes_nothing_off_the_lines(store: StoreStand) -> None:
    connector = selling(store)
    number = store.buy({LAMP: 2})
    store.clock.forward(seconds=60)
    store.refund_money(number, "5.00")
    order = connector.fetch_order(number)
    assert (order.payment, order.refunded) == (PaymentState.PARTIALLY_REFUNDED, store.money("5.00"))
    assert _units(order) == {LAMP: (2, 2)}
    assert order.money is not None
    assert (order.money.unclear, order.money.net) == ((), store.money("40.98"))
    store.clock.forward(seconds=60)
    store.refund_money(number, "40.98")
    order = connector.fetch_order(number)
    assert (order.payment, order.refunded) == (PaymentState.REFUNDED, store.money("45.98"))
    assert order.money is not None
    assert order.money.net == store.money("0.00")


def test_a_refund_of_units_that_have_left_opens_none_again(store: StoreStand) -> None:
    connector = selling(store)
    number = store.buy({LAMP: 3})
    view = connector.read_fulfillment(number)
    line = view.open_lines[0].line_id
    connector.create_fulfillment(
        FulfillmentRequest(number, ((line, 2),), "T1", "Carrier", "https://track.example.com/T1"), view
    )
    store.clock.forward(seconds=60)
    store.refund(number, LAMP, 1)
    order = connector.fetch_order(number)
    assert sum(line.unfulfilled for line in order.lines) <= 1
    assert sum(one.remaining for one in connector.read_fulfillment(number).open_lines) <= 1
