"""Goods of a supplier out of its feed's file (R1): made, changed and retired like any catalogue; figures are the poll's."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import pytest

from orderwright.declarations import Capability
from orderwright.domain.catalogue import Offer, SkuRecord, SkuState
from orderwright.domain.config import Config
from orderwright.domain.config_check import faults_to_refuse
from orderwright.domain.feed_state import FeedState
from orderwright.domain.time_line import Stamp
from orderwright.ports.feed import FeedAnswer
from orderwright.records import cursor_key, feed_key, offer_key, sku_key
from orderwright.registry import CONNECTORS, declaration
from orderwright.storage import Reserve
from orderwright.usecases.import_catalogue import IMPORT, import_catalogue
from orderwright.usecases.stock.offers import offer_put, offered_skus
from tests.support.catalogue_world import SKU, World, message
from tests.support.fakes import START, FakeFeed
from tests.support.polled_feed import PolledFeed

ROWS = {SKU: "10,6.40,Lamp,2.90"} | {f"SKU-{number}": "5,6.40,Lamp,2.90" for number in range(9)}


class Factory:
    """cj as a supplier without a catalogue of its own, and its feed with one."""

    def __init__(self, world: World) -> None:
        self.world, self.rows, self.polls = world, dict(ROWS), PolledFeed(world)
        self.feeds = {"feed": self.polls.feed}
        self.set("feed", catalogue={})

    def lists(self, *skus: str, **fields: Any) -> None:
        """The supplier's goods as orderwright.yaml describes them, and no feed."""
        lamp = {"title": "Lamp", "cost": "6.40 USD", "freight": "2.90 USD", "stock": "always", **fields}
        self.set("cj", goods={f"M-{sku}": {"sku": sku, **lamp} for sku in skus}, poll_stock=False)
        self.world.config.connections.pop("feed", None)

    def set(self, feed: str, **update: Any) -> None:
        connections = self.world.config.connections
        base = connections.get(feed, connections.get("feed", self.world.config.suppliers["cj"])).model_dump() | update
        given = {**self.world.config.model_dump(), "connections": {**connections, feed: base}}
        self.world.config = Config.model_validate(given)
        if feed in self.world.config.suppliers:
            return
        self.feeds.setdefault(feed, FakeFeed(clock=self.world.clock)).settings = self.world.config.feeds[feed]  # type: ignore[assignment]

    def run(self, sk: str = "") -> None:
        if self.rows:
            lines = [f"{sku},{row}" for sku, row in self.rows.items()]
            self.feeds["feed"].text = "\n".join(["sku,qty,cost,title,freight", *lines, ""])
        self.world.clock.forward(minutes=5)
        import_catalogue(
            message("catalogue.import_due", connection="cj", sk=sk),
            storage=self.world.storage,
            config=self.world.config,
            catalogue_for=lambda name: None,
            feed_for=lambda name: self.feeds[name],
            freight_for=lambda name: None,
            store_catalogue_for=self.world.catalogue_for,
            webhooks_for=lambda name: None,
            subscription_for=lambda name: pytest.fail("nothing to subscribe"),
            clock=self.world.clock,
            timing=self.world.timing,
        )

    @property
    def state(self) -> FeedState:
        held = self.world.storage.get(feed_key("feed"), FeedState)
        assert held is not None
        return held.model

    def record(self, sku: str = SKU) -> SkuRecord:
        held = self.world.storage.get(sku_key(sku), SkuRecord)
        assert held is not None
        return held.model


@pytest.fixture
def factory(world: World, monkeypatch: pytest.MonkeyPatch) -> Factory:
    able = declaration("cj").capabilities - {Capability.CATALOGUE}
    monkeypatch.setattr(sys.modules[CONNECTORS["cj"]], "CONNECTOR", declaration("cj")._replace(capabilities=able))
    return Factory(world)


