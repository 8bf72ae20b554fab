"""One EasyPost account over HTTP: Basic authentication, JSON, and EasyPost's error codes."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import partial
from typing import Any

from orderwright.connectors.carriers.easypost.settings import EasyPostSettings
from orderwright.connectors.context import Context
from orderwright.connectors.http import HttpAnswer, exchange, is_good, refused
from orderwright.errors import NotFound, Rejected, Retryable


class EasyPostClient:
    """Calls of one connection. All of them may be repeated: a tracker of the same number is given back, not made twice."""

    def __init__(self, context: Context[EasyPostSettings]) -> None:
        self.name = f"EasyPost {context.id}"
        self._base = f"{context.settings.base_url.rstrip('/')}/v2/"
        self._credentials = context.credentials
        self._ask = partial(
            exchange,
            context.http,
            self.name,
            timeout=context.timeout.total_seconds(),
            has_effect=False,
            any_status=True,
        )

    def call(self, operation: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer's object. Raises Retryable, Misconfigured, and Rejected or NotFound with EasyPost's own code."""
        user = f"{self._credentials.secret('api_key')}:".encode()
        headers = {"accept": "application/json", "authorization": f"Basic {b64encode(user).decode()}"}
        content = None
        if body is not None:
            headers["content-type"] = "application/json"
            content = json.dumps(body).encode()
        answer = self._ask(operation, method, self._base + path, headers=headers, body=content)
        if not is_good(answer.status):
            error = refused(answer.status, answer.headers, self.name, operation, has_effect=False)
            code = _code(answer) if isinstance(error, Rejected | NotFound) else ""
            raise type(error)(f"{error.message} {code}", code=code) if code else error
        data = answer.json_object()
        if data is None:
            raise Retryable(f"{self.name} {operation}: the answer cannot be read", code="UNREADABLE")
        return data


def _code(answer: HttpAnswer) -> str:
    """error.code, such as TRACKER.NOT_FOUND; the message is left where it is, since it may repeat what was sent."""
    error = (answer.json_object() or {}).get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) and code.isprintable() and len(code) <= 80 else ""
