"""New SKUs go on sale, retired ones off (R4, promise P4)."""

from __future__ import annotations

import pytest

from orderwright.domain.catalogue import SkuRecord, SkuState
from orderwright.domain.listing import Listing
from orderwright.domain.order import Reason
from orderwright.errors import Misconfigured, Rejected, Retryable
from orderwright.records import connection_key, listing_key, sku_key
from orderwright.storage import Put
from orderwright.usecases.listing.records import listing_put
from orderwright.usecases.publish_product import publish_product
from tests.support.catalogue_world import SKU, World, config, message, push_listings
from tests.support.fakes import usd

KEY = listing_key(SKU, "shop")


def _publish(world: World, connection: str = "shop") -> None:
    publish_product(
        message("listing.publication_due", connection=connection, resource=SKU),
        storage=world.storage,
        config=world.config,
        store_catalogue_for=world.catalogue_for,
        clock=world.clock,
        timing=world.timing,
    )


def _wanted(world: World) -> None:
    world.has_offer()
    world.storage.commit([listing_put(Listing(sku=SKU, store="shop"), 0)])


def _retire(world: World, state: SkuState) -> None:
    stored = world.storage.get(sku_key(SKU), SkuRecord)
    assert stored is not None
    world.storage.commit([Put(sku_key(SKU), stored.model.model_copy(update={"state": state}), stored.version)])


def test_a_new_sku_is_published_with_its_price_and_quantity(world: World) -> None:
    _wanted(world)
    _publish(world)
    assert (world.store.of(SKU).price, world.store.of(SKU).quantity) == (usd("22.99"), 10)
    listing = world.listing()
    assert listing.published
    assert (listing.variant_id, listing.published_price, listing.published_quantity) == (f"v-{SKU}", usd("22.99"), 10)
    assert world.due(KEY).endswith("#listing.push_due"), "the price is read back"
    assert world.facts(KEY) == []


def test_a_refused_key_is_noted_with_the_connection(world: World) -> None:
    _wanted(world)
    world.store.faults.add("find_variants", Misconfigured("401"))
    with pytest.raises(Misconfigured):
        _publish(world)
    assert world.facts(connection_key("shop")) == ["CONNECTION_FAILS"]


def test_a_repeat_publishes_no_second_time(world: World) -> None:
    _wanted(world)
    _publish(world)
    world.store.calls.clear()
    _publish(world)
    assert world.store.calls == []


def test_killed_after_the_call_the_article_is_adopted(world: World) -> None:
    class Killed(BaseException):
        pass

    _wanted(world)

    def kill(name: str) -> None:
        if name == "dynamodb:PutItem":
            raise Killed

    world.aws.before = kill
    with pytest.raises(Killed):
        _publish(world)
    world.aws.before = lambda name: None
    _publish(world)
    assert world.store.calls.count("publish_goods") == 1
    assert world.listing().variant_id == f"v-{SKU}"
    assert world.facts(KEY) == ["listing.push_due"], "its stock is set by the usual way"


def test_without_a_price_inside_its_bounds_nothing_is_published(world: World) -> None:
    limits = {"map_price": {"amount": "50", "currency": "USD"}, "msrp": {"amount": "40", "currency": "USD"}}
    world.config = config(sku_prices={SKU: limits})
    _wanted(world)
    _publish(world)
    assert world.store.calls == []
    assert [reason.code for reason in world.listing().reasons] == ["PRICE_RANGE_EMPTY"]
    assert world.due(KEY) == ""


def test_a_throttled_publication_waits_as_a_due_time(world: World) -> None:
    _wanted(world)
    world.store.faults.add("publish_goods", Retryable("slow down"))
    _publish(world)
    assert world.due(KEY) == "2026-11-20T10:00:03.000000Z#listing.publication_due"
    _publish(world)
    assert world.listing().published


def test_a_refused_publication_is_parked_with_one_alert(world: World) -> None:
    _wanted(world)
    world.store.faults.add("publish_goods", Rejected("the handle is taken", code="HANDLE_TAKEN"))
    _publish(world)
    assert world.facts(KEY) == ["HANDLE_TAKEN"]
    assert world.due(KEY) == ""


def test_a_retired_sku_is_taken_off_and_comes_back(world: World) -> None:
    _wanted(world)
    _publish(world)
    _retire(world, SkuState.RETIRED)
    _publish(world)
    assert not world.store.of(SKU).published
    assert not world.listing().published
    world.store.calls.clear()
    _publish(world)
    assert world.store.calls == []
    _retire(world, SkuState.ACTIVE)
    _publish(world)
    assert world.store.of(SKU).published
    assert world.listing().variant_id == f"v-{SKU}"


