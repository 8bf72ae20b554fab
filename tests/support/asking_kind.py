"""A kind of connection that only tests register: it is asked by GET, told by a queue, sends mails and files, and has a page.

Its connector is its Context.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from orderwright.bootstrap import Wiring
from orderwright.connectors.context import Context
from orderwright.declarations import Connector, Role, Way
from orderwright.registry import CONNECTORS
from orderwright.webhooks import Answer, News, NotUnderstood, Request, Unauthentic, page, same_signature

CONNECTOR = Connector(
    kind="asking",
    role=Role.SUPPLIER,
    title="Asking",
    settings="orderwright.domain.connection_settings:SupplierSettings",
    build="",
    first="",
    ways=frozenset({Way.MAIL, Way.FILES}),
    webhook=f"{__name__}:read",
    methods=("GET", "POST"),
    queue=f"{__name__}:read_queued",
    page=True,
)


def context_of(wiring: Wiring, connection: str = "lamps-by-mail", kind: str = "asking") -> Context[Any]:
    """What a connection is built with."""
    settings: Any = SimpleNamespace(kind=kind)
    contexts = patch("orderwright.bootstrap_connectors.builder", lambda _: lambda context: context)
    with patch.dict(CONNECTORS, asking=__name__), contexts:
        made: Context[Any] = wiring._built(connection, settings, wiring.credentials(connection))
    return made


def read_queued(body: bytes, attributes: Mapping[str, str]) -> list[News]:
    """A message that names an order by its number."""
    if not body.isdigit():
        raise NotUnderstood("queued: no number")
    return [News("order.changed", body.decode(), "queued", attributes["id"])]


def token_of(order: str, secret: str) -> str:
    """What a link for this order is signed with."""
    return hmac.new(secret.encode(), order.encode(), hashlib.sha256).hexdigest()


def read(request: Request, secrets: Sequence[str]) -> list[News] | Answer:
    """A challenge in eBay's form: code, secret and address are hashed. Or a link that names an order under a token."""
    query = request.query
    if request.method == "GET" and query.get("challenge_code"):
        told = query["challenge_code"] + secrets[0] + request.url
        return Answer(json.dumps({"challengeResponse": hashlib.sha256(told.encode()).hexdigest()}))
    order = query.get("order", "")
    if not same_signature(query.get("token", ""), [token_of(order, secret) for secret in secrets]):
        raise Unauthentic("no challenge, and the token does not fit")
    if not order.isdigit():
        raise NotUnderstood("link: order is no number")
    if request.method == "GET" and "ask" in query:
        return page(f"Is order {order} taken?", button="Yes")
    news = [News("order.changed", order, "link", f"link-{order}")]
    return page(f"Thank you <{query.get('by', '')}>.", news)
