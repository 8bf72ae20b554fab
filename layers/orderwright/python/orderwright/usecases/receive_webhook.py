"""A webhook: verified on the raw bytes, turned into ids, durably sent, answered (promises P2, P7, P8).

Standard library only: what is imported here is paid for on every cold start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from orderwright.messages import Message
from orderwright.webhooks import News, NotUnderstood, Unauthentic, reader_for

MAX_BODY = 5 * 1024 * 1024


class Verdict(NamedTuple):
    """The HTTP status to answer, and a word for the log."""

    status: int
    word: str


def receive_webhook(
    connection: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    secrets_of: Callable[[str], tuple[str, Sequence[str]] | None],
    send: Callable[[Sequence[Message]], None],
    now: str,
) -> Verdict:
    """401 / 404 for what is not authentic, 413 above 5 MiB, 200 when it is stored. What `send` raises becomes a 5xx.

    `secrets_of` gives a connection's kind and its valid secrets, newest first; None when there is no such connection.
    """
    if len(body) > MAX_BODY:
        return Verdict(413, "too large")
    known = secrets_of(connection)
    reader = reader_for(known[0]) if known else None
    if known is None or reader is None:
        return Verdict(404, "unknown connection")
    try:
        news = reader(headers, body, known[1])
    except Unauthentic:
        return Verdict(401, "signature refused")
    except NotUnderstood as error:
        news = [_parked(body, error)]
    if news:
        send([_message(connection, one, now) for one in news])
    return Verdict(200, "stored" if news else "ping")


def _parked(body: bytes, error: NotUnderstood) -> News:
    """Kept for the operator by its digest and size: the body may hold personal data and goes nowhere."""
    digest = hashlib.sha256(body).hexdigest()
    topic, colon, _ = str(error).partition(": ")
    detail = {"reason": str(error)[:200], "size": str(len(body)), "sha256": digest[:32]}
    return News("order.webhook_parked", "", topic[:100] if colon else "", digest[:32], detail)


def _message(connection: str, news: News, now: str) -> Message:
    detail = dict(news.detail)
    if news.type == "order.webhook_parked":
        detail["delivery_id"] = news.delivery_id
    return Message(
        type=news.type,
        id=f"{connection}#{news.delivery_id}"[:200],
        at=now,
        connection=connection,
        resource=news.resource,
        topic=news.topic,
        correlation=news.delivery_id[:64],
        detail=detail,
    )
