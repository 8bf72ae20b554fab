"""How a vendor's webhook becomes news: verify on the raw bytes, say what to fetch. Standard library only (cold start)."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import NamedTuple


class News(NamedTuple):
    """What a webhook says happened. Ids only, never a name or an address: it becomes a queue message as it is.

    `type` is a message type of messages.py; `resource` the vendor's id of what to fetch; `detail` further ids.
    """

    type: str
    resource: str
    topic: str
    delivery_id: str
    detail: Mapping[str, str] = {}


class Behind(NamedTuple):
    """What is behind an address: the connection, its kind, and the secrets that are valid now, newest first."""

    connection: str
    kind: str
    secrets: Sequence[str]


class Unauthentic(Exception):
    """The signature is missing or wrong: answer 401, change nothing (P7)."""


class NotUnderstood(Exception):
    """Authentic, but not to be understood: parked for the operator and answered 2xx (P2).

    The text holds no body; where the topic is known it begins with "<topic>: ".
    """


Reader = Callable[[Mapping[str, str], bytes, Sequence[str]], list[News]]
"""(lower-case headers, raw body, valid secrets) -> news; raises Unauthentic or NotUnderstood. An empty list is a ping."""

READERS = {
    "shopify": "orderwright.connectors.stores.shopify.webhook",
    "cj": "orderwright.connectors.suppliers.cj.webhook",
    "easypost": "orderwright.connectors.carriers.easypost.webhook",
}


def reader_for(kind: str) -> Reader | None:
    """The reader of a connection's kind, imported only when asked for; None when that kind sends no webhooks."""
    path = READERS.get(kind)
    if path is None:
        return None
    reader: Reader = import_module(path).read
    return reader


def same_signature(given: str, expected: Sequence[str]) -> bool:
    """Constant-time comparison against every valid signature (two secrets are valid during a rotation)."""
    matches = [hmac.compare_digest(given.encode(), one.encode()) for one in expected]
    return bool(given) and any(matches)
