"""The stand-in for EasyPost: trackers, webhooks and events, and the carrier's scanner behind them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from pydantic import ValidationError

from local.sandbox.easypost import bodies
from local.sandbox.easypost.tracker import STATUSES, History, Scan, Tracker, stamp
from local.sandbox.parcel_numbers import carrier_of
from local.sandbox.scripted import AWAY_FOR, THROTTLED_FOR, Forms, LateEffects, play
from local.sandbox.wire import Delivery, Faults, Request, Response, World, json_response

VENDOR = "easypost"
RETRY_AFTER = (60.0, 300.0, 900.0)
_CARRIER_NAMES = {"UPS": "UPS", "USPS": "USPS", "DHL": "DHLExpress", "YunExpress": "YunExpress"}
OPERATIONS: tuple[str, ...] = (
    "createTracker", "getTracker", "listTrackers", "createWebhook", "listWebhooks", "getWebhook", "updateWebhook",
    "deleteWebhook",
)  # fmt: skip
"""Every operation that a fault can be scripted for."""
AnyBody = TypeVar("AnyBody", bound=bodies.Body)


@dataclass(frozen=True)
class EasyPostConfig:
    """One account. EasyPost's carrier names are not all confirmed, so only `unsupported` ones are refused."""

    api_key: str = "EZTKsandbox"
    mode: str = "test"
    unsupported: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Webhook:
    """One receiver; without a secret its events are not signed."""

    id: str
    url: str
    secret: str | None
    created_at: datetime
    headers: dict[str, str] = field(default_factory=dict)


class EasyPostError(Exception):
    """A refusal: HTTP status, EasyPost's code, message, and errors per field."""

    def __init__(self, status: int, code: str, message: str, errors: list[Any] | None = None) -> None:
        super().__init__(f"{status} {code}")
        self.response = error_response(status, code, message, errors)


