"""A webhook: verified on the raw bytes, turned into ids, durably sent, then answered (promises P2, P7, P8).

Standard library only: what is imported here is paid for on every cold start.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from orderwright.declarations import named
from orderwright.messages import Message
from orderwright.registry import declaration
from orderwright.webhooks import Answer, Behind, News, NotUnderstood, Request, Unauthentic, reader_for

MAX_BODY = 5 * 1024 * 1024
REFUSED = "refused"


class Verdict(NamedTuple):
    """The HTTP status and the word to answer. `connection` and `note` are for the log only: a stranger must not see them.

    `answer`: what the vendor wants to hear instead of the word.
    """

    status: int
    word: str
    connection: str = ""
    note: str = ""
    answer: Answer | None = None


def receive_webhook(
    address: str,
    request: Request,
    *,
    behind: Callable[[str], Behind | None],
    send: Callable[[Sequence[Message]], None],
    now: str,
) -> Verdict:
    """401 for all that is not authentic, 413 above 5 MiB, 200 when it is stored. What `behind` and `send` raise becomes a 5xx.

    A stranger cannot tell an address that exists from one that does not: the answer is the same, and so is the work.
    """
    if len(request.body) > MAX_BODY:
        return Verdict(413, "too large")
    known = behind(address)
    reader = reader_for(known.kind, request.method) if known else None
    if known is None or reader is None:
        hmac.digest(b"nobody", request.body, "sha256")
        return Verdict(401, REFUSED, note="no such address")
    try:
        said = reader(request, known.secrets)
    except Unauthentic:
        return Verdict(401, REFUSED, known.connection, "signature refused")
    except NotUnderstood as error:
        said = [_parked(request, error)]
    answer, news = (said, said.news) if isinstance(said, Answer) else (None, said)
    if news:
        send([_message(known.connection, one, now) for one in news])
    return Verdict(200, "stored" if news else "answered" if answer else "ping", known.connection, answer=answer)


def receive_queued(
    known: Behind, body: bytes, attributes: Mapping[str, str], *, send: Callable[[Sequence[Message]], None], now: str
) -> None:
    """One message of a queue into which `known`'s vendor alone may write: stored or parked when this returns.

    What `send` raises goes on: the message comes again, and no other one of its batch (P2, P9).
    """
    try:
        news = named(declaration(known.kind).queue)(body, attributes)
    except NotUnderstood as error:
        news = [_parked(Request("", "", {}, attributes, body), error)]
    if news:
        send([_message(known.connection, one, now) for one in news])


def _parked(request: Request, error: NotUnderstood) -> News:
    """Kept for the operator by its digest and size: what was sent may hold personal data and goes nowhere."""
    body = request.body or repr(sorted(request.query.items())).encode() * bool(request.query)
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
