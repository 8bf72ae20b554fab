"""Two feeds of one supplier: which one counts, and what is known no more once its source is taken out (promises P3, P4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.sandbox.feed import StockFeed
from local.sandbox.inventory import Inventory
from orderwright.domain.config import Config
from orderwright.domain.config_check import faults_to_refuse
from orderwright.domain.source_gone import source_gone
from orderwright.messages import Message
from orderwright.records import offer_key
from orderwright.usecases.operator.applying import (
    Names,
    apply_config,
    current_config,
    needs_repricing,
)
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.repricing import repricing_messages
from orderwright.usecases.recalculate_price import recalculate_price
from tests.support.catalogue_world import SKU, World, config, message
from tests.support.fakes import START, feed_text
from tests.support.polled_feed import PolledFeed
from tests.support.shop import FEED, SUPPLIER, Shop, test_config
from tests.unit.usecases.test_off_sale import WholeShop, _shown

MS, COB, SECOND = "HL-MS-400", "HL-COB-350", "second"


def with_feeds(base: Config, **ranks: int | None) -> Config:
    """These feeds of cj and no others, each with its rank and the settings of the base's first feed."""
    own = next(iter(base.feeds.values()), test_config().connections[FEED])
    others = {name: one for name, one in base.connections.items() if one.role != "feed"}
    feeds = {name: own.model_copy(update={"rank": rank}) for name, rank in ranks.items()}
    return base.model_copy(update={"connections": {**others, **feeds}})


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ranks", "faulty"),
    [({"feed": None, "second": None}, ["feed", "second"]), ({"feed": 1, "second": None}, ["second"]),
     ({"feed": 1, "second": 1}, ["feed", "second"]), ({"feed": 2, "second": 1}, []), ({"feed": None}, [])],
)  # fmt: skip
def test_two_feeds_of_a_supplier_are_refused_without_an_order(ranks: dict[str, int | None], faulty: list[str]) -> None:
    found = Config.model_validate(with_feeds(config(), **ranks).model_dump())
    faults = [fault for fault in faults_to_refuse(found, START.date()) if fault.path[-1] == "rank"]
    assert sorted(str(fault.path[1]) for fault in faults) == faulty
    assert set(found.feeds_of("cj")) == set(ranks), "what an older version has in force goes on"


# --- which one counts -------------------------------------------------------------------------------------------------


class TwoFiles:
    """The file of `feed`, and one of `second` that says 99 and 1.10 of our SKU."""

    def __init__(self, world: World, polls: PolledFeed, **ranks: int) -> None:
        self.world, self.first, self.second = world, polls, PolledFeed(world)
        self.second.rows[SKU] = (99, "1.10")
        self.second.show()
        world.config = with_feeds(world.config, **(ranks or {"feed": 1, "second": 2}))

    def poll(self, *names: str, minutes: float = 5) -> tuple[int, str]:
        for name in names:
            polled = self.first if name == "feed" else self.second
            polled.poll(message("stock.poll_due", connection=name), minutes=minutes)
        offer = self.world.offer()
        return offer.stock, str(offer.cost)


@pytest.mark.parametrize("turns", [("feed", "second"), ("second", "feed"), ("second", "feed", "second")])
def test_the_first_feed_counts_whichever_is_read_last(world: World, polls: PolledFeed, turns: tuple[str, ...]) -> None:
    files = TwoFiles(world, polls)
    assert files.poll(*turns) == (10, "6.40 USD")
    files.second.show(HL_MS_400=(98, "1.10"))
    assert files.poll("second") == (10, "6.40 USD")
    assert (world.offer().feed, world.offer().stock_from, world.offer().cost_from) == ("feed", "feed", "feed")


def test_a_first_feed_that_was_read_a_moment_before_the_second_wins_all_the_same(
    world: World, polls: PolledFeed
) -> None:
    files = TwoFiles(world, polls)
    files.poll("second")
    files.poll("feed", minutes=-1)
    assert world.offer().stock == 10


def test_what_leaves_the_first_file_is_sold_out_until_the_second_says_something_new(
    world: World, polls: PolledFeed
) -> None:
    files = TwoFiles(world, polls)
    files.poll("feed", "second")
    files.first.show(HL_MS_400=None)
    assert files.poll("feed", "second") == (0, "6.40 USD")
    files.second.show(HL_MS_400=(7, "6.50"))
    assert files.poll("second", "feed") == (7, "6.50 USD")
    files.second.show(HL_MS_400=None)
    assert files.poll("second") == (0, "6.50 USD")


