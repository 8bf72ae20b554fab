"""Every store's goods: absolute values that a repeat does not change, and stock that is set over what was read only."""

from __future__ import annotations

from typing import Any

from orderwright.domain.money import Money
from orderwright.domain.shown_price import AS_IS, Struck
from orderwright.errors import Misconfigured, NotFound, Rejected
from orderwright.ports.store import ListingView, PriceChange, QuantityChange, VariantView
from tests.support.stand import StoreStand


class Shelf:
    """The lamp on sale, and what the store says of it."""

    def __init__(self, stand: StoreStand) -> None:
        self.stand, self.store = stand, stand.connector()
        self.place: str = self.store.find_location(stand.location)
        self.lamp = self.publish(stand.lamp)

    def publish(self, sku: Any, quantity: int = 5, price: str = "22.99", compare_at: Struck = AS_IS) -> VariantView:
        """Put it on sale."""
        view: VariantView = self.store.publish_goods(sku, self.stand.money(price), quantity, self.place, compare_at)
        return view

    def listing(self, variant: str = "") -> ListingView:
        """What the store shows; the lamp's by default."""
        found: ListingView
        (found,) = self.store.read_listings([variant or self.lamp.variant_id], self.place)
        return found


def test_our_location_is_found_and_an_unknown_one_names_those_that_there_are(store: StoreStand) -> None:
    connector = store.connector()
    place = connector.find_location(store.location)
    assert isinstance(place, str)
    assert connector.find_location(store.location) == place
    if not store.location:
        return  # it has one stock for all, and no name for it
    assert place
    with store.refuses(Misconfigured) as refused:
        connector.find_location("Nowhere")
    assert store.location in refused.value.message


def test_an_article_is_put_on_sale_taken_off_and_put_on_again_as_the_same(store: StoreStand) -> None:
    shelf = Shelf(store)
    lamp = shelf.lamp
    assert (lamp.sku, lamp.price, lamp.tracked, lamp.published) == (store.lamp.sku, store.money("22.99"), True, True)
    assert shelf.listing() == ListingView(lamp.variant_id, lamp.stock_id, store.money("22.99"), 5, True)
    assert shelf.publish(store.lamp) == lamp, "a repeat is the same article"
    for _ in range(2):
        shelf.store.unpublish_goods(lamp.listed_id, lamp.variant_id)
        assert not shelf.listing().published
    again = shelf.publish(store.lamp, 3, "25.99")
    assert (again.variant_id, again.stock_id, again.listed_id) == (lamp.variant_id, lamp.stock_id, lamp.listed_id)
    assert (shelf.listing().quantity, shelf.listing().price, shelf.listing().published) == (
        3,
        store.money("25.99"),
        True,
    )
    with store.refuses(Rejected, NotFound):
        shelf.store.unpublish_goods("1", "1")


def test_variants_are_found_by_their_exact_sku_and_listed_to_the_end(store: StoreStand) -> None:
    shelf = Shelf(store)
    other = shelf.publish(store.other)
    assert shelf.store.find_variants([store.lamp.sku, "NOPE", store.lamp.sku[:-1]]) == [shelf.lamp]
    assert shelf.store.find_variants([]) == []
    seen, cursor = shelf.store.list_variants("")
    while cursor:
        more, cursor = shelf.store.list_variants(cursor)
        seen += more
    assert [one for one in seen if one.sku in (store.lamp.sku, store.other.sku)] in (
        [shelf.lamp, other],
        [other, shelf.lamp],
    )
    assert len({one.variant_id for one in seen}) == len(seen)


def test_listings_of_what_is_not_there_are_left_out(store: StoreStand) -> None:
    shelf = Shelf(store)
    found = shelf.store.read_listings([shelf.lamp.variant_id, "1", shelf.lamp.variant_id], shelf.place)
    assert [one.variant_id for one in found] == [shelf.lamp.variant_id]


def test_p3_stock_is_set_only_over_the_value_that_was_read(store: StoreStand) -> None:
    shelf = Shelf(store)
    other = shelf.publish(store.other, 3)
    stale = QuantityChange(shelf.lamp.stock_id, shelf.place, 9, 4)
    good = QuantityChange(other.stock_id, shelf.place, 2, 3)
    problems = shelf.store.push_quantities([stale, good], "key-1")
    assert [(one.key, one.stale) for one in problems] == [(shelf.lamp.stock_id, True)]
    assert problems[0].code
    assert (shelf.listing().quantity, shelf.listing(other.variant_id).quantity) == (5, 2)


def test_p3_a_repeat_of_a_push_of_stock_changes_nothing_even_after_a_sale(store: StoreStand) -> None:
    shelf = Shelf(store)
    change = QuantityChange(shelf.lamp.stock_id, shelf.place, 2, 5)
    assert shelf.store.push_quantities([change], "key-2") == []
    store.buy({store.lamp.sku: 1})
    assert shelf.listing().quantity == 1
    again = shelf.store.push_quantities([change], "key-2")
    assert all(one.stale for one in again)
    assert shelf.listing().quantity == 1, "what was sold meanwhile stays sold"
    assert shelf.store.quantity_batch > 0


def test_p3_stock_that_was_oversold_is_read_and_set_again(store: StoreStand) -> None:
    shelf = Shelf(store)
    store.buy({store.lamp.sku: 7})
    left = shelf.listing().quantity
    assert left is not None
    assert left <= 0
    assert shelf.store.push_quantities([QuantityChange(shelf.lamp.stock_id, shelf.place, 4, left)], "key-3") == []
    assert shelf.listing().quantity == 4


def test_p4_prices_are_set_as_they_are_told_and_the_one_beside_is_set_left_or_taken_away(store: StoreStand) -> None:
    shelf = Shelf(store)

    def pushed(price: str, compare_at: Struck) -> Money | None:
        change = PriceChange(shelf.lamp.listed_id, shelf.lamp.variant_id, store.money(price), compare_at)
        for _ in range(2):
            assert shelf.store.push_prices([change]) == []
            assert shelf.listing().price == store.money(price)
        return shelf.listing().compare_at

    assert pushed("21.99", store.money("28.99")) == store.money("28.99")
    assert pushed("20.99", AS_IS) == store.money("28.99"), "not ours to set"
    assert pushed("20.99", None) is None
    shelf.publish(store.lamp, compare_at=store.money("27.99"))
    assert shelf.listing().compare_at == store.money("27.99")
    assert shelf.listing().quantity == 5


def test_p4_one_bad_price_stops_no_other_and_one_in_another_currency_is_never_sent(store: StoreStand) -> None:
    shelf = Shelf(store)
    wanted = {"1": "9.99", shelf.lamp.variant_id: "25.99"}
    changes = [PriceChange(shelf.lamp.listed_id, variant, store.money(price)) for variant, price in wanted.items()]
    assert [one.key for one in shelf.store.push_prices(changes)] == ["1"]
    assert shelf.listing().price == store.money("25.99")
    with store.refuses(Rejected):
        shelf.store.push_prices([PriceChange(shelf.lamp.listed_id, shelf.lamp.variant_id, Money.parse("9.99", "SEK"))])
    assert shelf.listing().price == store.money("25.99")
