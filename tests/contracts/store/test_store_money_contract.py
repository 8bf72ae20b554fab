"""Every store's money of an order (P13): net, tax and sums from the store's own figures, held against what the stand was told."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest

from orderwright.declarations import Ability
from orderwright.domain.money import Money
from orderwright.domain.order import StoreOrder
from orderwright.domain.order_money import OrderMoney
from orderwright.errors import Misconfigured, Rejected
from tests.contracts.store.kit import LAMP, OTHER, able, selling
from tests.support.stand import StoreStand

CENT = Decimal("0.01")
PRICES = {LAMP: Decimal("22.99"), OTHER: Decimal("10.00")}
TAXES = pytest.mark.parametrize(
    ("percent", "included"),
    [(25, True), (25, False), (19, True), (7, False)],
    ids=["25_in_price", "25_added", "19_in_price", "7_added"],
)


def _money(order: StoreOrder) -> OrderMoney:
    assert order.money is not None
    assert order.money.unclear == ()
    return order.money


def _fits_together(order: StoreOrder, cents: int = 0) -> None:
    """What the parts come to is what the order comes to, and nothing is taxed that was not sold."""
    money = _money(order)
    parts = sum((one.net + one.tax for one in money.lines), money.shipping + money.shipping_tax + money.duty)
    _near(parts, order.total.decimal, cents)
    assert {one.line_id for one in money.lines} == {line.line_id for line in order.lines}
    assert money.tax <= money.charged_tax
    assert money.net <= money.charged


def _near(found: Money, wanted: Decimal, units: int = 1) -> None:
    """Stores round per unit, per line or per order: a cent a unit."""
    assert abs(found.decimal - wanted) <= CENT * units, f"{found} and not {wanted}"


@TAXES
def test_net_and_tax_of_each_line_are_those_of_the_rate(store: StoreStand, percent: int, *, included: bool) -> None:
    connector = selling(store)
    store.tax(percent, included=included)
    bought = {LAMP: 3, OTHER: 1}
    order = connector.fetch_order(store.buy(bought))
    money = _money(order)
    _fits_together(order)
    assert money.prices_include_tax == included
    assert (money.shipping, money.shipping_tax, money.duty, money.given_back) == (store.money("0.00"),) * 4
    for line in order.lines:
        shown = PRICES[line.sku] * bought[line.sku]
        part = money.line(line.line_id)
        assert part is not None
        if included:
            assert (part.net + part.tax).decimal == shown
            _near(part.tax, shown * percent / (100 + percent), bought[line.sku])
        else:
            assert part.net.decimal == shown
            _near(part.tax, shown * percent / 100, bought[line.sku])
    assert (money.charged, money.charged_tax) == (order.total, money.tax)


@TAXES
def test_a_refund_of_units_takes_their_net_and_their_tax_off(
    store: StoreStand, percent: int, *, included: bool
) -> None:
    connector = selling(store)
    store.tax(percent, included=included)
    number = store.buy({LAMP: 3, OTHER: 1})
    before = connector.fetch_order(number)
    store.clock.forward(seconds=60)
    store.refund(number, LAMP, 1)
    after = connector.fetch_order(number)
    net = PRICES[LAMP] if not included else (PRICES[LAMP] * 100 / (100 + percent)).quantize(CENT, ROUND_HALF_UP)
    _near(_money(before).net - _money(after).net, net)
    assert _money(after).charged == _money(before).charged
    if able(store, Ability.UNITS_REFUNDED):
        _fits_together(after, 3)
        _near(after.total + after.refunded, before.total.decimal)


@TAXES
def test_money_given_back_comes_off_the_net_at_most_whole(store: StoreStand, percent: int, *, included: bool) -> None:
    connector = selling(store)
    store.tax(percent, included=included)
    number = store.buy({LAMP: 3})
    before = connector.fetch_order(number)
    store.clock.forward(seconds=60)
    store.refund_money(number, "5.00")
    after = connector.fetch_order(number)
    assert after.refunded == store.money("5.00")
    lost = (_money(before).net - _money(after).net).decimal
    assert Decimal("5.00") * 100 / (100 + percent) - CENT <= lost <= Decimal("5.00")


@TAXES
def test_an_edit_and_a_whole_refund_leave_what_is_left(store: StoreStand, percent: int, *, included: bool) -> None:
    connector = selling(store)
    store.tax(percent, included=included)
    number = store.buy({LAMP: 2, OTHER: 2})
    store.clock.forward(seconds=60)
    store.edit(number, OTHER, 0)
    edited = connector.fetch_order(number)
    _fits_together(edited)
    for _ in range(2):
        store.clock.forward(seconds=60)
        store.refund(number, LAMP, 1)
    ended = _money(connector.fetch_order(number))
    assert abs(ended.net.decimal) <= 2 * CENT + Decimal("20.00") * (100 if included else 100 + percent) / 100
    assert all(one.net.minor == 0 and one.tax.minor == 0 for one in ended.lines)


def test_an_order_without_tax_has_none_and_its_net_is_its_total(store: StoreStand) -> None:
    connector = selling(store)
    order = connector.fetch_order(store.buy({LAMP: 3, OTHER: 1}))
    money = _money(order)
    _fits_together(order)
    assert (money.tax, money.net, money.charged) == (store.money("0.00"), order.total, order.total)


def test_who_remits_and_what_the_payment_cost_is_told_or_declared(store: StoreStand) -> None:
    connector = selling(store)
    store.tax(25, included=True)
    if able(store, Ability.FEES):
        store.fee("0.95")
    money = _money(connector.fetch_order(store.buy({LAMP: 1})))
    assert money.gateways
    assert money.fees == (store.money("0.95") if able(store, Ability.FEES) else None)
    if able(store, Ability.REMITTER):
        assert {one.by_channel for one in money.lines} == {False}


def test_money_is_exact_whatever_the_sum(store: StoreStand) -> None:
    connector = store.connector()
    place = connector.find_location(store.location)
    for price in ("0.01", "0.07", "19.99", "1234.57", "99999.99"):
        store.clock.forward(seconds=60)
        connector.publish_goods(store.lamp, store.money(price), 9, place)
        order = connector.fetch_order(store.buy({LAMP: 3}))
        assert order.lines[0].unit_price == store.money(price)
        assert order.total == store.money(price) * 3
        assert _money(order).net == order.total


def test_p13_an_order_in_another_currency_than_the_connections_is_never_taken_for_ours(
    store: StoreStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    selling(store)
    number = store.buy({LAMP: 1})
    monkeypatch.setattr(store, "lines", {**store.lines, "currency": "SEK"})
    connector = store.connector()
    with store.refuses(Misconfigured, Rejected) as refused:
        connector.fetch_order(number)
    assert store.currency in refused.value.message
    with store.refuses(Misconfigured) as refused:
        connector.probe()
    assert store.currency in refused.value.message