def test_a_retired_variant_that_the_store_cannot_hide_is_left_without_stock_and_comes_back(world: World) -> None:
    _wanted(world)
    _publish(world)
    _retire(world, SkuState.RETIRED)
    world.store.hides = False
    _publish(world)
    left = world.listing()
    assert (left.published, left.variant_id, left.desired_quantity) == (True, f"v-{SKU}", 0)
    assert world.facts(KEY)[-1] == "listing.push_due", "its stock is set to none"
    assert world.due(KEY).endswith("#listing.push_due")
    world.store.calls.clear()
    _publish(world)
    assert world.store.calls == [], "it is not tried again and again"
    _retire(world, SkuState.ACTIVE)
    _publish(world)
    assert "publish_goods" in world.store.calls, "the store undoes what it did when it was retired"
    back = world.listing()
    assert (back.published, back.stays, back.published_quantity) == (True, False, 10)
    world.store.calls.clear()
    _publish(world)
    assert world.store.calls == []


def test_a_variant_that_was_left_and_is_pushed_to_none_waits_for_nothing(world: World) -> None:
    _wanted(world)
    _publish(world)
    _retire(world, SkuState.RETIRED)
    world.store.hides = False
    _publish(world)
    push_listings(world)
    assert world.store.of(SKU).quantity == 0
    assert not world.listing().awaits_publication
    assert not world.due(KEY).endswith("#listing.publication_due")


def test_an_article_that_the_merchant_deleted_does_not_come_back(world: World) -> None:
    world.has_offer()
    gone = Listing(sku=SKU, store="shop", reasons=(Reason(code="VARIANT_GONE", message="gone"),))
    world.storage.commit([listing_put(gone, 0)])
    _publish(world)
    assert world.store.calls == []


def test_an_article_of_the_merchant_with_that_sku_is_adopted_not_doubled(world: World) -> None:
    _wanted(world)
    world.store.has(SKU, "24.99", 1)
    _publish(world)
    assert "publish_goods" not in world.store.calls
    assert world.listing().published_price == usd("24.99")
    assert world.facts(KEY) == ["listing.push_due"]


def test_p3_of_an_article_that_was_ours_and_is_shown_again_by_hand_the_number_is_not_believed(world: World) -> None:
    _wanted(world)
    _publish(world)
    _retire(world, SkuState.RETIRED)
    _publish(world)
    _retire(world, SkuState.ACTIVE)
    world.store.has(SKU, "22.99", 99)
    _publish(world)
    listing = world.listing()
    assert (listing.variant_id, listing.desired_quantity, listing.published_quantity) == (f"v-{SKU}", 10, None)
    assert world.facts(KEY) == ["listing.push_due"]


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ({"description_html": "<p>Bright</p><script>alert(1)</script>"}, {"description_html": "<p>Bright</p>"}),
        ({"description_html": "<p onclick=alert(1)>Bright</p>"}, {"description_html": "<p>Bright</p>"}),
        ({"title": "Lamp <img src=x onerror=alert(1)>"}, {"title": "Lamp"}),
        ({"images": ("http://images.example.com/1.jpg", "data:image/png;base64,AAAA")}, {"images": ()}),
    ],
    ids=["script", "handler", "title", "pictures"],
)
def test_a_record_that_was_kept_before_texts_were_cleaned_is_published_clean(
    world: World, dirty: dict[str, object], clean: dict[str, object]
) -> None:
    world.storage.commit([Put(sku_key(SKU), SkuRecord.model_validate({"sku": SKU, "title": "Lamp", **dirty}), 0)])
    _wanted(world)
    _publish(world)
    (article,) = world.store.articles
    assert article == SkuRecord.model_validate({"sku": SKU, "title": "Lamp", **clean})


def test_a_new_sku_is_published_with_its_compare_at_price(world: World) -> None:
    world.config = config(prices=[{"name": "all", "markup": "2.4", "compare_at": "1.1"}], ship_to_countries=["US"])
    _wanted(world)
    _publish(world)
    assert (world.store.of(SKU).compare_at, world.listing().published_compare_at) == (usd("25.99"), usd("25.99"))
    assert [entry.price for entry in world.listing().price_history] == [usd("22.99")]
    assert world.facts(KEY) == []


def test_an_unknown_sku_or_store_is_let_go(world: World) -> None:
    _publish(world)
    _publish(world, "old-shop")
    assert world.store.calls == []
