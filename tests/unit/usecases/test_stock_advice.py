"""A night's look at a supplier's stock: buffers by target, what runs low, one warning each (promises P3, P14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from orderwright.domain.catalogue import NEVER
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import settings_of
from orderwright.domain.scoring.day import SkuDay, SupplierDay
from orderwright.domain.shelf import Shelf
from orderwright.domain.stock_days import AdviceWork, StockWarning
from orderwright.records import CATALOGUE, CONTROL, cursor_key, offer_key, score_day_key, stock_warning_key
from orderwright.storage import Put, Reserve
from orderwright.usecases.stock.advice import LOW, report_age
from orderwright.usecases.stock.offers import offer_state
from orderwright.usecases.stock.velocity import velocities
from tests.support.catalogue_world import SKU, World, message
from tests.support.polled_supplier import PolledSupplier

OFFER, WORK = offer_key(SKU, "cj"), cursor_key("cj", "ADVICE")
DUE = "stock.advice_due"


def settle(world: World, **of_cj: Any) -> None:
    """cj with other settings, and a warehouse beside it."""
    own = settings_of("in_house").model_validate({"kind": "in_house", "from_country": "DE"})
    cj = world.config.connections["cj"].model_copy(update=of_cj)
    world.config = world.config.model_copy(update={"connections": {**world.config.connections, "cj": cj, "own": own}})


def sold(world: World, supplier: str, a_day: int, skus: Sequence[str] = (SKU,)) -> None:
    """So many of each SKU on each of the last 28 days."""
    for back in range(1, 29):
        day = world.clock.now().date() - timedelta(days=back)
        counted = SupplierDay(supplier=supplier, day=day, skus={sku: SkuDay(sold=a_day) for sku in skus})
        world.storage.commit([Put(score_day_key(supplier, day), counted, 0)])


def warning(world: World, supplier: str = "cj", sku: str = SKU) -> StockWarning | None:
    held = world.storage.get(stock_warning_key(supplier, sku), StockWarning)
    return held.model if held else None


def night(supplier: PolledSupplier, name: str = "cj", **fields: str) -> None:
    supplier.run(message(DUE, connection=name, **fields))


def test_p3_the_target_makes_the_buffer_and_what_is_published_follows(world: World, supplier: PolledSupplier) -> None:
    world.has_offer(stock=40, sellable=38, buffer=2, stock_from="feed")
    world.has_offer("IDLE", stock=9, sellable=9, stock_from="feed")
    settle(world, oversold_at_most_percent="0.1", buffer=2)
    sold(world, "cj", 5)
    night(supplier)
    offer = world.offer()  # 24 hours between two reports, 5 a day: see tests/properties/test_stock_buffer.py
    assert (offer.buffer, offer.held_back, offer.sellable, offer.log[-1].why) == (13, 13, 27, "buffer 2 -> 13")
    assert world.facts(OFFER) == ["offer.changed"]
    assert world.offer("IDLE").buffer == 2
    world.clock.forward(seconds=60)
    settle(world, oversold_at_most_percent="5", buffer=2)
    first = world.storage.in_state(CATALOGUE, offer_state("cj"), 9)
    night(supplier)
    assert world.storage.in_state(CATALOGUE, offer_state("cj"), 9) == first, "it does not lose its turn to be read"
    settle(world, oversold_at_most_percent="0.1", buffer=2)
    night(supplier)
    version = world.version(OFFER)
    night(supplier)
    assert world.version(OFFER) == version
    assert world.storage.get(WORK, AdviceWork) is None
    settle(world, oversold_at_most_percent=None, buffer=2)
    night(supplier)
    assert (world.offer().buffer, world.offer().sellable) == (2, 38)


def test_p3_a_reservation_between_read_and_write_is_not_lost(world: World, supplier: PolledSupplier) -> None:
    world.has_offer(stock=40, sellable=40, stock_from="feed")
    settle(world, oversold_at_most_percent="0.1")
    sold(world, "cj", 5)
    read = world.storage.get_many

    def reserved_meanwhile(keys: Any, model: Any) -> Any:
        found = read(keys, model)
        if OFFER in keys and not world.offer().open:
            world.storage.commit([Reserve(OFFER, (("shop#1|L1", 3),))])
        return found

    world.storage.get_many = reserved_meanwhile  # type: ignore[method-assign]
    night(supplier)
    assert (world.offer().open, world.offer().sellable) == ({"shop#1|L1": 3}, 40 - 13 - 3)


def test_a_worker_that_is_killed_between_two_writes_is_followed_by_one_that_does_the_rest_and_tells_nothing_twice(
    world: World, supplier: PolledSupplier
) -> None:
    for sku in ("A", "B"):
        world.has_offer(sku, stock=40, sellable=40, stock_from="feed")
    settle(world, oversold_at_most_percent="0.1", making_days=30)
    sold(world, "cj", 5, ["A", "B"])
    write, told = world.storage.commit, list[str]()

    def killed_at(number: int) -> None:
        def commit(changes: Any, **more: Any) -> None:
            nonlocal number
            number -= 1
            if not number:
                raise KeyboardInterrupt
            write(changes, **more)
            told.extend(fact.topic for put in changes for fact in put.facts if fact.topic)

        world.storage.commit = commit  # type: ignore[method-assign]

    for _ in range(3):  # of four writes each gets through once
        killed_at(2)
        with pytest.raises(KeyboardInterrupt):
            night(supplier)
    killed_at(0)
    night(supplier)
    assert [world.offer(sku).buffer for sku in ("A", "B")] == [13, 13]
    assert told == ["STOCK_RUNS_OUT", "STOCK_RUNS_OUT"]


def test_p14_what_runs_low_is_told_once_for_each_cause_and_ends_with_it(world: World, supplier: PolledSupplier) -> None:
    world.has_offer(stock=200, sellable=200, stock_from="cj")
    settle(world, making_days=12, transport_days={"DE": 18})
    sold(world, "cj", 5)
    night(supplier)
    assert warning(world) is None  # 40 days against 30
    world.change_offer(stock=150, sellable=150)
    night(supplier)
    low, key = warning(world), stock_warning_key("cj", SKU)
    assert low is not None
    assert low.message == (
        f"150 pieces of SKU {SKU} are left at cj; other suppliers have 0; about 5 a day are sold: enough for about 30 days,"
        " and more takes 30 days (making 12 days + transport 18 days)"
    )
    assert low.fix == "find another supplier for it, or order 165 pieces for a warehouse of yours by 2026-11-20"
    assert world.facts(key) == ["STOCK_RUNS_OUT"]
    assert world.raw_facts(key)[0]["detail"]["message"].startswith(low.fix)  # an alert is cut after 300 characters
    assert world.storage.count_in_state(CONTROL, LOW, 9) == 1
    world.change_offer(stock=140, sellable=140)
    night(supplier)
    assert (world.facts(key), warning(world).since) == ([], low.since)  # type: ignore[union-attr]
    world.change_offer(stock=400, sellable=400)
    night(supplier)
    assert not warning(world).open  # type: ignore[union-attr]
    assert world.storage.count_in_state(CONTROL, LOW, 9) == 0


def test_another_supplier_that_has_enough_ends_the_worry_but_not_of_ones_own_warehouse(
    world: World, supplier: PolledSupplier
) -> None:
    world.has_offer(stock=20, sellable=20, stock_from="cj")
    world.has_offer(supplier="own", stock=30, sellable=30, shelf=Shelf())
    settle(world, making_days=12, transport_days={"DE": 18})
    sold(world, "cj", 1)
    sold(world, "own", 1)
    night(supplier)
    assert warning(world) is not None  # 50 pieces at 2 a day last 25 days
    world.change_offer(stock=300, sellable=300)
    night(supplier)
    night(supplier, "own")
    assert not warning(world).open  # type: ignore[union-attr]
    own = warning(world, "own")
    assert own is not None
    assert (own.code, own.fix) == ("REORDER", "order 39 pieces by 2026-11-20")
    assert "30 days (cj: making 12 days + transport 18 days)" in own.message


def test_a_look_that_takes_too_long_goes_on_and_of_many_warnings_the_first_are_told_alone(
    world: World, supplier: PolledSupplier
) -> None:
    skus = [f"S-{number:03d}" for number in range(120)]
    for sku in skus:
        world.has_offer(sku, stock=1, sellable=1, stock_from="cj")
    settle(world, making_days=3)
    sold(world, "cj", 1, skus[90:110])
    read = world.storage.get_many

    def slowly(keys: Any, model: Any) -> Any:
        world.clock.forward(seconds=30 if model is StockWarning else 0)
        return read(keys, model)

    world.storage.get_many = slowly  # type: ignore[method-assign]
    night(supplier)
    work = world.storage.get(WORK, AdviceWork)
    assert work is not None
    assert (work.model.position, work.model.new, world.due(WORK).split("#")[1]) == ("S-099", 10, DUE)
    night(supplier, pk=WORK.pk, sk=WORK.sk)
    assert world.storage.count_in_state(CONTROL, LOW, 99) == 20
    told = [len(world.raw_facts(stock_warning_key("cj", sku))) for sku in skus[90:110]]
    assert sum(told) == 15
    (rest,) = world.raw_facts(WORK)
    assert rest["detail"]["message"] == "5 more SKUs run low; `orderwright stock list --low` lists all"
    assert (world.due(WORK), world.storage.get(WORK, AdviceWork).model.position) == ("", "")  # type: ignore[union-attr]


def test_a_warning_of_a_sku_that_its_supplier_offers_no_more_ends(world: World, supplier: PolledSupplier) -> None:
    world.has_offer(stock=1, sellable=1, stock_from="cj")
    settle(world, making_days=3)
    sold(world, "cj", 1)
    night(supplier)
    assert warning(world).open  # type: ignore[union-attr]
    world.change_offer(retired=True)
    night(supplier)
    assert not warning(world).open  # type: ignore[union-attr]


def test_who_speaks_for_all_suppliers_may_be_one_whose_time_nobody_knows(
    world: World, supplier: PolledSupplier
) -> None:
    world.has_offer(stock=9, sellable=9, stock_from="cj")
    world.has_offer(supplier="maker", stock=1, sellable=1, stock_from="maker")
    settle(world, poll_stock=True)
    maker = world.config.connections["cj"].model_copy(update={"making_days": 8, "transport_days": {"DE": 2}})
    world.config = world.config.model_copy(update={"connections": {**world.config.connections, "maker": maker}})
    sold(world, "cj", 1)
    night(supplier)
    night(supplier, "maker")
    assert warning(world, "maker") is None
    assert "more takes 10 days (maker: making 8 days + transport 2 days)" in warning(world).message  # type: ignore[union-attr]
    world.change_offer(stock=9, sellable=9, stock_from="gone")  # cj's cannot be sold: maker speaks, and counts its own
    night(supplier)
    night(supplier, "maker")
    assert not warning(world).open  # type: ignore[union-attr]
    assert "1 pieces of SKU HL-MS-400 are left at maker; other suppliers have 0" in warning(world, "maker").message  # type: ignore[union-attr]


def test_what_is_refused_on_a_later_day_was_not_sold(world: World) -> None:
    today = world.clock.now().date()
    for back, counted in ((3, SkuDay(sold=7)), (2, SkuDay(refused=7))):
        day = today - timedelta(days=back)
        for who, what in (("cj", {"A": counted}), ("maker", {"A": SkuDay(sold=counted.refused)})):
            world.storage.commit([Put(score_day_key(who, day), SupplierDay(supplier=who, day=day, skus=what), 0)])
    assert velocities(world.storage, ["cj", "maker"], today) == {"cj": {}, "maker": {"A": Fraction(14, 35)}}


@pytest.mark.parametrize(
    ("offer", "of_cj", "hours"),
    [
        ({"stock_from": "feed"}, {}, 24),
        ({"stock_from": "cj"}, {}, 24),  # 900 points a day for 90 offers at 10 points
        ({"stock_from": "cj"}, {"points_per_day": None, "lag_minutes": 60}, 1),
        ({"stock_from": "cj"}, {"points_per_day": None, "lag_minutes": 0}, 1 / 6),  # two polls of 60 offers each
        ({"stock_from": ""}, {"poll_stock": False}, 24),
        ({"stock_from": "cj", "observed_at": NEVER}, {}, 0),  # always there
        ({"stock_from": "cj", "shelf": Shelf()}, {}, 0),
    ],
)
def test_the_time_between_two_reports(world: World, offer: dict[str, Any], of_cj: dict[str, Any], hours: int) -> None:
    settle(world, **of_cj)
    config: Config = world.config
    assert report_age(world.has_offer(**offer), config, 90, 10) == timedelta(hours=hours)
