"""Where a world sells: the store's connection, and how its calls are recognised."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from local.sandbox.wire import Request
from orderwright.aws.secrets import SecretStore
from tests.support.shop import STORE, admit

LINES: Mapping[str, Any] = {"kind": "shopify", "base_url": "https://shopify.test", "store_mails": []}


class Shown(NamedTuple):
    """What a store shows of one SKU."""

    price: Decimal
    compare_at: Decimal | None
    available: int


class Front(NamedTuple):
    """A kind of store. Its stand-in answers at https://<kind>.test.

    `lines` is what orderwright.yaml says of it, `admits` writes its secrets down, `account` is the vendor's own id of the shop.
    `reads` gives the id of the order that a call reads ("" for any other call), `reads_more` whether it is a further question
    about one that was read right before. `calls`: how the trace names such a call. `shown`: its shelf, by SKU.
    """

    kind: str
    lines: Callable[[Any], Mapping[str, Any]]
    admits: Callable[[SecretStore, Any], None]
    account: Callable[[Any], str]
    reads: Callable[[Request], str]
    reads_more: Callable[[Request], bool]
    calls: re.Pattern[str]
    shown: Callable[[Any], dict[str, Shown]]
    location: str = ""


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


SHOPIFY = Front(
    "shopify",
    _shopify_lines,
    _admit_shopify,
    lambda store: f"gid://shopify/Shop/{store.shop.number}",
    _reads_shopify,
    lambda request: _REFUNDS in request.body,
    re.compile(r"http:POST shopify\.test/admin/api/.+/graphql\.json"),
    _shown_by_shopify,
    "Orderwright dropship",
)
