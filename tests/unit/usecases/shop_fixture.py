"""Fixtures: an order shop that is connected and stocked, and one with rules of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from orderwright.domain.config import Config
from tests.unit.usecases.order_shop import OrderShop

OpenShop = Callable[..., OrderShop]


@pytest.fixture
def open_shop() -> Iterator[OpenShop]:
    """Opens shops by configuration; at the end nothing may lie in a queue that failed."""
    opened: list[OrderShop] = []

    def open_one(config: Config | None = None, **cj: object) -> OrderShop:
        shop = OrderShop(config, **cj)
        shop.connect()
        shop.stock_up()
        opened.append(shop)
        return shop

    yield open_one
    for shop in opened:
        shop.close()
        assert shop.failed == []


@pytest.fixture
def shop(open_shop: OpenShop) -> OrderShop:
    """A shop with the demo's rules."""
    return open_shop()
