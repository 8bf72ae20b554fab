"""All SKUs priced again, most urgent first, inside each store's pace (R27, R28; promises P4, P9, P11)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from orderwright.domain.config import Config
from orderwright.domain.money import Money
from orderwright.domain.repricing.run import LINES, Repricing, line_of
from orderwright.domain.timing import AWS
from orderwright.errors import OUT_OF_TIME, Retryable
from orderwright.messages import Message
from orderwright.records import CATALOGUE, CONTROL, REPRICING
from orderwright.storage import Change, Fact, Put
from orderwright.usecases.listing.bundles import load_whole
from orderwright.usecases.operator.repricing import standing
from orderwright.usecases.recalculate_price import recalculate_price
from orderwright.usecases.repricing import all as bulk
from orderwright.usecases.repricing.history import price_changes
from tests.support.catalogue_world import World, config, message, push_listings
from tests.support.fakes import unit_usd, usd

MINUTE = timedelta(minutes=1)
SOLD_OUT, RISES, REST = ("S1", "S2"), ("U1", "U2", "U3", "U4", "U5", "U6"), ("D1", "D2", "D3")
SKUS = (*REST, *RISES, *SOLD_OUT)
SHOWN = {**dict.fromkeys(SOLD_OUT, "22.99"), **dict.fromkeys(RISES, "19.99"), **dict.fromkeys(REST, "24.99")}


class Killed(BaseException):
    """As Lambda ends a function: nothing else of it runs."""


def _there(world: World) -> dict[str, tuple[Money, int | None]]:
    return {sku: (world.store.of(sku).price, world.store.of(sku).quantity) for sku in SKUS}


@dataclass
class Stack:
    """A world whose facts are passed on; `kill`: the commit (as it is counted) at which the worker ends, before or after it."""

    world: World
    queue: deque[tuple[Fact, int]] = field(default_factory=deque)
    commits: int = 0
    kill: tuple[int, bool] = (0, False)
    pushed: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        commit = self.world.storage.commit

        def kept(changes: Sequence[Change], *, correlation: str = "") -> None:
            self.commits += 1
            if (self.commits, False) == self.kill:
                raise Killed
            commit(changes, correlation=correlation)
            self.queue += [(fact, 0) for put in changes if isinstance(put, Put) for fact in put.facts]
            if (self.commits, True) == self.kill:
                raise Killed

        self.world.storage.commit = kept  # type: ignore[method-assign]

    def begin(self, why: str = "version 2", run: str = "run-1", file: str = "") -> None:
        asked = message("prices.reprice_due", detail={"why": why})
        self._reprice(Message(asked.type, run, asked.at, connection=file, detail=asked.detail))

    def _reprice(self, asked: Message) -> None:
        world = self.world
        bulk.reprice(asked, storage=world.storage, config=world.config, clock=world.clock, timing=world.timing)

    def take(self, fact: Fact) -> None:
        """What the relay and a function make of it."""
        world = self.world
        asked = message(
            fact.type, connection=fact.connection, pk=fact.pk, sk=fact.sk, resource=fact.resource, detail=fact.detail
        )
        if fact.type == "prices.reprice_due":
            self._reprice(asked)
        elif fact.type == "offer.changed":
            recalculate_price(asked, storage=world.storage, config=world.config, clock=world.clock, timing=world.timing)
        elif fact.type == "listing.push_due":
            before = _there(world)
            push_listings(world, asked)
            if moved := [sku for sku, there in _there(world).items() if there != before[sku]]:
                self.pushed.append(moved)

    def run(self, *, lose: bool = False) -> None:
        """Until nothing is on its way. A killed worker's message comes again, or with `lose` never."""
        while self.queue:
            fact, tries = self.queue.popleft()
            try:
                self.take(fact)
            except Killed:
                if not lose:
                    self.queue.append((fact, tries + 1))

    def sweep(self, after: timedelta = MINUTE, *, lose: bool = False) -> None:
        """A minute later: what is due, except the reading back of prices."""
        self.world.clock.forward(seconds=after.total_seconds())
        for table in (CATALOGUE, CONTROL):
            for key, due in self.world.storage.due(table, self.world.clock.now(), 500):
                sku = key.pk.removeprefix("SKU#")
                self.queue.append((Fact(due, "shop" if table == CATALOGUE else "", key.pk, key.sk, sku), 0))
        self.run(lose=lose)

    def finish(self, minutes: int = 20, *, lose: bool = False) -> None:
        for _ in range(minutes):
            self.sweep(lose=lose)

    @property
    def held(self) -> Repricing:
        held = self.world.storage.get(REPRICING, Repricing)
        assert held is not None
        return held.model


def _with(base: Config, **shop: Any) -> Config:
    store = base.connections["shop"].model_copy(update=shop)
    return base.model_copy(update={"connections": {**base.connections, "shop": store}})


