"""Every store's news, through our own functions: whatever comes twice, late or never, we end with what the store shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import pytest

from local.sandbox.wire import Delivery
from orderwright.declarations import Ability
from orderwright.domain.order import OrderState
from tests.contracts.store.kit import LAMP, OTHER, Intake, able, selling
from tests.support.stand import PRIVATE, StoreStand

Arrival = Callable[[list[Delivery]], list[Delivery]]
ARRIVALS: dict[str, Arrival] = {
    "as sent": lambda sent: sent,
    "backwards": lambda sent: sent[::-1],
    "each twice": lambda sent: [one for one in sent for _ in range(2)],
    "all twice": lambda sent: sent * 2,
    "shuffled": lambda sent: Random(3).sample(sent * 2, len(sent) * 2),
    "the first alone": lambda sent: sent[:1],
    "the last alone": lambda sent: sent[-1:],
}


def lives(store: StoreStand, order_id: str) -> Iterator[None]:
    """What becomes of an order, a minute apart."""
    steps: tuple[Callable[[], object], ...] = (
        lambda: store.edit(order_id, OTHER, 0),
        lambda: store.refund(order_id, LAMP, 1),
        lambda: store.cancel(order_id),
    )
    for step in steps:
        store.clock.forward(seconds=60)
        step()
        yield


def listening(store: StoreStand) -> Intake:
    """An intake whose store sends it every topic."""
    intake = Intake(store, selling(store))
    intake.subscribe()
    return intake


def test_p2_each_thing_that_happens_to_an_order_is_taken_in_as_it_happens(store: StoreStand) -> None:
    intake = listening(store)
    order_id = store.buy({LAMP: 3, OTHER: 1})
    assert "order.changed" in intake.take(intake.told())
    intake.holds_what_the_store_shows(order_id)
    for _ in lives(store, order_id):
        assert "order.changed" in intake.take(intake.told())
        intake.holds_what_the_store_shows(order_id)
    record = intake.file(order_id).record
    assert record is not None
    assert record.model.state is OrderState.CANCELLED


@pytest.mark.parametrize("arrival", ARRIVALS, ids=lambda name: name.replace(" ", "_"))
def test_p2_any_order_of_arrival_ends_with_what_the_store_shows(store: StoreStand, arrival: str) -> None:
    intake = listening(store)
    order_id = store.buy({LAMP: 3, OTHER: 1})
    for _ in lives(store, order_id):
        pass
    sent = [one for one in intake.told() if one.body]
    intake.take(ARRIVALS[arrival](sent))
    intake.holds_what_the_store_shows(order_id)


def test_p2_old_news_that_comes_after_new_changes_nothing(store: StoreStand) -> None:
    intake = listening(store)
    order_id = store.buy({LAMP: 3, OTHER: 1})
    first = intake.told()
    for _ in lives(store, order_id):
        intake.take(intake.told())
    before = intake.file(order_id)
    intake.take(first)
    after = intake.file(order_id)
    assert before.record is not None
    assert after.record is not None
    assert after.record.model.state is before.record.model.state
    intake.holds_what_the_store_shows(order_id)


def test_p2_what_no_webhook_brought_is_found_once_by_the_reconciler(store: StoreStand) -> None:
    intake = Intake(store, selling(store, 50))
    orders = []
    for _ in range(4):
        store.clock.forward(seconds=60)
        orders.append(store.buy({LAMP: 1, OTHER: 1}))
    assert set(intake.reconcile()) == {*orders}
    for order_id in orders:
        intake.holds_what_the_store_shows(order_id)
    assert intake.reconcile() == [], "nothing changed"
    store.clock.forward(seconds=60)
    store.cancel(orders[1])
    assert set(intake.reconcile()) == {orders[1]}
    intake.holds_what_the_store_shows(orders[1])


def test_p2_subscriptions_that_the_store_dropped_are_made_again(store: StoreStand) -> None:
    if not able(store, Ability.SUBSCRIBES):
        return
    intake = listening(store)
    intake.reconcile()
    assert not intake.alerts(), "all of them are there"
    subscribed = store.subscriptions()
    store.drop()
    assert store.subscriptions() != subscribed
    store.buy({LAMP: 1})
    assert [one for one in intake.told() if one.body] == []
    store.clock.forward(hours=2)
    intake.reconcile()
    assert intake.alerts().count("WEBHOOKS_MENDED") == 1
    for challenge in [one for one in store.sent if not one.body]:
        store.answered(challenge)
    intake.told()
    order_id = store.buy({LAMP: 1})
    intake.take(intake.told())
    intake.holds_what_the_store_shows(order_id)


def test_p8_a_buyer_who_is_forgotten_there_is_forgotten_here(store: StoreStand) -> None:
    if not able(store, Ability.ERASURE):
        return
    intake = listening(store)
    order_id = store.buy({LAMP: 1})
    intake.take(intake.told())
    assert any(one in str(intake.file(order_id).details) for one in PRIVATE)
    store.clock.forward(seconds=60)
    store.erase(order_id)
    intake.take(intake.told())
    details = intake.file(order_id).details
    assert details is not None
    assert not [one for one in PRIVATE if one in str(details)]
    assert details.model.lines


def test_the_end_of_our_access_is_told_and_no_call_is_made_after_it(store: StoreStand) -> None:
    intake = listening(store)
    store.uninstall()
    found = intake.take(one for one in intake.told() if one.body)
    assert ("connection.closed" in found) == able(store, Ability.UNINSTALLED)
    if "connection.closed" in found:
        calls = store.calls
        assert intake.reconcile() == []
        assert store.calls == calls
