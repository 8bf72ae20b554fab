"""A tracker and its scans, in EasyPost's JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

STATUSES = (
    "unknown",
    "pre_transit",
    "in_transit",
    "out_for_delivery",
    "delivered",
    "available_for_pickup",
    "return_to_sender",
    "failure",
    "cancelled",
    "error",
)


def stamp(at: datetime | None) -> str | None:
    """A UTC time as EasyPost writes it."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True)
class Scan:
    """One thing that the carrier saw; `when` is the carrier's time, which need not be in order; `code` is its own, if any."""

    status: str
    message: str
    when: datetime
    code: str | None = None

    def body(self, carrier: str) -> dict[str, Any]:
        """As one entry of tracking_details."""
        return {
            "object": "TrackingDetail",
            "message": self.message,
            "description": None,
            "status": self.status,
            "status_detail": "status_update",
            "datetime": stamp(self.when),
            "source": carrier,
            "carrier_code": self.code,
            "tracking_location": {
                "object": "TrackingLocation",
                "city": None,
                "state": None,
                "country": None,
                "zip": None,
            },
            "est_delivery_date": None,
        }


@dataclass
class History:
    """What happened to one parcel number, whether or not anybody tracks it. `status` is the last reported one.

    Not documented: when EasyPost sets is_return. Here: from the first scan on that says so. `lost`: nobody sees its scans.
    """

    scans: list[Scan] = field(default_factory=list)
    status: str = "unknown"
    est_delivery: datetime | None = None
    is_return: bool = False
    lost: bool = False


@dataclass
class Tracker:
    """One registered number of one carrier."""

    id: str
    tracking_code: str
    carrier: str
    history: History
    created_at: datetime
    updated_at: datetime

    def body(self, mode: str) -> dict[str, Any]:
        """The Tracker object; its details are in the order of their times."""
        return {
            "id": self.id,
            "object": "Tracker",
            "mode": mode,
            "tracking_code": self.tracking_code,
            "status": self.history.status,
            "status_detail": "unknown" if self.history.status == "unknown" else "status_update",
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
            "signed_by": None,
            "weight": None,
            "est_delivery_date": stamp(self.history.est_delivery),
            "shipment_id": None,
            "carrier": self.carrier,
            "tracking_details": [
                scan.body(self.carrier) for scan in sorted(self.history.scans, key=lambda each: each.when)
            ],
            "fees": [],
            "carrier_detail": None,
            "finalized": True,
            "is_return": self.history.is_return,
            "public_url": f"https://track.example.com/{self.id}",
        }
