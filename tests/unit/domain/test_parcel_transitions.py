"""What news make of a parcel: older ones change nothing, an end stays, a rank never falls, a new number starts afresh (P5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderwright.domain.shipment import (
    FINAL,
    RANK,
    Carriage,
    FulfillmentState,
    Milestone,
    Shipment,
    ShipmentLine,
    ShipmentState,
)
from tests.unit.domain.order_kit import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOLD = Milestone.OUT_FOR_DELIVERY


def a_parcel(**more: Any) -> Shipment:
    """One that is out for delivery, and whose customer knows it."""
    values: dict[str, Any] = {
        "supplier": "cj",
        "reference": "R1",
        "tracking_number": "N1",
        "lines": (a_line("l1", 2),),
        "state": ShipmentState.OUT_FOR_DELIVERY,
        "state_at": NOW,
        "milestone_rank": RANK[TOLD],
        "tracker_id": "trk_1",
        "ask_at": NOW,
        "created_at": NOW,
    }
    return Shipment.model_validate(values | more)


def a_line(line_id: str, quantity: int) -> ShipmentLine:
    return ShipmentLine(line_id=line_id, sku="HL-MS-400", title="Head torch", quantity=quantity)


@pytest.mark.parametrize(
    ("state", "later", "after", "told"),
    [
        ("DELIVERED", HOUR, "DELIVERED", Milestone.DELIVERED),
        ("DELIVERED", None, "DELIVERED", Milestone.DELIVERED),
        ("DELIVERED", -HOUR, "OUT_FOR_DELIVERY", TOLD),
        ("IN_TRANSIT", HOUR, "IN_TRANSIT", TOLD),
        ("DELIVERY_DELAYED", HOUR, "DELIVERY_DELAYED", TOLD),
        ("ON_HOLD", HOUR, "ON_HOLD", Milestone.EXCEPTION),
        ("UNKNOWN", HOUR, "OUT_FOR_DELIVERY", TOLD),
        ("PENDING", HOUR, "OUT_FOR_DELIVERY", TOLD),
    ],
)
def test_news_count_when_they_are_newer_and_are_told_when_they_rank_higher(
    state: str, later: timedelta | None, after: str, told: Milestone
) -> None:
    at = None if later is None else NOW + later
    followed = a_parcel().followed("", ShipmentState(state), at, None)
    assert (followed.state.value, followed.milestone) == (after, told)
    assert followed.state_at == (at if later and later > timedelta(0) and after == state else NOW)
    assert (followed.tracker_id, followed.ask_at) == ("trk_1", None)


@pytest.mark.parametrize("end", sorted(FINAL))
@pytest.mark.parametrize("state", [ShipmentState.DELIVERED, ShipmentState.ON_HOLD])
def test_after_its_end_only_who_follows_a_parcel_may_change(end: ShipmentState, state: ShipmentState) -> None:
    parcel = a_parcel(state=end)
    followed = parcel.followed("trk_2", state, NOW + DAY, NOW + 9 * DAY)
    assert (followed.tracker_id, followed.tells_more(parcel)) == ("trk_2", False)


@pytest.mark.parametrize(
    ("state", "slip", "told"),
    [
        (ShipmentState.IN_TRANSIT, DAY, Milestone.DELAYED),
        (ShipmentState.UNKNOWN, DAY, Milestone.DELAYED),
        (ShipmentState.IN_TRANSIT, DAY - HOUR, Milestone.SHIPPED),
        (ShipmentState.READY_FOR_PICKUP, DAY, Milestone.OUT_FOR_DELIVERY),
    ],
)
def test_a_promised_day_that_slips_is_a_delay_unless_there_is_better_news(
    state: ShipmentState, slip: timedelta, told: Milestone
) -> None:
    due = NOW + 3 * DAY
    parcel = a_parcel(state=ShipmentState.IN_TRANSIT, milestone_rank=RANK[Milestone.SHIPPED], expected_at=due)
    followed = parcel.followed("", state, NOW, due + slip)
    assert (followed.milestone, followed.expected_at) == (told, due + slip)


@pytest.mark.parametrize(
    ("record", "after", "sends"),
    [(FulfillmentState.DONE, FulfillmentState.NEW, 0), (FulfillmentState.INTENT, FulfillmentState.INTENT, 2)],
)
def test_a_new_number_is_followed_from_the_start_and_what_was_told_stays(
    record: FulfillmentState, after: FulfillmentState, sends: int
) -> None:
    parcel = a_parcel(former_numbers=("N0",), parcel_ref="P1", expected_at=NOW, fulfillment=record, sends=2)
    new = parcel.renumbered("N2", ("N0", "N3"), "", Carriage("ups", "UPS", "https://example.com/N2"), NOW + DAY)
    assert (new.numbers, new.parcel_ref) == (("N0", "N1", "N3", "N2"), "P1")
    assert (new.carrier, new.carrier_name, new.tracking_url) == ("ups", "UPS", "https://example.com/N2")
    assert (new.state, new.state_at, new.expected_at, new.tracker_id, new.ask_at) == (
        ShipmentState.PENDING, None, None, "", None,
    )  # fmt: skip
    assert (new.fulfillment, new.sends, new.milestone, new.renumbered_at) == (after, sends, TOLD, NOW + DAY)


def test_another_part_under_the_same_number_adds_its_units() -> None:
    joined = a_parcel().joined((a_line("l1", 1), a_line("l2", 4)))
    assert [(line.line_id, line.quantity) for line in joined.lines] == [("l1", 3), ("l2", 4)]
