"""The stand-in for EasyPost: trackers, webhooks and events, and the carrier's scanner behind them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from local.sandbox.easypost import bodies
from local.sandbox.easypost.tracker import STATUSES, History, Scan, Tracker, stamp
from local.sandbox.kit.api import Api, Call, Refusal, Route, Violation, Words, operations
from local.sandbox.kit.hooks import Hooks, Subscription, hmac_hex
from local.sandbox.kit.paging import after
from local.sandbox.kit.signin import basic, signed_in
from local.sandbox.kit.vendor import Account, ApiVendor
from local.sandbox.parcel_numbers import carrier_of
from local.sandbox.wire import Faults, Response, World, json_response

VENDOR = "easypost"
RETRY_AFTER = (60.0, 300.0, 900.0)
_CARRIER_NAMES = {"UPS": "UPS", "USPS": "USPS", "DHL": "DHLExpress", "YunExpress": "YunExpress"}
_ROUTES = (
    Route("POST", "/v2/trackers", "createTracker"),
    Route("GET", "/v2/trackers", "listTrackers"),
    Route("GET", "/v2/trackers/{id}", "getTracker"),
    Route("POST", "/v2/webhooks", "createWebhook"),
    Route("GET", "/v2/webhooks", "listWebhooks"),
    Route("GET", "/v2/webhooks/{id}", "getWebhook"),
    Route("PATCH", "/v2/webhooks/{id}", "updateWebhook"),
    Route("DELETE", "/v2/webhooks/{id}", "deleteWebhook"),
)
OPERATIONS = operations(_ROUTES)
"""Every operation that a fault can be scripted for."""

_INACTIVE = Refusal(401, "APIKEY.INACTIVE", "This api key is no longer active or does not exist.")
_NO_TRACKER = Refusal(404, "TRACKER.NOT_FOUND", "The requested tracker could not be found.")
_WORDS = Words(
    refused=Refusal(422, "TRACKER.CREATE.ERROR", "Unable to create tracker"),
    missing=_NO_TRACKER,
    failed=Refusal(500, "INTERNAL_SERVER_ERROR", "We're sorry, something went wrong."),
    throttled=Refusal(429, "RATE_LIMITED", "You have been rate limited."),
    away=Refusal(503, "SERVICE_UNAVAILABLE", "Please try again later."),
)


@dataclass(frozen=True)
class EasyPostConfig:
    """One account. EasyPost's carrier names are not all confirmed, so only `unsupported` ones are refused."""

    api_key: str = "EZTKsandbox"
    mode: str = "test"
    unsupported: frozenset[str] = frozenset()


def error_response(no: Refusal, _: Call) -> Response:
    """EasyPost's error form."""
    error = {"code": no.code, "message": no.message, "errors": no.details or []}
    return json_response({"error": error}, no.status, no.headers)


def _refusal_of(wrong: Violation) -> Refusal:
    if wrong.kind in ("path", "method"):
        return Refusal(404, "NOT_FOUND", "The requested resource could not be found.")
    if wrong.kind == "query_value":
        return Refusal(422, "PARAMETER.INVALID", str(wrong))
    problems = (("", "model_type"),) if wrong.kind == "body_missing" else wrong.problems
    errors = [{"field": name, "message": problem} for name, problem in problems]
    return Refusal(422, "PARAMETER.INVALID", "Parameters to call are missing or invalid.", errors)


def sign(body: bytes, secret: str) -> str:
    """The value of X-Hmac-Signature; the secret is NFKD-normalised first."""
    return "hmac-sha256-hex=" + hmac_hex(unicodedata.normalize("NFKD", secret), body)


def _headers(webhook: Subscription, _: str, body: bytes) -> dict[str, str]:
    """Without a secret its events are not signed."""
    signed = {} if webhook.secret is None else {"x-hmac-signature": sign(body, webhook.secret)}
    return {"content-type": "application/json", **webhook.headers, **signed}


