"""Pushing the price struck through beside the real one, and the prices that are remembered for it."""

from __future__ import annotations

from typing import Any

from orderwright.errors import OutcomeUnknown
from orderwright.records import listing_key
from tests.support.catalogue_world import SKU, World, push_listings
from tests.support.fakes import usd

KEY = listing_key(SKU, "shop")


def _listed(world: World, **wanted: Any) -> None:
    world.has_offer()
    world.has_listing(**wanted)


def _compared(world: World, **wanted: Any) -> None:
    base: dict[str, Any] = {"desired_compare_at": usd("28.99"), "compare_at_note": "the price x 1.25"}
    _listed(world, **{**base, **wanted})


def test_a_compare_at_price_goes_out_alone_and_with_its_price(world: World) -> None:
    _compared(world)
    push_listings(world)
    assert world.store.calls == ["read_listings", "push_prices"]
    assert (world.store.of(SKU).compare_at, world.listing().published_compare_at) == (usd("28.99"), usd("28.99"))
    world.change_listing(desired_price=usd("25.99"), desired_compare_at=usd("32.99"))
    push_listings(world)
    assert (world.store.of(SKU).price, world.store.of(SKU).compare_at) == (usd("25.99"), usd("32.99"))
    world.store.calls.clear()
    push_listings(world)
    assert world.store.calls == ["read_listings"], "a repeat sets nothing"


def test_a_compare_at_price_that_may_not_be_shown_is_taken_away(world: World) -> None:
    _compared(world, desired_compare_at=None, compare_at_note="left out: ...")
    world.store.of(SKU).compare_at = usd("99.00")
    push_listings(world)
    assert world.store.of(SKU).compare_at is None
    assert world.listing().published_compare_at is None


def test_ours_is_taken_away_when_the_rule_ends_and_the_merchants_own_stays(world: World) -> None:
    _compared(world, desired_compare_at=None, compare_at_note="", published_compare_at=usd("28.99"))
    world.store.of(SKU).compare_at = usd("28.99")
    push_listings(world)
    assert world.store.of(SKU).compare_at is None
    world.store.of(SKU).compare_at = usd("35.00")
    world.change_listing(desired_price=usd("25.99"))
    push_listings(world)
    assert (world.store.of(SKU).price, world.store.of(SKU).compare_at) == (usd("25.99"), usd("35.00"))
    assert world.listing().published_compare_at is None


def test_a_compare_at_price_of_which_nobody_knows_whether_it_was_set_is_tried_again(world: World) -> None:
    _compared(world)
    world.store.faults.add("push_prices", OutcomeUnknown("no answer"))
    push_listings(world)
    assert world.listing().published_compare_at is None
    assert world.due(KEY).endswith("listing.push_due")
    push_listings(world)
    assert world.listing().published_compare_at == usd("28.99")


def test_prices_are_remembered_as_they_change_and_one_set_by_hand_too(world: World) -> None:
    _listed(world, desired_price=usd("25.99"))
    push_listings(world)
    assert [entry.price for entry in world.listing().price_history] == [usd("22.99"), usd("25.99")]
    world.clock.forward(minutes=5)
    push_listings(world)
    assert len(world.listing().price_history) == 2
    world.change_listing(desired_compare_at=None, compare_at_note="left out: ...")
    world.store.of(SKU).price = usd("19.99")
    push_listings(world)
    assert [entry.price for entry in world.listing().price_history][1:] == [usd("25.99"), usd("19.99"), usd("25.99")]
    assert "offer.changed" in world.facts(KEY), "what may be struck through is decided anew"
