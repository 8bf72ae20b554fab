"""Goods, stock and prices in the sandbox's store; every request passes the guard first."""

from __future__ import annotations

import pytest

from orderwright.errors import OutcomeUnknown
from orderwright.ports.store import QuantityChange
from tests.connectors.shopify.bench import Bench


def test_an_article_that_is_neither_tracked_nor_stocked_here_takes_stock(bench: Bench) -> None:
    guide = next(view for view in bench.shopify.list_variants("")[0] if not view.tracked)
    assert bench.shopify.read_listings([guide.variant_id], bench.location)[0].quantity is None
    assert bench.shopify.push_quantities([QuantityChange(guide.stock_id, bench.location, 4, 0)], "key") == []
    assert bench.shopify.read_listings([guide.variant_id], bench.location)[0].quantity == 4
    assert bench.shopify.find_variants([guide.sku])[0].tracked


def test_a_lost_stock_answer_may_simply_be_repeated(bench: Bench) -> None:
    lamp = bench.publish(quantity=5)
    change = QuantityChange(lamp.stock_id, bench.location, 1, 5)
    bench.store.config.faults.script("inventorySetQuantities", "accept_then_timeout")
    with pytest.raises(OutcomeUnknown):
        bench.shopify.push_quantities([change], "key")
    assert bench.shopify.push_quantities([change], "key") == []
    assert bench.shopify.read_listings([lamp.variant_id], bench.location)[0].quantity == 1