@pytest.mark.parametrize("polled_first", [True, False])
def test_a_supplier_without_a_catalogue_sells_what_its_file_holds(
    world: World, factory: Factory, *, polled_first: bool
) -> None:
    factory.run() if not polled_first else None
    factory.polls.feed.text = factory.feeds["feed"].text or _text(ROWS)
    factory.polls.poll()
    factory.run()
    if polled_first:
        assert world.facts(offer_key(SKU, "cj")) == ["offer.changed", "stock.news"]
        factory.polls.poll(message("stock.news", connection="feed", resource=SKU))
    offer = world.offer()
    assert (offer.stock, str(offer.cost), str(offer.freight)) == (10, "6.40 USD", "2.90 USD")
    assert (offer.stock_from, offer.cost_from, factory.record().title) == ("feed", "feed", "Lamp")
    assert world.config.has_catalogue("cj")


def test_texts_and_freight_follow_the_file_and_stock_and_cost_do_not(world: World, factory: Factory) -> None:
    factory.run()
    factory.polls.poll()
    factory.rows[SKU] = "1,9.90,Better lamp,3.90"
    factory.run()
    offer = world.offer()
    assert (offer.stock, str(offer.cost), str(offer.freight)) == (10, "6.40 USD", "3.90 USD")
    assert factory.record().title == "Better lamp"
    factory.polls.poll()
    assert (world.offer().stock, str(world.offer().cost)) == (1, "9.90 USD")
    with world.counted() as calls:
        factory.run()
    assert not [call for call in calls if call in ("dynamodb:PutItem", "dynamodb:TransactWriteItems")]


def test_p4_signs_of_the_file_at_another_address_say_nothing(world: World, factory: Factory) -> None:
    rows = {f"SKU-{number}": '5,"6,40",Lamp,"2,90"' for number in range(9)}
    factory.polls.feed.text = _text(rows)
    factory.polls.poll()
    assert factory.state.signs == {"cost": ","}
    factory.set("feed", url="https://feed.example.com/new.csv")
    factory.rows = {"SKU-1": "5,1.250,Lamp,2"}
    factory.run()
    assert world.storage.get(offer_key("SKU-1", "cj"), Offer) is None, "nothing shows what 1.250 is"


def test_the_goods_map_names_what_is_imported_and_what_customs_ask(world: World, factory: Factory) -> None:
    factory.set("cj", goods={"SKU-1": {"sku": "OUR-1", "hs6": "851310"}})
    factory.run()
    assert offered_skus(world.storage, "cj") == ["OUR-1"]
    assert (factory.record("OUR-1").hs6, world.offer("OUR-1").supplier_sku) == ("851310", "SKU-1")
    factory.polls.poll()
    assert world.offer("OUR-1").stock == 5


def test_what_left_the_file_is_retired_and_what_cannot_be_read_is_not(world: World, factory: Factory) -> None:
    factory.run()
    del factory.rows["SKU-1"]
    factory.rows["SKU-2"] = "5,6.40,,2.90"
    factory.run()
    assert factory.record("SKU-1").state is SkuState.RETIRED
    assert factory.record("SKU-2").state is SkuState.ACTIVE
    (problem,) = factory.state.goods_problems
    assert (problem.line, problem.field, problem.sku, factory.state.goods_bad) == (4, "title", "SKU-2", 1)
    assert world.facts(feed_key("feed")) == ["FEED_GOODS_BAD"]
    since = problem.since
    factory.rows["SKU-3"] = "5,6.40,,2.90"
    factory.run()
    assert [one.since == since for one in factory.state.goods_problems] == [True, False]
    assert world.facts(feed_key("feed")) == []
    factory.rows |= dict.fromkeys(("SKU-2", "SKU-3"), "5,6.40,Lamp,2.90")
    factory.run()
    assert (factory.state.goods_bad, factory.state.goods_problems) == (0, ())


def test_p3_half_a_file_that_only_the_import_reads_retires_nothing(world: World, factory: Factory) -> None:
    factory.run()
    factory.polls.feed.text = factory.feeds["feed"].text
    factory.polls.poll()
    del factory.rows["SKU-1"]
    factory.run()
    assert factory.record("SKU-1").state is SkuState.ACTIVE
    factory.polls.feed.text = factory.feeds["feed"].text
    factory.polls.poll()
    factory.run()
    assert factory.record("SKU-1").state is SkuState.RETIRED


