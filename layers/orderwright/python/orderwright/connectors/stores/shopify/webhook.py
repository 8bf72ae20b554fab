"""Shopify's webhooks: verify the raw body, say which order to fetch. Standard library only.

Only the body is signed, not the headers (verify-deliveries in Shopify's documentation): the topic is a hint, so every
topic must also fit the shape of its body, or a replayed order could pose as an uninstalled app.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

from orderwright.webhooks import News, NotUnderstood, Request, Unauthentic, json_object, same_signature, signatures

ORDERS_PER_NEWS = 100
MAX_ID_DIGITS = 20

_TOPIC = re.compile(r"[a-z_]{1,40}/[a-z_]{1,60}", re.ASCII)
_ID = re.compile(rf"[1-9][0-9]{{0,{MAX_ID_DIGITS - 1}}}", re.ASCII)
_ORDER_GID = re.compile(rf"gid://shopify/Order/([1-9][0-9]{{0,{MAX_ID_DIGITS - 1}}})", re.ASCII)

Body = Mapping[str, Any]


def read(request: Request, secrets: Sequence[str]) -> list[News]:
    """What a delivery says. Header names lower case; `secrets` are the app's client secrets valid now.

    Raises Unauthentic for a missing or wrong X-Shopify-Hmac-SHA256, NotUnderstood for all that cannot be made sense of.
    """
    headers, body = request.headers, request.body
    _verify(headers.get("x-shopify-hmac-sha256", ""), body, secrets)
    topic = headers.get("x-shopify-topic", "").strip()
    if not _TOPIC.fullmatch(topic):
        raise NotUnderstood("the header X-Shopify-Topic is missing or no topic")
    known = TOPICS.get(topic)
    if known is None:
        raise NotUnderstood(f"{topic}: this topic is not used; remove its subscription")
    delivery = headers.get("x-shopify-webhook-id", "").strip()
    if not delivery or not delivery.isascii() or len(delivery) > 100:
        delivery = hashlib.sha256(topic.encode() + b"\n" + body).hexdigest()
    return known.read(json_object(body, topic), topic, delivery)


def _verify(given: str, body: bytes, secrets: Sequence[str]) -> None:
    given = given.strip()
    if not given or not given.isascii():
        raise Unauthentic("the header X-Shopify-Hmac-SHA256 is missing or not base64")
    if not same_signature(given, signatures(body, secrets)):
        raise Unauthentic("the signature fits none of the connection's secrets")


def _id(value: object) -> str:
    """An id as text, exactly; "" when it is none. Ids exceed 2**53, so a number with a fraction is already damaged."""
    if type(value) is int:
        value = str(value) if 0 < value < 10**MAX_ID_DIGITS else ""
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _order_gid(value: object) -> str:
    found = _ORDER_GID.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else ""


def _changed(order_id: str, topic: str, delivery: str, field: str) -> list[News]:
    if not order_id:
        raise NotUnderstood(f"{topic}: {field} is missing or no order id")
    return [News("order.changed", order_id, topic, delivery)]


def _order(body: Body, topic: str, delivery: str) -> list[News]:
    # The text form survives senders that keep numbers as floats.
    return _changed(_order_gid(body.get("admin_graphql_api_id")) or _id(body.get("id")), topic, delivery, "id")


def _of_order(body: Body, topic: str, delivery: str) -> list[News]:
    order_id = _order_gid(body.get("admin_graphql_api_order_id")) or _id(body.get("order_id"))
    return _changed(order_id, topic, delivery, "order_id")


def _edited(body: Body, topic: str, delivery: str) -> list[News]:
    edit = body.get("order_edit")
    order_id = edit.get("order_id") if isinstance(edit, dict) else None
    return _changed(_id(order_id), topic, delivery, "order_edit.order_id")


def _id_lists(body: Body, field: str, topic: str) -> list[str]:
    """The order ids of a privacy topic, comma-joined, in parts that fit a queue message."""
    values = body.get(field)
    if not isinstance(values, list):
        raise NotUnderstood(f"{topic}: {field} is missing or no list")
    ids = [_id(value) for value in values]
    if not all(ids):
        raise NotUnderstood(f"{topic}: {field} holds something else than order ids")
    return [",".join(ids[start : start + ORDERS_PER_NEWS]) for start in range(0, len(ids), ORDERS_PER_NEWS)]


def _in_parts(kind: str, parts: list[str], topic: str, delivery: str, detail: Mapping[str, str]) -> list[News]:
    """Every part needs an id of its own, or de-duplication would drop all but the first."""
    ids = (delivery if number == 1 else f"{delivery}.{number}" for number in count(1))
    return [News(kind, "", topic, next(ids), {**detail, "orders": orders}) for orders in parts]


def _customer_redact(body: Body, topic: str, delivery: str) -> list[News]:
    return _in_parts("order.erasure_asked", _id_lists(body, "orders_to_redact", topic), topic, delivery, {})


def _data_request(body: Body, topic: str, delivery: str) -> list[News]:
    request = body.get("data_request")
    number = _id(request.get("id")) if isinstance(request, dict) else ""
    if not number:
        raise NotUnderstood(f"{topic}: data_request.id is missing or no id")
    parts = _id_lists(body, "orders_requested", topic) or [""]
    detail = {"reason": "DATA_REQUEST", "request": number}
    return _in_parts("order.webhook_parked", parts, topic, delivery, detail)


def _shop_redact(body: Body, topic: str, delivery: str) -> list[News]:
    shop = _id(body.get("shop_id"))
    if not shop or "customer" in body:
        raise NotUnderstood(f"{topic}: the body does not describe a shop")
    return [News("connection.closed", shop, topic, delivery, {"reason": "SHOP_REDACT"})]


def _uninstalled(body: Body, topic: str, delivery: str) -> list[News]:
    shop = _id(body.get("id"))
    if not shop or "myshopify_domain" not in body:
        raise NotUnderstood(f"{topic}: the body does not describe a shop")
    return [News("connection.closed", shop, topic, delivery, {"reason": "UNINSTALLED"})]


class Topic(NamedTuple):
    """How its body is read, and which fields we ask for; none: we do not subscribe to it ourselves."""

    read: Callable[[Body, str, str], list[News]]
    fields: tuple[str, ...] = ()


_ORDER_FIELDS = ("id", "admin_graphql_api_id", "updated_at")

TOPICS = {
    "orders/create": Topic(_order, _ORDER_FIELDS),
    "orders/paid": Topic(_order, _ORDER_FIELDS),
    "orders/updated": Topic(_order, _ORDER_FIELDS),
    "orders/cancelled": Topic(_order, _ORDER_FIELDS),
    "orders/fulfilled": Topic(_order),
    "orders/partially_fulfilled": Topic(_order),
    "orders/delete": Topic(_order, ("id",)),
    "orders/edited": Topic(_edited, ("order_edit.order_id", "order_edit.committed_at")),
    "orders/risk_assessment_changed": Topic(_of_order, ("order_id", "admin_graphql_api_order_id", "created_at")),
    "refunds/create": Topic(_of_order, ("id", "order_id", "created_at")),
    "fulfillments/create": Topic(_of_order),
    "fulfillments/update": Topic(_of_order),
    # The three privacy topics are set in the app's configuration: the API does not offer them.
    "customers/redact": Topic(_customer_redact),
    "customers/data_request": Topic(_data_request),
    "shop/redact": Topic(_shop_redact),
    "app/uninstalled": Topic(_uninstalled, ("id", "myshopify_domain")),
}
"""All topics of this store: one more is one more row (with an example in events/vendors/shopify)."""
