"""EasyPost's trackers as views of a parcel (CarrierTracking).

EasyPost has no status for customs: such scans are in_transit, and only the carrier's own words in `message` say it. Which words
carriers use could not be confirmed for all of them; words that are not known leave a parcel in transit.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from orderwright.connectors.carriers.easypost.client import EasyPostClient
from orderwright.domain.base import from_iso
from orderwright.domain.shipment import ShipmentState
from orderwright.errors import Rejected, Retryable
from orderwright.ports.carrier import TrackerView

# The vendor's enum Tracker.status; what is not in it is UNKNOWN.
STATES = {
    "pre_transit": ShipmentState.PENDING,
    "in_transit": ShipmentState.IN_TRANSIT,
    "out_for_delivery": ShipmentState.OUT_FOR_DELIVERY,
    "available_for_pickup": ShipmentState.READY_FOR_PICKUP,
    "delivered": ShipmentState.DELIVERED,
    "return_to_sender": ShipmentState.RETURN_TO_SENDER,
    "failure": ShipmentState.DELIVERY_FAILED,
    "cancelled": ShipmentState.CANCELLED,
    "error": ShipmentState.UNKNOWN,
    "unknown": ShipmentState.UNKNOWN,
}
_AT_CUSTOMS = re.compile(r"\bcustoms\b|\bclearance\b", re.IGNORECASE)
_THROUGH_CUSTOMS = re.compile(r"out of customs|releas|cleared|complet|finish|passed|left customs", re.IGNORECASE)
# EasyPost's own spelling of carriers, by ours without case, spaces and marks. SFExpress is unconfirmed; refused, it is left out.
_CARRIERS = {
    "australiapost": "AustraliaPost",
    "canadapost": "CanadaPost",
    "dhl": "DHLExpress",
    "dhlexpress": "DHLExpress",
    "dpd": "DPD",
    "fedex": "FedEx",
    "gls": "GLS",
    "ontrac": "OnTrac",
    "postnl": "PostNL",
    "royalmail": "RoyalMail",
    "sfexpress": "SFExpress",
    "ups": "UPS",
    "usps": "USPS",
    "yunexpress": "YunExpress",
}


class EasyPostTrackers:
    """CarrierTracking of one connection."""

    def __init__(self, client: EasyPostClient) -> None:
        self._client = client

    def watch(self, tracking_number: str, carrier: str) -> TrackerView:
        """Start or find the tracker. A carrier that EasyPost does not know is left to EasyPost to find by the number.

        Raises Rejected with EasyPost's code when nobody can track the number, Retryable, Misconfigured.
        """
        name = "".join(sign for sign in carrier.casefold() if sign.isalnum())
        named = {"carrier": _CARRIERS[name]} if name in _CARRIERS else {}
        try:
            return self._create({"tracking_code": tracking_number, **named})
        except Rejected as error:
            if not named or not error.code.startswith("TRACKER."):
                raise
        return self._create({"tracking_code": tracking_number})

    def read_tracker(self, tracker_id: str) -> TrackerView:
        """The tracker now. Raises NotFound, Retryable, Misconfigured."""
        return self._view("getTracker", "GET", f"trackers/{quote(tracker_id, safe='')}")

    def _create(self, tracker: dict[str, str]) -> TrackerView:
        return self._view("createTracker", "POST", "trackers", {"tracker": tracker})

    def _view(self, operation: str, method: str, path: str, body: dict[str, Any] | None = None) -> TrackerView:
        view = tracker_view(self._client.call(operation, method, path, body))
        if not view.tracker_id or not view.tracking_number:
            raise Retryable(f"{self._client.name} {operation}: the answer is no tracker", code="UNREADABLE")
        return view


def tracker_view(data: dict[str, Any]) -> TrackerView:
    """A Tracker object as we see it. `state_at` is the newest event of the tracker's own status; None when none is told."""
    status = _text(data.get("status"))
    details = data.get("tracking_details")
    events = [
        (_text(detail.get("status")), _text(detail.get("message")), at)
        for detail in (details if isinstance(details, list) else [])
        if isinstance(detail, dict) and (at := _instant(detail.get("datetime")))
    ]
    of_status = [(at, message) for told, message, at in events if told == status]
    newest = max(of_status, default=(None, ""))
    return TrackerView(
        tracker_id=_text(data.get("id")),
        tracking_number=_text(data.get("tracking_code")),
        carrier=_text(data.get("carrier")),
        state=_state(status, newest[1]),
        state_at=newest[0],
        expected_at=_instant(data.get("est_delivery_date")),
        events=tuple((_state(told, message), at) for told, message, at in events),
        is_return=data.get("is_return") is True,
    )


def _state(status: str, message: str) -> ShipmentState:
    state = STATES.get(status, ShipmentState.UNKNOWN)
    held = _AT_CUSTOMS.search(message) and not _THROUGH_CUSTOMS.search(message)
    return ShipmentState.IN_CUSTOMS if held and state is ShipmentState.IN_TRANSIT else state


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _instant(value: object) -> datetime | None:
    """A time with its zone; None for anything else, since a guessed zone could turn events round."""
    try:
        return from_iso(value) if isinstance(value, str) else None
    except ValueError:
        return None
