"""Two files of one supplier, one with stocks and one with costs: each figure is that of the feed that tells it (P3, P4)."""

from __future__ import annotations

from typing import Any

import pytest

from orderwright.domain.config import Config
from orderwright.domain.config_check import faults_to_refuse
from orderwright.domain.feed_state import FeedState
from orderwright.domain.source_gone import source_gone
from orderwright.records import feed_key
from tests.support.catalogue_world import SKU, World, config, message
from tests.support.fakes import START
from tests.support.polled_feed import PolledFeed


class ByFigure:
    """`feed` tells stocks: ten of our SKU. `costs` tells costs: 7.10."""

    def __init__(self, world: World, **more: dict[str, Any]) -> None:
        self.world = world
        own = {"feed": {"cost_column": ""}, "costs": {"stock_column": ""}, **more}
        self.files = {name: PolledFeed(world) for name in own}
        if "costs" in own:
            self.files["costs"].rows[SKU] = (99, "7.10")
            self.files["costs"].show()
        world.config = self.config(own)

    def config(self, own: dict[str, dict[str, Any]]) -> Config:
        base = config()
        others = {name: one for name, one in base.connections.items() if one.role != "feed"}
        feed = base.connections["feed"]
        return base.model_copy(update={"connections": others | {n: feed.model_copy(update=u) for n, u in own.items()}})

    def poll(self, *names: str) -> tuple[int, str]:
        for name in names:
            self.files[name].poll(message("stock.poll_due", connection=name))
        offer = self.world.offer()
        return offer.stock, str(offer.cost)


@pytest.mark.parametrize(
    ("more", "faulty"),
    [({}, []), ({"other": {"cost_column": ""}}, ["feed", "other"]), ({"other": {}}, ["feed", "costs", "other"]),
     ({"feed": {"cost_column": "", "rank": 1}, "other": {"cost_column": "", "rank": 2}}, [])],
)  # fmt: skip
def test_only_feeds_that_tell_the_same_figure_need_an_order(
    world: World, more: dict[str, dict[str, Any]], faulty: list[str]
) -> None:
    found = Config.model_validate(ByFigure(world, **more).world.config.model_dump())
    faults = {str(fault.path[1]): fault for fault in faults_to_refuse(found, START.date()) if fault.path[-1] == "rank"}
    assert sorted(faults) == sorted(faulty)
    if "costs" in faulty:
        assert "reports the cost of cj too" in faults["costs"].message


@pytest.mark.parametrize("turns", [("feed", "costs"), ("costs", "feed")])
def test_each_figure_comes_from_the_file_that_tells_it(world: World, turns: tuple[str, ...]) -> None:
    files = ByFigure(world)
    world.has_offer()
    assert files.poll(*turns) == (10, "7.10 USD")
    offer = world.offer()
    assert (offer.feed, offer.stock_from, offer.cost_feed, offer.cost_from) == ("feed", "feed", "costs", "costs")


def test_p3_what_leaves_the_file_of_costs_is_still_in_stock_and_what_leaves_that_of_stocks_is_not(world: World) -> None:
    files = ByFigure(world)
    world.has_offer()
    files.poll("feed", "costs")
    files.files["costs"].show(HL_MS_400=None)
    assert files.poll("costs") == (10, "7.10 USD")
    files.files["feed"].show(HL_MS_400=None)
    assert files.poll("feed") == (0, "7.10 USD")


def test_a_rank_orders_those_that_tell_the_same_figure_and_no_others(world: World) -> None:
    """The first of two files of stocks stands behind the file of costs, and tells none itself."""
    own: dict[str, dict[str, Any]] = {
        "costs": {"stock_column": "", "rank": 3},
        "feed": {"cost_column": "", "rank": 1},
        "both": {"rank": 2},
    }
    files = ByFigure(world, **own)
    world.has_offer()
    files.files["both"].rows[SKU] = (55, "8.00")
    files.files["both"].show()
    assert files.poll("costs", "both", "feed") == (10, "8.00 USD")
    files.files["costs"].show(HL_MS_400=(1, "5.00"))
    assert files.poll("costs", "both") == (10, "8.00 USD")


def test_a_breaker_judges_only_what_the_file_tells(world: World) -> None:
    files = ByFigure(world)
    world.has_offer()
    files.poll("feed", "costs")
    files.files["costs"].show(**{f"SKU_{n}": (0, "6.40") for n in range(9)})
    files.files["feed"].show(**{f"SKU_{n}": (5, "64.00") for n in range(9)})
    files.poll("feed", "costs")
    assert [world.config.feeds[name].tells_cost for name in ("feed", "costs")] == [False, True]
    for name in ("feed", "costs"):
        assert not _broken(world, name)


def test_a_figure_that_its_file_does_not_tell_any_more_is_known_by_nobody(world: World) -> None:
    files = ByFigure(world)
    world.has_offer()
    files.poll("feed", "costs")
    world.config = files.config({"feed": {"cost_column": ""}, "costs": {"cost_column": ""}})
    assert "does not tell it any more" in str(source_gone(world.offer(), world.config))


def _broken(world: World, name: str) -> bool:
    held = world.storage.get(feed_key(name), FeedState)
    assert held is not None
    return held.model.broken
