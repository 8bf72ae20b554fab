"""A store or supplier that is away, or refuses us: nothing is lost, nothing burns its receives, one alert (P2, P11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from local.sandbox.wire import Request, Response, json_response
from orderwright.domain.connection_state import ConnectionState
from orderwright.domain.operations import WaitingMessage
from orderwright.domain.order import OrderState
from orderwright.errors import Misconfigured
from orderwright.messages import Message
from orderwright.records import CONTROL, Key, connection_key
from orderwright.usecases.health import note_failure, note_success
from tests.support.shop import STORE, SUPPLIER, test_config
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["open_shop", "shop"]

MS, COB = "HL-MS-400", "HL-COB-350"
HOUR = 3600


def answers(shop: OrderShop, status: int) -> Callable[[], None]:
    """The store's API answers every call with this; gives what brings it back."""
    through = shop.store.api.handle

    def refuse(_: Request) -> Response:
        return json_response({"errors": "away"}, status)

    shop.store.api.handle = refuse  # type: ignore[method-assign,assignment]

    def back() -> None:
        shop.store.api.handle = through  # type: ignore[method-assign]

    return back


def failing(shop: OrderShop) -> list[str]:
    return [alert for alert in shop.post.alerts if "CONNECTION_FAILS" in alert]


def health(shop: OrderShop, connection: str) -> ConnectionState:
    held = shop.wiring.storage.get(connection_key(connection), ConnectionState)
    return held.model if held else ConnectionState(connection=connection)


def waiting(shop: OrderShop) -> list[Key]:
    return [key for key, _ in shop.wiring.storage.list_raw(CONTROL, f"WAIT#{STORE}")]


def held_raw(shop: OrderShop) -> Any:
    (key,) = waiting(shop)
    return shop.wiring.storage.get(key, WaitingMessage)


@pytest.mark.parametrize("status", [503, 401, 403])
def test_p2_a_store_that_is_away_for_two_hours_has_every_order_placed_once_when_it_is_back(
    shop: OrderShop, status: int
) -> None:
    known = shop.store.buy([(COB, 1)], pay="authorized").name
    shop.run()
    back = answers(shop, status)
    names = [shop.store.buy([(MS, 1)]).name for _ in range(3)]
    shop.store.capture(known)
    shop.pass_time(2 * HOUR, step=300)
    assert shop.paid_orders() == []
    assert len(waiting(shop)) == 4
    assert shop.failed == []
    assert len(failing(shop)) == 1
    assert health(shop, STORE).last_failure
    back()
    shop.pass_time(HOUR / 3, step=300)
    assert [len(shop.paid_orders(name)) for name in [known, *names]] == [1, 1, 1, 1]
    assert waiting(shop) == []
    assert health(shop, STORE).last_failure == ""
    shop.pass_time(HOUR, step=600)
    assert len(shop.paid_orders()) == 4


def test_a_store_that_stumbles_once_is_no_news(shop: OrderShop) -> None:
    back = answers(shop, 503)
    name = shop.store.buy([(MS, 1)]).name
    shop.run()
    back()
    shop.pass_time(60)
    assert shop.record(name).state is OrderState.PLACED
    assert failing(shop) == []


def test_a_failure_that_comes_back_within_an_hour_and_stays_is_told_after_it(shop: OrderShop) -> None:
    refused, storage = Misconfigured("no scope", code="SCOPE_MISSING"), shop.wiring.storage
    for _ in range(2):
        note_failure(storage, STORE, "reconcile_store", refused, shop.clock.now())
        note_success(storage, STORE, "reconcile_store", shop.clock.now())
    for _ in range(20):
        shop.clock.advance(600)
        note_failure(storage, STORE, "reconcile_store", refused, shop.clock.now())
    shop.run()
    assert len(failing(shop)) == 2


def test_the_same_webhook_many_times_waits_once(shop: OrderShop) -> None:
    answers(shop, 503)
    shop.store.repeat_next_webhooks(5)
    shop.store.buy([(MS, 1)])
    shop.run()
    assert len(waiting(shop)) == 1
    assert held_raw(shop).model.tries == 1


