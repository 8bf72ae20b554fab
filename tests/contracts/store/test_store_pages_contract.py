"""Every store's pages: lines, orders and variants at each boundary, also while orders change between two pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderwright.ports.store import QuantityChange, VariantView
from tests.contracts.store.kit import LAMP, Intake, changed_orders, selling
from tests.support.stand import StoreStand

COUNTS = (0, 1, 49, 50, 51, 101, 250)


def goods(count: int) -> list[str]:
    return [f"G-{number:03}" for number in range(count)]


@pytest.mark.parametrize("count", COUNTS[1:])
def test_an_order_is_read_with_all_its_lines(store: StoreStand, count: int) -> None:
    connector = store.connector()
    store.shelve(goods(count))
    number = store.buy(dict.fromkeys(goods(count), 2))
    order = connector.fetch_order(number)
    assert [(line.sku, line.quantity) for line in order.lines] == [(sku, 2) for sku in goods(count)]
    assert len({line.line_id for line in order.lines}) == count
    assert order.total == store.money(f"{2 * count}.00")
    assert order.money is not None
    assert (order.money.unclear, order.money.net) == ((), order.total)
    store.clock.forward(minutes=1)  # a vendor's bucket fills up again
    view = connector.read_fulfillment(number)
    assert {one.line_id: one.remaining for one in view.open_lines} == {line.line_id: 2 for line in order.lines}


@pytest.mark.parametrize("count", COUNTS)
def test_a_window_is_read_with_all_its_orders_in_the_order_of_their_changes(store: StoreStand, count: int) -> None:
    connector = selling(store, 1000)
    store.buy({LAMP: 1})  # before the window
    store.clock.forward(minutes=30)
    since = store.clock.now()
    bought = []
    for number in range(count):
        bought.append(store.buy({LAMP: 1}))
        store.clock.forward(seconds=1 if number % 3 == 2 else 0)  # three in one second
    store.clock.forward(seconds=2)
    found = list(changed_orders(connector, since))
    assert {one.order_id for one in found} == {*bought}
    assert len(found) <= count + 3 * (count // store.page), "only the second where a page ends may come again"
    assert [one.updated_at for one in found] == sorted(one.updated_at for one in found)
    assert list(changed_orders(connector, store.clock.now() + timedelta(seconds=1))) == []


def test_p2_no_order_is_lost_that_changes_while_the_pages_are_read(store: StoreStand) -> None:
    connector = selling(store, 1000)
    since = store.clock.now()
    bought = []
    for _ in range(2 * store.page + 2):
        store.clock.forward(seconds=1)
        bought.append(store.buy({LAMP: 1}))
    store.clock.forward(seconds=60)
    found, cursor = connector.list_changed_orders(since, "")
    assert cursor
    # One that was read moves behind the end, one that was not read too, and a new one comes.
    store.cancel(bought[0])
    store.cancel(bought[-1])
    new = store.buy({LAMP: 1})
    while cursor:
        store.clock.forward(seconds=1)
        page, cursor = connector.list_changed_orders(since, cursor)
        found += page
    seen = {one.order_id for one in found}
    later = {one.order_id for one in changed_orders(connector, store.clock.now() - timedelta(seconds=90))}
    assert set(bought) - seen == set(), "none is lost"
    assert {bought[0], bought[-1], new} <= later


def test_p2_the_reconciler_finds_more_orders_of_one_second_than_a_page_holds(store: StoreStand) -> None:
    intake = Intake(store, selling(store, 1000))
    bought = [store.buy({LAMP: 1}) for _ in range(store.page + 2)]
    store.clock.forward(seconds=5)
    assert set(intake.reconcile(take=False)) == {*bought}


@pytest.mark.parametrize("count", COUNTS)
def test_a_catalogue_is_read_with_all_its_variants_and_none_twice(store: StoreStand, count: int) -> None:
    connector = store.connector()
    before = [one.sku for one in _variants(connector)]
    store.shelve(goods(count)[: count // 2])
    store.shelve(goods(count)[count // 2 :], together=True) if count else None
    found = [one.sku for one in _variants(connector)]
    assert sorted(found) == sorted([*before, *goods(count)])


def _variants(connector: Any) -> list[VariantView]:
    found: list[VariantView]
    found, cursor = connector.list_variants("")
    while cursor:
        page, cursor = connector.list_variants(cursor)
        found += page
    return found


@pytest.mark.parametrize("count", [1, 50, 51, 101, 250])
def test_many_goods_are_found_read_and_set_at_once(store: StoreStand, count: int) -> None:
    connector = store.connector()
    place = connector.find_location(store.location)
    store.shelve(goods(count))
    found = connector.find_variants(goods(count))
    assert sorted(one.sku for one in found) == goods(count)
    store.clock.forward(minutes=1)
    shown = connector.read_listings([one.variant_id for one in found], place)
    assert sorted(one.variant_id for one in shown) == sorted(one.variant_id for one in found)
    assert {one.quantity for one in shown} == {1000}
    changes = [QuantityChange(one.stock_id, place, 7, 1000) for one in shown]
    for start in range(0, count, connector.quantity_batch):
        assert connector.push_quantities(changes[start : start + connector.quantity_batch], f"key-{start}") == []
        store.clock.forward(minutes=1)
    again = connector.read_listings([one.variant_id for one in found], place)
    assert {one.quantity for one in again} == {7}