class EasyPostCarrier(ApiVendor):
    """`handle` answers HTTP, `scan` is the carrier's scanner. Faults are scripted for OPERATIONS.

    Not confirmed: the status codes 201, 422 and 503, Retry-After, and the gaps between webhook retries.
    """

    def __init__(self, world: World, config: EasyPostConfig | None = None, faults: Faults | None = None) -> None:
        self.config = config or EasyPostConfig()
        self.trackers: list[Tracker] = []
        self.hooks: Hooks[Subscription] = Hooks(world, VENDOR, _headers, RETRY_AFTER)
        self._world = world
        self._random = Random(4)
        self._histories: dict[str, History] = {}
        self._by_code: dict[str, list[Tracker]] = {}
        self._by_id: dict[str, Tracker] = {}
        self.api = Api(
            world,
            VENDOR,
            _ROUTES,
            {
                "createTracker": self._create_tracker,
                "listTrackers": self._list_trackers,
                "getTracker": self._get_tracker,
                "createWebhook": self._create_webhook,
                "listWebhooks": lambda _: {"webhooks": [self._shown(each) for each in self.webhooks]},
                "getWebhook": lambda call: self._shown(self._webhook(call)),
                "updateWebhook": self._update_webhook,
                "deleteWebhook": self._delete_webhook,
            },
            error=error_response,
            refusal_of=_refusal_of,
            words=_WORDS,
            gates=(signed_in(basic(self.config.api_key), lambda _: _INACTIVE),),
            faults=faults or Faults(),
            private=True,
        )

    @property
    def account(self) -> Account:
        """The merchant's account."""
        return Account("easypost", "/easypost", {"api_key": self.config.api_key})

    @property
    def webhooks(self) -> list[Subscription]:
        """All receivers, oldest first."""
        return self.hooks.subscriptions

    def scan(
        self,
        tracking_code: str,
        status: str,
        message: str,
        when: datetime | None = None,
        est_delivery: datetime | None = None,
        *,
        is_return: bool = False,
        code: str | None = None,
    ) -> None:
        """The carrier reports a parcel, in any order, also backward. Trackers of this number send tracker.updated.

        A number that nobody tracks yet keeps its scans for later. `is_return`: on its way back to the sender. `code`: the
        carrier's own, such as EME of a post: held by customs. Nothing happens to a parcel that is lost (see lose).
        Raises ValueError for a status that EasyPost does not know.
        """
        if status not in STATUSES:
            raise ValueError(f"status {status!r} is none of EasyPost's; use one of: {', '.join(STATUSES)}")
        now = self._world.clock()
        history = self._histories.setdefault(tracking_code, History())
        before = history.status
        if history.lost:
            self._world.record(VENDOR, "scan_missed", tracking_code, status=status)
            return
        history.scans.append(Scan(status, message, when or now, code))
        history.status = status
        history.est_delivery = est_delivery or history.est_delivery
        history.is_return = history.is_return or is_return
        facts = {"message": message, "when": stamp(when or now), "is_return": is_return}
        self._world.record(VENDOR, "scan", tracking_code, status=status, **facts)
        for tracker in self._by_code.get(tracking_code, ()):
            tracker.updated_at = now
            self._emit("tracker.updated", tracker, {"status": before})

    def used_before(self, tracking_code: str, days_ago: float = 130.0) -> None:
        """The number was another parcel's, delivered so many days ago: carriers give numbers again after some months."""
        delivered = self._world.clock() - timedelta(days=days_ago)
        for before, status in ((3, "in_transit"), (0.3, "out_for_delivery"), (0, "delivered")):
            self.scan(tracking_code, status, f"Another parcel: {status}", delivered - timedelta(days=before))

    def lose(self, tracking_code: str, *, lost: bool = True) -> None:
        """From now on no scanner sees this parcel, until it is found again."""
        self._histories.setdefault(tracking_code, History()).lost = lost
        self._world.record(VENDOR, "lost" if lost else "found", tracking_code)

    @property
    def lost(self) -> set[str]:
        """The numbers of parcels that no scanner sees."""
        return {number for number, history in self._histories.items() if history.lost}

    def scans(self, tracking_code: str) -> list[Scan]:
        """What the carrier has seen of a parcel so far, whether anybody tracks it or not."""
        history = self._histories.get(tracking_code)
        return list(history.scans) if history is not None else []

    def _create_tracker(self, call: Call) -> Response:
        wanted = self.api.body(call, bodies.CreateTracker).tracker
        carrier = wanted.carrier or self._carrier_of(wanted.tracking_code)
        if carrier in self.config.unsupported:
            raise Refusal(422, "TRACKER.UNSUPPORTED_CARRIER", "The carrier is not supported.")
        for tracker in self._by_code.get(wanted.tracking_code, ()):
            if tracker.carrier == carrier:
                return json_response(tracker.body(self.config.mode))
        now = self._world.clock()
        history = self._histories.setdefault(wanted.tracking_code, History())
        tracker = Tracker(self._id("trk"), wanted.tracking_code, carrier, history, now, now)
        self.trackers.append(tracker)
        self._by_code.setdefault(tracker.tracking_code, []).append(tracker)
        self._by_id[tracker.id] = tracker
        self._world.record(VENDOR, "tracker_created", tracker.tracking_code, id=tracker.id, carrier=carrier)
        self._emit("tracker.created", tracker, {})
        return json_response(tracker.body(self.config.mode), 201)

    def _carrier_of(self, tracking_code: str) -> str:
        carrier = _CARRIER_NAMES.get(carrier_of(tracking_code) or "")
        if carrier is None:
            raise Refusal(422, "TRACKER.NO_CARRIER_FOR_CODE", "No carrier could be found for this tracking code.")
        return carrier

    def _get_tracker(self, call: Call) -> dict[str, Any]:
        tracker = self._by_id.get(call.parts["id"])
        if tracker is None:
            raise _NO_TRACKER
        return tracker.body(self.config.mode)

    def _list_trackers(self, call: Call) -> dict[str, Any]:
        """Newest first; `before_id` gives what is older than that tracker."""
        query, size = call.query, self.api.whole(call, "page_size", 20, 1, 100)
        code = query.get("tracking_code")
        of_code = self.trackers if code is None else self._by_code.get(code, [])
        rows = [tracker for tracker in reversed(of_code) if query.get("carrier") in (None, tracker.carrier)]
        page, more = after(rows, lambda tracker: tracker.id, query.get("before_id"), size)
        return {"trackers": [tracker.body(self.config.mode) for tracker in page], "has_more": more}

    def _create_webhook(self, call: Call) -> Response:
        wanted = self.api.body(call, bodies.CreateWebhook).webhook
        webhook = Subscription(
            id=self._id("hook"),
            url=wanted.url,
            secret=wanted.webhook_secret,
            created_at=self._world.clock(),
            headers={header.name.lower(): header.value for header in wanted.custom_headers or []},
        )
        self.webhooks.append(webhook)
        return json_response(self._shown(webhook), 201)

    def _update_webhook(self, call: Call) -> dict[str, Any]:
        wanted, webhook = self.api.body(call, bodies.UpdateWebhook), self._webhook(call)
        webhook.secret = wanted.webhook_secret or webhook.secret
        return self._shown(webhook)

    def _delete_webhook(self, call: Call) -> dict[str, Any]:
        self.webhooks.remove(self._webhook(call))
        return {}

    def _webhook(self, call: Call) -> Subscription:
        webhook = self.hooks.find(call.parts["id"])
        if webhook is None:
            raise Refusal(404, "NOT_FOUND", "The requested webhook could not be found.")
        return webhook

    def _shown(self, webhook: Subscription) -> dict[str, Any]:
        return {
            "id": webhook.id,
            "object": "Webhook",
            "mode": self.config.mode,
            "url": webhook.url,
            "created_at": stamp(webhook.created_at),
            "disabled_at": None,
            "custom_headers": [{"name": name, "value": value} for name, value in webhook.headers.items()],
        }

    def _emit(self, description: str, tracker: Tracker, previous: dict[str, Any]) -> None:
        now = stamp(self._world.clock())
        event = {
            "id": self._id("evt"),
            "object": "Event",
            "description": description,
            "mode": self.config.mode,
            "previous_attributes": previous,
            "created_at": now,
            "updated_at": now,
            "pending_urls": [webhook.url for webhook in self.webhooks],
            "completed_urls": [],
            "user_id": "user_sandbox",
            "status": "pending",
            "result": tracker.body(self.config.mode),
        }
        self.hooks.emit((description, event))

    def _id(self, prefix: str) -> str:
        return f"{prefix}_{self._random.getrandbits(128):032x}"