def test_p3_a_short_or_cut_file_retires_nothing_and_is_asked_again(world: World, factory: Factory) -> None:
    factory.run()
    factory.rows = {SKU: ROWS[SKU]}
    factory.run()
    assert len(offered_skus(world.storage, "cj")) == 10
    factory.rows, factory.feeds["feed"].text = {}, "sku,qty,cost,title,freight\nA,1,1.00,Lamp,2.90\nB,1"
    factory.run()
    assert len(offered_skus(world.storage, "cj")) == 10
    assert world.due(cursor_key("cj", IMPORT)).endswith("#catalogue.import_due")
    factory.rows = dict(ROWS)
    factory.run(IMPORT)
    assert not world.due(cursor_key("cj", IMPORT))


def test_goods_and_costs_may_come_from_different_files(world: World, factory: Factory) -> None:
    factory.set("feed", cost_column="")
    factory.set("costs", stock_column="", cost_column="cost", catalogue=None)
    factory.feeds["costs"].text = "sku,cost\n" + "".join(f"{sku},7.10\n" for sku in ROWS if sku != "SKU-1")
    factory.run()
    assert (len(offered_skus(world.storage, "cj")), str(world.offer().cost)) == (9, "7.10 USD")
    assert [(one.sku, one.field) for one in factory.state.goods_problems] == [("SKU-1", "cost")]
    costs = factory.feeds["costs"]
    costs.open_feed = lambda etag, seen=None: FeedAnswer("", START, None if seen == "" else iter([b""]), None)  # type: ignore[method-assign]
    factory.run()
    assert world.due(cursor_key("cj", IMPORT)), "a file that may still be written is not read"


def test_goods_that_come_from_two_places_or_without_costs_are_refused(world: World, factory: Factory) -> None:
    def faults() -> list[tuple[object, ...]]:
        found = faults_to_refuse(world.config, START.date())
        return [fault.path[1:] for fault in found if fault.path[-1] == "catalogue"]

    assert faults() == []
    factory.set("feed", rank=1)
    factory.set("second", rank=2)
    assert faults() == [("second", "catalogue")]
    factory.set("feed", cost_column="")
    factory.set("second", cost_column="", catalogue=None)
    assert faults() == [("feed", "catalogue")]


def test_a_file_is_not_for_a_supplier_that_has_a_catalogue_by_api(world: World) -> None:
    Factory(world)
    assert world.config.goods_feed("cj") is None
    paths = [fault.path for fault in faults_to_refuse(world.config, START.date())]
    assert ("connections", "feed", "catalogue") in paths


# --- goods that orderwright.yaml describes ----------------------------------------------------------------------------


def test_a_maker_of_a_few_articles_needs_no_file(world: World, factory: Factory) -> None:
    factory.lists(SKU, "A", images=["https://img.example.com/a.jpg"], hs6="851310")
    factory.run()
    offer, record = world.offer(), factory.record()
    assert (offer.stock, str(offer.cost), str(offer.freight), offer.supplier_sku) == (
        1000,
        "6.40 USD",
        "2.90 USD",
        f"M-{SKU}",
    )
    assert (record.title, record.images, record.hs6) == ("Lamp", ("https://img.example.com/a.jpg",), "851310")
    assert world.config.has_catalogue("cj")
    factory.lists(SKU, cost="7.00 USD")
    factory.run()
    assert str(world.offer().cost) == "7.00 USD"
    assert factory.record("A").state is SkuState.RETIRED


def test_the_merchants_own_list_is_believed_however_short_it_is(world: World, factory: Factory) -> None:
    factory.lists(*"ABCDEF")
    factory.run()
    factory.lists("A")
    factory.run()
    assert offered_skus(world.storage, "cj") == ["A"]
    factory.lists()
    factory.run()
    assert offered_skus(world.storage, "cj") == []


