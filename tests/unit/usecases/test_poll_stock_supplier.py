"""Counted calls inside the day's points, and news (promises P3, P4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orderwright.connectors.suppliers.cj.settings import CjSettings
from orderwright.domain.operations import Cursor
from orderwright.errors import Conflict, Misconfigured, Retryable
from orderwright.records import CONTROL, Key, connection_key, offer_key, poll_key
from orderwright.storage import Put, Reserve
from orderwright.usecases.stock.budget import allowance
from tests.support.catalogue_world import SKU, World, message
from tests.support.fakes import START, unit_usd
from tests.support.polled_supplier import PolledSupplier

OFFER = offer_key(SKU, "cj")


def test_a_poll_reads_the_offers_and_writes_what_changed(world: World, supplier: PolledSupplier) -> None:
    world.has_offer()
    supplier.stock.answers[f"vid-{SKU}"] = (4, unit_usd("7.60"))
    world.clock.forward(minutes=5)
    supplier.run()
    offer = world.offer()
    assert (offer.stock, offer.sellable, offer.cost) == (4, 4, unit_usd("7.60"))
    assert world.facts(OFFER) == ["offer.changed"]
    assert supplier.used == 10


def test_an_unchanged_offer_carries_no_fact_but_its_report_counts(world: World, supplier: PolledSupplier) -> None:
    world.has_offer()
    supplier.stock.answers[f"vid-{SKU}"] = (10, unit_usd("6.40"))
    world.clock.forward(minutes=5)
    supplier.run()
    assert world.facts(OFFER) == []
    assert world.offer().observed_at == world.clock.now()


def test_unknown_is_not_zero(world: World, supplier: PolledSupplier) -> None:
    world.has_offer()
    supplier.stock.answers[f"vid-{SKU}"] = (None, None)
    world.clock.forward(minutes=5)
    supplier.run()
    assert (world.offer().stock, world.offer().cost) == (10, unit_usd("6.40"))
    assert world.offer().observed_at == START


@pytest.mark.parametrize("cost", ["0.00", "-1.00"])
def test_a_cost_that_is_not_above_zero_is_parked_once(world: World, supplier: PolledSupplier, cost: str) -> None:
    world.has_offer()
    supplier.stock.answers[f"vid-{SKU}"] = (3, unit_usd(cost))
    note = Key(CONTROL, "PARKED", f"cj#stock#COST_NOT_POSITIVE#{SKU}")
    for _ in range(2):
        world.clock.forward(minutes=5)
        supplier.run()
    assert (world.offer().stock, world.offer().cost) == (3, unit_usd("6.40"))
    assert world.facts(note) == ["COST_NOT_POSITIVE"]
    assert world.version(note) == 1


def test_the_offers_written_longest_ago_come_first(world: World, supplier: PolledSupplier) -> None:
    for number in range(8):
        world.has_offer(f"SKU-{number}")
        world.clock.forward(seconds=1)
        supplier.stock.answers[f"vid-SKU-{number}"] = (1, None)
    world.clock.at = START.replace(day=21, hour=0, minute=1)
    supplier.run()
    assert supplier.stock.asked == [f"vid-SKU-{number}" for number in range(4)]
    world.clock.at = START.replace(day=21, hour=2)
    supplier.run()
    assert supplier.stock.asked[4:8] == [f"vid-SKU-{number}" for number in range(4, 8)]


SETTINGS = CjSettings(kind="cj", points_per_day=1000, points_reserve=100)


@pytest.mark.parametrize(("hour", "used", "left"), [(0, 0, 45), (12, 0, 495), (12, 495, 0), (23, 0, 900), (23, 900, 0)])
def test_points_are_spread_over_the_day(hour: int, used: int, left: int) -> None:
    assert allowance(SETTINGS, used, START.replace(hour=hour, minute=0), paced=True) == left


def test_news_may_be_followed_ahead_of_the_hour_but_never_into_the_reserve() -> None:
    early = START.replace(hour=0, minute=0)
    assert allowance(SETTINGS, 850, early, paced=True) == 0
    assert allowance(SETTINGS, 850, early, paced=False) == 50
    assert allowance(SETTINGS, 990, early, paced=False) == 0


def test_a_new_day_has_its_points_again(world: World, supplier: PolledSupplier) -> None:
    world.has_offer()
    supplier.stock.answers[f"vid-{SKU}"] = (4, None)
    used = Cursor(name="cj stock", points_day="2026-11-20", points_used=900)
    world.storage.commit([Put(poll_key("cj"), used, 0)])
    supplier.run()
    assert supplier.stock.asked == []
    world.clock.forward(days=1)
    supplier.run()
    assert supplier.stock.asked == [f"vid-{SKU}"]
    assert supplier.used == 10


def test_news_without_points_left_is_told_once_a_day(world: World, supplier: PolledSupplier) -> None:
    world.has_offer()
    used = Cursor(name="cj stock", points_day="2026-11-20", points_used=900)
    world.storage.commit([Put(poll_key("cj"), used, 0)])
    for _ in range(2):
        supplier.run(message("stock.news", connection="cj", resource=f"vid-{SKU}"))
    assert world.facts(poll_key("cj")) == ["POINTS_USED_UP"]
    assert world.version(poll_key("cj")) == 2


def test_points_are_counted_before_the_calls(world: World, supplier: PolledSupplier) -> None:
    world.has_offer()
    supplier.stock.faults.add("read_offer", Retryable("429"))
    supplier.run()
    assert supplier.used == 10
    assert world.facts(connection_key("cj")) == ["CONNECTION_FAILS"]


def test_a_throttled_poll_keeps_what_was_read(world: World, supplier: PolledSupplier) -> None:
    for number in range(3):
        world.has_offer(f"SKU-{number}")
        world.clock.forward(seconds=1)
        supplier.stock.answers[f"vid-SKU-{number}"] = (1, None)
    real = supplier.stock.read_offer

    def second_fails(sku: str, ref: str):  # type: ignore[no-untyped-def]
        if ref == "vid-SKU-1":
            raise Retryable("429")
        return real(sku, ref)

    supplier.stock.read_offer = second_fails  # type: ignore[method-assign, assignment]
    supplier.run()
    assert [world.offer(f"SKU-{number}").stock for number in range(3)] == [1, 10, 10]


def test_news_reads_that_offer_now(world: World, supplier: PolledSupplier) -> None:
    world.has_offer()
    world.has_offer("OTHER")
    supplier.stock.answers[f"vid-{SKU}"] = (0, None)
    world.clock.forward(seconds=3)
    supplier.run(message("stock.news", connection="cj", resource=f"vid-{SKU}"))
    assert supplier.stock.asked == [f"vid-{SKU}"]
    assert world.offer().stock == 0


def test_news_of_a_foreign_id_costs_nothing(world: World, supplier: PolledSupplier) -> None:
    supplier.run(message("stock.news", connection="cj", resource="vid-unknown"))
    assert supplier.stock.asked == []
    assert supplier.used == 0


def test_news_that_cannot_be_followed_is_due_again_soon_and_ever_more_seldom(
    world: World, supplier: PolledSupplier
) -> None:
    world.has_offer()
    news = message("stock.news", connection="cj", resource=f"vid-{SKU}")
    for away in (timedelta(seconds=1), timedelta(seconds=60), timedelta(hours=12)):
        world.clock.forward(seconds=away.total_seconds())
        supplier.stock.faults.add("read_offer", Retryable("429"))
        supplier.run(news)
        wait = world.timing.patience(START, world.clock.now())
        assert world.storage.due("catalogue", world.clock.now() + wait - timedelta(seconds=1), 10) == []
        (((table, pk, sk), kind),) = world.storage.due("catalogue", world.clock.now() + wait, 10)
        assert (table, kind) == ("catalogue", "stock.news")
    supplier.stock.answers[f"vid-{SKU}"] = (4, None)
    supplier.run(message("stock.news", connection="cj", resource=SKU, pk=pk, sk=sk))
    assert world.offer().stock == 4
    assert world.storage.due("catalogue", world.clock.now() + timedelta(days=1), 10) == []


def test_an_offer_the_supplier_does_not_find_keeps_its_stock_and_is_told_once(
    world: World, supplier: PolledSupplier
) -> None:
    world.has_offer()
    supplier.run()
    assert world.facts(OFFER) == ["OFFER_NOT_FOUND"]
    assert world.offer().stock == 10
    supplier.run()
    assert world.facts(OFFER) == []


def test_a_reservation_between_read_and_write_needs_no_second_call(world: World, supplier: PolledSupplier) -> None:
    world.has_offer()
    supplier.stock.answers[f"vid-{SKU}"] = (5, None)
    world.clock.forward(minutes=1)
    done: list[str] = []

    def meanwhile(name: str) -> None:
        if name == "dynamodb:PutItem" and supplier.stock.asked and not done:
            done.append(name)
            world.storage.commit([Reserve(OFFER, (("shop#1|line", 2),))])

    world.aws.before = meanwhile
    supplier.run()
    assert supplier.stock.asked == [f"vid-{SKU}"]
    assert (world.offer().stock, world.offer().sellable) == (5, 3)


def test_a_store_has_no_stock_to_poll(world: World, supplier: PolledSupplier) -> None:
    with pytest.raises(Misconfigured, match="is a store: nothing is polled of it here"):
        supplier.run(message("stock.poll_due", connection="shop"))


def test_a_removed_connection_is_let_go(world: World, supplier: PolledSupplier) -> None:
    supplier.run(message("stock.poll_due", connection="old"))
    assert supplier.stock.asked == []


def test_a_conflict_is_raised_only_when_it_does_not_end(world: World, supplier: PolledSupplier) -> None:
    world.has_offer()
    supplier.stock.answers[f"vid-{SKU}"] = (5, None)
    world.clock.forward(minutes=1)
    busy = [False]

    def meanwhile(name: str) -> None:
        if name == "dynamodb:PutItem" and supplier.stock.asked and not busy[0]:
            busy[0] = True
            world.change_offer(buffer=0)
            busy[0] = False

    world.aws.before = meanwhile
    with pytest.raises((Conflict, Retryable)):
        supplier.run(message("stock.news", connection="cj", resource=f"vid-{SKU}"))