def test_an_overdue_order_is_not_asked_for_each_minute_of_an_outage(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(upsell_window_minutes=5))
    name = shop.store.buy([(MS, 1)]).name
    shop.run()
    back = answers(shop, 503)
    refuse, asked = shop.store.api.handle, []

    def count(request: Request) -> Response:
        asked.append(request)
        return refuse(request)

    shop.store.api.handle = count  # type: ignore[method-assign]
    shop.pass_time(HOUR)
    assert 3 <= len(asked) <= 15
    back()
    shop.pass_time(HOUR / 3)
    assert len(shop.paid_orders(name)) == 1


def test_news_that_comes_while_an_older_state_is_fetched_does_not_end_the_wait(shop: OrderShop) -> None:
    back = answers(shop, 503)
    order = shop.store.buy([(MS, 1)], pay="authorized")
    shop.run()
    back()
    shop.clock.advance(60)
    through = shop.wiring.connectors.store(STORE).fetch_order

    def fetch(order_id: str) -> Any:
        old = through(order_id)
        shop.store.capture(order.name)
        again = answers(shop, 503)
        setattr(shop.wiring.connectors.store(STORE), "fetch_order", through)  # noqa: B010 - of this one connector
        shop.deliver()
        shop.work()
        again()
        return old

    setattr(shop.wiring.connectors.store(STORE), "fetch_order", fetch)  # noqa: B010 - of this one connector
    shop.sweep()
    shop.work()
    assert len(waiting(shop)) == 1
    shop.pass_time(60)
    assert len(shop.paid_orders(order.name)) == 1


def test_an_uninstall_that_cannot_be_confirmed_waits_as_well(shop: OrderShop) -> None:
    back = answers(shop, 503)
    message = Message("connection.closed", "m1", "now", connection=STORE, topic="app/uninstalled")
    shop.queues["ingest_order"].append(message.to_json())
    shop.run()
    assert [key.sk for key in waiting(shop)] == ["connection.closed#m1"]
    back()
    shop.pass_time(120)
    assert waiting(shop) == []


def test_p11_what_waited_two_weeks_is_parked_for_the_operator(shop: OrderShop) -> None:
    answers(shop, 503)
    shop.store.buy([(MS, 1)])
    shop.run()
    shop.clock.advance(15 * 24 * HOUR)
    shop.sweep()
    shop.run()
    assert waiting(shop) == []
    assert len([key for key, _ in shop.wiring.storage.list_raw(CONTROL, "PARKED")]) == 1


def test_a_supplier_that_refuses_our_key_shows_in_its_health_with_one_alert(shop: OrderShop) -> None:
    shop.clock.advance(400)
    key, shop.supplier.config.__dict__["api_key"] = shop.supplier.config.api_key, "changed"
    shop.supplier.access.expire_all()
    names = [shop.store.buy([(MS, 1)]).name for _ in range(3)]
    shop.pass_time(1800, step=300)
    assert "CJ_1600005" in health(shop, SUPPLIER).last_failure
    assert len(failing(shop)) == 1
    shop.supplier.config.__dict__["api_key"] = key
    shop.pass_time(2400, step=300)
    assert [len(shop.paid_orders(name)) for name in names] == [1, 1, 1]
    assert health(shop, SUPPLIER).last_failure == ""


def test_a_store_that_refuses_a_fulfillment_shows_in_its_health(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)]).name
    shop.run()
    back = answers(shop, 403)
    shop.supplier.ship(shop.purchase_orders(name)[0].reference)
    shop.run()
    shop.pass_time(1800, step=600)
    assert "HTTP_403" in health(shop, STORE).last_failure
    assert len(failing(shop)) == 1
    back()
    shop.pass_time(1800, step=600)
    assert len(shop.world.ledger.of_kind("shopify", "fulfillment_created")) == 1
