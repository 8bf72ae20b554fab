"""Goods of a BigCommerce store: articles with options, prices struck through, uncounted stock, and webhooks that went."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.sandbox.wire import Request, Response, json_response
from orderwright.domain.catalogue import Article, SkuRecord
from orderwright.domain.shown_price import AS_IS, Struck
from orderwright.errors import NotFound, Rejected
from orderwright.ports.store import PriceChange, QuantityChange, VariantView
from tests.contracts.kinds import stand_of
from tests.support.stand import CALLBACK


class Shelf:
    """A store, and what it shows."""

    def __init__(self) -> None:
        made: Any = stand_of("bigcommerce")()
        self.stand = made
        self.store = self.stand.connector()
        self.place: str = self.store.find_location(self.stand.location)

    def publish(self, sku: SkuRecord, price: str = "20.00", quantity: int = 5) -> VariantView:
        view: VariantView = self.store.publish_goods(sku, self.stand.money(price), quantity, self.place)
        return view

    def shown(self, view: VariantView) -> tuple[str, int | None, bool, str]:
        (one,) = self.store.read_listings([view.variant_id], self.place)
        return str(one.price), one.quantity, one.published, str(one.compare_at or "")

    def facts(self, view: VariantView) -> dict[str, Any]:
        facts: dict[str, Any] = self.stand.vendor.shop.variants[int(view.variant_id)].extra
        return facts


@pytest.fixture
def shelf() -> Shelf:
    """An empty store."""
    return Shelf()


def sized(size: str) -> SkuRecord:
    return SkuRecord(
        sku=f"HL-{size}", title=f"Lamp {size}", article=Article(key="lamp", title="Lamp", choices={"Size": size})
    )


def test_an_article_goes_with_its_last_variant_and_takes_none_with_other_options(shelf: Shelf) -> None:
    small, large = shelf.publish(sized("S")), shelf.publish(sized("L"), "30.00", 7)
    assert (small.listed_id == large.listed_id, small.stock_id[0]) == (True, "v")
    facts = shelf.stand.vendor.products[int(large.listed_id)].facts
    for one, visible in ((small, True), (large, False)):
        shelf.store.unpublish_goods(one.listed_id, one.variant_id)
        assert facts["is_visible"] is visible
    other = sized("M").model_copy(update={"article": Article(key="lamp", title="Lamp", choices={"Colour": "Red"})})
    with pytest.raises(Rejected, match="no option Colour"):
        shelf.publish(other)


def test_a_name_that_another_article_has_is_told_apart_by_the_sku(shelf: Shelf) -> None:
    shelf.publish(SkuRecord(sku="A-1", title="Lamp"))
    view = shelf.publish(SkuRecord(sku="A-2", title="Lamp"))
    assert shelf.stand.vendor.products[int(view.listed_id)].facts["name"] == "Lamp (A-2)"


def test_a_new_article_is_never_on_sale_with_another_price_or_stock(shelf: Shelf) -> None:
    for operation in ("createProduct", "putAbsolute", "updateVariantsBatch"):
        shelf.stand.faults.script(operation, "error_500")
        with pytest.raises(Exception, match="HTTP 500"):
            shelf.publish(sized("S"))
        assert not [one for one in shelf.store.find_variants(["HL-S"]) if one.published]
    assert shelf.shown(shelf.publish(sized("S")))[:3] == ("20.00 USD", 5, True)


def test_p4_a_merchants_own_sale_stays_struck_through_until_the_price_reaches_it(shelf: Shelf) -> None:
    view = shelf.publish(shelf.stand.lamp)
    shelf.facts(view).update(price=30.0, sale_price=25.0)
    assert shelf.shown(view) == ("25.00 USD", 5, True, "30.00 USD")
    for price, struck in (("24.00", "30.00 USD"), ("31.00", "")):
        change = PriceChange(view.listed_id, view.variant_id, shelf.stand.money(price))
        assert shelf.stand.connector().push_prices([change]) == [], "one that has read nothing yet"
        assert shelf.shown(view) == (f"{price} USD", 5, True, struck)


def test_p4_an_articles_own_sale_price_sets_no_variants_price(shelf: Shelf) -> None:
    view = shelf.publish(shelf.stand.lamp)
    shelf.stand.vendor.products[int(view.listed_id)].facts["sale_price"] = 5.0
    assert shelf.shown(view)[0] == "5.00 USD", "a variant without one of its own has its article's"
    above = shelf.stand.money("30.00")
    beside: list[tuple[Struck, str]] = [(AS_IS, "20.00 USD"), (None, ""), (above, "30.00 USD")]
    for struck, shown in beside:
        change = PriceChange(view.listed_id, view.variant_id, shelf.stand.money("18.00"), struck)
        assert shelf.stand.connector().push_prices([change]) == [], "one that has read nothing yet"
        assert (shelf.shown(view)[0], shelf.shown(view)[3]) == ("18.00 USD", shown)
    assert shelf.publish(shelf.stand.lamp, "21.00").price == shelf.stand.money("21.00")
    assert shelf.shown(view)[0] == "21.00 USD"


def test_p3_stock_that_is_not_counted_by_variant_is_named_and_stops_no_other(shelf: Shelf) -> None:
    view = shelf.publish(shelf.stand.lamp)
    first, second = shelf.stand.vendor.shelve(["M-1", "M-2"], together=True)
    product = shelf.stand.vendor.products[first.product].facts
    product["inventory_tracking"] = "product"
    shared = shelf.store.find_variants(["M-1"])[0]
    assert (shared.tracked, shelf.shown(shared)[1]) == (False, None)
    changes = [QuantityChange(one.stock_id, shelf.place, 3, 5) for one in (shared, view)]
    assert [(one.key, one.code, one.stale) for one in shelf.store.push_quantities(changes, "k")] == [
        (shared.stock_id, "NOT_COUNTED", False)
    ]
    assert shelf.shown(view)[1] == 3
    product["inventory_tracking"] = "none"
    bare = SkuRecord(sku="M-2", title="Goods")
    assert shelf.publish(bare, "2.00", 4).stock_id == f"v{second.number}", "its stock is counted from now on"


def test_p3_units_sold_beyond_the_stock_count_as_stock_and_too_many_of_them_are_told(shelf: Shelf) -> None:
    view = shelf.publish(shelf.stand.lamp)
    real, sent = shelf.stand.vendor.handle, list[int]()

    def answered(request: Request) -> Response:
        """The store takes three orders more than it has, and keeps one unit back."""
        if request.path.endswith("absolute"):
            sent.extend(one["quantity"] for one in json.loads(request.body)["items"])
        answer: Response = real(request)
        if not request.path.endswith("inventory/items"):
            return answer
        body = json.loads(answer.body)
        for place in (place for row in body["data"] for place in row["locations"]):
            place["available_to_sell"] = max(place["total_inventory_onhand"] - 1, 0) + 3
            place["settings"] = {"safety_stock": 1}
        return json_response(body)

    shelf.stand.handle = answered
    for wanted, before, told in ((4, 7, []), (1, 4, ["BACKORDERS"])):
        change = QuantityChange(view.stock_id, shelf.place, wanted, before)
        assert [one.code for one in shelf.store.push_quantities([change], "k")] == told
        assert shelf.shown(view)[1] == max(wanted, 3)
    assert sent == [2, 0]


def test_an_unknown_variant_is_not_taken_off_sale(shelf: Shelf) -> None:
    view = shelf.publish(shelf.stand.lamp)
    with pytest.raises(NotFound):
        shelf.store.unpublish_goods(view.listed_id, "1")
    assert shelf.shown(view)[2]


def test_p2_webhooks_that_were_switched_off_doubled_or_blocked_are_mended_and_told(shelf: Shelf) -> None:
    hooks, wanted = shelf.stand.vendor.hooks, shelf.stand.subscription()
    made = shelf.store.ensure_webhooks(wanted)
    assert len(made) == len(hooks.subscriptions) == 5
    assert shelf.store.ensure_webhooks(wanted) == []
    hooks.subscriptions[0].active = False
    scope = hooks.subscriptions[1].topic
    hooks.subscriptions[1].url = CALLBACK.replace("0123abcd", "other")
    assert set(shelf.store.ensure_webhooks(wanted)) == {hooks.subscriptions[0].topic, scope}
    assert {(one.url, one.active) for one in hooks.subscriptions} == {(CALLBACK, True)}
    hooks.subscriptions.append(replace(hooks.subscriptions[0], id="9", url=CALLBACK.replace("0123abcd", "other")))
    real = shelf.stand.vendor.handle

    def deleted_meanwhile(request: Request) -> Response:
        answer: Response = real(request)
        return Response(404) if request.method == "DELETE" else answer

    shelf.stand.handle = deleted_meanwhile
    assert shelf.store.ensure_webhooks(wanted) == [hooks.subscriptions[0].topic]
    hooks.blocked["api.example.com"] = shelf.stand.clock.now() + timedelta(seconds=90)
    assert shelf.store.ensure_webhooks(wanted) == ["none is sent for 90 s, as too many failed"]
