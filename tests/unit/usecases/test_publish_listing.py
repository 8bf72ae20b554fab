"""Pushing price and stock: order, batches, refusals, repeats, read-back (promises P3, P4, P9, P11)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orderwright.domain.catalogue import Offer
from orderwright.errors import Misconfigured, OutcomeUnknown, Rejected, Retryable
from orderwright.records import CATALOGUE, Key, connection_key, listing_key, offer_key, sku_pk
from orderwright.storage import Reserve
from tests.support.catalogue_world import SKU, World, message, push_due, push_listings
from tests.support.fakes import usd

KEY = listing_key(SKU, "shop")


def _listed(world: World, sku: str = SKU, **wanted: object) -> None:
    world.has_offer(sku)
    world.has_listing(sku, **wanted)  # type: ignore[arg-type]


def test_what_differs_is_set_and_marked(world: World) -> None:
    _listed(world, desired_price=usd("25.99"), desired_quantity=7)
    assert push_listings(world) == []
    assert (world.store.of(SKU).price, world.store.of(SKU).quantity) == (usd("25.99"), 7)
    listing = world.listing()
    assert (listing.published_price, listing.published_quantity) == (usd("25.99"), 7)
    assert listing.checked_at is None
    assert world.due(KEY) > "2026-11-20T10:00:19"


def test_a_repeat_sets_nothing_and_is_the_read_back(world: World) -> None:
    _listed(world, desired_price=usd("25.99"))
    push_listings(world)
    world.store.calls.clear()
    world.clock.forward(minutes=1)
    push_listings(world)
    assert world.store.calls == ["read_listings"]
    assert world.listing().checked_at == world.clock.now()
    assert world.due(KEY) == ""


def test_a_look_too_soon_after_a_price_was_set_is_not_its_read_back(world: World) -> None:
    _listed(world, desired_price=usd("25.99"))
    push_listings(world)
    planned = world.due(KEY)
    world.clock.forward(seconds=5)
    push_listings(world)
    assert world.listing().checked_at is None
    assert world.due(KEY) == planned, "the older write may still be on its way"
    world.store.of(SKU).price = usd("22.99")
    world.clock.forward(minutes=10)
    push_listings(world)
    assert world.store.of(SKU).price == usd("25.99")


def test_a_late_older_price_is_found_by_read_back_and_repaired(world: World) -> None:
    _listed(world, desired_price=usd("25.99"))
    push_listings(world)
    world.store.of(SKU).price = usd("22.99")
    world.clock.forward(minutes=10)
    push_listings(world)
    assert world.store.of(SKU).price == usd("25.99")
    assert "set back" in world.listing().log[-1].what
    assert world.due(KEY).endswith("listing.push_due"), "read back once more"


def test_zero_stock_goes_first_then_rising_prices_then_the_rest(world: World) -> None:
    _listed(world, "ZERO", desired_quantity=0)
    _listed(world, "RISE", desired_price=usd("25.99"))
    _listed(world, "FALL", desired_price=usd("20.99"), desired_quantity=3)
    world.store.quantity_batch = 1
    seen: list[str] = []
    real_quantities, real_prices = world.store.push_quantities, world.store.push_prices

    def quantities(changes, key):  # type: ignore[no-untyped-def]
        seen.extend(f"{change.stock_id}={change.quantity}" for change in changes)
        return real_quantities(changes, key)

    def prices(changes):  # type: ignore[no-untyped-def]
        seen.extend(f"{change.variant_id}={change.price}" for change in changes)
        return real_prices(changes)

    world.store.push_quantities, world.store.push_prices = quantities, prices  # type: ignore[method-assign]
    push_listings(world, push_due("FALL"), push_due("RISE"), push_due("ZERO"))
    assert seen == ["inv-v-ZERO=0", "v-RISE=25.99 USD", "inv-v-FALL=3", "v-FALL=20.99 USD"]


@pytest.mark.parametrize(("batch", "calls"), [(None, 5), (50, 1), (2, 3)])
def test_prices_take_as_few_calls_as_the_store_allows(world: World, batch: int | None, calls: int) -> None:
    world.store.price_batch = batch
    for number in range(5):
        _listed(world, f"SKU-{number}", desired_price=usd("25.99"))
    push_listings(world, *[push_due(f"SKU-{number}") for number in range(5)])
    assert world.store.calls.count("push_prices") == calls
    assert {world.store.of(f"SKU-{number}").price for number in range(5)} == {usd("25.99")}


@pytest.mark.parametrize(("count", "calls"), [(1, 1), (4, 1), (5, 2), (9, 3)])
def test_quantities_take_as_few_calls_as_the_batch_allows(world: World, count: int, calls: int) -> None:
    world.store.quantity_batch = 4
    for number in range(count):
        _listed(world, f"SKU-{number}", desired_quantity=0 if number % 2 else 5)
    push_listings(world, *[push_due(f"SKU-{number}") for number in range(count)])
    assert world.store.calls.count("push_quantities") == calls
    assert world.store.calls.count("read_listings") == 1


def test_a_listing_asked_for_twice_is_pushed_once(world: World) -> None:
    _listed(world, desired_quantity=5)
    push_listings(world, push_due(), push_due())
    assert world.store.calls == ["read_listings", "push_quantities"]


def test_more_than_is_sellable_now_is_never_published(world: World) -> None:
    _listed(world)
    world.store.of(SKU).quantity = 3
    world.storage.commit([Reserve(offer_key(SKU, "cj"), (("shop#1|line", 8),))])
    push_listings(world)
    assert world.store.of(SKU).quantity == 2


def test_a_price_outside_its_bounds_is_not_pushed_and_nothing_is_sold(world: World) -> None:
    _listed(world, desired_price=usd("9.00"))
    push_listings(world)
    assert world.store.of(SKU).price == usd("22.99")
    assert world.store.of(SKU).quantity == 0


def test_a_stale_entry_is_tried_again_soon_and_the_others_are_set(world: World) -> None:
    _listed(world, desired_quantity=5)
    _listed(world, "OTHER", desired_quantity=4)
    world.store.stale.add(f"inv-v-{SKU}")
    assert push_listings(world, push_due(), push_due("OTHER")) == []
    assert world.store.of("OTHER").quantity == 4
    assert world.listing().published_quantity is None
    assert world.due(KEY).startswith("2026-11-20T10:00:03")
    assert world.due(listing_key("OTHER", "shop")) == ""


def test_the_same_content_has_the_same_key_and_another_version_another(world: World) -> None:
    _listed(world, desired_quantity=5)
    world.store.faults.add("push_quantities", OutcomeUnknown("no answer"))
    push_listings(world)
    keys = list(world.store.keys)
    assert keys == []
    world.store.stale.add(f"inv-v-{SKU}")
    push_listings(world)
    push_listings(world)
    assert len(set(world.store.keys)) == 2, "each mark is a new version, so each try is a call of its own"


def test_a_throttled_store_is_tried_later_and_no_message_comes_back(world: World) -> None:
    _listed(world, desired_quantity=0)
    _listed(world, "RISE", desired_price=usd("25.99"))
    world.store.faults.add("push_prices", Retryable("slow down", after=timedelta(seconds=40)))
    assert push_listings(world, push_due(), push_due("RISE")) == []
    assert world.store.of(SKU).quantity == 0
    assert world.due(KEY) == ""
    assert world.due(listing_key("RISE", "shop")).startswith("2026-11-20T10:00:40")
    assert world.listing("RISE").published_price == usd("22.99")


def test_a_store_that_asks_for_a_wait_gets_it_though_nobody_knows_whether_it_set_the_number(world: World) -> None:
    _listed(world, desired_quantity=5)
    world.store.faults.add("push_quantities", OutcomeUnknown("503", after=timedelta(seconds=40)))
    assert push_listings(world) == []
    assert world.due(KEY).startswith("2026-11-20T10:00:40")


def test_wrong_credentials_are_told_once_and_wait(world: World) -> None:
    _listed(world, desired_quantity=0)
    world.store.faults.add("read_listings", Misconfigured("401"), Misconfigured("401"))
    push_listings(world)
    assert world.facts(connection_key("shop")) == ["CONNECTION_FAILS"]
    assert world.due(KEY).startswith("2026-11-20T10:10")
    version = world.version(connection_key("shop"))
    push_listings(world)
    assert world.version(connection_key("shop")) == version


def test_one_refused_entry_of_a_refused_call_does_not_hold_up_the_others(world: World) -> None:
    for sku in ("A", "B", "C", "D"):
        _listed(world, sku, desired_quantity=5)
    real = world.store.push_quantities

    def refuse(changes, key):  # type: ignore[no-untyped-def]
        if any(change.stock_id == "inv-v-C" for change in changes):
            raise Rejected("unknown entry", code="BAD_ENTRY")
        return real(changes, key)

    world.store.push_quantities = refuse  # type: ignore[method-assign]
    assert push_listings(world, *[push_due(sku) for sku in "ABCD"]) == []
    assert [world.store.of(sku).quantity for sku in "ABCD"] == [5, 5, 10, 5]
    assert [reason.code for reason in world.listing("C").reasons] == ["BAD_ENTRY"]
    assert world.facts(listing_key("C", "shop")) == ["BAD_ENTRY"]
    assert world.due(listing_key("C", "shop")) == ""


def test_a_refused_price_below_the_floor_takes_the_article_off_sale(world: World) -> None:
    _listed(world, desired_price=usd("25.99"), floor=usd("24.00"))
    world.store.refused[f"v-{SKU}"] = "PRICE_LOCKED"
    push_listings(world)
    assert not world.listing().on_sale
    push_listings(world)
    assert world.store.of(SKU).quantity == 0


def test_a_variant_that_is_gone_is_said_once_and_not_tried_for_ever(world: World) -> None:
    _listed(world, desired_quantity=5)
    world.store.variants.clear()
    push_listings(world)
    assert world.facts(KEY) == ["VARIANT_GONE"]
    push_listings(world)
    assert world.due(KEY) == ""
    assert world.store.calls == ["read_listings"]


def test_a_sku_of_the_stores_own_is_never_pushed(world: World) -> None:
    world.has_listing(desired_quantity=0)
    push_listings(world)
    assert world.store.calls == []
    assert world.store.of(SKU).quantity == 10


def test_an_undecided_listing_is_not_pushed(world: World) -> None:
    _listed(world, floor=None, desired_quantity=0)
    push_listings(world)
    assert world.store.of(SKU).quantity == 10


def test_an_item_nobody_can_read_fails_alone(world: World) -> None:
    _listed(world, desired_quantity=5)
    broken = Key(CATALOGUE, sku_pk("BAD"), "LISTING#shop")
    item = {"pk": {"S": broken.pk}, "sk": {"S": broken.sk}, "version": {"N": "1"}, "body": {"M": {"x": {"S": "y"}}}}
    world.aws.client("dynamodb").put_item(TableName="catalogue", Item=item)
    bad = push_due("BAD")
    assert push_listings(world, bad, push_due()) == [bad.id]
    assert world.store.of(SKU).quantity == 5


def test_a_decision_made_during_the_push_stays_and_is_due(world: World) -> None:
    _listed(world, desired_quantity=5)
    real = world.store.push_quantities

    def meanwhile(changes, key):  # type: ignore[no-untyped-def]
        world.change_listing(desired_quantity=3)
        return real(changes, key)

    world.store.push_quantities = meanwhile  # type: ignore[method-assign]
    push_listings(world)
    assert (world.listing().desired_quantity, world.listing().published_quantity) == (3, 5)
    assert world.due(KEY).endswith("listing.push_due")
    world.store.push_quantities = real  # type: ignore[method-assign]
    push_listings(world)
    assert world.store.of(SKU).quantity == 3


def test_p3_a_number_that_became_unknown_during_the_push_stays_unknown_and_is_due(world: World) -> None:
    _listed(world, desired_quantity=5)
    real = world.store.push_quantities

    def meanwhile(changes, key):  # type: ignore[no-untyped-def]
        problems = real(changes, key)
        world.store.of(SKU).quantity = 7
        world.change_listing(published_quantity=None)
        return problems

    world.store.push_quantities = meanwhile  # type: ignore[method-assign]
    push_listings(world)
    assert world.listing().published_quantity is None
    assert world.due(KEY).endswith("listing.push_due")
    world.store.push_quantities = real  # type: ignore[method-assign]
    push_listings(world)
    assert (world.store.of(SKU).quantity, world.listing().published_quantity) == (5, 5)
    assert world.due(KEY) == ""


@pytest.mark.parametrize("older_writes_last", [False, True])
def test_p3_two_pushes_that_cross_leave_the_number_unknown_and_it_is_looked_at_again(
    world: World, older_writes_last: bool
) -> None:
    """A push of 5 and a newer one of 3 overlap. Whoever sets last, neither may believe that it did."""
    _listed(world, desired_quantity=5)
    read, push = world.store.read_listings, world.store.push_quantities

    def newer() -> None:
        world.store.read_listings, world.store.push_quantities = read, push  # type: ignore[method-assign]
        world.change_listing(desired_quantity=3)
        push_listings(world)

    def before_the_read(variants, location):  # type: ignore[no-untyped-def]
        newer()
        return read(variants, location)

    def after_the_push(changes, key):  # type: ignore[no-untyped-def]
        problems = push(changes, key)
        newer()
        return problems

    if older_writes_last:
        world.store.read_listings = before_the_read  # type: ignore[method-assign]
    else:
        world.store.push_quantities = after_the_push  # type: ignore[method-assign]
    push_listings(world)
    assert world.store.of(SKU).quantity == (5 if older_writes_last else 3)
    assert world.listing().published_quantity is None
    assert world.facts(KEY) == ["listing.push_due"]
    push_listings(world)
    assert (world.store.of(SKU).quantity, world.listing().published_quantity) == (3, 3)
    assert world.due(KEY) == ""


def test_p3_two_pushes_that_cross_and_see_the_same_number_agree(world: World) -> None:
    _listed(world, desired_quantity=5)
    real = world.store.read_listings

    def before_the_read(variants, location):  # type: ignore[no-untyped-def]
        world.store.read_listings = real  # type: ignore[method-assign]
        push_listings(world)
        return real(variants, location)

    world.store.read_listings = before_the_read  # type: ignore[method-assign]
    push_listings(world)
    assert (world.store.of(SKU).quantity, world.listing().published_quantity) == (5, 5)
    assert world.due(KEY) == ""


def test_p3_a_number_that_changed_in_the_store_before_it_was_set_is_not_believed(world: World) -> None:
    """Read as 10, set by somebody to 7, and before anybody looks again 10 is wanted."""
    _listed(world, desired_quantity=5)
    world.store.stale.add(world.store.of(SKU).stock_id)
    push_listings(world)
    world.store.of(SKU).quantity = 7
    world.store.stale.clear()
    assert world.listing().published_quantity is None
    world.change_listing(desired_quantity=10)
    push_listings(world)
    assert (world.store.of(SKU).quantity, world.listing().published_quantity) == (10, 10)


@pytest.mark.parametrize("late", [False, True])
def test_p3_a_number_whose_outcome_is_unknown_is_repaired_though_the_old_one_is_wanted_again(
    world: World, late: bool
) -> None:
    """The push of 5 has no answer; before anybody knows, 10 is right again, which is what was there before."""
    _listed(world, desired_quantity=5)
    real, sent = world.store.push_quantities, []

    def unanswered(changes, key):  # type: ignore[no-untyped-def]
        sent.append((changes, key))
        if not late:
            real(changes, key)
        world.change_listing(desired_quantity=10)
        raise OutcomeUnknown("no answer")

    world.store.push_quantities = unanswered  # type: ignore[method-assign]
    push_listings(world)
    assert world.listing().published_quantity is None
    assert world.due(KEY).endswith("listing.push_due")
    world.store.push_quantities = real  # type: ignore[method-assign]
    world.clock.forward(seconds=5)
    push_listings(world)
    assert world.store.of(SKU).quantity == 10
    if late:
        real(*sent[0])
        assert world.store.of(SKU).quantity == 5
    assert world.due(KEY) > "2026-11-20T10:00:19", "looked at again once nothing can come late any more"
    world.clock.forward(minutes=10)
    push_listings(world)
    assert world.store.of(SKU).quantity == 10
    assert world.due(KEY) == ""


def test_a_store_that_left_the_configuration_is_let_go(world: World) -> None:
    _listed(world, desired_quantity=5)
    gone = message("listing.push_due", connection="old-shop", resource=SKU)
    assert push_listings(world, gone) == []
    assert world.store.calls == []


def test_killed_after_the_call_the_next_run_marks_without_a_second_call(world: World) -> None:
    class Killed(BaseException):
        pass

    _listed(world, desired_quantity=5)

    def kill(name: str) -> None:
        if name == "dynamodb:PutItem":
            raise Killed

    world.aws.before = kill
    with pytest.raises(Killed):
        push_listings(world)
    world.aws.before = lambda name: None
    world.store.calls.clear()
    push_listings(world)
    assert world.store.calls == ["read_listings"]
    assert world.listing().published_quantity == 5


def test_a_shortage_is_zero_not_negative(world: World) -> None:
    _listed(world, desired_quantity=5)
    stored = world.storage.get(offer_key(SKU, "cj"), Offer)
    assert stored is not None
    world.change_offer(stock=1, sellable=-3)
    push_listings(world)
    assert world.store.of(SKU).quantity == 0
