"""Whose scans are they? A number's other lives, and the way back to the sender, are no delivery (promise P5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orderwright.domain.order import OrderState
from orderwright.domain.shipment import ShipmentState
from orderwright.ports.carrier import TrackerView
from orderwright.usecases.tracking.trackers import CLOCK_SKEW, IGNORED, of_this_parcel
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import open_shop, shop
from tests.unit.usecases.test_update_tracking import DAY, scan, shipped, subjects

__all__ = ["open_shop", "shop"]


def test_a_number_used_before_is_not_told_by_its_old_life_and_its_true_scans_count(shop: OrderShop) -> None:
    july = shop.clock.now() - timedelta(days=120)
    number = "1Z5R89390357567127"
    shop.carrier.scan(number, "in_transit", "On the way", july - timedelta(days=2))
    shop.carrier.scan(number, "delivered", "Delivered", july)
    name, _ = shipped(shop, tracking_number=number)
    shop.pass_time(DAY, step=6 * 3600)
    (parcel,) = shop.shipments(name)
    assert (parcel.state, parcel.state_at, subjects(shop)) == (ShipmentState.PENDING, None, ["SHIPPED"])
    assert sum(entry.why == IGNORED for entry in parcel.log) == 1
    scan(shop, number, "out_for_delivery")
    scan(shop, number, "delivered")
    assert subjects(shop) == ["SHIPPED", "OUT_FOR_DELIVERY", "DELIVERED"]
    assert shop.record(name).state is OrderState.DELIVERED


def test_the_scans_of_a_number_used_again_are_the_younger_orders(shop: OrderShop) -> None:
    older, number = shipped(shop)
    scan(shop, number, "in_transit")
    shop.pass_time(60 * DAY, step=12 * 3600)
    younger, _ = shipped(shop, tracking_number=number)
    scan(shop, number, "delivered")
    assert shop.shipments(younger)[0].state is ShipmentState.DELIVERED
    assert shop.shipments(older)[0].state is ShipmentState.IN_TRANSIT
    assert [mail.reference for mail in shop.post.mails if "DELIVERED" in mail.reference] == [f"{younger}-DELIVERED"]


NOV = datetime(2026, 11, 20, tzinfo=UTC)
JULY = NOV - timedelta(days=120)


@pytest.mark.parametrize(
    ("status", "events", "expected"),
    [
        ("DELIVERED", [("DELIVERED", JULY)], ("UNKNOWN", None)),
        ("DELIVERED", [("DELIVERED", JULY), ("IN_TRANSIT", NOV)], ("IN_TRANSIT", NOV)),
        ("DELIVERED", [("DELIVERED", JULY), ("DELIVERED", NOV)], ("DELIVERED", NOV)),
        ("IN_TRANSIT", [("RETURN_TO_SENDER", JULY), ("IN_TRANSIT", NOV)], ("IN_TRANSIT", NOV)),
        ("IN_TRANSIT", [("IN_TRANSIT", NOV - timedelta(minutes=9))], ("IN_TRANSIT", NOV - timedelta(minutes=9))),
    ],
)
def test_only_what_came_after_the_purchase_order_makes_the_state(
    status: str, events: list[tuple[str, datetime]], expected: tuple[str, datetime | None]
) -> None:
    told = tuple((ShipmentState(state), at) for state, at in events)
    newest = max(at for state, at in events if state == status)
    view = TrackerView("trk", "1", "UPS", ShipmentState(status), newest, JULY, told)
    ours, _ = of_this_parcel(view, NOV - CLOCK_SKEW, None)
    assert (ours.state.value, ours.state_at) == expected
    assert (ours.expected_at is None) == any(at == JULY for _, at in events)


@pytest.mark.parametrize("between", [[], ["in_transit", "out_for_delivery"]])
def test_a_returned_parcel_that_reaches_its_sender_is_not_delivered(shop: OrderShop, between: list[str]) -> None:
    name, number = shipped(shop)
    scan(shop, number, "return_to_sender")
    for status in (*between, "delivered"):
        scan(shop, number, status)
    assert (shop.shipments(name)[0].state, subjects(shop)) == (ShipmentState.RETURN_TO_SENDER, ["SHIPPED", "EXCEPTION"])
    assert shop.record(name).state is not OrderState.DELIVERED
    assert sum("PARCEL_IN_TROUBLE" in alert for alert in shop.post.alerts) == 1


def test_a_return_that_is_seen_only_at_its_end_is_still_a_return(shop: OrderShop) -> None:
    name, number = shipped(shop)
    for status in ("return_to_sender", "in_transit", "delivered"):
        shop.clock.advance(60)
        shop.carrier.scan(number, status, status)
    shop.run()
    assert (shop.shipments(name)[0].state, subjects(shop)) == (ShipmentState.RETURN_TO_SENDER, ["SHIPPED", "EXCEPTION"])


def test_a_tracker_that_says_it_is_a_return_is_never_a_delivery() -> None:
    view = TrackerView("trk", "1", "UPS", ShipmentState.DELIVERED, NOV, None, (), True)
    ours, foreign = of_this_parcel(view, NOV - CLOCK_SKEW, None)
    assert (ours.state, ours.state_at, foreign) == (ShipmentState.RETURN_TO_SENDER, NOV, False)


def test_a_returned_parcel_stays_returned_where_a_carrier_shows_no_events(shop: OrderShop) -> None:
    name, number = shipped(shop)
    scan(shop, number, "return_to_sender")
    (parcel,) = shop.shipments(name)
    after = parcel.followed("trk", ShipmentState.DELIVERED, shop.clock.now(), None)
    assert (after.state, after.milestone_rank) == (ShipmentState.RETURN_TO_SENDER, parcel.milestone_rank)
