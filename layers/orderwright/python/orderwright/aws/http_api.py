"""An event of API Gateway's HTTP API (payload 2.0) as a request. Standard library only (cold start)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from orderwright.webhooks import Request


def body_of(event: Mapping[str, Any]) -> bytes:
    """What was sent; nothing where it cannot be read."""
    raw = str(event.get("body") or "")
    try:
        return base64.b64decode(raw) if event.get("isBase64Encoded") else raw.encode()
    except (binascii.Error, ValueError):
        return b""  # no form at all


def address_of(event: Mapping[str, Any]) -> str:
    """The address of the request as the browser has it; "" where it is not said."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    host, path = headers.get("host", ""), event.get("rawPath") or ""
    here = host.partition(":")[0] in ("127.0.0.1", "localhost")
    return f"{'http' if here else 'https'}://{host}{path}" if host and path else ""


def request_of(event: Mapping[str, Any], body: bytes) -> Request:
    """The request; `body` is the event's, already as bytes. Of a parameter that is given twice the last one counts.

    `url` is host and path as API Gateway gives them. Behind a domain of one's own with a path mapping that path lacks the
    mapping, so no mapping may be used there.
    """
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    query = dict(parse_qsl(event.get("rawQueryString") or "", keep_blank_values=True))
    context, path = event.get("requestContext") or {}, event.get("rawPath") or ""
    method, host = (context.get("http") or {}).get("method", "POST"), context.get("domainName", "")
    return Request(method, path, query, headers, body, f"https://{host}{path}" if host else "")
