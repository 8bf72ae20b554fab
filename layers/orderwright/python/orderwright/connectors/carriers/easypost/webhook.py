"""EasyPost's webhooks: X-Hmac-Signature, "hmac-sha256-hex=" and the HMAC-SHA256 of the raw body; the key is NFKD-normalised."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence

from orderwright.webhooks import News, NotUnderstood, Request, Unauthentic, json_object, same_signature

_PREFIX = "hmac-sha256-hex="
_TRACKER_EVENTS = frozenset({"tracker.created", "tracker.updated"})
_MOST_ID_CHARACTERS = 128


def read(request: Request, secrets: Sequence[str]) -> list[News]:
    """News of one event. Raises Unauthentic or NotUnderstood."""
    headers, body = request.headers, request.body
    given = headers.get("x-hmac-signature", "").strip()
    expected = [
        _PREFIX + hmac.new(unicodedata.normalize("NFKD", secret).encode(), body, hashlib.sha256).hexdigest()
        for secret in secrets
        if secret
    ]
    if not given.isascii() or not same_signature(given, expected):
        raise Unauthentic("the header X-Hmac-Signature is missing or does not fit")
    event = json_object(body)
    description, result = event.get("description"), event.get("result")
    if not isinstance(description, str) or description not in _TRACKER_EVENTS:
        raise NotUnderstood("description is none of tracker.created, tracker.updated")
    if not isinstance(result, dict):
        raise NotUnderstood(f"{description}: result must be an object")
    tracker_id, tracking_number = _text(result.get("id")), _text(result.get("tracking_code"))
    if not tracker_id or not tracking_number:
        raise NotUnderstood(f"{description}: result.id or result.tracking_code is missing")
    # Nudges may repeat, so an event without an id is taken under the hash of its bytes.
    delivery_id = _text(event.get("id")) or hashlib.sha256(body).hexdigest()[:32]
    detail = {"tracking_number": tracking_number}
    return [News("carrier.tracker_news", tracker_id, description, delivery_id, detail)]


def _text(value: object) -> str:
    fits = isinstance(value, str) and value.isprintable() and len(value) <= _MOST_ID_CHARACTERS
    return str(value).strip() if fits else ""
