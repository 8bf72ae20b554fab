"""A bundle on sale: made from its rule, priced from its components, never more than can be put together (R3; P3, P4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.listing import RETIRED
from orderwright.domain.repricing.signals import CompetitorPrices, CompetitorQuote
from orderwright.records import competitors_key, listing_key, offer_key, sku_key
from orderwright.storage import Put, Reserve
from orderwright.usecases.listing.bundles import load_whole
from orderwright.usecases.listing.decide import decide
from orderwright.usecases.listing.pushes import push_of
from orderwright.usecases.publish_product import publish_product
from orderwright.usecases.recalculate_price import recalculate_price
from tests.support.catalogue_world import World, config, message, push_due, push_listings, watching
from tests.support.fakes import START, unit_usd, usd

SET, MUG, PLATE = "SET", "MUG", "PLATE"


def with_set(**rules: object) -> Config:
    found = config()
    bundles = {SET: {"of": {MUG: 2, PLATE: 1}, "title": "Family set", "images": ["https://img.example.com/set.jpg"]}}
    values = {**found.rules.model_dump(mode="json"), "bundles": bundles, **rules}
    return found.model_copy(update={"rules": type(found.rules).model_validate(values)})


@pytest.fixture
def bundles(world: World) -> World:
    """2 mugs of 3 + 1 and a plate of 4 + 2: 14.00 landed, sold at 33.60, shown as 33.99."""
    world.config = with_set()
    world.has_offer(MUG, cost=unit_usd("3"), freight=unit_usd("1"), stock=9, sellable=9)
    world.has_offer(PLATE, cost=unit_usd("4"), freight=unit_usd("2"), stock=20, sellable=20)
    return world


def changed(world: World, sku: str) -> None:
    asked = message("offer.changed", resource=sku)
    recalculate_price(asked, storage=world.storage, config=world.config, clock=world.clock, timing=world.timing)


def test_a_rule_makes_the_record_and_the_listing_and_it_is_published(bundles: World) -> None:
    changed(bundles, MUG)
    record = bundles.storage.get(sku_key(SET), SkuRecord)
    assert record is not None
    assert (record.model.title, record.model.of) == ("Family set", {MUG: 2, PLATE: 1})
    assert bundles.facts(listing_key(SET, "shop")) == ["listing.publication_due"]
    asked = message("listing.publication_due", connection="shop", resource=SET)
    publish_product(
        asked, storage=bundles.storage, config=bundles.config, store_catalogue_for=bundles.catalogue_for,
        clock=bundles.clock, timing=bundles.timing,
    )  # fmt: skip
    shown = bundles.listing(SET)
    assert (shown.published, shown.published_price, shown.published_quantity) == (True, usd("33.99"), 4)
    version = bundles.version(listing_key(SET, "shop"))
    changed(bundles, PLATE)
    assert bundles.version(listing_key(SET, "shop")) == version, "the same again writes nothing"


def test_p13_an_announced_cost_of_a_component_lifts_the_bundle_on_its_day(bundles: World) -> None:
    day = START + timedelta(hours=14)
    bundles.config = with_set(announced_costs=[{"supplier": "cj", "skus": [MUG], "since": day.date(), "cost": "4 USD"}])
    bundles.has_listing(SET, price="33.99", quantity=4)
    changed(bundles, MUG)
    assert (bundles.listing(SET).floor, bundles.listing(SET).review_at) == (usd("15.56"), day)
    bundles.clock.at = day
    changed(bundles, SET)
    # 2 x (4 + 1) + 4 + 2 = 16.00, sold at 38.40; the mugs' share of the money is 8/14, by the costs reported: 10 x 14/8 / 0.9
    shown = bundles.listing(SET)
    assert (shown.floor, shown.desired_price, shown.review_at) == (usd("19.45"), usd("38.99"), None)
    assert "MUG: goods 4.00 USD: announced for" in shown.why


@pytest.mark.parametrize(
    ("offer", "fields", "quantity", "code"),
    [
        (MUG, {}, 4, ""),
        (PLATE, {"stock": 3, "sellable": 3}, 3, ""),
        (MUG, {"stock": 1, "sellable": 1}, 0, ""),
        (PLATE, {"retired": True}, 0, "COMPONENT_MISSING"),
    ],
)
def test_the_quantity_is_what_can_be_put_together(
    bundles: World, offer: str, fields: dict[str, object], quantity: int, code: str
) -> None:
    bundles.has_listing(SET, price="33.99", quantity=9)
    bundles.change_offer(offer, **fields)
    changed(bundles, offer)
    found = bundles.listing(SET)
    assert (found.desired_quantity, [reason.code for reason in found.reasons]) == (quantity, [code] if code else [])
    assert bundles.facts(listing_key(SET, "shop"))[-1:] == ["listing.push_due"]


def test_p3_a_sale_of_a_component_alone_takes_bundles_off_the_shelf_even_before_they_are_decided_again(
    bundles: World,
) -> None:
    changed(bundles, MUG)
    bundles.change_listing(SET, variant_id="v-SET", listed_id="p", stock_id="inv-v-SET", location_id="loc-1",
                           desired_price=usd("33.99"), published_price=usd("33.99"), desired_quantity=4,
                           published_quantity=4, floor=usd("15"), checked_at=START)  # fmt: skip
    bundles.store.has(SET, "33.99", 4)
    bundles.storage.commit([Reserve(offer_key(MUG, "cj"), (("shop#1|l1", 6),))])
    assert "offer.changed" in bundles.facts(offer_key(MUG, "cj"))
    push_listings(bundles, push_due(SET))
    assert bundles.listing(SET).published_quantity == 1, "a push reads what may be sold now"
    changed(bundles, MUG)
    assert bundles.listing(SET).desired_quantity == 1


def test_the_price_of_a_bundle_follows_a_competitor_who_sells_the_same(bundles: World) -> None:
    follow = {"name": "all", "markup": 2, "competitors": {}, "bounds": {"percent": 50, "per_day_percent": 50}}
    bundles.config = watching(with_set(prices=[follow]))
    quote = CompetitorQuote(seller="other", price=usd("25.50"))
    known = CompetitorPrices(sku=SET, feed="prices", at=START, quotes=(quote,))
    bundles.storage.commit([Put(competitors_key(SET, "prices"), known, 0)])
    bundles.has_listing(SET, price="25.99", floor=None)
    changed(bundles, MUG)
    assert bundles.listing(SET).desired_price == usd("24.99")


def test_a_bundle_that_leaves_the_rules_goes_off_sale(bundles: World) -> None:
    changed(bundles, MUG)
    file = load_whole(bundles.storage, SET, config().rules)
    assert decide(file, bundles.listing(SET), config(), START).reasons == (RETIRED,)


@pytest.mark.parametrize(("split", "quantity"), [(False, 9), (True, 15)])
def test_a_sku_that_may_be_split_is_sold_from_the_sum_of_its_offers(world: World, split: bool, quantity: int) -> None:
    world.config = with_set(routing={"split_lines": split})
    world.has_offer(MUG, stock=9, sellable=9)
    offer = world.offer(MUG).model_copy(update={"supplier": "feed2", "sellable": 6})
    file = load_whole(world.storage, MUG, world.config.rules)
    second = type(file.offers["cj"])(offer.model_copy(update={"supplier": "cj"}), 1)
    file.offers["other"] = second
    world.has_listing(MUG)
    assert decide(file, world.listing(MUG), world.config, START).desired_quantity == quantity


def test_only_what_may_be_shipped_by_the_rules_of_its_sku_is_on_sale(world: World) -> None:
    """P3: two suppliers have 9 and 40; by the rules of the SKU the one that is not named does not count."""
    others = {**config().connections, "other": config().connections["cj"]}
    world.has_listing(MUG)
    world.has_offer(MUG, stock=9, sellable=9)
    world.has_offer(MUG, supplier="other", stock=40, sellable=40, cost=unit_usd("1.00"))
    for named, units, who in (("cj", 9, "cj"), ("other", 40, "other")):
        rules = with_set(routing={"skus": {MUG: {"suppliers": [named]}}})
        the = rules.model_copy(update={"connections": others})
        file = world.storage.load_sku(MUG)
        found = decide(file, file.listing("shop").model, the, START)
        push = push_of(file, "shop", the)
        assert (found.desired_quantity, found.why.partition(":")[0]) == (units, who)
        assert push is not None
        assert push.quantity == min(10, units)
