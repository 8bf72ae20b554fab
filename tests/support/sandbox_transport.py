"""A connector's transport that ends in sandbox vendors inside this process: no socket, no waiting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

from local.sandbox.wire import Request, Response
from orderwright.connectors.http import HttpAnswer, NoAnswer, NotSent, Transport

Handle = Callable[[Request], Response]


def sandbox_transport(handlers: Mapping[str, Handle]) -> Transport:
    """Requests to URLs that start with a key go to its handler, which sees the path after the key.

    The longest fitting key wins. An answer that hangs becomes NoAnswer (its effect has happened), an unknown address
    NotSent.
    """
    by_length = sorted(handlers, key=len, reverse=True)

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float) -> HttpAnswer:
        prefix = next((key for key in by_length if url.startswith(key)), None)
        if prefix is None:
            raise NotSent("no sandbox at this address")
        parts = urlsplit(url[len(prefix.rstrip("/")) :])
        request = Request(
            method=method,
            path=parts.path or "/",
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in headers.items()},
            body=body or b"",
        )
        answer = handlers[prefix](request)
        if answer.hang:
            raise NoAnswer(f"no answer within {timeout} s")
        return HttpAnswer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.body)

    return send