def test_a_sku_of_the_second_feed_alone_is_not_sold_out_by_the_first(world: World, polls: PolledFeed) -> None:
    """The first was taken out for a while, and its old file had it."""
    files = TwoFiles(world, polls)
    files.poll("feed")
    world.config = with_feeds(config(), second=None)
    assert files.poll("second") == (99, "1.10 USD")
    files.first.show(HL_MS_400=None)
    world.config = with_feeds(config(), feed=1, second=2)
    assert files.poll("second", "feed") == (99, "1.10 USD")


# --- a changed list ---------------------------------------------------------------------------------------------------


def test_a_changed_list_of_feeds_compares_a_file_that_has_not_changed(world: World, polls: PolledFeed) -> None:
    files = TwoFiles(world, polls, feed=2, second=1)
    assert files.poll("feed", "second") == (99, "1.10 USD")
    world.config = with_feeds(config(), feed=2)
    assert "second" in str(source_gone(world.offer(), world.config))
    assert files.poll("feed") == (10, "6.40 USD")
    assert source_gone(world.offer(), world.config) is None
    assert files.first.state.uncompared == ()
    with world.counted() as calls:
        files.first.poll()
    assert calls == ["dynamodb:GetItem"], "by difference again"


@pytest.mark.parametrize(
    "change", [{"rank": 3}, {"stock_words": {"some": 3}}, {"url": "https://other.example.com/a.csv"}]
)
def test_a_setting_that_changes_the_meaning_compares_the_whole_file(
    world: World, polls: PolledFeed, change: dict[str, Any]
) -> None:
    polls.poll()
    world.change_offer(stock=99, sellable=99)
    polls.poll()
    assert world.offer().stock == 99
    feed = world.config.connections["feed"].model_copy(update=change)
    world.config = world.config.model_copy(update={"connections": {**world.config.connections, "feed": feed}})
    polls.poll()
    assert world.offer().stock == 10


def test_the_breaker_stands_before_a_whole_comparison_which_then_is_made(world: World, polls: PolledFeed) -> None:
    polls.poll()
    world.change_offer(stock=99, sellable=99, stock_from="gone", feed="gone")
    world.config = with_feeds(world.config, feed=7)
    whole = polls.feed.text
    polls.feed.text = feed_text([(SKU, 1, "6.40"), ("SKU-1", 5, "6.40")])
    polls.poll()
    assert polls.state.broken
    assert (world.offer().stock, world.offer("SKU-5").stock) == (99, 5)
    polls.feed.text = whole
    polls.poll()
    assert world.offer().stock == 10


def test_known_again_is_news_though_the_figures_are_the_same(world: World, polls: PolledFeed) -> None:
    polls.poll()
    world.change_offer(stock_from="gone", cost_from="gone", feed="gone")
    world.has_listing()
    news = message("offer.changed", resource=SKU)
    recalculate_price(news, storage=world.storage, config=world.config, clock=world.clock, timing=world.timing)
    listing = world.listing()
    assert (listing.on_sale, listing.desired_quantity, [reason.code for reason in listing.reasons]) == (
        False,
        0,
        ["SOURCE_GONE"],
    )
    world.config = with_feeds(world.config, feed=3)
    polls.poll()
    assert world.facts(offer_key(SKU, "cj")) == ["offer.changed"]
    recalculate_price(news, storage=world.storage, config=world.config, clock=world.clock, timing=world.timing)
    assert (world.listing().on_sale, world.listing().desired_quantity) == (True, 10)


def test_an_offer_of_an_older_version_is_for_sale_and_gets_its_sources_with_the_next_poll(
    world: World, polls: PolledFeed
) -> None:
    assert (world.offer().stock_from, source_gone(world.offer(), world.config)) == ("", None)
    polls.poll()
    assert world.offer().stock_from == "feed"


def test_nothing_of_a_supplier_that_was_taken_out_is_for_sale(world: World) -> None:
    left = {name: one for name, one in world.config.connections.items() if one.role == "store"}
    reason = source_gone(world.has_offer(), world.config.model_copy(update={"connections": left}))
    assert "SOURCE_GONE" in str(reason)


# --- the whole shop ---------------------------------------------------------------------------------------------------


