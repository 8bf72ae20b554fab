"""What webhooks did not bring (promise P2)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from orderwright.domain.connection_state import ConnectionState
from orderwright.domain.order import OrderRecord, OrderState, PaymentState
from orderwright.errors import Misconfigured, Retryable
from orderwright.ports.connection import Subscription
from orderwright.ports.store import ChangedOrder
from orderwright.records import connection_key, order_key
from orderwright.storage import Put
from orderwright.usecases.reconcile_store import OVERLAP, reconcile_store
from tests.support.catalogue_world import World, message
from tests.support.fakes import START, FakeStoreOrders, FakeWebhooks, usd

KEY = connection_key("shop")


class Reconciler:
    """A store's changed orders, and a way to compare them later."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.orders = FakeStoreOrders()
        self.webhooks = FakeWebhooks()

    def run(self) -> None:
        reconcile_store(
            message("store.reconcile_due", connection="shop"),
            storage=self.world.storage,
            config=self.world.config,
            store_for=lambda connection: self.orders,  # type: ignore[arg-type, return-value]
            webhooks_for=lambda connection: self.webhooks,
            subscription_for=lambda connection: Subscription(f"https://api.example.com/webhooks/{connection}"),
            clock=self.world.clock,
        )

    @property
    def state(self) -> ConnectionState:
        stored = self.world.storage.get(KEY, ConnectionState)
        assert stored is not None
        return stored.model


@pytest.fixture
def reconciler(world: World) -> Reconciler:
    return Reconciler(world)


def _known(world: World, order_id: str, updated_at: datetime) -> None:
    record = OrderRecord(
        connection="shop", order_id=order_id, name=f"#{order_id}", state=OrderState.PLACED, payment=PaymentState.PAID,
        total=usd("22.99"), refunded=usd("0.00"), created_at=START, store_updated_at=updated_at, seen_at=START,
    )  # fmt: skip
    world.storage.commit([Put(order_key(f"shop#{order_id}"), record, 0)])


def _seen_facts(world: World) -> list[list[str]]:
    """Collects the facts of every write of the connection's state from now on."""
    seen: list[list[str]] = []

    def after(name: str) -> None:
        if name == "dynamodb:PutItem":
            world.aws.after = lambda other: None
            seen.append([fact.get("resource", "") for fact in world.raw_facts(KEY) if fact["type"] == "order.changed"])
            world.aws.after = after

    world.aws.after = after
    return seen


def test_missing_and_older_orders_are_brought_in_by_the_usual_way(world: World, reconciler: Reconciler) -> None:
    _known(world, "1", START)
    _known(world, "2", START - timedelta(hours=1))
    reconciler.orders.pages = [[ChangedOrder("1", START), ChangedOrder("2", START), ChangedOrder("3", START)]]
    seen = _seen_facts(world)
    reconciler.run()
    assert [entry for entry in seen if entry] == [["2", "3"]]
    assert "2 orders had not arrived" in str(reconciler.state.log)


def test_the_first_run_looks_back_by_the_window_and_the_next_with_an_overlap(
    world: World, reconciler: Reconciler
) -> None:
    reconciler.run()
    world.clock.forward(minutes=10)
    reconciler.run()
    assert reconciler.orders.since == [START - timedelta(hours=48), START - OVERLAP]
    assert reconciler.state.reconciled_until == world.clock.now()


def test_many_missed_orders_are_written_in_bounded_chunks(world: World, reconciler: Reconciler) -> None:
    reconciler.orders.pages = [[ChangedOrder(str(number), START) for number in range(45)]]
    seen = _seen_facts(world)
    reconciler.run()
    assert [len(entry) for entry in seen if entry] == [20, 20, 5]


def test_killed_between_chunks_the_rest_is_found_again(world: World, reconciler: Reconciler) -> None:
    class Killed(BaseException):
        pass

    reconciler.orders.pages = [[ChangedOrder(str(number), START) for number in range(25)]]
    seen: list[str] = []

    def kill(name: str) -> None:
        seen.append(name)
        if name == "dynamodb:PutItem":
            raise Killed

    world.aws.after = kill
    with pytest.raises(Killed):
        reconciler.run()
    world.aws.after = lambda name: None
    assert reconciler.state.reconciled_until is None
    facts = _seen_facts(world)
    reconciler.run()
    assert sum(len(entry) for entry in facts) == 25


def test_progress_is_kept_page_by_page(world: World, reconciler: Reconciler) -> None:
    first, second = START - timedelta(hours=5), START - timedelta(hours=4)
    reconciler.orders.pages = [[ChangedOrder("1", first)], [ChangedOrder("2", second)]]
    real = reconciler.orders.list_changed_orders

    def second_fails(since: datetime, cursor: str) -> tuple[list[ChangedOrder], str]:
        if cursor:
            raise Retryable("503")
        return real(since, cursor)

    reconciler.orders.list_changed_orders = second_fails  # type: ignore[method-assign]
    reconciler.run()
    assert reconciler.state.reconciled_until == first
    assert reconciler.state.last_failure == "RETRYABLE: 503"


def test_subscriptions_are_mended_hourly_with_an_alert(world: World, reconciler: Reconciler) -> None:
    reconciler.webhooks.mended = ["orders/create"]
    reconciler.run()
    assert reconciler.webhooks.asked == ["https://api.example.com/webhooks/shop"]
    assert world.facts(KEY) == ["WEBHOOKS_MENDED"]
    world.clock.forward(minutes=10)
    reconciler.run()
    assert len(reconciler.webhooks.asked) == 1
    world.clock.forward(minutes=55)
    reconciler.run()
    assert len(reconciler.webhooks.asked) == 2


def test_a_failure_is_recorded_and_told_once(world: World, reconciler: Reconciler) -> None:
    reconciler.orders.faults.add("list_changed_orders", Misconfigured("401"), Misconfigured("401"))
    reconciler.run()
    assert world.facts(KEY) == ["CONNECTION_FAILS"]
    version = world.version(KEY)
    reconciler.run()
    assert world.version(KEY) == version
    reconciler.run()
    assert reconciler.state.last_failure == ""
    assert reconciler.state.last_ok_at == world.clock.now()


def test_a_closed_connection_is_not_asked(world: World, reconciler: Reconciler) -> None:
    world.storage.commit([Put(KEY, ConnectionState(connection="shop", open=False), 0)])
    reconciler.run()
    assert reconciler.orders.since == []
