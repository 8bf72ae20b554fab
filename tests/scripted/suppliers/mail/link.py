"""The link in an order's mail: its reference, and a token that only we can make."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import urlencode

from orderwright.webhooks import News, NotUnderstood, Request, Unauthentic, same_signature


def token_of(reference: str, secret: str) -> str:
    """The token of one order's link."""
    return hmac.new(secret.encode(), reference.encode(), hashlib.sha256).hexdigest()


def link(base: str, reference: str, secret: str) -> str:
    """What the supplier opens to confirm an order."""
    return f"{base}?{urlencode({'reference': reference, 'token': token_of(reference, secret)})}"


def read(request: Request, secrets: Sequence[str]) -> list[News]:
    """News of one opened link."""
    reference = request.query.get("reference", "")
    if not same_signature(
        request.query.get("token", ""), [token_of(reference, secret) for secret in secrets if secret]
    ):
        raise Unauthentic("the token does not fit the reference")
    if request.method != "GET" or not reference:
        raise NotUnderstood("confirmation: a link is opened by GET and names an order")
    return [News("supplier.order_news", reference, "confirmed", f"confirmed-{reference}", {"confirmed": "yes"})]