@pytest.fixture
def stack(world: World, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """Eleven SKUs: two sold out, six that rise, three that fall; pieces of four, and a store that takes five a minute."""
    monkeypatch.setattr(bulk, "PIECE", 4)
    monkeypatch.setattr(bulk, "TOGETHER", 3)
    for sku in SKUS:
        world.has_offer(sku, sellable=0 if sku in SOLD_OUT else 10)
        world.has_listing(sku, price=SHOWN[sku])
    world.config = _with(config(price_step_percent="50"), listings_a_minute=5)
    return Stack(world)


def _all_right(stack: Stack) -> None:
    for sku in SKUS:
        listing, there = stack.world.listing(sku), stack.world.store.of(sku)
        assert not listing.needs_push, sku
        assert (there.price, there.quantity) == ((usd("22.99"), 0) if sku in SOLD_OUT else (usd("22.99"), 10)), sku
    assert stack.held.ended_at is not None
    assert not [line for line in LINES if stack.world.storage.find(CATALOGUE, f"line#shop#{line}")]


def test_what_is_sold_out_goes_at_once_then_rises_then_the_rest_five_a_minute(stack: Stack) -> None:
    stack.begin()
    stack.run()
    assert {sku for batch in stack.pushed[:2] for sku in batch} == set(SOLD_OUT)
    first = {sku for batch in stack.pushed for sku in batch} - set(SOLD_OUT)
    assert len(first) == 5
    assert first < set(RISES)
    found = standing(stack.world.storage, stack.world.clock.now())
    assert found is not None
    assert (found.run.priced, found.stores["shop"].left) == (11, {"fewer": 0, "rise": 1, "rest": 3})
    assert found.stores["shop"].found == {"zero": 2, "fewer": 0, "rise": 6, "rest": 3}
    assert found.stores["shop"].ready_at is not None
    assert found.stores["shop"].ready_at - stack.world.clock.now() < 2 * MINUTE
    stack.pushed.clear()
    stack.sweep()
    assert {sku for batch in stack.pushed for sku in batch} == {*(set(RISES) - first), *REST}
    stack.finish(3)
    _all_right(stack)


def test_one_send_begins_it_and_the_same_message_again_does_not(stack: Stack) -> None:
    stack.begin()
    stack.run()
    before = stack.held
    stack.begin()
    assert stack.held == before


def test_p4_what_a_file_of_rates_began_prices_nothing_while_a_worker_may_hold_the_rates_before(stack: Stack) -> None:
    stack.begin("exchange rates of today", file="bank")
    stack.run()
    stack.sweep(stack.world.timing.config_cache)
    assert stack.held.priced == 0
    stack.finish()
    _all_right(stack)


@pytest.mark.parametrize("lose", [False, True])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("commit", [2, 3, 5, 8, 13, 18, 22])
def test_a_kill_anywhere_ends_in_the_same_state(stack: Stack, commit: int, after: bool, lose: bool) -> None:
    stack.begin()
    stack.kill = (commit, after)
    stack.run(lose=lose)
    stack.finish(lose=lose)
    assert stack.commits >= commit
    _all_right(stack)


def test_who_writes_meanwhile_is_not_written_over_and_is_decided_again(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order or a changed cost overtakes it: that SKU is decided by what is there then (promise P4)."""
    load, world = load_whole, stack.world

    def late(storage: Any, sku: str, rules: Any) -> Any:
        file = load(storage, sku, rules)
        if sku == "U1" and world.offer("U1").cost == unit_usd("6.40"):
            world.change_offer("U1", cost=unit_usd("7.60"))
            world.change_listing("U1", checked_at=world.clock.now())
        return file

    monkeypatch.setattr(bulk, "load_whole", late)
    stack.begin()
    stack.run()
    stack.finish()
    assert world.store.of("U1").price == usd("25.99")
    assert {world.store.of(sku).price for sku in (*RISES[1:], *REST)} == {usd("22.99")}
    kept = [one.after for one in price_changes(world.storage, "U1")]
    assert kept == [usd("25.99")], "what was not written is in no history either"


def test_a_second_one_replaces_the_first_whose_pieces_write_nothing_more(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, load, begun = stack.world, load_whole, list[str]()
    newer = _with(
        config(price_step_percent="50", prices=[{"name": "all", "markup": "2.5"}]), listings_a_minute=5
    )  # 23.99 in place of 22.99

    def replaced(storage: Any, sku: str, rules: Any) -> Any:
        file = load(storage, sku, rules)
        if not begun:
            begun.append(sku)
            world.config = newer
            stack.begin("version 3", "run-2")
        return file

    monkeypatch.setattr(bulk, "load_whole", replaced)
    stack.begin()
    fact, _ = stack.queue.popleft()
    written = stack.commits
    stack.take(fact)  # by a worker that read the configuration before
    assert stack.commits == written + 2, "what the piece looked up, and the beginning of the second one"
    stack.run()
    stack.finish()
    assert (stack.held.id, stack.held.why) == ("run-2", "version 3")
    assert {world.store.of(sku).price for sku in (*RISES, *REST)} == {usd("23.99")}


def test_a_store_that_is_taken_out_meanwhile_gets_nothing_more_and_holds_nothing_up(stack: Stack) -> None:
    stack.begin()
    stack.run()
    pushed = len(stack.pushed)
    rest = {name: one for name, one in stack.world.config.connections.items() if name != "shop"}
    stack.world.config = stack.world.config.model_copy(update={"connections": rest})
    stack.finish(3)
    assert len(stack.pushed) == pushed
    assert stack.held.ended_at is not None
    stack.sweep(timedelta(days=2))
    stack.sweep()
    assert not stack.world.storage.due(CATALOGUE, stack.world.clock.now(), 100), "nothing is swept without end"


def test_a_store_that_throttles_moves_the_estimate_and_says_why(stack: Stack) -> None:
    stack.begin()
    stack.world.store.faults.add("read_listings", Retryable("too many calls", after=timedelta(minutes=5)))
    stack.run()
    found = standing(stack.world.storage, stack.world.clock.now())
    assert found is not None
    shop = found.stores["shop"]
    assert (shop.pace, shop.slowed) == (2, "the store asked to wait: too many calls")
    assert shop.ready_at is not None
    assert shop.ready_at - stack.world.clock.now() > timedelta(minutes=5)
    stack.finish(30)
    _all_right(stack)
    assert stack.held.stores["shop"].pace == 5


def test_a_store_that_did_not_ask_to_wait_is_not_said_to(stack: Stack) -> None:
    stack.begin()
    stack.world.store.faults.add("read_listings", Retryable("not made", after=timedelta(seconds=5), code=OUT_OF_TIME))
    stack.run()
    shop = stack.held.stores["shop"]
    assert (shop.pace, shop.slowed) == (2, "so many do not fit into the time that a worker has")


def test_one_sku_that_cannot_be_read_fails_alone(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise P9: it gets a message of its own, whose failure the operator sees."""
    load = load_whole

    def broken(storage: Any, sku: str, rules: Any) -> Any:
        if sku == "D2":
            raise ValueError("an item of another version")
        return load(storage, sku, rules)

    monkeypatch.setattr(bulk, "load_whole", broken)
    stack.begin()
    stack.run()
    stack.finish()
    _all_right(stack)


def test_a_bundle_that_is_new_in_the_rules_is_made(stack: Stack) -> None:
    world = stack.world
    bundle = {"SET": {"title": "Set", "of": {"U1": 1, "D1": 2}}}
    world.config = _with(config(price_step_percent="50", bundles=bundle), listings_a_minute=5)
    stack.begin()
    while stack.held.priced_at is None:
        stack.take(stack.queue.popleft()[0])
    assert world.storage.load_sku("SET").record is not None


def test_lower_stock_and_unknown_stock_do_not_wait_behind_prices(world: World) -> None:
    listing = world.has_listing(quantity=10)
    assert line_of(listing.stocked(3)) == "fewer"
    assert line_of(listing.stocked(0)) == ""
    assert line_of(listing.units_put_back()) == ""


def test_the_time_that_a_worker_has_is_kept_and_the_rest_of_a_piece_follows(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = load_whole

    def slow(storage: Any, sku: str, rules: Any) -> Any:
        stack.world.clock.forward(seconds=1)
        return load(storage, sku, rules)

    monkeypatch.setattr(bulk, "load_whole", slow)
    monkeypatch.setattr(bulk, "PIECE", 8)
    stack.begin()
    stack.take(stack.queue.popleft()[0])
    found = standing(stack.world.storage, stack.world.clock.now())
    assert found is not None
    assert found.run.priced == 3
    assert found.priced_at == stack.world.clock.now() + timedelta(seconds=8), "eight are left, one a second so far"
    stack.run()
    assert stack.held.priced == stack.held.total == 11
    stack.finish()
    _all_right(stack)


def test_p9_a_piece_fits_into_the_time_with_which_a_message_is_still_begun(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, world = load_whole, stack.world

    def slow(storage: Any, sku: str, rules: Any) -> Any:
        world.clock.forward(seconds=3)
        return load(storage, sku, rules)

    monkeypatch.setattr(bulk, "load_whole", slow)
    monkeypatch.setattr(bulk, "PIECE", 11)
    monkeypatch.setattr(bulk, "TOGETHER", 1)
    world.timing = AWS
    stack.begin()
    began = world.clock.now()
    stack.take(stack.queue.popleft()[0])
    assert 0 < stack.held.priced < 11
    assert world.clock.now() - began < AWS.reserve
