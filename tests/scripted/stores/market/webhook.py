"""Market's webhooks: X-Market-Signature, base64 of the HMAC-SHA256 of the raw body. Standard library only.

The address is proven before the first one by a GET with `challenge`. A shop may have its news in a queue of ours as well,
where nothing is signed. X-Market-Delivery counts the webhook's deliveries and begins anew when that is changed, so it names none.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from orderwright.webhooks import Answer, News, NotUnderstood, Request, Unauthentic, same_signature

_EVENTS = ("created", "paid", "edited", "updated", "cancelled", "refunded", "fulfilled")
TOPICS = (*(f"order.{event}" for event in _EVENTS), "customer.erased", "app.removed")
_ID = re.compile(r"[1-9][0-9]{0,19}", re.ASCII)


def signature(secret: str, content: bytes) -> str:
    """How Market signs, and how it wants a challenge answered."""
    return base64.b64encode(hmac.new(secret.encode(), content, hashlib.sha256).digest()).decode()


def read(request: Request, secrets: Sequence[str]) -> list[News] | Answer:
    """News of one delivery, or the answer to a challenge. Raises Unauthentic or NotUnderstood."""
    valid = [secret for secret in secrets if secret]
    if request.method == "GET":
        challenge = request.query.get("challenge", "")
        if not valid or not challenge.isalnum() or not challenge.isascii() or len(challenge) > 100:
            raise Unauthentic("no challenge")
        return Answer(json.dumps({"answer": signature(valid[0], challenge.encode())}))
    given = request.headers.get("x-market-signature", "").strip()
    if not given.isascii() or not same_signature(given, [signature(secret, request.body) for secret in valid]):
        raise Unauthentic("the header X-Market-Signature is missing or does not fit")
    return read_queue(request.body, {})


def read_queue(raw: bytes, attributes: Mapping[str, str]) -> list[News]:
    """News of one message of the queue. Raises NotUnderstood."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise NotUnderstood("the body is not JSON") from None
    topic = body.get("topic") if isinstance(body, dict) else None
    if topic not in TOPICS:
        raise NotUnderstood("topic is none of those that are subscribed")
    return _news(topic, body, hashlib.sha256(raw).hexdigest()[:32])


def _news(topic: str, body: dict[str, Any], delivery: str) -> list[News]:
    if topic == "app.removed":
        return [News("connection.closed", "", topic, delivery, {"reason": "UNINSTALLED"})]
    if topic == "customer.erased":
        orders = body.get("orders")
        ids = [_id(one) for one in orders] if isinstance(orders, list) else [""]
        if not all(ids):
            raise NotUnderstood(f"{topic}: orders must be a list of order ids")
        return [News("order.erasure_asked", "", topic, delivery, {"orders": ",".join(ids)})] if ids else []
    order = _id(body.get("order_id"))
    if not order:
        raise NotUnderstood(f"{topic}: order_id is missing or no order id")
    return [News("order.changed", order, topic, delivery)]


def _id(value: object) -> str:
    text = str(value) if type(value) is int else value
    return text if isinstance(text, str) and _ID.fullmatch(text) else ""
