"""Listings whose price follows others: what is noted and told, and what a recalculation costs."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest

from orderwright.domain.listing import Listing
from orderwright.domain.repricing.signals import CompetitorPrices, CompetitorQuote, Demand
from orderwright.records import competitors_key, demand_key, listing_key
from orderwright.storage import Put
from orderwright.usecases.recalculate_price import recalculate_price
from tests.support.catalogue_world import SKU, World, config, message, push_listings, watching
from tests.support.fakes import START, usd

KEY = listing_key(SKU, "shop")
RULE = {"name": "all", "markup": "2.4", "competitors": {}, "bounds": {"per_day_percent": 20, "percent": 50}}


@pytest.fixture
def shop(world: World) -> World:
    """By cost 22.99, which is shown."""
    world.config = watching(config(prices=[RULE], price_step_percent=80))
    world.has_offer()
    world.has_listing()
    return world


def competitors(world: World, price: str) -> None:
    key = competitors_key(SKU, "prices")
    held = world.storage.get(key, CompetitorPrices)
    of = (CompetitorQuote(seller="other", price=usd(price)),)
    known = CompetitorPrices(sku=SKU, feed="prices", at=world.clock.now(), quotes=of)
    world.storage.commit([Put(key, known, held.version if held else 0)])


def priced(world: World) -> Listing:
    asked = message("offer.changed", resource=SKU)
    recalculate_price(asked, storage=world.storage, config=world.config, clock=world.clock, timing=world.timing)
    return world.listing()


def test_a_competitor_is_followed_by_one_read_and_one_write(shop: World) -> None:
    competitors(shop, "20.50")
    with shop.counted() as calls:
        priced(shop)
    assert calls[:2] == ["dynamodb:Query", "dynamodb:TransactWriteItems"]
    assert calls[2:] == ["dynamodb:GetItem"]  # this test's own look
    listing = shop.listing()
    assert (listing.desired_price, listing.on_sale) == (usd("19.99"), True)
    assert "the lowest of 1, other: 20.50 USD" in listing.why
    push_listings(shop)
    version = shop.version(KEY)
    shop.clock.at += timedelta(hours=1)
    assert priced(shop).published_price == usd("19.99")
    assert shop.version(KEY) == version


def test_what_begins_is_told_once_and_again_when_it_comes_back(shop: World) -> None:
    def told(price: str) -> list[str]:
        competitors(shop, price)
        priced(shop)
        alerts = [fact for fact in shop.raw_facts(KEY) if fact["type"] == "alert.raised"]
        return [fact["topic"] for fact in alerts]

    competitors(shop, "9.99")
    listing = priced(shop)
    assert listing.has("NO_MARGIN_HERE") is False  # it is no reason, and sold all the same
    assert [note.code for note in listing.notes] == ["NO_MARGIN_HERE"]
    assert listing.desired_price is not None
    assert listing.floor is not None
    assert listing.desired_price > listing.floor
    assert told("9.98") == []
    assert told("20.00") == []
    assert shop.listing().notes == ()
    assert told("9.99") == ["NO_MARGIN_HERE"]


def test_that_nobody_else_sells_it_is_noted_and_not_told(shop: World) -> None:
    shop.change_listing(published_price=usd("21.49"), desired_price=usd("21.49"))
    listing = priced(shop)
    assert (listing.desired_price, [note.code for note in listing.notes]) == (usd("21.49"), ["COMPETITOR_ABSENT"])
    assert "alert.raised" not in shop.facts(KEY)


def test_the_prices_of_a_file_that_is_taken_out_are_followed_no_more(shop: World) -> None:
    """As its exchange rates would not count: what an operator took out is in force nowhere."""
    competitors(shop, "20.50")
    shop.config = config(prices=[RULE], price_step_percent=80)
    assert [note.code for note in priced(shop).notes] == ["COMPETITOR_ABSENT"]
    assert shop.listing().desired_price == usd("22.99")


def test_low_stock_raises_the_price(shop: World) -> None:
    short = {"days_of_stock": 12, "raise_percent": 10}
    shop.config = config(prices=[{**RULE, "competitors": None, "demand": short}])
    sold = Demand(sku=SKU, day=START.date() - timedelta(days=1), sold={"shop": (1,) * 56})
    shop.storage.commit([Put(demand_key(SKU), sold, 0)])
    assert priced(shop).desired_price == usd("24.99")
    shop.change_offer(sellable=13)
    assert priced(shop).desired_price == usd("22.99")


def test_without_such_rules_the_moves_are_not_even_loaded() -> None:
    loads = "import sys, orderwright.usecases.recalculate_price as _; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", loads], check=True, capture_output=True, text=True).stdout.split()
    beside = {"orderwright.domain.repricing.signals", "orderwright.domain.repricing.history"}
    assert {name for name in loaded if name.startswith("orderwright.domain.repricing.")} <= beside
