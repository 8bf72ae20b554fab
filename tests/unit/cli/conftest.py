"""A stocked shop and an operator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.shop import Shop
from tests.unit.cli.cli_kit import Operator, operator_of


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A connected, stocked shop."""
    made = Shop()
    made.connect()
    made.stock_up()
    yield made
    made.close()


@pytest.fixture
def operator(shop: Shop) -> Operator:
    """Somebody at its command line."""
    return operator_of(shop)
