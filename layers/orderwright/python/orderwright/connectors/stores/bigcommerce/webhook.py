"""BigCommerce's webhooks: Standard Webhooks headers, and a body that names what changed and nothing more. Standard library only.

The time in `webhook-timestamp` is signed, and not held against a clock: a delivery is tried for 48 hours, and nothing says
whether a later try is signed again. A repeat changes nothing: every order is read again, and the end of access is asked for.

Unconfirmed: that a store-level API account signs with its client secret; the scopes of transactions.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any

from orderwright.webhooks import News, NotUnderstood, Request, Unauthentic, json_object, same_signature

_SCOPE = re.compile(r"store(/[A-Za-z]{1,40}){1,5}", re.ASCII)
_ID = re.compile(r"[1-9][0-9]{0,19}", re.ASCII)
_DELIVERY = re.compile(r"[\x21-\x7e]{1,100}", re.ASCII)

UNINSTALLED = "store/app/uninstalled"
SUBSCRIBED = (
    "store/order/created",
    "store/order/updated",
    "store/order/archived",
    "store/order/refund/created",
    UNINSTALLED,
)
"""What we ask for; an update tells of each status too. Read as well, where an account has them: statuses, messages,
transactions and shipments of orders."""
_OF_ORDER = {
    **dict.fromkeys([*SUBSCRIBED[:-1], "store/order/statusUpdated", "store/order/message/created"], "id"),
    **dict.fromkeys([f"store/order/transaction/{event}" for event in ("created", "updated")], "order_id"),
    **dict.fromkeys([f"store/shipment/{event}" for event in ("created", "updated", "deleted")], "orderId"),
}
"""Scope -> the field of `data` that holds the order's id."""


def signature(secret: str, delivery: str, timestamp: str, body: bytes) -> str:
    """As Standard Webhooks has it. The key is the secret's own bytes."""
    made = hmac.new(secret.encode(), f"{delivery}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(made).decode()


def read(request: Request, secrets: Sequence[str]) -> list[News]:
    """News of one delivery. Raises Unauthentic or NotUnderstood."""
    delivery, stamp, given = (request.headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not _DELIVERY.fullmatch(delivery) or not stamp.isascii() or not stamp.isdigit() or not given.isascii():
        raise Unauthentic(
            "the headers webhook-id, webhook-timestamp and webhook-signature are missing or cannot be read"
        )
    made = [signature(secret, delivery, stamp, request.body) for secret in secrets if secret]
    matches = [same_signature(one, made) for one in given.split(" ")]
    if not any(matches):
        raise Unauthentic("webhook-signature fits none of the connection's secrets")
    body = json_object(request.body)
    scope = body.get("scope")
    if not isinstance(scope, str) or not _SCOPE.fullmatch(scope):
        raise NotUnderstood("scope is missing or no scope")
    if scope == UNINSTALLED:
        return [News("connection.closed", "", scope, delivery, {"reason": "UNINSTALLED"})]
    if scope not in _OF_ORDER:
        raise NotUnderstood(f"{scope}: this scope is not used; delete its webhook")
    return [News("order.changed", _order(body, scope), scope, delivery)]


def _order(body: Mapping[str, Any], scope: str) -> str:
    data, field = body.get("data"), _OF_ORDER[scope]
    value = data.get(field) if isinstance(data, dict) else None
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not _ID.fullmatch(text):
        raise NotUnderstood(f"{scope}: data.{field} is missing or no order id")
    return text
