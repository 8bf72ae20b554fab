"""A merchant's catalogue for each test, in an account of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.catalogue_world import World, make_world
from tests.support.polled_feed import PolledFeed
from tests.support.polled_supplier import PolledSupplier


@pytest.fixture
def world() -> Iterator[World]:
    made = make_world()
    yield made
    made.aws.close()


@pytest.fixture
def supplier(world: World) -> PolledSupplier:
    return PolledSupplier(world)


@pytest.fixture
def polls(world: World) -> PolledFeed:
    for number in range(9):
        world.has_offer(f"SKU-{number}", stock=5, sellable=5)
    world.has_offer()
    return PolledFeed(world)
