"""Goods, stock and prices in the sandbox's store; every request passes the guard first."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orderwright.domain.compare_at import Struck
from orderwright.domain.money import Money
from orderwright.errors import OutcomeUnknown, Rejected
from orderwright.ports.store import PriceChange, QuantityChange
from tests.connectors.shopify.bench import LAMP, Bench, usd


def test_a_new_sku_goes_on_sale_and_comes_off_again(bench: Bench) -> None:
    view = bench.publish(quantity=5)
    assert bench.shopify.find_variants(["HL-MS-400", "NOPE"]) == [view]
    assert (view.tracked, view.published, view.price) == (True, True, usd("22.99"))
    (listing,) = bench.shopify.read_listings([view.variant_id, "1"], bench.location)
    assert (listing.quantity, listing.published, listing.stock_id) == (5, True, view.stock_id)
    assert "HL-MS-400" in {entry.sku for entry in bench.store.shelf()}
    bench.shopify.unpublish_goods(view.listed_id)
    assert "HL-MS-400" not in {entry.sku for entry in bench.store.shelf()}
    assert not bench.shopify.read_listings([view.variant_id], bench.location)[0].published


def test_publishing_again_changes_the_same_article(bench: Bench) -> None:
    first = bench.publish(quantity=5, price="22.99")
    bench.shopify.unpublish_goods(first.listed_id)
    second = bench.publish(quantity=3, price="25.99")
    assert (second.variant_id, second.listed_id, second.stock_id) == (first.variant_id, first.listed_id, first.stock_id)
    (listing,) = bench.shopify.read_listings([first.variant_id], bench.location)
    assert (listing.quantity, listing.price, listing.published) == (3, usd("25.99"), True)
    shelf = [entry for entry in bench.store.shelf() if entry.sku == "HL-MS-400"]
    assert len(shelf) == 1
    assert shelf[0].image_url == "https://img.example.com/1.jpg"


def test_all_variants_are_listed(bench: Bench) -> None:
    bench.publish()
    views, cursor = bench.shopify.list_variants("")
    assert {"HL-MS-400", "HL-COB-350"} <= {view.sku for view in views}
    assert cursor == ""


def test_stock_is_set_only_over_the_value_that_was_read(bench: Bench) -> None:
    lamp = bench.publish(quantity=5)
    (old,) = bench.shopify.find_variants(["HL-COB-350"])
    stale = QuantityChange(lamp.stock_id, bench.location, 1, 4)
    good = QuantityChange(old.stock_id, bench.location, 2, 3)
    problems = bench.shopify.push_quantities([stale, good], "key-1")
    assert [(problem.key, problem.stale) for problem in problems] == [(lamp.stock_id, True)]
    quantities = [
        each.quantity for each in bench.shopify.read_listings([lamp.variant_id, old.variant_id], bench.location)
    ]
    assert quantities == [5, 2]
    assert bench.shopify.push_quantities([QuantityChange(lamp.stock_id, bench.location, 1, 5)], "key-2") == []
    assert bench.shopify.push_quantities([QuantityChange(lamp.stock_id, bench.location, 1, 5)], "key-2") == []
    assert bench.shopify.read_listings([lamp.variant_id], bench.location)[0].quantity == 1


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


def test_one_bad_price_does_not_stop_the_others(bench: Bench) -> None:
    lamp = bench.publish()
    changes = [PriceChange("1", usd("9.99")), PriceChange(lamp.variant_id, usd("25.99"))]
    problems = bench.shopify.push_prices(lamp.listed_id, changes)
    assert [problem.key for problem in problems] == ["1"]
    assert bench.shopify.read_listings([lamp.variant_id], bench.location)[0].price == usd("25.99")
    with pytest.raises(Rejected):
        bench.shopify.push_prices("1", [PriceChange("1", usd("9.99"))])


def test_a_compare_at_price_is_set_left_alone_and_taken_away(bench: Bench) -> None:
    lamp = bench.publish()

    def set_to(price: str, *compare_at: Struck) -> Money | None:
        change = PriceChange(lamp.variant_id, usd(price), *compare_at)
        assert bench.shopify.push_prices(lamp.listed_id, [change]) == []
        return bench.shopify.read_listings([lamp.variant_id], bench.location)[0].compare_at

    assert set_to("22.99", usd("28.99")) == usd("28.99")
    assert set_to("21.99") == usd("28.99"), "not ours to set"
    assert set_to("21.99", None) is None
    bench.shopify.publish_goods(LAMP, usd("21.99"), 5, bench.location, usd("27.99"))
    assert bench.shopify.read_listings([lamp.variant_id], bench.location)[0].compare_at == usd("27.99")
    assert {entry.compare_at_price for entry in bench.store.shelf() if entry.sku == LAMP.sku} == {Decimal("27.99")}
    bench.shopify.publish_goods(LAMP, usd("21.99"), 5, bench.location, None)
    assert bench.shopify.read_listings([lamp.variant_id], bench.location)[0].compare_at is None
