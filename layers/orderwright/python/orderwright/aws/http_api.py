"""An event of API Gateway's HTTP API (payload 2.0) as a request. Standard library only (cold start)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from orderwright.webhooks import Request


def request_of(event: Mapping[str, Any], body: bytes) -> Request:
    """The request; `body` is the event's, already as bytes. Of a parameter that is given twice the last one counts."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    query = dict(parse_qsl(event.get("rawQueryString") or "", keep_blank_values=True))
    method = ((event.get("requestContext") or {}).get("http") or {}).get("method", "POST")
    return Request(method, event.get("rawPath") or "", query, headers, body)
