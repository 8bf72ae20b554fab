"""P3: what is sellable is stock less buffer less open reservations, by arithmetic inside conditional writes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderwright.errors import Conflict, ShortOfStock
from orderwright.records import Key, offer_key, order_key
from orderwright.storage import Change, Put, Reserve, Unreserve
from tests.integration.storage.storage_kit import BACKENDS, CURSOR, OFFER, SKU, Desk, cursor, desk_on
from tests.support.aws_in_process import InProcessAws

FIRST, SECOND = ("lamp-shop#1|10", 2), ("lamp-shop#1|11", 3)
OTHER = Key("catalogue", "SKU#HL-KID-120", "OFFER#cj")


def test_p3_a_reservation_lowers_what_is_sellable_and_is_listed_as_open(desk: Desk) -> None:
    desk.offer(stock=10, buffer=1)
    desk.storage.commit([Reserve(OFFER, (FIRST,))])
    held = desk.held_offer()
    assert (held.stock, held.sellable, held.open) == (10, 7, {FIRST[0]: 2})
    assert desk.raw(OFFER)["version"] == 2


def test_p3_several_entries_are_taken_as_one_sum(desk: Desk) -> None:
    desk.offer(stock=5)
    desk.storage.commit([Reserve(OFFER, (FIRST, SECOND))])
    assert (desk.held_offer().sellable, desk.held_offer().open) == (0, {FIRST[0]: 2, SECOND[0]: 3})


def test_p3_each_entry_alone_would_fit_but_their_sum_does_not(desk: Desk) -> None:
    desk.offer(stock=4)
    with pytest.raises(ShortOfStock) as refused:
        desk.storage.commit([Reserve(OFFER, (FIRST, SECOND))])
    assert refused.value.lines == (FIRST[0], SECOND[0])
    assert (desk.held_offer().sellable, desk.held_offer().open) == (4, {})


def test_p3_the_buffer_is_never_sold(desk: Desk) -> None:
    desk.offer(stock=5, buffer=4)
    with pytest.raises(ShortOfStock):
        desk.storage.commit([Reserve(OFFER, (FIRST,))])


def test_p3_the_last_piece_goes_to_one_of_two(desk: Desk) -> None:
    desk.offer(stock=1)
    desk.storage.commit([Reserve(OFFER, (("a#1|1", 1),))])
    with pytest.raises(ShortOfStock):
        desk.storage.commit([Reserve(OFFER, (("a#2|1", 1),))])
    assert desk.held_offer().open == {"a#1|1": 1}


def test_p3_the_same_line_is_never_reserved_twice_and_that_is_no_shortage(desk: Desk) -> None:
    desk.offer(stock=10)
    desk.storage.commit([Reserve(OFFER, (FIRST,))])
    with pytest.raises(Conflict):
        desk.storage.commit([Reserve(OFFER, (FIRST,))])
    assert desk.held_offer().sellable == 8


def test_p3_a_shortage_undoes_the_rest_of_the_commit(desk: Desk) -> None:
    desk.offer(stock=1)
    with pytest.raises(ShortOfStock):
        desk.storage.commit([Put(order_key("lamp-shop#1"), cursor(), 0), Reserve(OFFER, (FIRST,))])
    assert desk.raw(order_key("lamp-shop#1")) == {}


def test_p3_an_offer_that_does_not_exist_has_nothing_to_sell(desk: Desk) -> None:
    with pytest.raises(ShortOfStock):
        desk.storage.commit([Reserve(offer_key("none", "cj"), (FIRST,)), Put(CURSOR, cursor(), 0)])
    assert desk.raw(offer_key("none", "cj")) == {}


def test_what_is_given_back_is_sellable_again(desk: Desk) -> None:
    desk.offer(stock=5)
    desk.storage.commit([Reserve(OFFER, (FIRST, SECOND))])
    desk.storage.commit([Unreserve(OFFER, (SECOND,))])
    assert (desk.held_offer().sellable, desk.held_offer().open) == (3, {FIRST[0]: 2})


@pytest.mark.parametrize("entry", [(FIRST[0], 1), (SECOND[0], 3)])
def test_giving_back_what_is_not_held_in_that_quantity_is_a_conflict(desk: Desk, entry: tuple[str, int]) -> None:
    desk.offer(stock=5)
    desk.storage.commit([Reserve(OFFER, (FIRST,))])
    with pytest.raises(Conflict):
        desk.storage.commit([Unreserve(OFFER, (entry,))])
    assert desk.held_offer().sellable == 3


def test_giving_back_twice_counts_once(desk: Desk) -> None:
    desk.offer(stock=5)
    desk.storage.commit([Reserve(OFFER, (FIRST,))])
    desk.storage.commit([Unreserve(OFFER, (FIRST,))])
    with pytest.raises(Conflict):
        desk.storage.commit([Unreserve(OFFER, (FIRST,))])
    assert desk.held_offer().sellable == 5


def test_a_changed_reservation_tells_that_the_offer_changed(desk: Desk) -> None:
    desk.offer()
    desk.storage.commit([Reserve(OFFER, (FIRST,))])
    assert json.loads(desk.raw(OFFER)["facts"]) == [{"type": "offer.changed", "pk": f"SKU#{SKU}", "resource": SKU}]


def test_a_reservation_whose_answer_was_lost_is_made_once(desk: Desk) -> None:
    """AWS and ministack know the transaction by its token; moto does not, and there the writer's token tells."""
    desk.offer(stock=10)
    desk.retrying("TransactWriteItems").commit([Put(order_key("lamp-shop#1"), cursor(), 0), Reserve(OFFER, (FIRST,))])
    assert (desk.held_offer().sellable, desk.held_offer().open) == (8, {FIRST[0]: 2})


_ENTRIES = [f"lamp-shop#{order}|{line}" for order in range(2) for line in range(2)]
_STEP = st.tuples(st.booleans(), st.dictionaries(st.sampled_from(_ENTRIES), st.integers(1, 4), min_size=1, max_size=3))


@pytest.fixture(scope="module", params=BACKENDS)
def shared_desk(request: pytest.FixtureRequest, ministack: InProcessAws) -> Iterator[Desk]:
    """One set of tables for all examples; each example has an offer of its own."""
    with desk_on(request.param, ministack) as made:
        yield made


_names = iter(range(10**9))


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(stock=st.integers(0, 8), buffer=st.integers(0, 2), steps=st.lists(_STEP, max_size=8))
def test_p3_sellable_is_stock_less_buffer_less_what_is_open_whatever_happens(
    shared_desk: Desk, stock: int, buffer: int, steps: list[tuple[bool, dict[str, int]]]
) -> None:
    key = offer_key(f"S{next(_names)}", "cj")
    start = shared_desk.offer_model(stock, buffer)
    shared_desk.storage.commit([Put(key, start, 0)])
    model: dict[str, int] = {}
    for taking, wanted in steps:
        entries = tuple(wanted.items())
        change: Change = Reserve(key, entries) if taking else Unreserve(key, entries)
        sellable = stock - buffer - sum(model.values())
        if taking:
            allowed = not set(wanted) & set(model) and sum(wanted.values()) <= sellable
        else:
            allowed = all(model.get(name) == quantity for name, quantity in entries)
        try:
            shared_desk.storage.commit([change])
            assert allowed
            model = {**model, **wanted} if taking else {k: v for k, v in model.items() if k not in wanted}
        except (ShortOfStock, Conflict):
            assert not allowed
    held = shared_desk.storage.get(key, type(start))
    assert held is not None
    assert held.model.open == model
    assert held.model.sellable == stock - buffer - sum(model.values())
