"""`python -m local.events` writes events/<function>/*.json: what to invoke each function with by hand.

Webhook events are made from the vendors' bodies in events/vendors and really signed, with the sandbox accounts' secrets;
queue events carry the golden messages of events/messages.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from local.mail_events import ses_event, sns_event
from local.packager.artifacts import ROOT, load_template
from local.sandbox.bigcommerce.base import BigCommerceConfig
from local.sandbox.bigcommerce.hooks import sign as sign_as_bigcommerce
from local.sandbox.cj.config import CjConfig
from local.sandbox.cj.messages import sign as sign_as_cj
from local.sandbox.easypost.carrier import sign as sign_as_easypost
from local.sandbox.kit.hooks import hmac_base64
from local.sandbox.shopify.config import ShopifyConfig
from local.sandbox.woocommerce.webhooks import topic_of as woocommerce_topic
from orderwright.messages import QUEUE_OF
from orderwright.page_links import link
from orderwright.ports.people import About
from orderwright.tracking_links import token_of

EVENTS = ROOT / "events"
SHOPIFY_SECRET = ShopifyConfig().client_secret
CJ_OPEN_ID = CjConfig().open_id
EASYPOST_SECRET = "sandbox-hook"
WOOCOMMERCE_SECRET = "sandbox-hook"
BIGCOMMERCE_SECRET = BigCommerceConfig().client_secret
CONNECTIONS = {
    "shopify": "lamp-shop",
    "woocommerce": "woo-shop",
    "bigcommerce": "big-shop",
    "cj": "cj",
    "easypost": "easypost",
}
SECRETS = {
    "shopify": SHOPIFY_SECRET,
    "woocommerce": WOOCOMMERCE_SECRET,
    "bigcommerce": BIGCOMMERCE_SECRET,
    "cj": str(CJ_OPEN_ID),
    "easypost": EASYPOST_SECRET,
}

_DELIVERY_ID = "5b2e8f10-6d3a-4c0b-9f21-0a7d41c5e633"
# 2026-11-22T08:00:00Z
_EPOCH_MS = 1_795_334_400_000


def address_of(connection: str) -> str:
    """The last part of a connection's webhook address, in the form of those that `orderwright connect` makes; invented."""
    return hashlib.sha256(connection.encode()).hexdigest()[:48]


def shopify_topic(name: str) -> str:
    """The topic of a file in events/vendors/shopify: orders_create_untrimmed -> orders/create."""
    return name.removesuffix("_untrimmed").replace("_", "/", 1)


def signed_headers(vendor: str, name: str, body: bytes) -> dict[str, str]:
    """The headers with which a vendor sends this body. Names as API Gateway gives them, in small letters."""
    common = {"content-type": "application/json", "content-length": str(len(body))}
    if vendor == "shopify":
        return {
            **common,
            "user-agent": "Shopify-Captain-Hook",
            "x-shopify-topic": shopify_topic(name),
            "x-shopify-hmac-sha256": hmac_base64(SHOPIFY_SECRET, body),
            "x-shopify-shop-domain": ShopifyConfig().shop_domain,
            "x-shopify-webhook-id": _DELIVERY_ID,
        }
    if vendor == "woocommerce":
        return {
            **common,
            "user-agent": "WooCommerce/11.0.1 Hookshot (WordPress/7.1.1)",
            "x-wc-webhook-topic": woocommerce_topic(name),
            "x-wc-webhook-signature": hmac_base64(WOOCOMMERCE_SECRET, body),
            "x-wc-webhook-id": "4",
            "x-wc-webhook-delivery-id": hashlib.sha256(b"4").hexdigest()[:32],
        }
    if vendor == "cj":
        return {**common, "sign": sign_as_cj(body, CJ_OPEN_ID)}
    if vendor == "bigcommerce":
        at = _EPOCH_MS // 1000
        signature = sign_as_bigcommerce(BIGCOMMERCE_SECRET, _DELIVERY_ID, at, body)
        return {**common, "webhook-id": _DELIVERY_ID, "webhook-timestamp": str(at), "webhook-signature": signature}
    return {**common, "x-hmac-signature": sign_as_easypost(body, EASYPOST_SECRET)}


def http_event(
    address: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    as_base64: bool = False,
    method: str = "POST",
    query: str = "",
    route: str = "/webhooks/{address}",
) -> dict[str, Any]:
    """A request as an HTTP API hands it to a function (payload 2.0). Bytes that are no text come as base64."""
    before, _, name = route.rstrip("}").partition("{")
    path = f"{before}{address}"
    return {
        "version": "2.0",
        "routeKey": f"{method} {route}",
        "rawPath": path,
        "rawQueryString": query,
        "headers": dict(headers),
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "api.example.com",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": ""},
            "requestId": "r-1",
            "routeKey": f"{method} {route}",
            "stage": "$default",
            "time": "22/Nov/2026:08:00:00 +0000",
            "timeEpoch": _EPOCH_MS,
        },
        "pathParameters": {name: address},
        "body": base64.b64encode(body).decode() if as_base64 else body.decode(),
        "isBase64Encoded": as_base64,
    }


def queue_event(function: str, *bodies: str) -> dict[str, Any]:
    """A batch as the queue's mapping hands it over."""
    return {
        "Records": [
            {
                "messageId": f"00000000-0000-4000-8000-{number:012d}",
                "receiptHandle": f"handle-{number}",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": str(_EPOCH_MS),
                    "SenderId": "orderwright",
                    "ApproximateFirstReceiveTimestamp": str(_EPOCH_MS),
                },
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:eu-north-1:000000000000:{function}",
                "awsRegion": "eu-north-1",
            }
            for number, body in enumerate(bodies, start=1)
        ]
    }


