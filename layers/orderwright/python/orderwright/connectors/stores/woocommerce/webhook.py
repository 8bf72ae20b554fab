"""WooCommerce's webhooks: X-WC-Webhook-Signature, base64 of the HMAC-SHA256 of the raw body. Standard library only.

A delivery is only a hint: the topic is not signed, the body is that of the moment of sending, one change sends several, and a
lost one is never sent again. The delivery id is made of the second, so that different orders have the same: it names none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from orderwright.webhooks import News, NotUnderstood, Request, Unauthentic, json_object, same_signature, signatures

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored")
"""All that we subscribe to. Goods are read when they are pushed and imported: news of them would tell nothing more."""
PRODUCT_TOPICS = frozenset(f"product.{event}" for event in ("created", "updated", "deleted", "restored"))
UNBORN = frozenset({"checkout-draft", "auto-draft", "draft", "new"})
_PING = re.compile(rb"webhook_id=\d{1,20}")
_ID = re.compile(r"[1-9][0-9]{0,19}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#039;": "'", "&amp;": "&"}


def read(request: Request, secrets: Sequence[str]) -> list[News]:
    """News of one delivery. Raises Unauthentic or NotUnderstood.

    The ping of a webhook that was just saved is not signed; it tells nothing, and must be answered with 200.
    """
    headers, body = request.headers, request.body
    given = headers.get("x-wc-webhook-signature", "").strip()
    if not given and _PING.fullmatch(body):
        return []
    valid = [_decoded(secret) for secret in secrets]
    if not given.isascii() or not same_signature(given, signatures(body, valid)):
        raise Unauthentic("the header X-WC-Webhook-Signature is missing or does not fit")
    topic = headers.get("x-wc-webhook-topic", "").strip()
    if topic not in TOPICS and topic not in PRODUCT_TOPICS:
        raise NotUnderstood("the header X-WC-Webhook-Topic is missing or no topic that is used: remove its webhook")
    told = json_object(body, topic)
    found = _id(told.get("id"))
    if not found:
        if isinstance(told.get("code"), str):
            raise NotUnderstood(f"{topic}: it was gone before this was sent: the shop signed an error in its place")
        raise NotUnderstood(f"{topic}: id is missing or no id")
    if topic in PRODUCT_TOPICS or str(told.get("status")) in UNBORN:
        return []
    delivery = _delivery(topic, found, told, headers, body)
    changed = News("order.changed", found, topic, delivery)
    if not _is_erased(told):
        return [changed]
    return [News("order.erasure_asked", "", topic, f"{delivery}.erased", {"orders": found}), changed]


def _decoded(secret: str) -> str:
    """The shop signs with its secret as text where it was saved with HTML entities."""
    for entity, character in _ENTITIES.items():
        secret = secret.replace(entity, character)
    return secret


def _delivery(topic: str, order: str, told: Mapping[str, Any], headers: Mapping[str, str], body: bytes) -> str:
    """The same for a body that comes twice. A deletion's body is the id alone: there the shop's own number is added."""
    at, digest = told.get("date_modified_gmt"), hashlib.sha256(body)
    if not (isinstance(at, str) and _TIME.fullmatch(at)):
        at = "-"
        digest.update(headers.get("x-wc-webhook-delivery-id", "").encode())
    return f"{topic}:{order}:{at}:{digest.hexdigest()[:32]}"


def _is_erased(told: Mapping[str, Any]) -> bool:
    """The shop's eraser has no topic of its own: the order that it changed says so."""
    metas = told.get("meta_data")
    metas = list(metas.values()) if isinstance(metas, dict) else metas  # PHP's list with a gap in it
    return isinstance(metas, list) and any(
        isinstance(one, dict) and one.get("key") == "_anonymized" and one.get("value") == "yes" for one in metas
    )


def _id(value: object) -> str:
    text = str(value) if type(value) is int else value
    return text if isinstance(text, str) and _ID.fullmatch(text) else ""
