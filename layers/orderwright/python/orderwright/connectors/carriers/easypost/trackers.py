"""EasyPost's trackers as views of a parcel (CarrierTracking), and the subscription of their events (CarrierWebhooks)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from orderwright.connectors.carriers.easypost.client import EasyPostClient
from orderwright.connectors.http import Transport
from orderwright.domain.base import from_iso
from orderwright.domain.config import EasyPostConnection
from orderwright.domain.shipment import ShipmentState
from orderwright.errors import Rejected, Retryable
from orderwright.ports import Clock, Credentials, TrackerView

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
EVENTS = ("tracker.created", "tracker.updated")
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


class EasyPostConnector:
    """CarrierTracking and CarrierWebhooks of one connection."""

    def __init__(self, client: EasyPostClient) -> None:
        self._client = client

    def account(self) -> str:
        """See usecases/identity.py: which call names an API key's account could not be confirmed, so none is named."""
        return ""

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
        return self._view(
            "getTracker", self._client.call("getTracker", "GET", f"trackers/{quote(tracker_id, safe='')}")
        )

    def ensure_webhooks(self, callback_url: str, webhook_secret: str, old_urls: Collection[str] = ()) -> list[str]:
        """One webhook at our address with this secret, and none at `old_urls`; gives the events when there was none awake.

        EasyPost never shows a secret, so it is set each time: it may be another one now.
        """
        listed = self._client.call("listWebhooks", "GET", "webhooks").get("webhooks")
        hooks = [hook for hook in listed if isinstance(hook, dict)] if isinstance(listed, list) else []
        ours = [hook for hook in hooks if hook.get("url") == callback_url]
        if ours:
            self._client.call("updateWebhook", "PATCH", _path(ours[0]), {"webhook_secret": webhook_secret})
        else:
            wanted = {"url": callback_url, "webhook_secret": webhook_secret}
            self._client.call("createWebhook", "POST", "webhooks", {"webhook": wanted})
        for hook in hooks:
            if hook.get("url") in old_urls:
                self._client.call("deleteWebhook", "DELETE", _path(hook))
        return [] if any(not hook.get("disabled_at") for hook in ours) else list(EVENTS)

    def _create(self, tracker: dict[str, str]) -> TrackerView:
        return self._view("createTracker", self._client.call("createTracker", "POST", "trackers", {"tracker": tracker}))

    def _view(self, operation: str, data: dict[str, Any]) -> TrackerView:
        view = tracker_view(data)
        if not view.tracker_id or not view.tracking_number:
            raise Retryable(f"{self._client.name} {operation}: the answer is no tracker", code="UNREADABLE")
        return view


def _path(hook: dict[str, Any]) -> str:
    return f"webhooks/{quote(str(hook.get('id')), safe='')}"


def tracker_view(data: dict[str, Any]) -> TrackerView:
    """A Tracker object as we see it. `state_at` is the newest event of the tracker's own status; None when none is told."""
    status = _text(data.get("status"))
    details = data.get("tracking_details")
    events = [
        (_text(detail.get("status")), at)
        for detail in (details if isinstance(details, list) else [])
        if isinstance(detail, dict) and (at := _instant(detail.get("datetime")))
    ]
    return TrackerView(
        tracker_id=_text(data.get("id")),
        tracking_number=_text(data.get("tracking_code")),
        carrier=_text(data.get("carrier")),
        state=STATES.get(status, ShipmentState.UNKNOWN),
        state_at=max((at for told, at in events if told == status), default=None),
        expected_at=_instant(data.get("est_delivery_date")),
        public_url=_text(data.get("public_url")),
        events=tuple((STATES.get(told, ShipmentState.UNKNOWN), at) for told, at in events),
        is_return=data.get("is_return") is True,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _instant(value: object) -> datetime | None:
    """A time with its zone; None for anything else, since a guessed zone could turn events round."""
    try:
        return from_iso(value) if isinstance(value, str) else None
    except ValueError:
        return None


def build(
    connection_id: str,
    settings: EasyPostConnection,
    credentials: Credentials,
    transport: Transport,
    clock: Clock,
    timeout: timedelta,
) -> EasyPostConnector:
    """The connector of one connection. It needs no clock: all times are the carriers'."""
    return EasyPostConnector(EasyPostClient(connection_id, settings, credentials, transport, timeout))
