"""Every store's bad hours: each call, read or write, is slowed down, cut off or refused, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from orderwright.errors import Misconfigured, OutcomeUnknown, Retryable, VendorError
from orderwright.ports.store import FulfillmentRequest, PriceChange, QuantityChange, TrackingUpdate
from tests.contracts.store.kit import LAMP, selling
from tests.support.stand import StoreStand

NO_EFFECT = (
    "unreachable",
    "timeout",
    "error_500",
    "error_502_html",
    "rate_limited",
    "rate_limited_bare",
    "unavailable",
)


def reads(store: StoreStand, connector: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Every call that changes nothing."""
    order_id = store.buy({LAMP: 2})
    (lamp,) = connector.find_variants([LAMP])
    place = connector.find_location(store.location)
    yield "fetch_order", lambda: connector.fetch_order(order_id)
    yield "list_changed_orders", lambda: connector.list_changed_orders(store.clock.now(), "")
    yield "read_fulfillment", lambda: connector.read_fulfillment(order_id)
    yield "find_variants", lambda: connector.find_variants([LAMP])
    yield "list_variants", lambda: connector.list_variants("")
    yield "read_listings", lambda: connector.read_listings([lamp.variant_id], place)
    yield "probe", connector.probe
    yield "foreign_webhooks", lambda: connector.foreign_webhooks("https://api.example.com/webhooks/0123abcd")


def writes(store: StoreStand, connector: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Every call that changes something."""
    order_id = store.buy({LAMP: 3})
    (lamp,) = connector.find_variants([LAMP])
    place = connector.find_location(store.location)
    view = connector.read_fulfillment(order_id)
    line = view.open_lines[0].line_id

    def parcel(number: str) -> FulfillmentRequest:
        return FulfillmentRequest(order_id, ((line, 1),), number, "Carrier", f"https://track.example.com/{number}")

    made = connector.create_fulfillment(parcel("T0"), view)
    seen = connector.read_fulfillment(order_id)
    update = TrackingUpdate(made, ("T9",), "Carrier", ("https://track.example.com/T9",))
    stock = QuantityChange(lamp.stock_id, place, 1, 2)
    yield "create_fulfillment", lambda: connector.create_fulfillment(parcel("T1"), seen)
    yield "update_fulfillment_tracking", lambda: connector.update_fulfillment_tracking(update)
    yield "push_quantities", lambda: connector.push_quantities([stock], "key-1")
    yield (
        "push_prices",
        lambda: connector.push_prices([PriceChange(lamp.listed_id, lamp.variant_id, store.money("3.00"))]),
    )
    yield "publish_goods", lambda: connector.publish_goods(store.other, store.money("4.00"), 1, place)
    yield "unpublish_goods", lambda: connector.unpublish_goods(lamp.listed_id, lamp.variant_id)
    yield "ensure_webhooks", lambda: connector.ensure_webhooks(store.subscription())


@pytest.mark.parametrize("how", [*NO_EFFECT, "malformed"])
def test_a_read_in_trouble_may_be_tried_again(store: StoreStand, how: str) -> None:
    connector = selling(store)
    for name, read in list(reads(store, connector)):
        with store.behaving(how), store.refuses(Retryable) as caught:
            read()
        assert type(caught.value) is Retryable, name
        store.clock.forward(minutes=1)
        read()


@pytest.mark.parametrize("how", NO_EFFECT)
def test_a_write_that_was_not_taken_is_never_taken_for_done(store: StoreStand, how: str) -> None:
    connector = selling(store)
    before = list(store.recorded())
    steps = list(writes(store, connector))
    recorded = len(store.recorded())
    for name, write in steps:
        with store.behaving(how), store.refuses(Retryable, OutcomeUnknown) as caught:
            write()
        if how in ("unreachable", "rate_limited", "rate_limited_bare"):
            assert isinstance(caught.value, Retryable), f"{name}: it was certainly not taken"
        store.clock.forward(minutes=1)
    assert len(store.recorded()) == recorded > len(before)
    (lamp,) = connector.find_variants([LAMP])
    (shown,) = connector.read_listings([lamp.variant_id], connector.find_location(store.location))
    assert (shown.quantity, shown.price, shown.published) == (2, store.money("22.99"), True)
    for _, write in steps:
        store.clock.forward(minutes=1)
        write()


@pytest.mark.parametrize("how", ["accept_then_timeout", "accept_then_500", "malformed"])
def test_a_write_whose_answer_is_lost_is_unclear_or_harmless_to_repeat(store: StoreStand, how: str) -> None:
    connector = selling(store)
    for _, write in list(writes(store, connector)):
        with store.behaving(how), pytest.raises((Retryable, OutcomeUnknown)):
            write()
        store.clock.forward(minutes=10)
    (lamp,) = connector.find_variants([LAMP])
    (shown,) = connector.read_listings([lamp.variant_id], connector.find_location(store.location))
    assert shown.quantity in (1, 2)
    assert [number for number, _ in store.recorded()] in (["T0"], ["T0", "T1"])


@pytest.mark.parametrize("how", ["lost", "502", "unsent"])
def test_p3_whichever_call_of_a_push_goes_wrong_a_sale_meanwhile_stays_sold(store: StoreStand, how: str) -> None:
    connector = selling(store)
    place = connector.find_location(store.location)
    (lamp,) = connector.find_variants([LAMP])

    def left() -> int:
        store.clock.forward(minutes=1)
        (shown,) = connector.read_listings([lamp.variant_id], place)
        return int(shown.quantity)

    for number in range(1, 30):
        change, calls, key = QuantityChange(lamp.stock_id, place, 9, left()), store.calls, f"key-{number}"
        with store.breaking(number, how):
            try:
                problems = connector.push_quantities([change], key)
            except (Retryable, OutcomeUnknown):
                problems = []
        broke = store.calls - calls >= number
        store.clock.forward(minutes=10)
        store.buy({LAMP: 1})
        sold = left()
        try:
            problems = connector.push_quantities([change], key)
        except VendorError:
            problems = []
        assert all(one.stale for one in problems)
        assert left() == sold, f"call {number}"
        assert sold in (8, change.change_from - 1)
        if not broke:
            return
        connector.push_quantities([QuantityChange(lamp.stock_id, place, 5, sold)], f"{key}-back")
    raise AssertionError("a push takes too many calls")


def test_access_that_was_taken_away_is_a_matter_of_settings_for_every_call(store: StoreStand) -> None:
    connector = selling(store)
    calls = [*reads(store, connector), *writes(store, connector)]
    store.uninstall()
    for _, call in calls:
        with store.refuses(Misconfigured):
            call()


def test_a_worker_that_lived_for_days_still_gets_in(store: StoreStand) -> None:
    connector = selling(store)
    for _ in range(3):
        store.clock.forward(days=2)
        for _, read in list(reads(store, connector)):
            read()
