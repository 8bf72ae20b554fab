"""What each event makes of a listing (promises P3 and P4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orderwright.domain.base import changed
from orderwright.domain.listing import GONE, NOT_MAPPED, REJECTED_STEP, RETIRED, STEP, Listing, Place, Visit
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.shown_price import AS_IS, PublishedPrice
from orderwright.domain.sku_matching import UNCLEAR
from orderwright.domain.time_line import log_entry

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
CHECK = timedelta(seconds=20)
PLACE = Place("v-1", "a-1", "s-1", "here")
PERCENT = Decimal(10)


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


def reason(code: str) -> Reason:
    return Reason(code=code, message=code.lower())


def listed(**fields: Any) -> Listing:
    """On sale and pushed at 20.00, 5 pieces, between 10.00 and 30.00."""
    shown = {
        "variant_id": "v-1", "listed_id": "a-1", "stock_id": "s-1", "location_id": "here", "published": True,
        "desired_price": usd("20.00"), "published_price": usd("20.00"), "desired_quantity": 5, "published_quantity": 5,
        "floor": usd("10.00"), "ceiling": usd("30.00"), "price_history": (PublishedPrice(price=usd("20.00"), at=NOW),),
    }  # fmt: skip
    return Listing(sku="L", store="shop", **{**shown, **fields})


def visit(read: Listing, **fields: Any) -> Visit:
    """A look at what is right already."""
    return Visit(read, True, usd("20.00"), usd("20.00"), usd("20.00"), 5, AS_IS, False)._replace(**fields)


def codes(listing: Listing) -> list[str]:
    return [known.code for known in listing.reasons]


@pytest.mark.parametrize(
    ("fields", "pushable", "left_alone", "awaits"),
    [
        ({}, True, False, False),
        ({"variant_id": ""}, False, False, True),
        ({"variant_id": "", "on_sale": False}, False, False, False),
        ({"floor": None}, False, False, False),
        ({"reasons": (NOT_MAPPED,)}, False, False, False),
        ({"reasons": (GONE,), "variant_id": ""}, False, True, False),
        ({"reasons": (reason(UNCLEAR),)}, False, True, False),
        ({"same_as": "l"}, True, True, False),
        ({"reasons": (RETIRED,)}, True, False, True),
        ({"reasons": (RETIRED,), "published": False}, True, False, False),
        ({"reasons": (RETIRED,), "stays": True}, True, False, False),
        ({"stays": True}, True, False, True),
    ],
)
def test_what_is_ours_to_push_to_decide_and_to_publish(
    fields: dict[str, Any], pushable: bool, left_alone: bool, awaits: bool
) -> None:
    listing = listed(**fields)
    assert (listing.is_pushable, listing.is_left_alone, listing.awaits_publication) == (pushable, left_alone, awaits)


@pytest.mark.parametrize(
    ("fields", "needs", "urgency"),
    [
        ({}, False, "rest"),
        ({"desired_quantity": 4}, True, "rest"),
        ({"desired_quantity": 0}, True, "zero"),
        ({"published_quantity": None}, True, "rest"),
        ({"desired_price": usd("21.00")}, True, "price_rise"),
        ({"desired_price": usd("19.00")}, True, "rest"),
        ({"desired_price": usd("9.00")}, False, "rest"),
        ({"desired_compare_at": usd("25.00")}, True, "rest"),
        ({"desired_quantity": 4, "reasons": (GONE,)}, False, "rest"),
    ],
)
def test_what_differs_from_the_store_needs_a_push(fields: dict[str, Any], needs: bool, urgency: str) -> None:
    assert (listed(**fields).needs_push, listed(**fields).urgency) == (needs, urgency)


def test_off_sale_keeps_the_price_that_the_store_shows_and_ends_the_one_that_waits() -> None:
    off = listed(pending_price=usd("40.00"), reasons=(reason(STEP),)).taken_off_sale(RETIRED)
    assert (off.on_sale, off.desired_quantity, off.pending_price, off.reasons) == (False, 0, None, (RETIRED,))
    assert (off.desired_price, off.published_price, off.wanted_price) == (usd("20.00"), usd("20.00"), None)


@pytest.mark.parametrize(
    ("fields", "price", "desired", "pending", "reasons"),
    [
        ({}, "22.00", "22.00", None, []),
        ({}, "22.01", "20.00", "22.01", [STEP]),
        ({"published_price": None, "desired_price": None}, "22.01", "22.01", None, []),
        ({"approved_price": usd("28.00")}, "28.00", "28.00", None, []),
        ({"pending_price": usd("28.00"), "reasons": (reason(REJECTED_STEP),)}, "28.00", "20.00", "28.00", [REJECTED_STEP]),
        ({"pending_price": usd("27.00"), "reasons": (reason(REJECTED_STEP),)}, "28.00", "20.00", "28.00", [STEP]),
        ({"pending_price": usd("28.00"), "reasons": (reason(STEP),)}, "20.00", "20.00", None, []),
    ],
)  # fmt: skip
def test_p4_a_large_step_waits_unless_it_is_approved_and_is_asked_for_once(
    fields: dict[str, Any], price: str, desired: str, pending: str | None, reasons: list[str]
) -> None:
    priced = listed(on_sale=False, **fields).priced(usd(price), PERCENT)
    assert (priced.on_sale, priced.desired_price, priced.pending_price) == (
        True,
        usd(desired),
        pending and usd(pending),
    )
    assert codes(priced) == reasons


def test_an_approval_is_used_up_by_the_price_that_is_published() -> None:
    assert listed(approved_price=usd("20.00")).priced(usd("20.00"), PERCENT).approved_price is None
    assert listed(approved_price=usd("28.00")).priced(usd("20.00"), PERCENT).approved_price == usd("28.00")


def test_the_operators_answer_is_to_the_price_that_waits() -> None:
    waits = listed().priced(usd("28.00"), PERCENT)
    assert waits.waits_for_approval
    assert waits.approved().approved_price == usd("28.00")
    refused = waits.rejected()
    assert (codes(refused), refused.waits_for_approval, refused.desired_price) == ([REJECTED_STEP], False, usd("20.00"))


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"floor": usd("20.01")}, "below the floor, 20.01 USD"),
        ({"ceiling": usd("19.99")}, "above the ceiling, 19.99 USD"),
        ({"floor": Money.parse("10", "EUR"), "ceiling": None}, "in another currency than the floor, 10.00 EUR"),
    ],
)
def test_p4_nothing_is_sold_at_a_price_that_may_not_be_kept(fields: dict[str, Any], word: str) -> None:
    stocked = listed(**fields).stocked(7)
    assert (stocked.on_sale, stocked.desired_quantity, codes(stocked)) == (False, 0, ["PRICE_OUT_OF_BOUNDS"])
    assert word in stocked.reasons[0].message


@pytest.mark.parametrize(("quantity", "wanted"), [(7, 7), (0, 0), (-2, 0)])
def test_a_shortage_is_none_for_sale(quantity: int, wanted: int) -> None:
    assert listed().stocked(quantity).desired_quantity == wanted


def test_where_a_rule_begins_to_compare_the_store_is_looked_at_once() -> None:
    begun = listed(checked_at=NOW, price_history=()).comparison_begun(NOW)
    assert (begun.checked_at, begun.price_history) == (None, (PublishedPrice(price=usd("20.00"), at=NOW),))
    known = listed(checked_at=NOW, compare_at_note="the MSRP")
    assert known.comparison_begun(NOW) is known
    assert known.wanted_compare_at is None
    assert listed().wanted_compare_at == AS_IS


def test_of_another_variant_nothing_is_known_but_its_price() -> None:
    before = listed(checked_at=NOW, reasons=(GONE, reason(STEP)), published_compare_at=usd("25.00"), same_as="l")
    same = before.mapped(PLACE, usd("24.00"), NOW, False)
    assert (same.published_price, same.published_quantity, same.checked_at) == (usd("20.00"), 5, NOW)
    assert (same.published, same.same_as, codes(same)) == (False, "", [STEP])
    other = before.mapped(PLACE._replace(variant_id="v-2"), usd("24.00"), NOW, True, doubt=NOT_MAPPED)
    assert (other.variant_id, other.published_price, other.published_quantity) == ("v-2", usd("24.00"), None)
    assert (other.published_compare_at, other.checked_at, codes(other)) == (None, None, ["NOT_MAPPED"])
    assert [entry.price for entry in other.price_history] == [usd("24.00")]


def test_what_goes_on_sale_is_read_back() -> None:
    new = Listing(sku="L", store="shop", checked_at=NOW).put_on_sale(PLACE, usd("20.00"), 5, usd("25.00"), NOW)
    assert (new.variant_id, new.published, new.published_price, new.published_quantity) == (
        "v-1",
        True,
        usd("20.00"),
        5,
    )
    assert (new.published_compare_at, new.checked_at, new.price_set_at) == (usd("25.00"), None, NOW)


def test_what_left_the_store_has_no_variant() -> None:
    assert listed().unpublished().awaits_publication
    assert not listed().lost().awaits_publication
    assert not listed().doubted(reason(UNCLEAR)).awaits_publication


@pytest.mark.parametrize(
    ("now", "quantity"),
    [
        ({}, 4),
        ({"published_quantity": None}, None),
        ({"pushes": 1}, None),
        ({"pushes": 1, "published_quantity": 4}, 4),
    ],
    ids=["decided anew", "put back meanwhile", "crossed", "crossed and agreed"],
)
def test_p3_a_number_of_which_nobody_knows_whether_it_is_there_is_not_believed(
    now: dict[str, Any], quantity: int | None
) -> None:
    seen = visit(listed(), quantity_there=4)
    assert listed(**now).visited(seen, NOW, CHECK).published_quantity == quantity


def test_p3_only_a_number_that_was_unknown_as_it_was_read_becomes_known() -> None:
    unknown = listed(published_quantity=None)
    assert unknown.visited(visit(unknown), NOW, CHECK).published_quantity == 5


@pytest.mark.parametrize(
    ("set_at", "in_flight", "checked", "still_open"),
    [
        (None, False, NOW, None),
        (NOW - CHECK, False, NOW, None),
        (NOW - CHECK / 2, False, None, NOW - CHECK / 2),
        (NOW - CHECK, True, None, NOW),
    ],
)
def test_p4_a_look_too_soon_is_not_the_check(
    set_at: datetime | None, in_flight: bool, checked: datetime | None, still_open: datetime | None
) -> None:
    before = listed(price_set_at=set_at)
    after = before.visited(visit(before, in_flight=in_flight), NOW, CHECK)
    assert (after.checked_at, after.price_set_at) == (checked, still_open)


def test_only_a_price_that_is_there_is_published_and_uses_an_approval_up() -> None:
    before = listed(desired_price=usd("24.00"), approved_price=usd("24.00"))
    missed = before.visited(visit(before, price=usd("24.00")), NOW, CHECK)
    assert (missed.published_price, missed.approved_price, missed.pushes) == (usd("20.00"), usd("24.00"), 1)
    there = before.visited(visit(before, price=usd("24.00"), price_there=usd("24.00")), NOW, CHECK)
    assert (there.published_price, there.approved_price) == (usd("24.00"), None)
    assert [entry.price for entry in there.price_history] == [usd("20.00"), usd("24.00")]


def test_a_visit_that_saw_no_variant_is_only_counted() -> None:
    assert listed().visited(None, NOW, CHECK) == listed(pushes=1)


def test_a_price_that_we_did_not_know_of_is_a_surprise_where_prices_are_compared() -> None:
    compares = listed(compare_at_note="the MSRP")
    assert compares.is_surprised_by(visit(compares, seen=usd("18.00")))
    assert not compares.is_surprised_by(visit(compares))
    assert not listed().is_surprised_by(visit(listed(), seen=usd("18.00")))


@pytest.mark.parametrize(("there", "on_sale"), [(None, True), ("20.00", True), ("9.00", False)])
def test_p4_a_refused_push_sells_nothing_at_a_price_that_may_not_be_kept(there: str | None, on_sale: bool) -> None:
    refused = listed(reasons=(reason("SLOW"), reason("TAKEN"))).refused(reason("SLOW"), there and usd(there))  # type: ignore[arg-type]
    assert (refused.on_sale, refused.desired_quantity) == (on_sale, 5 if on_sale else 0)
    assert codes(refused) == ["TAKEN", "SLOW"]


def test_its_time_line_keeps_the_newest_lines() -> None:
    listing = listed()
    for number in range(8):
        listing = listing.noted(log_entry(NOW, "test", str(number)))
    assert [entry.what for entry in listing.log] == ["2", "3", "4", "5", "6", "7"]


def test_since_when_it_is_in_the_store_is_known_from_the_first_look_at_it() -> None:
    place, later = Place("v-1", "p-1", "i-1", "l-1"), NOW + timedelta(days=9)
    mapped = Listing(sku="A", store="shop").mapped(place, usd("20"), NOW, published=True)
    assert mapped.listed_at == NOW
    assert mapped.mapped(place, usd("20"), later, published=True).listed_at == NOW
    assert mapped.put_on_sale(place, usd("20"), 1, None, later).listed_at == NOW
    assert mapped.unpublished().put_on_sale(place, usd("20"), 1, None, later).listed_at == later
    old = changed(mapped, listed_at=None)  # of a version that did not keep it
    assert old.visited(visit(old), later, timedelta(hours=1)).listed_at == NOW
