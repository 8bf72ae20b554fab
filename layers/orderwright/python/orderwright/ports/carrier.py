"""What the use cases ask of a service that follows parcels."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol

from orderwright.domain.shipment import ShipmentState


class TrackerView(NamedTuple):
    """What a carrier service says of a parcel now; `state_at` is the time of the event, not of its arrival.

    `events`: all that it knows of the number, each with its own time, in any order. `is_return`: it goes back to its sender.
    """

    tracker_id: str
    tracking_number: str
    carrier: str
    state: ShipmentState
    state_at: datetime | None
    expected_at: datetime | None
    events: tuple[tuple[ShipmentState, datetime], ...] = ()
    is_return: bool = False


class CarrierTracking(Protocol):
    """Following parcels."""

    def watch(self, tracking_number: str, carrier: str) -> TrackerView:
        """Start (or find) the tracker of a number; repeating it is harmless."""

    def read_tracker(self, tracker_id: str) -> TrackerView:
        """The tracker now."""
