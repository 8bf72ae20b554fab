"""What each store sold is kept with each SKU, and the inputs of prices are kept: in pieces, whatever happens to the worker."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest

from orderwright.aws.kept_inputs import S3KeptInputs
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.repricing.night import NightWork
from orderwright.domain.repricing.signals import Demand
from orderwright.domain.scoring.day import SupplierDay
from orderwright.domain.scoring.work import ScoreWork
from orderwright.records import (
    DEMAND_WORK,
    KEEPING_WORK,
    SCORE_WORK,
    demand_key,
    score_day_key,
    sku_key,
)
from orderwright.storage import Delete, Put, held_or
from orderwright.usecases.repricing import demand, keeping
from orderwright.usecases.repricing.kept import SHARDS, unpack_files
from orderwright.usecases.repricing.pieces import Night
from tests.support.catalogue_world import SKU, World, config
from tests.support.fakes import START

LAST = START.date() - timedelta(days=1)
WATCHING = {"name": "a", "skus": ["A"], "markup": 2, "demand": {"faster_percent": 10, "raise_percent": 5}}


class Killed(BaseException):
    """The worker ends here."""


class Kept:
    """repricing.kept.KeptInputs in memory."""

    def __init__(self) -> None:
        self.held: dict[tuple[date, int], bytes] = {}
        self.room = 10_000

    def put(self, day: date, shard: int, data: bytes) -> None:
        self.room -= 1
        if self.room < 0:
            raise Killed
        self.held[day, shard] = data

    def get(self, day: date, shard: int) -> bytes | None:
        return self.held.get((day, shard))


def counted(world: World, to: date = LAST) -> None:
    """All days up to this one are counted."""
    fresh = ScoreWork(day=to + timedelta(days=1), claimed_until=START)
    world.storage.commit([Put(SCORE_WORK, fresh, held_or(world.storage, SCORE_WORK, fresh).version)])


def sold(world: World, back: int, pieces: dict[str, int], supplier: str = "cj", store: str = "shop") -> None:
    """On a day before the last one that is counted."""
    day = LAST - timedelta(days=back)
    one = SupplierDay(supplier=supplier, day=day, stores={store: pieces} if pieces else {})
    world.storage.commit([Put(score_day_key(supplier, day), one, 0)])


def count(world: World) -> None:
    demand.count_demand(Night(world.storage, world.clock, world.timing, "night"), world.config)


def keep(world: World, kept: Kept) -> None:
    keeping.keep_inputs(Night(world.storage, world.clock, world.timing, "night"), world.config, kept)


def demand_of(world: World, sku: str) -> Demand | None:
    held = world.storage.get(demand_key(sku), Demand)
    return held.model if held else None


def test_sales_are_kept_by_store_as_far_back_as_they_were_counted_and_only_who_looks_at_them_is_priced(
    world: World,
) -> None:
    world.config = config(prices=[WATCHING, {"name": "all", "markup": "2.4"}])
    world.has_offer("A")
    for back, pieces in (
        (0, {"A": 2}),
        (1, {"A": -3, "B": 1}),
        (2, {"A": 5, "GONE": 1}),
        (3, {}),
        (4, {"C": 2, "D": 0}),
    ):
        sold(world, back, pieces)
    sold(world, 0, {"A": 9}, "own", "other")
    counted(world)
    count(world)
    assert demand_of(world, "A") == Demand(sku="A", day=LAST, sold={"shop": (2, 0, 2, 0, 0)}, last_sold=LAST)
    assert (demand_of(world, "C") or Demand(sku="", day=LAST)).last_sold == LAST - timedelta(days=4)
    assert demand_of(world, "D") is None, "no store has sold any"
    assert demand_of(world, "GONE"), "a SKU that is in no catalogue any more holds up nobody"
    assert [world.facts(demand_key(sku)) for sku in ("A", "B")] == [["offer.changed"], []]
    assert world.facts(DEMAND_WORK) == ["inputs.keep_due"]
    version = world.version(demand_key("A"))
    count(world)
    assert (world.version(demand_key("A")), world.version(DEMAND_WORK)) == (version, 2), "the day is done"


def test_what_is_not_sold_any_more_says_so_once(world: World) -> None:
    long_ago = LAST - timedelta(days=60)
    before = Demand(sku=SKU, day=long_ago, sold={"shop": (1,)}, last_sold=long_ago)
    world.storage.commit([Put(demand_key(SKU), before, 0, state="DEMAND")])
    counted(world)
    count(world)
    assert demand_of(world, SKU) == Demand(sku=SKU, day=LAST, last_sold=long_ago)
    counted(world, LAST + timedelta(days=1))
    count(world)
    assert world.version(demand_key(SKU)) == 2, "no store has sold any: nothing is new of it"


def test_a_worker_that_was_killed_anywhere_is_followed_by_another_and_midnight_changes_no_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demand, "TOGETHER", 1)
    world.config = config(prices=[{**WATCHING, "skus": []}])
    sold(world, 0, {"A": 1, "B": 2, "C": 3})
    counted(world)
    write, told = world.storage.commit, list[str]()
    for number in range(1, 6):  # claim, A, B, C, done

        def commit(changes: Any, *, left: list[int] = [number], **more: Any) -> None:  # noqa: B006 - counts
            left[0] -= 1
            if not left[0]:
                raise Killed
            write(changes, **more)
            told.extend(put.key.pk for put in changes if put.facts)

        world.storage.commit = commit  # type: ignore[method-assign]
        with suppress(Killed):
            count(world)
        world.storage.commit = write  # type: ignore[method-assign]
        due = world.storage.due("control", world.clock.now() + timedelta(minutes=10), 9)
        assert number == 1 or [kind for _, kind in due] == ["demand.due"]
        count(world)  # at once: the claim of the one that was killed still stands
        world.clock.forward(seconds=86_400 if number == 3 else 400)
        count(world)
        found = [demand_of(world, sku) for sku in "ABC"]
        assert [(one.day, one.of("shop")) for one in found if one] == [(LAST, (1,)), (LAST, (2,)), (LAST, (3,))]
        held = held_or(world.storage, DEMAND_WORK, NightWork(day=LAST, claimed_until=START))
        assert held.model.done
        puts = [Delete(demand_key(sku), world.version(demand_key(sku))) for sku in "ABC"]
        world.storage.commit([*puts, Delete(DEMAND_WORK, held.version)])
    assert told.count("SKU#A") <= 4, "written once in each night, but where it was killed before"


def test_what_takes_too_long_goes_on_in_another_piece(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demand, "TOGETHER", 1)
    sold(world, 0, {"A": 1, "B": 2})
    counted(world)
    read = world.storage.get_many

    def slow(keys: Any, model: Any) -> Any:
        if model is Demand:
            world.clock.forward(seconds=10)
        return read(keys, model)

    world.storage.get_many = slow  # type: ignore[method-assign]
    count(world)
    assert (demand_of(world, "A") is None, demand_of(world, "B") is None) == (False, True)
    assert world.due(DEMAND_WORK).endswith("#demand.due")
    count(world)
    assert demand_of(world, "B")
    count(world)
    assert (world.due(DEMAND_WORK), world.facts(DEMAND_WORK)) == ("", ["inputs.keep_due"])


@pytest.mark.parametrize("room", [0, 1, SHARDS - 1])
def test_the_inputs_of_a_day_are_kept_whole_whenever_the_worker_was_killed(world: World, room: int) -> None:
    world.has_offer(stock=7)
    world.has_listing()
    world.has_offer("B")
    listed = [Put(sku_key(sku), SkuRecord(sku=sku, title=sku), 1, state="SKU") for sku in (SKU, "B")]
    sales = Demand(sku=SKU, day=LAST, sold={"shop": (4,)})
    world.storage.commit([*listed, Put(demand_key(SKU), sales, 0, state="DEMAND")])
    counted(world)
    kept = Kept()
    kept.room = room
    with pytest.raises(Killed):
        keep(world, kept)
    kept.room = SHARDS
    world.clock.forward(seconds=400)
    keep(world, kept)
    assert sorted(kept.held) == [(LAST, shard) for shard in range(SHARDS)]
    files = {file.sku: file for data in kept.held.values() for file in unpack_files(data)}
    assert sorted(files) == ["B", SKU]
    found = files[SKU]
    assert found.demand
    assert (found.offers["cj"].model.stock, found.demand.model.of("shop")) == (7, (4,))
    assert found.listings["shop"].model.desired_price == world.listing().desired_price
    keep(world, kept)
    assert world.version(KEEPING_WORK) == 3, "the day is done: nothing is kept twice"


def test_inputs_lie_in_a_folder_that_no_connection_can_have(world: World) -> None:
    client = world.aws.client("s3")
    client.create_bucket(Bucket="snapshots", CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
    kept = S3KeptInputs(client, "snapshots")
    assert kept.get(LAST, 3) is None
    kept.put(LAST, 3, b"one")
    kept.put(LAST, 3, b"two")
    assert (kept.get(LAST, 3), kept.get(LAST, 4)) == (b"two", None)