def stream_event(*images: Mapping[str, Any]) -> dict[str, Any]:
    """New images of a table as its stream's mapping hands them over; `facts` is one JSON text."""
    return {
        "Records": [
            {
                "eventID": f"{number:032x}",
                "eventName": "INSERT",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": "eu-north-1",
                "dynamodb": {
                    "Keys": {"pk": image["pk"], "sk": image["sk"]},
                    "NewImage": dict(image),
                    "SequenceNumber": f"{number:021d}",
                    "StreamViewType": "NEW_IMAGE",
                },
                "eventSourceARN": "arn:aws:dynamodb:eu-north-1:000000000000:table/orders/stream/2026-11-22T08:00:00.000",
            }
            for number, image in enumerate(images, start=1)
        ]
    }


def _image(pk: str, sk: str, facts: str | None) -> dict[str, Any]:
    image: dict[str, Any] = {
        "pk": {"S": pk},
        "sk": {"S": sk},
        "schema": {"N": "1"},
        "version": {"N": "3"},
        "writer": {"S": "0123456789abcdef0123456789abcdef"},
        "body": {"M": {}},
    }
    return image if facts is None else {**image, "facts": {"S": facts}}


def _stream_events() -> Iterator[tuple[str, dict[str, Any]]]:
    due = {"type": "purchase_order.due", "connection": "cj", "pk": "lamp-shop#6102", "sk": "PO#cj#1"}
    told = {"type": "alert.raised", "connection": "lamp-shop", "topic": "NEW_ORDER", "detail": {"order": "#1042"}}
    good = _image("lamp-shop#6102", "ORDER", json.dumps([due, told]))
    yield "relay_facts/two_facts", stream_event(good)
    yield "relay_facts/unreadable_facts", stream_event(_image("lamp-shop#6103", "ORDER", "[{"), good)


def _webhook_events() -> Iterator[tuple[str, dict[str, Any]]]:
    for vendor, connection in CONNECTIONS.items():
        for file in sorted((EVENTS / "vendors" / vendor).glob("*.json")):
            body = json.dumps(json.loads(file.read_bytes()), ensure_ascii=False, separators=(",", ":")).encode()
            headers = signed_headers(vendor, file.stem, body)
            yield f"receive_webhook/{vendor}_{file.stem}", http_event(address_of(connection), headers, body)
            if (vendor, file.stem) == ("shopify", "orders_paid"):
                encoded = http_event(address_of(connection), headers, body, as_base64=True)
                yield "receive_webhook/shopify_orders_paid_base64", encoded
                forged = {**headers, "x-shopify-hmac-sha256": hmac_base64("another-secret", body)}
                yield "receive_webhook/forged", http_event(address_of(connection), forged, body)
                yield "receive_webhook/unknown_address", http_event("lamp-shop", headers, body)


def _page_events() -> Iterator[tuple[str, dict[str, Any]]]:
    route, token = (
        "/purchase-orders/{token}",
        link("", "OWAAAAAAAAAAAAAAAAAAAA", "secret", date(2026, 11, 22)).strip("/"),
    )
    form = {"content-type": "application/x-www-form-urlencoded"}
    yield "serve_supplier_page/show", http_event(token, {}, b"", method="GET", route=route)
    body = b"act=confirm&ships_on=2026-12-01&their_number=A-77&code=123-456"
    yield "serve_supplier_page/confirm_base64", http_event(token, form, body, as_base64=True, route=route)
    track, german = "/track/{token}", "lang=de"
    page = token_of("lamp-shop#6102", "key")
    yield "show_tracking/show", http_event(page, {}, b"", method="GET", query=german, route=track)
    body = b"kind=WITHDRAWAL&n=0&pieces-7001=1&reason=NOT_SAID"
    yield (
        "take_customer_request/withdraw_base64",
        http_event(page, form, body, as_base64=True, query=german, route=track),
    )
    yield "take_customer_request/question", http_event(page, form, b"kind=QUESTION", query=german, route=track)


def _mail_events() -> Iterator[tuple[str, dict[str, Any]]]:
    about = About("lamp-shop#6102", "ORDER", "CONFIRMED")
    yield "receive_mail_events/bounce", sns_event(ses_event("bounce", about, at="2026-11-22T08:00:00.000Z"))


def _schedule_events() -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in load_template()["Resources"].values():
        if resource["Type"] == "AWS::Scheduler::Schedule":
            given = json.loads(resource["Properties"]["Target"]["Input"])
            yield f"dispatch_schedules/{given['schedule']}", given


def _queue_events() -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, function in QUEUE_OF.items():
        golden = json.loads((EVENTS / "messages" / f"{kind}.v1.json").read_bytes())
        yield f"{function}/{kind}", queue_event(function, json.dumps(golden, separators=(",", ":")))


def all_events() -> dict[str, dict[str, Any]]:
    """Every event by its path below events/, without .json."""
    return {
        name: event
        for source in (_webhook_events, _page_events, _queue_events, _stream_events, _mail_events, _schedule_events)
        for name, event in source()
    }


def text_of(event: Mapping[str, Any]) -> str:
    """The file's text."""
    return json.dumps(event, indent=2, ensure_ascii=False) + "\n"


def write(folder: Path = EVENTS) -> int:
    """Write all of them and remove what no longer belongs; gives their number."""
    events = all_events()
    for name in {name.partition("/")[0] for name in events}:
        for old in (folder / name).glob("*.json"):
            if f"{name}/{old.stem}" not in events:
                old.unlink()
    for name, event in events.items():
        file = folder / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text_of(event), encoding="utf-8")
    return len(events)


if __name__ == "__main__":
    print(f"{write()} events written")
    sys.exit(0)
