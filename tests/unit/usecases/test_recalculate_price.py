"""What a changed offer makes of the listings (promises P3, P4)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from orderwright.connectors.suppliers.cj.settings import CjSettings
from orderwright.domain.catalogue import Offer, SkuRecord, SkuState
from orderwright.domain.order import Reason
from orderwright.domain.repricing.history import shortened
from orderwright.messages import PUT_BACK
from orderwright.records import CATALOGUE, Key, listing_key, price_history_pk, sku_key, sku_pk
from orderwright.storage import Put
from orderwright.usecases.recalculate_price import approve_price, recalculate_price, reject_price
from orderwright.usecases.repricing.history import price_changes
from orderwright.usecases.stock.offers import offer_put
from tests.support.catalogue_world import SKU, World, config, message
from tests.support.fakes import START, unit_usd, usd

KEY = listing_key(SKU, "shop")


def _recalculate(world: World) -> None:
    asked = message("offer.changed", resource=SKU)
    recalculate_price(asked, storage=world.storage, config=world.config, clock=world.clock, timing=world.timing)


def _put_back(world: World, *skus: str, store: str = "shop") -> None:
    asked = message("offer.changed", connection=store, detail={PUT_BACK: json.dumps(skus)})
    recalculate_price(asked, storage=world.storage, config=world.config, clock=world.clock, timing=world.timing)


def _codes(world: World) -> set[str]:
    return {reason.code for reason in world.listing().reasons}


def test_a_risen_cost_makes_a_new_price_and_asks_for_a_push(world: World) -> None:
    world.has_offer()
    world.has_listing()
    world.change_offer(cost=unit_usd("7.60"))
    _recalculate(world)
    assert world.listing().desired_price == usd("25.99")
    assert world.listing().published_price == usd("22.99")
    assert world.facts(KEY) == ["listing.push_due"]
    assert world.raw_facts(KEY)[0]["detail"] == {"urgency": "price_rise"}
    assert world.due(KEY).endswith("#listing.push_due")
    assert "rule 'all': x 2.4" in world.listing().why


def test_the_same_inputs_again_write_nothing(world: World) -> None:
    world.has_offer()
    world.has_listing()
    world.change_offer(cost=unit_usd("7.60"))
    _recalculate(world)
    version = world.version(KEY)
    _recalculate(world)
    assert world.version(KEY) == version


def test_a_recalculation_is_one_read_and_at_most_one_write(world: World) -> None:
    world.has_offer()
    world.has_listing()
    world.change_offer(cost=unit_usd("7.60"))
    with world.counted() as calls:
        _recalculate(world)
    assert calls == ["dynamodb:Query", "dynamodb:TransactWriteItems"], "the listing, and its change of price"


def test_no_stock_is_pushed_as_zero_first(world: World) -> None:
    world.has_offer()
    world.has_listing()
    world.change_offer(stock=0, sellable=0)
    _recalculate(world)
    assert world.listing().desired_quantity == 0
    assert world.listing().desired_price == usd("22.99")
    assert world.raw_facts(KEY)[0]["detail"] == {"urgency": "zero"}


def test_a_large_step_waits_for_approval_and_the_price_shown_stays_on_sale(world: World) -> None:
    world.has_offer()
    world.has_listing()
    world.change_offer(cost=unit_usd("0.32"))
    _recalculate(world)
    listing = world.listing()
    assert (listing.desired_price, listing.pending_price) == (usd("22.99"), usd("7.99"))
    assert listing.on_sale
    assert listing.desired_quantity == 10
    assert world.facts(KEY) == ["PRICE_STEP"]
    _recalculate(world)
    assert world.facts(KEY) == ["PRICE_STEP"], "the second time nothing is written, so nobody is told twice"


def test_a_large_step_up_never_sells_below_the_floor_meanwhile(world: World) -> None:
    world.has_offer()
    world.has_listing()
    world.change_offer(cost=unit_usd("21.00"))
    _recalculate(world)
    listing = world.listing()
    assert not listing.on_sale
    assert listing.desired_quantity == 0
    assert _codes(world) == {"PRICE_STEP", "PRICE_OUT_OF_BOUNDS"}
    assert set(world.facts(KEY)) == {"PRICE_STEP", "PRICE_OUT_OF_BOUNDS", "listing.push_due"}


def _approve(world: World, **more: object) -> object:
    given = {"storage": world.storage, "config": world.config, "clock": world.clock, "timing": world.timing}
    return approve_price(SKU, "shop", who="operator:aino", **{**given, **more})  # type: ignore[arg-type]


def test_an_approved_price_is_pushed(world: World) -> None:
    world.has_offer(cost=unit_usd("21.00"))
    world.has_listing()
    _recalculate(world)
    assert _approve(world) == usd("57.99")
    listing = world.listing()
    assert (listing.desired_price, listing.pending_price, listing.reasons) == (usd("57.99"), None, ())
    assert listing.on_sale
    assert listing.desired_quantity == 10
    assert world.facts(KEY) == ["listing.push_due"]


def test_an_approval_of_another_price_than_the_one_shown_is_refused(world: World) -> None:
    world.has_offer(cost=unit_usd("21.00"))
    world.has_listing()
    _recalculate(world)
    with pytest.raises(ValueError, match="by now"):
        _approve(world, price=usd("1.00"))
    assert world.listing().approved_price is None


def test_nothing_pending_cannot_be_approved(world: World) -> None:
    world.has_offer()
    world.has_listing()
    with pytest.raises(ValueError, match="no price of SKU"):
        _approve(world)


def test_a_rejected_price_is_not_asked_for_again(world: World) -> None:
    world.has_offer(cost=unit_usd("0.32"))
    world.has_listing()
    _recalculate(world)
    reject_price(SKU, "shop", storage=world.storage, clock=world.clock, timing=world.timing, who="operator:aino")
    version = world.version(KEY)
    _recalculate(world)
    assert world.version(KEY) == version
    assert _codes(world) == {"PRICE_REJECTED"}
    assert world.listing().desired_price == usd("22.99")
    world.change_offer(cost=unit_usd("0.40"))
    _recalculate(world)
    assert world.listing().pending_price == usd("7.99")


def test_an_approval_is_used_up_once_it_is_published(world: World) -> None:
    world.has_offer(cost=unit_usd("0.32"))
    world.has_listing(price="7.99", approved_price=usd("7.99"))
    _recalculate(world)
    assert world.listing().approved_price is None


def test_a_missing_rate_takes_it_off_sale_and_says_so(world: World) -> None:
    world.config = config(base_currency="EUR")
    store = world.config.connections["shop"].model_copy(update={"currency": "EUR"})
    world.config = world.config.model_copy(update={"connections": {**world.config.connections, "shop": store}})
    world.has_offer()
    world.has_listing()
    _recalculate(world)
    assert not world.listing().on_sale
    assert world.listing().desired_quantity == 0
    assert set(world.facts(KEY)) == {"RATE_MISSING", "listing.push_due"}


def test_an_empty_range_of_prices_takes_it_off_sale(world: World) -> None:
    limits = {"map_price": {"amount": "50", "currency": "USD"}, "msrp": {"amount": "40", "currency": "USD"}}
    world.config = config(sku_prices={SKU: limits})
    world.has_offer()
    world.has_listing()
    _recalculate(world)
    assert _codes(world) == {"PRICE_RANGE_EMPTY"}
    assert world.listing().desired_quantity == 0


def test_a_sku_without_an_offer_is_visible_and_never_pushed(world: World) -> None:
    world.has_listing()
    _recalculate(world)
    assert _codes(world) == {"NOT_MAPPED"}
    assert world.facts(KEY) == []
    assert world.due(KEY) == ""


def test_a_retired_sku_goes_to_zero_and_off_the_shop(world: World) -> None:
    world.has_offer(retired=True)
    world.has_listing()
    stored = world.storage.get(sku_key(SKU), SkuRecord)
    assert stored is not None
    retired = stored.model.model_copy(update={"state": SkuState.RETIRED})
    world.storage.commit([Put(sku_key(SKU), retired, stored.version)])
    _recalculate(world)
    assert world.listing().desired_quantity == 0
    assert set(world.facts(KEY)) == {"listing.push_due", "listing.publication_due"}


def test_an_article_that_the_merchant_deleted_is_left_alone(world: World) -> None:
    world.has_offer()
    world.has_listing(reasons=(Reason(code="VARIANT_GONE", message="gone"),))
    version = world.version(KEY)
    _recalculate(world)
    assert world.version(KEY) == version


def _second_supplier(world: World, **fields: object) -> None:
    connections = {**world.config.connections, "other": CjSettings(kind="cj")}
    world.config = world.config.model_copy(update={"connections": connections})
    offer = world.offer().model_copy(update={"supplier": "other", **fields})
    world.storage.commit([offer_put(Offer.model_validate(offer.model_dump()), 0, matters=True)])


def test_the_price_comes_from_an_offer_in_stock_and_the_quantity_is_the_most_that_one_can_ship(world: World) -> None:
    world.has_offer(stock=0, sellable=0)
    _second_supplier(world, cost=unit_usd("7.60"), stock=4, sellable=4)
    world.has_listing()
    _recalculate(world)
    assert world.listing().desired_price == usd("25.99")
    assert world.listing().desired_quantity == 4
    world.change_offer(stock=7, sellable=7)
    _recalculate(world)
    assert world.listing().desired_price == usd("22.99")
    assert world.listing().desired_quantity == 7, "the most of one supplier, not eleven"


def test_an_offer_that_would_sell_at_a_loss_does_not_count(world: World) -> None:
    world.has_offer(stock=2, sellable=2)
    _second_supplier(world, cost=unit_usd("30.00"), stock=50, sellable=50)
    world.has_listing()
    _recalculate(world)
    assert world.listing().desired_quantity == 2


def test_a_write_in_between_is_read_again(world: World) -> None:
    world.has_offer(cost=unit_usd("7.60"))
    world.has_listing()
    done: list[str] = []

    def meanwhile(name: str) -> None:
        if name == "dynamodb:TransactWriteItems" and not done:
            done.append(name)
            world.change_listing(published_quantity=9)

    world.aws.before = meanwhile
    _recalculate(world)
    assert world.listing().published_quantity == 9
    assert world.listing().desired_price == usd("25.99")


def test_time_alone_can_make_a_rate_stale(world: World) -> None:
    rate = {"currency": "EUR", "rate": "1.10", "dated": START.date().isoformat()}
    world.config = config(fx=[rate])
    store = world.config.connections["shop"].model_copy(update={"currency": "EUR"})
    world.config = world.config.model_copy(update={"connections": {**world.config.connections, "shop": store}})
    world.has_offer()
    world.has_listing(desired_price=None, published_price=None)
    _recalculate(world)
    assert world.listing().on_sale
    world.clock.at += timedelta(days=8)
    _recalculate(world)
    assert _codes(world) == {"RATE_STALE"}
    assert world.listing().desired_quantity == 0


# --- units that the store put back by itself --------------------------------------------------------------------------


def test_p3_a_number_that_the_store_changed_by_itself_is_unknown_and_pushed_though_ours_is_the_same(
    world: World,
) -> None:
    world.has_offer()
    world.has_listing()
    _recalculate(world)
    _put_back(world, SKU)
    listing = world.listing()
    assert (listing.desired_quantity, listing.published_quantity) == (10, None)
    assert world.facts(KEY) == ["listing.push_due"]
    assert world.due(KEY).endswith("#listing.push_due")


def test_units_put_back_twice_ask_for_a_push_each_time(world: World) -> None:
    world.has_offer()
    world.has_listing()
    _put_back(world, SKU)
    version = world.version(KEY)
    _put_back(world, SKU)
    assert world.version(KEY) == version + 1, "a push on its way may have read the store in between"
    assert world.facts(KEY) == ["listing.push_due"]


def test_units_put_back_in_another_store_or_of_a_sku_of_the_stores_own_ask_for_nothing(world: World) -> None:
    world.has_offer()
    world.has_listing()
    world.has_listing("OWN")
    _recalculate(world)
    version = world.version(KEY)
    _put_back(world, SKU, "NEVER-LISTED", store="other")
    assert world.version(KEY) == version
    _put_back(world, "OWN")
    assert world.listing("OWN").published_quantity == 10
    assert "listing.push_due" not in world.facts(listing_key("OWN", "shop"))


def test_p9_a_sku_nobody_can_read_holds_up_none_of_the_others_that_were_put_back(world: World) -> None:
    world.has_offer()
    world.has_listing()
    broken = Key(CATALOGUE, sku_pk("BAD"), "LISTING#shop")
    item = {"pk": {"S": broken.pk}, "sk": {"S": broken.sk}, "version": {"N": "1"}, "body": {"M": {"x": {"S": "y"}}}}
    world.aws.client("dynamodb").put_item(TableName="catalogue", Item=item)
    with pytest.raises(ValueError, match="x"):
        _put_back(world, "BAD", SKU)
    assert world.listing().published_quantity is None


# --- the price struck through -----------------------------------------------------------------------------------------

COMPARED = [{"name": "all", "markup": "2.4", "compare_at": "1.1"}]


def test_outside_the_eu_a_compare_at_price_is_asked_for_at_once(world: World) -> None:
    world.config = config(prices=COMPARED, ship_to_countries=["US"])
    world.has_offer()
    world.has_listing()
    _recalculate(world)
    # 22.99 x 1.1 = 25.289, up to .99
    assert world.listing().desired_compare_at == usd("25.99")
    assert world.facts(KEY) == ["listing.push_due"]
    version = world.version(KEY)
    _recalculate(world)
    assert world.version(KEY) == version


def test_in_the_eu_it_waits_for_30_days_of_prices_and_then_for_a_lower_one(world: World) -> None:
    world.config = config(prices=COMPARED, ship_to_countries=["US", "DE"])
    world.has_offer()
    world.has_listing(price="25.99", desired_price=usd("25.99"))
    world.change_offer(cost=unit_usd("7.60"))
    _recalculate(world)
    listing = world.listing()
    assert listing.desired_compare_at is None
    assert f"known since {START.date()}" in listing.compare_at_note
    assert [entry.price for entry in listing.price_history] == [usd("25.99")], "what is shown is known from now on"
    assert world.due(KEY).endswith("listing.push_due"), "one that the merchant set is looked for once"
    world.clock.forward(days=30)
    world.change_offer(cost=unit_usd("6.40"))
    _recalculate(world)
    assert (world.listing().desired_price, world.listing().desired_compare_at) == (usd("22.99"), usd("25.99"))


def test_without_a_rule_a_listing_of_before_is_not_written(world: World) -> None:
    world.has_offer()
    world.has_listing()
    _recalculate(world)
    version = world.version(KEY)
    _recalculate(world)
    assert world.version(KEY) == version
    assert (world.listing().compare_at_note, world.listing().price_history) == ("", ())


def test_when_the_rule_ends_ours_is_to_be_taken_away(world: World) -> None:
    world.has_offer()
    world.has_listing(desired_compare_at=usd("25.99"), published_compare_at=usd("25.99"), compare_at_note="x 1.1")
    _recalculate(world)
    assert (world.listing().desired_compare_at, world.listing().compare_at_note) == (None, "")
    assert world.facts(KEY) == ["listing.push_due"]


def test_each_change_of_a_price_is_kept_with_its_reason_and_nothing_else_is(world: World) -> None:
    world.has_offer()
    world.has_listing()
    _recalculate(world)
    world.change_offer(stock=3, sellable=3)
    _recalculate(world)
    assert price_changes(world.storage, SKU) == [], "no price changed"
    world.change_offer(cost=unit_usd("7.60"))
    _recalculate(world)
    world.change_offer(cost=unit_usd("70.00"))
    _recalculate(world)  # at the same time by the clock
    _recalculate(world)
    first, second = price_changes(world.storage, SKU)
    assert (first.before, first.after, first.pending, first.rule) == (usd("22.99"), usd("25.99"), None, "all")
    assert first.why.endswith("rule 'all': x 2.4 = 25.20 USD; rounded up to 25.99 USD")
    assert (second.before, second.after, second.pending) == (usd("25.99"), usd("22.99"), usd("174.99"))
    item = world.storage.list_raw(CATALOGUE, price_history_pk(SKU))[0][1]
    assert item["expires_at"] == int((START + timedelta(days=400)).timestamp())


def test_of_a_long_reason_the_steps_that_decided_are_kept() -> None:
    steps = [f"step {number}: {'x' * 60}" for number in range(9)]
    kept = shortened("; ".join(steps))
    assert kept == "; ".join([steps[0], "...", *steps[-3:]])
    assert shortened("y" * 400) == "y" * 300
