"""A kind of connection that only tests register: it is asked by GET, as marketplaces and suppliers' links ask."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence

from orderwright.declarations import Connector, Role
from orderwright.webhooks import Answer, News, NotUnderstood, Request, Unauthentic, page, same_signature

CONNECTOR = Connector(
    kind="asking",
    role=Role.STORE,
    title="Asking",
    settings="orderwright.domain.connection_settings:StoreSettings",
    build=f"{__name__}:read",
    first="",
    webhook=f"{__name__}:read",
    methods=("GET", "POST"),
)


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
