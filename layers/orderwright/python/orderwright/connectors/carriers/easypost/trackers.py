"""EasyPost's trackers as views of a parcel (CarrierTracking).

EasyPost has no status for customs: such scans are in_transit, and the code or the words of the carrier say it. Neither is
documented for all carriers (unconfirmed); what is not known leaves a parcel in transit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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
# EasyPost has no status and no status_detail for customs. What an event's `carrier_code` holds is not documented, and in all
# samples it is empty. Where it holds the carrier's own code, as its name says (unconfirmed), these are at customs, by carrier:
# DHL Express in clearance, or delayed there; FedEx the same; and "" for every post, since the Universal Postal Union's codes are
# like no other's: shown to, and held by, export (EX) and import customs. Each in an event that EasyPost calls in_transit.
_AT_CUSTOMS = {
    "": frozenset({"EXA", "EXB", "EDB", "EME"}),
    "DHLExpress": frozenset({"IC", "CD", "UD"}),
    "FedEx": frozenset({"CP", "CD"}),
}
_WORDS_OF_CUSTOMS = re.compile(r"\bcustoms\b|\bclearance\b", re.IGNORECASE)
_WORDS_OF_ITS_END = re.compile(r"out of customs|releas|cleared|complet|finish|succe|passed|left customs", re.IGNORECASE)
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
    status, carrier = _text(data.get("status")), _text(data.get("carrier"))
    details = data.get("tracking_details")
    events = [
        (told := _text(detail.get("status")), at, _state(told, carrier, detail))
        for detail in (details if isinstance(details, list) else [])
        if isinstance(detail, dict) and (at := _instant(detail.get("datetime")))
    ]
    newest = max((event for event in events if event[0] == status), key=lambda event: event[1], default=None)
    return TrackerView(
        tracker_id=_text(data.get("id")),
        tracking_number=_text(data.get("tracking_code")),
        carrier=carrier,
        state=newest[2] if newest else _state(status),
        state_at=newest[1] if newest else None,
        expected_at=_instant(data.get("est_delivery_date")),
        events=tuple((state, at) for _, at, state in events),
        is_return=data.get("is_return") is True,
    )


def _state(status: str, carrier: str = "", detail: Mapping[str, Any] | None = None) -> ShipmentState:
    known = STATES.get(status, ShipmentState.UNKNOWN)
    if known is not ShipmentState.IN_TRANSIT or detail is None:
        return known
    code, words = _text(detail.get("carrier_code")), _text(detail.get("message"))
    said = _WORDS_OF_CUSTOMS.search(words) and not _WORDS_OF_ITS_END.search(words)
    held = said or code in _AT_CUSTOMS[""] | _AT_CUSTOMS.get(carrier, frozenset())
    return ShipmentState.IN_CUSTOMS if held else known


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _instant(value: object) -> datetime | None:
    """A time with its zone; None for anything else, since a guessed zone could turn events round."""
    try:
        return from_iso(value) if isinstance(value, str) else None
    except ValueError:
        return None