@pytest.fixture
def shop() -> Iterator[WholeShop]:
    """A supplier whose stock comes from its feed: 38 of a head torch. Its second file says 99, at a tenth of the cost."""
    base = test_config()
    supplier = base.suppliers[SUPPLIER].model_copy(update={"poll_stock": False})
    made = WholeShop(base.model_copy(update={"connections": {**base.connections, SUPPLIER: supplier}}))
    made.aws.client("s3").create_bucket(Bucket=f"parts-{made.aws.account}",
                                        CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})  # fmt: skip
    made._environ["SNAPSHOTS_BUCKET"] = f"parts-{made.aws.account}"
    other = Inventory(made.clock.now())
    other.set_stock(MS, 99, made.clock.now())
    made.feed.others["/second.csv"] = StockFeed(made.world, other)
    made.connect()
    made.stock_up()
    made.supplier.set_stock(MS, 38)
    poll(made, FEED)
    yield made
    made.close()
    assert made.failed == []


def poll(shop: Shop, *feeds: str) -> None:
    for feed in feeds:
        shop.clock.advance(300)
        due = Message("stock.poll_due", f"{feed}@{shop.clock.now()}", "now", connection=feed)
        shop.queues["poll_stock"].append(due.to_json())
        shop.run()


def apply(shop: Shop, ranks: dict[str, int], removed: tuple[str, ...] = ()) -> None:
    """As the command does: a new version, then every SKU anew once no function holds the old one."""
    desk, held = Desk(shop.wiring.storage, shop.clock, "mika"), current_config(shop.wiring.storage)
    assert held.config is not None
    changed = with_feeds(held.config, **ranks)
    if FEED in ranks:
        changed.connections[FEED] = test_config().connections[FEED].model_copy(update={"rank": ranks[FEED]})
    if SECOND in ranks:
        second = changed.connections[SECOND].model_copy(update={"url": "https://feed.test/second.csv"})
        changed.connections[SECOND] = second
        shop.wiring.secrets.write(SECOND, "secrets", {"username": "feed", "password": "sandbox"})
    apply_config(desk, changed, held.number, Names(removed=removed))
    shop.clock.advance(60)
    assert needs_repricing(held.config, changed)
    for one in repricing_messages(desk):
        shop.queues[one.queue].append(one.to_json())
    shop.run()


def test_a_first_feed_that_comes_back_counts_first_though_its_file_is_the_same(shop: WholeShop) -> None:
    apply(shop, {FEED: 1, SECOND: 2})
    poll(shop, FEED, SECOND)
    apply(shop, {SECOND: 2}, removed=(FEED,))
    poll(shop, SECOND)
    assert _shown(shop, MS) == 99
    apply(shop, {FEED: 1, SECOND: 2})
    poll(shop, SECOND, FEED)
    assert _shown(shop, MS) == 38


def test_what_a_feed_said_before_it_was_taken_out_is_not_for_sale_until_it_is_read_again(shop: WholeShop) -> None:
    apply(shop, {}, removed=(FEED,))
    assert _shown(shop, MS) == 0
    apply(shop, {FEED: 1})
    assert _shown(shop, MS) == 0, "its figure is of before"
    poll(shop, FEED)
    assert _shown(shop, MS) == 38


def test_what_only_a_feed_that_was_taken_out_said_is_not_for_sale_until_the_other_is_read(shop: WholeShop) -> None:
    apply(shop, {FEED: 1, SECOND: 2})
    poll(shop, FEED, SECOND)
    assert _shown(shop, MS) == 38, "behind the first it changes nothing"
    apply(shop, {FEED: 2, SECOND: 1})
    poll(shop, FEED, SECOND)
    assert _shown(shop, MS) == 99
    shop.post.alerts.clear()
    apply(shop, {FEED: 2}, removed=(SECOND,))
    assert _shown(shop, MS) == 0, "nobody has been asked yet"
    (alert,) = [text for text in shop.post.alerts if "SOURCE_GONE" in text]
    assert "second reports nothing of cj any more" in alert
    name = shop.store.buy([(MS, 1)], oversell=True).name
    shop.run()
    assert (shop.codes(name), shop.paid_orders(name)) == (["SOURCE_GONE"], [])
    poll(shop, FEED)
    assert _shown(shop, MS) == 38
    shop.pass_time(1200)
    assert shop.bought(name) == {MS: 1}, "it is looked at again by itself"
