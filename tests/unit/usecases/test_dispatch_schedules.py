"""Schedules to messages (promise P11)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orderwright.domain.catalogue import Listing
from orderwright.domain.operations import Cursor
from orderwright.messages import Message, parse
from orderwright.records import CONTROL, ORDERS, Key, listing_key
from orderwright.storage import Due, Put
from orderwright.usecases.dispatch_schedules import UnknownDue, UnknownSchedule, dispatch_schedules
from orderwright.usecases.listing.records import listing_put
from tests.support.catalogue_world import SKU, World


def _dispatch(world: World, schedule: str) -> list[Message]:
    sent: list[Message] = []
    dispatch_schedules(
        schedule, storage=world.storage, config=world.config, send=sent.extend, clock=world.clock,
        new_token=lambda: "run-1",
    )  # fmt: skip
    assert all(parse(message.to_json()) == message for message in sent)
    return sent


def test_the_sweep_finds_overdue_items_of_all_tables(world: World) -> None:
    now = world.clock.now()
    late = now - timedelta(minutes=1)
    note = Cursor(name="x")
    puts = [
        Put(Key(ORDERS, "shop#1001", "ORDER"), note, 0, due=Due(late, "order.due")),
        Put(Key(ORDERS, "shop#1001", "PO#cj#1"), note, 0, due=Due(late, "purchase_order.due")),
        Put(Key(ORDERS, "shop#1002", "ORDER"), note, 0, due=Due(now + timedelta(minutes=1), "order.due")),
        Put(Key(CONTROL, "CONNECTION#shop", "STATE"), note, 0, due=Due(late, "store.reconcile_due")),
        listing_put(Listing(sku=SKU, store="shop"), 0, due=Due(late, "listing.push_due")),
    ]
    for put in puts:
        world.storage.commit([put])
    found = {message.type: message for message in _dispatch(world, "sweep")}
    assert set(found) == {"order.due", "purchase_order.due", "store.reconcile_due", "listing.push_due"}
    order, listing = found["order.due"], found["listing.push_due"]
    assert (order.connection, order.pk, order.sk, order.resource) == ("shop", "shop#1001", "ORDER", "1001")
    assert (listing.connection, listing.resource, listing.sk) == ("shop", SKU, "LISTING#shop")
    assert found["store.reconcile_due"].connection == "shop"
    assert order.correlation == "run-1"


def test_the_same_moment_gives_the_same_ids(world: World) -> None:
    first, second = _dispatch(world, "poll_stock"), _dispatch(world, "poll_stock")
    assert [message.id for message in first] == [message.id for message in second]


def test_an_unknown_due_type_stops_nothing_else_and_is_said(world: World) -> None:
    late = world.clock.now() - timedelta(minutes=1)
    for number, name in enumerate(("order.due", "order.of_next_year")):
        world.storage.commit([Put(Key(ORDERS, f"shop#{number}", "ORDER"), Cursor(name="x"), 0, due=Due(late, name))])
    sent: list[Message] = []
    with pytest.raises(UnknownDue, match=r"order\.of_next_year"):
        dispatch_schedules(
            "sweep", storage=world.storage, config=world.config, send=sent.extend, clock=world.clock,
            new_token=lambda: "run-1",
        )  # fmt: skip
    assert [message.type for message in sent] == ["order.due"]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("poll_stock", {("stock.poll_due", "feed"), ("stock.poll_due", "cj")}),
        ("poll_catalogue", {("catalogue.import_due", "cj")}),
        ("reconcile", {("store.reconcile_due", "shop")}),
    ],
)
def test_each_schedule_reaches_its_connections(world: World, schedule: str, expected: set[tuple[str, str]]) -> None:
    assert {(message.type, message.connection) for message in _dispatch(world, schedule)} == expected


def test_at_night_the_statement_of_the_day_before_is_asked_for(world: World) -> None:
    (message,) = _dispatch(world, "statement")
    yesterday = (world.clock.now() - timedelta(days=1)).date()
    assert (message.type, message.pk) == ("statement.due", f"STATEMENT#{yesterday}")


def test_a_supplier_whose_offers_a_feed_reports_is_not_polled(world: World) -> None:
    supplier = world.config.supplier("cj").model_copy(update={"poll_stock": False})
    world.config = world.config.model_copy(update={"connections": {**world.config.connections, "cj": supplier}})
    assert [message.connection for message in _dispatch(world, "poll_stock")] == ["feed"]


def test_repricing_reaches_every_listed_sku_once(world: World) -> None:
    for sku in ("A", "B"):
        world.has_listing(sku)
    found = _dispatch(world, "reprice")
    assert [(message.type, message.resource) for message in found] == [("offer.changed", "A"), ("offer.changed", "B")]
    assert listing_key("A", "shop").pk == found[0].pk


def test_an_unknown_schedule_names_those_that_exist(world: World) -> None:
    with pytest.raises(UnknownSchedule, match="poll_stock"):
        _dispatch(world, "poll_weather")


def test_nothing_overdue_sends_nothing(world: World) -> None:
    assert _dispatch(world, "sweep") == []