@pytest.mark.parametrize("day", [-1, 0])
@pytest.mark.parametrize(
    ("stock", "then"), [("always", 1000), ({"units": 400, "as_of": None}, 400), ({"units": 40, "as_of": None}, 40)]
)
def test_p3_what_the_merchant_says_of_stock_he_may_say_anew(
    world: World, factory: Factory, stock: Any, then: int, day: int
) -> None:
    def says(stock: Any) -> int:
        as_of = str(START.date() + timedelta(days=day))
        factory.lists(SKU, stock={**stock, "as_of": as_of} if isinstance(stock, dict) else stock)
        factory.run()
        return world.offer().stock

    assert says(stock) == then
    assert says({"units": 40}) == 40
    assert (says("always"), says("always"), world.offer().said_at) == (1000, 1000, None)
    assert says(stock) == then
    assert says(None) == 0
    assert says({"units": 40}) == 40


def test_p3_a_count_is_of_its_date_and_what_was_bought_since_stays_reserved(world: World, factory: Factory) -> None:
    day = START.date()
    factory.lists(SKU, stock={"units": 40, "as_of": str(day)})
    factory.run()
    world.storage.commit([Reserve(offer_key(SKU, "cj"), (("shop#1|line", 3),))])
    factory.run()
    assert (world.offer().stock, world.offer().sellable, world.offer().observed_at.date()) == (40, 37, day)
    factory.lists(SKU, stock={"units": 20, "as_of": str(day - timedelta(days=1))})
    factory.run()
    assert world.offer().stock == 40, "an older count replaces no newer one"
    factory.lists(SKU, stock={"units": 20, "as_of": str(day + timedelta(days=1))})
    factory.run()
    assert (world.offer().stock, world.offer().sellable) == (20, 17)


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"title": ""}, "title"), ({"cost": None}, "cost"), ({"freight": None}, "freight"), ({"cost": "0 USD"}, "cost"),
     ({"freight": "1.00 EUR"}, "freight"), ({}, "")],
)  # fmt: skip
def test_an_article_is_described_whole(world: World, factory: Factory, fields: dict[str, Any], field: str) -> None:
    factory.lists(SKU, **fields)
    paths = {fault.path for fault in faults_to_refuse(world.config, START.date()) if "goods" in fault.path}
    assert paths == ({("connections", "cj", "goods", f"M-{SKU}", field)} if field else set())


def test_p3_what_lies_on_a_shelf_and_what_a_feed_reports_no_list_of_goods_changes(
    world: World, factory: Factory
) -> None:
    feed = world.config.connections["feed"]
    factory.lists(SKU, stock=None)
    factory.run()
    key, stamp = offer_key(SKU, "cj"), Stamp(world.clock.now(), "by hand")
    held = world.storage.get(key, Offer)
    assert held is not None
    world.storage.commit([offer_put(held.model.counted(7, stamp.now, stamp), held.version, matters=True)])
    factory.run()
    assert world.offer().stock == 7
    factory.lists()
    world.config.connections["feed"] = feed
    factory.set("feed", catalogue=None)
    factory.run()
    assert offered_skus(world.storage, "cj") == [SKU]


def test_p3_stock_is_told_in_one_place_and_of_a_day_that_has_come(world: World, factory: Factory) -> None:
    def faults() -> list[tuple[object, ...]]:
        return [fault.path[-2:] for fault in faults_to_refuse(world.config, START.date()) if "goods" in fault.path]

    feed = world.config.connections["feed"]
    for ahead, expected in ((1, []), (2, [("stock", "as_of")])):
        factory.lists(SKU, stock={"units": 4, "as_of": str(START.date() + timedelta(days=ahead))})
        assert faults() == expected
    factory.lists(SKU)
    world.config.connections["feed"] = feed
    factory.set("feed", catalogue=None)
    assert faults() == [(f"M-{SKU}", "stock")]
    factory.set("feed", stock_column="")
    assert faults() == []


def test_a_supplier_with_a_catalogue_by_api_describes_no_articles(world: World) -> None:
    Factory(world).lists(SKU)
    paths = [fault.path[-1] for fault in faults_to_refuse(world.config, START.date()) if "goods" in fault.path]
    assert paths == ["title"]


def _text(rows: dict[str, str]) -> str:
    return "\n".join(["sku,qty,cost,title,freight", *(f"{sku},{row}" for sku, row in rows.items()), ""])
