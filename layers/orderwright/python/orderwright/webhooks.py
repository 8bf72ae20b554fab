"""How a vendor's webhook becomes news: verify on the raw bytes, say what to fetch. Standard library only (cold start)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from orderwright.declarations import named
from orderwright.registry import CONNECTORS, declaration


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


class Request(NamedTuple):
    """What came to an address by HTTP.

    `path` is the whole path, `query` its parameters, header names are in lower case, `body` the raw bytes. `url` is the
    address without the query, as the vendor was given it: some of them put it into what is signed.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    url: str = ""


class Answer(NamedTuple):
    """What is answered with status 200: to a challenge, or a page for a person who followed a link (see `page`).

    `news`: what the same request tells. It is stored before anything is answered (P2).
    """

    body: str
    content_type: str = "application/json"
    news: Sequence[News] = ()


Reader = Callable[[Request, Sequence[str]], "list[News] | Answer"]
"""(request, valid secrets) -> news, or an answer; raises Unauthentic or NotUnderstood. An empty list is a ping."""


def reader_for(kind: str, method: str) -> Reader | None:
    """The reader of a connection's kind, imported only when asked for; None when that kind sends nothing by this method."""
    if kind not in CONNECTORS:
        return None
    declared = declaration(kind)
    if not declared.webhook or method not in declared.methods:
        return None
    reader: Reader = named(declared.webhook)
    return reader


def page(text: str, news: Sequence[News] = (), *, button: str = "") -> Answer:
    """A page of one text, for a person who followed a link. What is given is plain text: it is escaped here.

    `button`: its words; pressed, it posts to the same address with the same query. Programs that read mails open
    links too, so news that somebody must mean come with the POST.
    """
    from html import escape  # here, since few requests need it

    form = f'<form method="post"><button>{escape(button)}</button></form>' if button else ""
    head = '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Orderwright</title>'
    return Answer(f"{head}<p>{escape(text)}</p>{form}", "text/html; charset=utf-8", news)


def json_object(body: bytes, topic: str = "", **how: Any) -> dict[str, Any]:
    """The body as a JSON object; `how` is for json.loads. Raises NotUnderstood, whose text begins with a topic that is known."""
    about = f"{topic}: " if topic else ""
    try:
        data = json.loads(body, **how)
    except RecursionError:
        raise NotUnderstood(f"{about}the body is nested too deeply") from None
    except ValueError:
        raise NotUnderstood(f"{about}the body is not JSON") from None
    if not isinstance(data, dict):
        raise NotUnderstood(f"{about}the body is not a JSON object")
    return data


def signatures(body: bytes, secrets: Sequence[str]) -> list[str]:
    """The body's HMAC-SHA256 in base64, under each secret that is not empty."""
    made = (hmac.new(secret.encode(), body, hashlib.sha256).digest() for secret in secrets if secret)
    return [base64.b64encode(one).decode() for one in made]


def same_signature(given: str, expected: Sequence[str]) -> bool:
    """Constant-time comparison against every valid signature (two secrets are valid during a rotation)."""
    matches = [hmac.compare_digest(given.encode(), one.encode()) for one in expected]
    return bool(given) and any(matches)