def error_response(
    status: int, code: str, message: str, errors: list[Any] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """EasyPost's error form."""
    return json_response({"error": {"code": code, "message": message, "errors": errors or []}}, status, headers)


def _forms() -> Forms:
    """How EasyPost fails when a script asks for it."""
    throttled = "You have been rate limited."
    return Forms(
        error_500=error_response(500, "INTERNAL_SERVER_ERROR", "We're sorry, something went wrong."),
        rate_limited=error_response(429, "RATE_LIMITED", throttled, headers=THROTTLED_FOR),
        rate_limited_bare=error_response(429, "RATE_LIMITED", throttled),
        unavailable=error_response(503, "SERVICE_UNAVAILABLE", "Please try again later.", headers=AWAY_FOR),
        refused=error_response(422, "TRACKER.CREATE.ERROR", "Unable to create tracker"),
        not_found=error_response(404, "TRACKER.NOT_FOUND", "The requested tracker could not be found."),
    )


def sign(body: bytes, secret: str) -> str:
    """The value of X-Hmac-Signature; the secret is NFKD-normalised first."""
    key = unicodedata.normalize("NFKD", secret).encode()
    return "hmac-sha256-hex=" + hmac.new(key, body, hashlib.sha256).hexdigest()


class EasyPostCarrier:
    """`handle` answers HTTP, `scan` is the carrier's scanner. Faults are scripted for OPERATIONS.

    Not confirmed: the status codes 201, 422 and 503, Retry-After, and the gaps between webhook retries.
    """

    def __init__(self, world: World, config: EasyPostConfig | None = None, faults: Faults | None = None) -> None:
        self.config = config or EasyPostConfig()
        self.faults = faults or Faults()
        self.trackers: list[Tracker] = []
        self.webhooks: list[Webhook] = []
        self._world = world
        self._late = LateEffects(world)
        self._random = Random(4)
        self._histories: dict[str, History] = {}
        self._by_code: dict[str, list[Tracker]] = {}
        self._by_id: dict[str, Tracker] = {}

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request under /v2."""
        self._late.settle()
        if not self._is_ours(request):
            return error_response(401, "APIKEY.INACTIVE", "This api key is no longer active or does not exist.")
        operation, effect = self._route(request)
        return play(self.faults, operation, lambda: self._answer(effect), _forms, self._late)

    def tick(self) -> None:
        """Carry out late effects that are due."""
        self._late.settle()

    def scan(
        self,
        tracking_code: str,
        status: str,
        message: str,
        when: datetime | None = None,
        est_delivery: datetime | None = None,
        *,
        is_return: bool = False,
    ) -> None:
        """The carrier reports a parcel, in any order, also backward. Trackers of this number send tracker.updated.

        A number that nobody tracks yet keeps its scans for later. `is_return`: on its way back to the sender.
        Raises ValueError for a status that EasyPost does not know.
        """
        if status not in STATUSES:
            raise ValueError(f"status {status!r} is none of EasyPost's; use one of: {', '.join(STATUSES)}")
        now = self._world.clock()
        history = self._histories.setdefault(tracking_code, History())
        before = history.status
        history.scans.append(Scan(status, message, when or now))
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

    def scans(self, tracking_code: str) -> list[Scan]:
        """What the carrier has seen of a parcel so far, whether anybody tracks it or not."""
        history = self._histories.get(tracking_code)
        return list(history.scans) if history is not None else []

    def _is_ours(self, request: Request) -> bool:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        try:
            user = base64.b64decode(value, validate=True).decode().partition(":")[0]
        except ValueError:
            return False
        return scheme.lower() == "basic" and hmac.compare_digest(user.encode(), self.config.api_key.encode())

    def _route(self, request: Request) -> tuple[str, Callable[[], Response]]:
        method, parts = request.method, request.path.strip("/").split("/")
        name = parts[1] if parts[0] == "v2" and len(parts) > 1 else ""
        key = parts[2] if len(parts) == 3 else None
        if len(parts) <= 3 and name == "trackers":
            if method == "POST" and key is None:
                return "createTracker", lambda: self._create_tracker(request)
            if method == "GET":
                if key is None:
                    return "listTrackers", lambda: self._list_trackers(request)
                return "getTracker", lambda: self._get_tracker(key)
        if len(parts) <= 3 and name == "webhooks":
            if method == "POST" and key is None:
                return "createWebhook", lambda: self._create_webhook(request)
            if method == "GET":
                if key is None:
                    return "listWebhooks", lambda: json_response({"webhooks": [self._shown(w) for w in self.webhooks]})
                return "getWebhook", lambda: json_response(self._shown(self._webhook(key)))
            if method == "PATCH" and key is not None:
                return "updateWebhook", lambda: self._update_webhook(key, request)
            if method == "DELETE" and key is not None:
                return "deleteWebhook", lambda: self._delete_webhook(key)
        return "unknown", lambda: self._unknown(request)

    def _answer(self, effect: Callable[[], Response]) -> Response:
        try:
            return effect()
        except EasyPostError as error:
            return error.response

    def _unknown(self, request: Request) -> Response:
        self._world.record(VENDOR, "contract_violation", request.path, problem=f"no {request.method} there")
        raise EasyPostError(404, "NOT_FOUND", "The requested resource could not be found.")

    def _body(self, model: type[AnyBody], request: Request) -> AnyBody:
        try:
            return model.model_validate(request.json())
        except ValidationError as error:
            problems = [
                {"field": ".".join(str(part) for part in e["loc"]), "message": e["type"]} for e in error.errors()
            ]
        except ValueError:
            problems = [{"field": "body", "message": "not JSON"}]
        self._world.record(VENDOR, "contract_violation", request.path, problem=str(problems))
        raise EasyPostError(422, "PARAMETER.INVALID", "Parameters to call are missing or invalid.", problems)

    def _create_tracker(self, request: Request) -> Response:
        wanted = self._body(bodies.CreateTracker, request).tracker
        carrier = wanted.carrier or self._carrier_of(wanted.tracking_code)
        if carrier in self.config.unsupported:
            raise EasyPostError(422, "TRACKER.UNSUPPORTED_CARRIER", "The carrier is not supported.")
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
            raise EasyPostError(422, "TRACKER.NO_CARRIER_FOR_CODE", "No carrier could be found for this tracking code.")
        return carrier

    def _get_tracker(self, key: str) -> Response:
        tracker = self._by_id.get(key)
        if tracker is None:
            raise EasyPostError(404, "TRACKER.NOT_FOUND", "The requested tracker could not be found.")
        return json_response(tracker.body(self.config.mode))

    def _list_trackers(self, request: Request) -> Response:
        """Newest first; `before_id` gives what is older than that tracker."""
        query = request.query
        text = query.get("page_size", "20")
        if not text.isdecimal() or not 1 <= int(text) <= 100:
            raise EasyPostError(422, "PARAMETER.INVALID", "page_size must be 1 to 100.")
        code = query.get("tracking_code")
        of_code = self.trackers if code is None else self._by_code.get(code, [])
        rows = [tracker for tracker in reversed(of_code) if query.get("carrier") in (None, tracker.carrier)]
        ids = [tracker.id for tracker in rows]
        start = ids.index(query["before_id"]) + 1 if query.get("before_id") in ids else 0
        page = rows[start : start + int(text)]
        shown = [tracker.body(self.config.mode) for tracker in page]
        return json_response({"trackers": shown, "has_more": start + len(page) < len(rows)})

    def _create_webhook(self, request: Request) -> Response:
        wanted = self._body(bodies.CreateWebhook, request).webhook
        headers = {header.name.lower(): header.value for header in wanted.custom_headers or []}
        webhook = Webhook(self._id("hook"), wanted.url, wanted.webhook_secret, self._world.clock(), headers)
        self.webhooks.append(webhook)
        return json_response(self._shown(webhook), 201)

    def _update_webhook(self, key: str, request: Request) -> Response:
        wanted = self._body(bodies.UpdateWebhook, request)
        known = self._webhook(key)
        changed = replace(known, secret=wanted.webhook_secret or known.secret)
        self.webhooks[self.webhooks.index(known)] = changed
        return json_response(self._shown(changed))

    def _delete_webhook(self, key: str) -> Response:
        self.webhooks.remove(self._webhook(key))
        return json_response({})

    def _webhook(self, key: str) -> Webhook:
        for webhook in self.webhooks:
            if webhook.id == key:
                return webhook
        raise EasyPostError(404, "NOT_FOUND", "The requested webhook could not be found.")

    def _shown(self, webhook: Webhook) -> dict[str, Any]:
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
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        for webhook in self.webhooks:
            headers = {"content-type": "application/json", **webhook.headers}
            if webhook.secret is not None:
                headers["x-hmac-signature"] = sign(body, webhook.secret)
            self._world.deliver(Delivery(VENDOR, webhook.url, headers, body, RETRY_AFTER))

    def _id(self, prefix: str) -> str:
        return f"{prefix}_{self._random.getrandbits(128):032x}"
