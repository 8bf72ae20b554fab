"""Where a world sells: the store's connection, and how its calls are recognised."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from local.sandbox.kit.hooks import hmac_base64
from local.sandbox.scripted import LateEffects
from local.sandbox.wire import Request
from orderwright.aws.secrets import SecretStore
from tests.support.shop import STORE, admit

LINES: Mapping[str, Any] = {"kind": "shopify", "base_url": "https://shopify.test", "store_mails": []}


class Shown(NamedTuple):
    """What a store shows of one SKU."""

    price: Decimal
    compare_at: Decimal | None
    available: int


class Post(NamedTuple):
    """A store's webhooks, for those who forge them. `key`: what a stand-in signs with; `topic_header`: "" where the body says it.

    `order` and `odd` give topic and body: a new order's, and news that nobody asked for. `headers` leaves the signature out
    where there is no key.
    """

    key: Callable[[Any], str]
    topic_header: str
    order: Callable[[int], tuple[str, bytes]]
    odd: Callable[[int], tuple[str, bytes]]
    headers: Callable[[str, str, bytes, str, datetime], dict[str, str]]


class Front(NamedTuple):
    """A kind of store. Its stand-in answers at https://<kind>.test.

    `lines` is what orderwright.yaml says of it, `admits` writes its secrets down, `account` is the vendor's own id of the shop.
    `reads` gives the id of the order that a call reads ("" for any other call), `reads_more` whether it is a further question
    about one that was read right before. `calls`: how the trace names such a call. `shown`: its shelf, by SKU. `secret`: what its
    webhooks are signed with, where we choose that. `late`: what it has taken in and not done yet. `forgets`: it lets us
    know, by a webhook or by the order itself, that a person is to be forgotten.
    """

    kind: str
    lines: Callable[[Any], Mapping[str, Any]]
    admits: Callable[[SecretStore, Any], None]
    account: Callable[[Any], str]
    reads: Callable[[Request], str]
    reads_more: Callable[[Request], bool]
    calls: re.Pattern[str]
    shown: Callable[[Any], dict[str, Shown]]
    post: Post
    location: str = ""
    secret: str = ""
    late: Callable[[Any], LateEffects] = lambda store: store.api.late
    forgets: bool = True


_ORDER = re.compile(rb"gid://shopify/Order/(\d+)")
_REFUNDS = b"refundLineItems"


def _shopify_lines(store: Any) -> Mapping[str, Any]:
    return {
        **LINES, "shop_domain": store.config.shop_domain, "client_id": store.config.client_id, "location": SHOPIFY.location,
    }  # fmt: skip


def _admit_shopify(secrets: SecretStore, store: Any) -> None:
    secrets.write(STORE, "secrets", {"client_secret": store.config.client_secret})
    admit(secrets, STORE, "shopify", store.config.client_secret)


def _reads_shopify(request: Request) -> str:
    found = _ORDER.search(request.body)
    return found.group(1).decode() if found else ""


def _shown_by_shopify(store: Any) -> dict[str, Shown]:
    return {
        one.item.sku: Shown(one.price, one.compare_at_price, one.available)
        for one in store.shop.variants()
    }  # fmt: skip


def _json(**body: Any) -> bytes:
    return json.dumps(body).encode()


def _shopify_headers(topic: str, name: str, body: bytes, key: str, _: datetime) -> dict[str, str]:
    signed = {"X-Shopify-Hmac-SHA256": hmac_base64(key, body)} if key else {}
    return {"X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": name, **signed}


SHOPIFY = Front(
    "shopify",
    _shopify_lines,
    _admit_shopify,
    lambda store: f"gid://shopify/Shop/{store.shop.number}",
    _reads_shopify,
    lambda request: _REFUNDS in request.body,
    re.compile(r"http:POST shopify\.test/admin/api/.+/graphql\.json"),
    _shown_by_shopify,
    Post(
        lambda store: store.config.client_secret,
        "X-Shopify-Topic",
        lambda number: ("orders/create", _json(id=number, admin_graphql_api_id=f"gid://shopify/Order/{number}")),
        lambda serial: ("carts/update", _json(cart=serial)),
        _shopify_headers,
    ),
    "Orderwright dropship",
    late=lambda store: store.tokens.late,
)


# --- stores with one stock per variant ---------------------------------------------------------------------------------


def _shown_by_shelf(store: Any) -> dict[str, Shown]:
    return {
        one.sku: Shown(one.price, one.compare_at_price, one.stock or 0) for one in store.shop.variants.values() if one.visible
    }  # fmt: skip


WOO_SECRET = "woo-hook-secret"
_WOO_ORDER = re.compile(r"/wp-json/wc/v3/orders/(\d+)(/refunds)?")


def _admit_woocommerce(secrets: SecretStore, store: Any) -> None:
    keys = {"consumer_key": store.config.consumer_key, "consumer_secret": store.config.consumer_secret}
    secrets.write(STORE, "secrets", {**keys, "webhook_secret": WOO_SECRET})
    admit(secrets, STORE, "woocommerce", WOO_SECRET)


def _asked(pattern: re.Pattern[str], request: Request) -> re.Match[str] | None:
    return pattern.fullmatch(request.path) if request.method == "GET" else None


def _woocommerce_headers(topic: str, name: str, body: bytes, key: str, _: datetime) -> dict[str, str]:
    signed = {"X-WC-Webhook-Signature": hmac_base64(key, body)} if key else {}
    return {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Delivery-ID": name, **signed}


WOOCOMMERCE = Front(
    "woocommerce",
    lambda _: {"kind": "woocommerce", "base_url": "https://woocommerce.test", "store_mails": []},
    _admit_woocommerce,
    lambda _: "woocommerce/woocommerce.test",
    lambda request: found.group(1) if (found := _asked(_WOO_ORDER, request)) else "",
    lambda request: bool((found := _asked(_WOO_ORDER, request)) and found.group(2)),
    re.compile(r"http:GET woocommerce\.test/wp-json/wc/v3/orders/\d+"),
    _shown_by_shelf,
    Post(
        lambda _: WOO_SECRET,
        "X-WC-Webhook-Topic",
        lambda number: (
            "order.created",
            _json(id=number, status="processing", date_modified_gmt="2026-11-22T08:00:00"),
        ),
        lambda serial: ("coupon.updated", _json(id=serial)),
        _woocommerce_headers,
    ),
    secret=WOO_SECRET,
)

_OURS = "Orderwright dropship"
_BIG_ORDER = re.compile(r"/stores/[^/]+/v[23]/orders/(\d+)(/.+)?")


def _admit_bigcommerce(secrets: SecretStore, store: Any) -> None:
    keys = {"access_token": store.config.access_token, "client_secret": store.config.client_secret}
    secrets.write(STORE, "secrets", keys)
    admit(secrets, STORE, "bigcommerce", store.config.client_secret)


def _big_body(scope: str, number: int) -> tuple[str, bytes]:
    data = {"type": "order", "id": number}
    return scope, _json(
        scope=scope, store_id="1", producer="stores/sandboxhash", hash=str(number), created_at=1, data=data
    )


def _bigcommerce_headers(_: str, name: str, body: bytes, key: str, at: datetime) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    signed = hmac_base64(key, f"{name}.{stamp}.".encode() + body)
    return {"webhook-id": name, "webhook-timestamp": stamp, **({"webhook-signature": f"v1,{signed}"} if key else {})}


BIGCOMMERCE = Front(
    "bigcommerce",
    lambda store: {
        "kind": "bigcommerce", "base_url": "https://bigcommerce.test", "store_hash": store.config.store_hash,
        "location": _OURS, "store_mails": [],
    },
    _admit_bigcommerce,
    lambda store: f"bigcommerce/stores/{store.config.store_hash}",
    lambda request: found.group(1) if (found := _asked(_BIG_ORDER, request)) else "",
    lambda request: bool((found := _asked(_BIG_ORDER, request)) and found.group(2)),
    re.compile(r"http:GET bigcommerce\.test/stores/[^/]+/v2/orders/\d+"),
    _shown_by_shelf,
    Post(
        lambda store: store.config.client_secret,
        "",
        lambda number: _big_body("store/order/created", number),
        lambda serial: _big_body("store/cart/created", serial),
        _bigcommerce_headers,
    ),
    _OURS,
    forgets=False,
)  # fmt: skip
