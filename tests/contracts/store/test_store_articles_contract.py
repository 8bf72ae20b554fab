"""Every store's articles with options: the merchant's are mapped variant by variant, ours grow beside their siblings."""

from __future__ import annotations

from typing import Any

import pytest

from orderwright.declarations import Ability
from orderwright.domain.catalogue import Article, SkuRecord
from orderwright.errors import OutcomeUnknown, Retryable
from orderwright.ports.store import ListingView, PriceChange, QuantityChange, VariantView
from tests.contracts.store.kit import able
from tests.support.stand import StoreStand

MUG = ("MUG/R", "MUG-G", "mug-b")


class Goods:
    """One connector, and what its store shows."""

    def __init__(self, store: StoreStand) -> None:
        self.store, self.connector = store, store.connector()
        self.place: str = self.connector.find_location(store.location)

    def variant(self, sku: str) -> VariantView:
        (found,) = self.connector.find_variants([sku])
        assert isinstance(found, VariantView)
        return found

    def listing(self, sku: str) -> ListingView:
        (found,) = self.connector.read_listings([self.variant(sku).variant_id], self.place)
        assert isinstance(found, ListingView)
        return found

    def publish(self, record: SkuRecord, price: str = "9.00", quantity: int = 3) -> VariantView:
        self.store.clock.forward(seconds=60)
        made = self.connector.publish_goods(record, self.store.money(price), quantity, self.place)
        assert isinstance(made, VariantView)
        return made

    def all_skus(self) -> list[str]:
        found, cursor = self.connector.list_variants("")
        while cursor:
            page, cursor = self.connector.list_variants(cursor)
            found += page
        return [one.sku for one in found]


def test_a_merchants_article_is_mapped_variant_by_variant(store: StoreStand) -> None:
    goods = Goods(store)
    store.shelve(MUG, together=True)
    store.shelve(["PLATE"])
    views = [goods.variant(sku) for sku in MUG]
    assert len({one.listed_id for one in views}) == 1
    assert len({one.variant_id for one in views}) == len(MUG)
    assert goods.variant("PLATE").listed_id != views[0].listed_id
    order = goods.connector.fetch_order(store.buy({MUG[1]: 2}))
    assert [(line.sku, line.variant_id, line.quantity) for line in order.lines] == [(MUG[1], views[1].variant_id, 2)]
    assert goods.listing(MUG[1]).quantity == 998
    change = QuantityChange(views[1].stock_id, goods.place, 5, 998)
    assert goods.connector.push_quantities([change], "key-1") == []
    assert (
        goods.connector.push_prices([PriceChange(views[1].listed_id, views[1].variant_id, store.money("7.50"))]) == []
    )
    shown = [(goods.listing(sku).quantity, goods.listing(sku).price) for sku in MUG]
    assert shown == [(1000, store.money("1.00")), (5, store.money("7.50")), (1000, store.money("1.00"))]


def test_one_variant_goes_while_its_siblings_stay_on_sale(store: StoreStand) -> None:
    goods = Goods(store)
    store.shelve(MUG, together=True)
    gone = goods.variant(MUG[0])
    for _ in range(2):
        goods.connector.unpublish_goods(gone.listed_id, gone.variant_id)
        assert [goods.listing(sku).published for sku in MUG[1:]] == [True, True]
    if able(store, Ability.HIDES_VARIANT):
        assert not goods.listing(MUG[0]).published
    for sku in MUG[1:]:
        one = goods.variant(sku)
        assert goods.connector.fetch_order(store.buy({sku: 1})).lines[0].variant_id == one.variant_id
        goods.connector.unpublish_goods(one.listed_id, one.variant_id)
    assert not goods.listing(MUG[2]).published, "the last one takes the article off sale"


# --- articles of ours -------------------------------------------------------------------------------------------------


def record(colour: str, size: str = "M") -> SkuRecord:
    """One variant of one T-shirt."""
    return SkuRecord(
        sku=f"TS-{colour[:2].upper()}-{size}",
        title=f"T-shirt, {colour}, {size}",
        images=("https://img.example.com/1.jpg",),
        article=Article(key="cj:TS", title="T-shirt", choices={"Colour": colour, "Size": size}),
    )


SHIRTS = (record("Red"), record("Green"), record("Red", "L"))


def test_variants_of_our_article_are_published_one_after_another_as_one(store: StoreStand) -> None:
    goods = Goods(store)
    made = [goods.publish(one, f"{price}.00", price) for price, one in enumerate(SHIRTS, 7)]
    assert [one.sku for one in made] == [one.sku for one in SHIRTS]
    assert len({one.variant_id for one in made}) == len(SHIRTS)
    if able(store, Ability.OPTIONS):
        assert len({one.listed_id for one in made}) == 1
    for price, one in enumerate(SHIRTS, 7):
        shown = goods.listing(one.sku)
        assert (shown.price, shown.quantity, shown.published) == (store.money(f"{price}.00"), price, True)
        order = goods.connector.fetch_order(store.buy({one.sku: 1}))
        assert order.lines[0].sku == one.sku
        assert order.lines[0].unit_price == store.money(f"{price}.00")


def test_a_variant_that_is_published_again_is_the_same_and_its_siblings_stay_as_they_are(store: StoreStand) -> None:
    goods = Goods(store)
    made = [goods.publish(one) for one in SHIRTS]
    again = goods.publish(SHIRTS[0], "12.00", 8)
    assert (again.variant_id, again.listed_id, again.stock_id) == (
        made[0].variant_id, made[0].listed_id, made[0].stock_id,
    )  # fmt: skip
    assert (goods.listing(SHIRTS[0].sku).price, goods.listing(SHIRTS[0].sku).quantity) == (store.money("12.00"), 8)
    for one in SHIRTS[1:]:
        assert (goods.listing(one.sku).price, goods.listing(one.sku).quantity) == (store.money("9.00"), 3)
    assert [goods.variant(one.sku).variant_id for one in SHIRTS] == [one.variant_id for one in made]


def test_our_variants_are_retired_one_by_one_and_come_back(store: StoreStand) -> None:
    goods = Goods(store)
    made = {one.sku: goods.publish(one) for one in SHIRTS}
    for position, one in enumerate(SHIRTS):
        view = made[one.sku]
        goods.connector.unpublish_goods(view.listed_id, view.variant_id)
        if position < len(SHIRTS) - 1:
            assert all(goods.listing(other.sku).published for other in SHIRTS[position + 1 :])
    assert not goods.listing(SHIRTS[-1].sku).published
    back = goods.publish(SHIRTS[1])
    assert back.variant_id == made[SHIRTS[1].sku].variant_id
    assert goods.listing(SHIRTS[1].sku).published


@pytest.mark.parametrize("how", ["lost", "502", "unsent"])
def test_whichever_call_goes_wrong_a_variant_is_there_once(store: StoreStand, how: str) -> None:
    goods = Goods(store)
    goods.publish(SHIRTS[0])
    for number in range(1, 30):
        one, calls = record(f"{number:02} blue"), store.calls
        with store.breaking(number, how):
            try:
                goods.publish(one)
            except (Retryable, OutcomeUnknown):
                store.clock.forward(minutes=10)
        broke = store.calls - calls >= number
        made: Any = goods.publish(one)
        assert made.sku == one.sku
        skus = goods.all_skus()
        assert (skus.count(one.sku), skus.count(SHIRTS[0].sku)) == (1, 1)
        assert goods.listing(one.sku).quantity == 3
        if not broke:
            return
    raise AssertionError("to publish takes too many calls")
