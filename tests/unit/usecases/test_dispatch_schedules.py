"""Schedules to messages (promise P11)."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest

from orderwright.declarations import Capability
from orderwright.domain.connection_state import ConnectionState
from orderwright.domain.feed_state import FeedState
from orderwright.domain.listing import Listing
from orderwright.domain.operations import Cursor, Watch
from orderwright.messages import Message, parse
from orderwright.records import ORDERS, WATCH, Key, connection_key, feed_key, poll_key, statement_key
from orderwright.registry import CONNECTORS, declaration
from orderwright.storage import Due, Put
from orderwright.usecases.dispatch_schedules import UnknownDue, UnknownSchedule, dispatch_schedules
from orderwright.usecases.listing.records import listing_put
from orderwright.usecases.stock.budget import claim_quotes, claim_reads
from orderwright.usecases.watching import watched
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
        Put(connection_key("shop"), ConnectionState(connection="shop"), 0, due=Due(late, "store.reconcile_due")),
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
            new_token=lambda: "run-1", dead_letters=lambda: {"poll_stock": 1},
        )  # fmt: skip
    assert [message.type for message in sent] == ["order.due"]
    assert set(watched(world.storage).causes) == {"|poll_stock"}


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
    message, *beside = _dispatch(world, "statement")
    assert [one.type for one in beside] == ["scores.due", "mail.feedback_due"]
    yesterday = (world.clock.now() - timedelta(days=1)).date()
    assert (message.type, message.pk) == ("statement.due", f"STATEMENT#{yesterday}")


def test_a_supplier_whose_offers_a_feed_reports_is_not_polled(world: World) -> None:
    supplier = world.config.suppliers["cj"].model_copy(update={"poll_stock": False})
    world.config = world.config.model_copy(update={"connections": {**world.config.connections, "cj": supplier}})
    assert [message.connection for message in _dispatch(world, "poll_stock")] == ["feed"]


def test_what_a_suppliers_kind_cannot_tell_is_not_asked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    package = sys.modules[CONNECTORS["cj"]]
    for schedule, without, rest in (
        ("poll_stock", {Capability.STOCK}, ["feed"]),
        ("poll_catalogue", {Capability.CATALOGUE}, ["cj"]),  # its own list of goods may have lost the last one
    ):
        with monkeypatch.context() as patched:
            able = declaration("cj").capabilities - without
            patched.setattr(package, "CONNECTOR", declaration("cj")._replace(capabilities=able))
            assert [message.connection for message in _dispatch(world, schedule)] == rest


def test_once_a_day_everything_is_priced_again(world: World) -> None:
    (message,) = _dispatch(world, "reprice")
    assert (message.type, message.detail) == ("prices.reprice_due", {"why": "daily"})


def test_an_unknown_schedule_names_those_that_exist(world: World) -> None:
    with pytest.raises(UnknownSchedule, match="poll_stock"):
        _dispatch(world, "poll_weather")


def test_nothing_overdue_sends_nothing(world: World) -> None:
    assert _dispatch(world, "sweep") == []


# --- silence (promise P14) --------------------------------------------------------------------------------------------


def _look(world: World, **dead: int) -> list[str]:
    """One look of the sweep; the codes of the alerts that it writes."""
    before = world.version(WATCH)
    dispatch_schedules(
        "sweep", storage=world.storage, config=world.config, send=lambda _: None, clock=world.clock,
        new_token=lambda: "run", dead_letters=lambda: dead,
    )  # fmt: skip
    return world.facts(WATCH) if world.version(WATCH) > before else []


def _all_well(world: World) -> None:
    """Everything ran just now, as its worker or schedule writes it down."""
    now = world.clock.now()
    yesterday = now.date() - timedelta(days=1)
    for key, model in (
        (feed_key("feed"), FeedState(connection="feed", checked_at=now)),
        (connection_key("shop"), ConnectionState(connection="shop", reconciled_until=now)),
        (Key("control", "CURSOR#cj", "STOCK"), Cursor(name="cj stock", at=now)),
        (statement_key(yesterday), Watch()),
    ):
        world.storage.commit([Put(key, model, world.version(key))])
    for schedule in ("poll_stock", "reconcile", "poll_catalogue", "reprice", "statement"):
        _dispatch(world, schedule)


EVERYTHING = {"FEED_STALE", "RECONCILE_STALE", "SCHEDULE_STOPPED", "STATEMENT_MISSING"}


def test_what_was_never_heard_of_is_told_once_by_the_clock_alone(world: World) -> None:
    assert _look(world) == []
    world.clock.forward(hours=27)
    assert set(_look(world)) == EVERYTHING
    world.clock.forward(minutes=5)
    assert _look(world) == [], "one alert a cause"
    _all_well(world)
    assert _look(world) == []
    assert watched(world.storage).causes == {}


@pytest.mark.parametrize(
    ("key", "model", "hours", "code"),
    [
        (feed_key("feed"), FeedState(connection="feed"), 24.5, "FEED_STALE"),
        (connection_key("shop"), ConnectionState(connection="shop"), 1.5, "RECONCILE_STALE"),
        (Key("control", "CURSOR#cj", "STOCK"), Cursor(name="cj stock"), 26.5, "STOCK_STALE"),
    ],
)
def test_each_part_that_alone_stands_still_is_named(
    world: World, key: Key, model: FeedState | ConnectionState | Cursor, hours: float, code: str
) -> None:
    _all_well(world)
    _look(world)
    old = world.storage.get(key, type(model))
    assert old is not None
    world.clock.forward(hours=hours)
    _all_well(world)
    world.storage.commit([Put(key, old.model, world.version(key))])
    assert _look(world) == [code]


def test_neither_quotes_nor_news_of_single_offers_hide_that_no_stock_is_polled(world: World) -> None:
    _all_well(world)
    _look(world)
    key = poll_key("cj")
    old = world.storage.get(key, Cursor)
    assert old is not None
    world.clock.forward(hours=26.5)
    _all_well(world)
    world.storage.commit([Put(key, old.model, world.version(key))])
    settings, now = world.config.suppliers["cj"], world.clock.now()
    assert claim_quotes(world.storage, "cj", settings, 1, 10, now) == 1
    assert claim_reads(world.storage, "cj", settings, 1, 10, now, paced=False) == 1
    assert _look(world) == ["STOCK_STALE"]


def test_a_schedule_that_stopped_is_told_within_a_quarter_of_an_hour_after_its_limit(world: World) -> None:
    _all_well(world)
    _look(world)
    for _ in range(4):
        world.clock.forward(minutes=10)
        _dispatch(world, "reconcile")
    assert _look(world) == ["SCHEDULE_STOPPED"]
    assert set(watched(world.storage).causes) == {"|schedule poll_stock"}


def test_a_store_that_fails_is_not_told_twice(world: World) -> None:
    _all_well(world)
    world.clock.forward(hours=2)
    key = connection_key("shop")
    failing = ConnectionState(connection="shop", last_failure="HTTP_503: away")
    world.storage.commit([Put(key, failing, world.version(key))])
    assert "RECONCILE_STALE" not in _look(world)
    back = ConnectionState(connection="shop", reconciled_until=world.clock.now() - timedelta(hours=2))
    world.storage.commit([Put(key, back, world.version(key))])
    assert "RECONCILE_STALE" not in _look(world), "it has just begun to answer again"
    world.clock.forward(minutes=65)
    assert "RECONCILE_STALE" in _look(world)


def test_dead_letters_of_any_queue_are_told_once_and_cleared(world: World) -> None:
    assert _look(world, poll_stock=2, ingest_order=0) == ["DEAD_LETTERS"]
    assert _look(world, poll_stock=3) == []
    assert _look(world, poll_stock=3, relay_facts=1) == ["DEAD_LETTERS"]
    _look(world)
    assert watched(world.storage).causes == {}


def test_the_daily_schedules_are_not_missed_where_they_do_not_run_by_themselves(world: World) -> None:
    for hours in (0, 30):
        world.clock.forward(hours=hours)
        dispatch_schedules(
            "sweep", storage=world.storage, config=world.config, send=lambda _: None, clock=world.clock,
            new_token=lambda: "run", daily=False,
        )  # fmt: skip
    assert not {"|schedule reprice", "|statement of yesterday"} & set(watched(world.storage).causes)
