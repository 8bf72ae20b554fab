"""CJ's webhooks: header `sign`, base64 HMAC-SHA256 of the raw body, keyed with the account's openId as text.

The openId stands in every body, so a body is a secret: no text made here holds any part of one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from orderwright.webhooks import News, NotUnderstood, Request, Unauthentic, json_object, same_signature, signatures

_SPLIT = re.compile(r"-\d+$")
_MOST_ID_CHARACTERS = 128
_DELETED, _ON_SALE = "0", "3"

Params = Mapping[str, Any]


def read(request: Request, secrets: Sequence[str]) -> list[News]:
    """News of one message; `secrets` are openIds. Raises Unauthentic or NotUnderstood."""
    headers, body = request.headers, request.body
    given = headers.get("sign", "").strip()
    if not given.isascii() or not same_signature(given, signatures(body, secrets)):
        raise Unauthentic("the header sign is missing or does not fit any openId of this connection")
    message = json_object(body, parse_float=str)  # fractions stay text: nothing here computes with them
    kind, params = message.get("type"), message.get("params")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise NotUnderstood("type is none that is understood here")
    if not isinstance(params, dict):
        raise NotUnderstood(f"{kind}: params must be an object")
    if kind == "PRODUCT" and message.get("messageType") == "DELETE":
        params = {**params, "productStatus": _DELETED}
    # Nudges may repeat, so a message without an id is taken under the hash of its bytes.
    delivery_id = _id(message, "messageId") or hashlib.sha256(body).hexdigest()[:32]
    return [
        News(type_, resource, str(kind), delivery_id, detail) for type_, resource, detail in reader(str(kind), params)
    ]


_Found = tuple[str, str, dict[str, str]]


def _text(value: object) -> str:
    """An id as text; "" for anything that is none."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    return text if text.isprintable() and len(text) <= _MOST_ID_CHARACTERS else ""


def _id(data: Params, *names: str) -> str:
    return next((found for name in names if (found := _text(data.get(name)))), "")


def _stock_news(vids: Sequence[str]) -> list[_Found]:
    return [("stock.news", vid, {"vid": vid}) for vid in dict.fromkeys(vids)]


def _stock(kind: str, params: Params) -> list[_Found]:
    vids = [_text(vid) for vid in params]
    if not all(vids):
        raise NotUnderstood(f"{kind}: params must be keyed by vid")
    return _stock_news(vids)


def _variant(kind: str, params: Params) -> list[_Found]:
    vid = _id(params, "vid")
    if not vid:
        raise NotUnderstood(f"{kind}: params.vid is missing")
    return _stock_news([vid])


def _listed_goods(kind: str, params: Params) -> list[_Found]:
    """PRODUCT. Its variants are what we buy; news of texts and pictures alone has nothing to fetch.

    `productStatus` where it changed: 3 is on sale; deleted, pending, off sale and the others are not (CJ's table).
    """
    if (status := _id(params, "productStatus")) and (pid := _id(params, "pid")):
        return [("stock.news", pid, {"article": pid, "on_sale": "yes" if status == _ON_SALE else "no"})]
    if vid := _id(params, "vid"):
        return _stock_news([vid])
    variants = params.get("variants")
    if isinstance(variants, list):
        vids = [_id(one, "vid") if isinstance(one, dict) else _text(one) for one in variants]
        if vids and all(vids):
            return _stock_news(vids)
    if not _id(params, "pid"):
        raise NotUnderstood(f"{kind}: neither vid nor pid is named")
    return []


def _order(kind: str, params: Params) -> list[_Found]:
    """ORDER, ORDERSPLIT, LOGISTIC: look the order up. A part of a split order is CJ's order id with "-1", "-2" ..."""
    part = _id(params, "originalOrderId", "cjOrderId", "orderId")
    order_id = _SPLIT.sub("", part)
    detail = {"order_id": order_id} if order_id else {}
    numbers = params.get("storeOrderNumbers")
    ours = [_id(params, "orderNumber", "orderNum")]
    if not ours[0] and isinstance(numbers, list):
        ours = [_text(number) for number in numbers]
    found = [number for number in dict.fromkeys(ours) if number] or ([order_id] if order_id else [])
    if not found:
        raise NotUnderstood(f"{kind}: no order is named")
    return [("supplier.order_news", resource, detail) for resource in found]


def _asks_more(kind: str, params: Params) -> list[_Found]:
    """MAKEUP: CJ wants more money for an order. Nothing is ever paid for that automatically; an operator decides."""
    asked, relation = _id(params, "orderId"), _id(params, "relationOrderId")
    if not asked and not relation:
        raise NotUnderstood(f"{kind}: no order is named")
    detail = {"reason": "SUPPLIER_ASKS_MORE", "makeup_id": asked, "cj_order_id": relation}
    if amount := _id(params, "amount"):
        detail["amount_usd"] = amount
    return [("order.webhook_parked", relation or asked, detail)]


_READERS: dict[str, Callable[[str, Params], list[_Found]]] = {
    "STOCK": _stock,
    "VARIANT": _variant,
    "PRODUCT": _listed_goods,
    "ORDER": _order,
    "ORDERSPLIT": _order,
    "LOGISTIC": _order,
    "MAKEUP": _asks_more,
}
