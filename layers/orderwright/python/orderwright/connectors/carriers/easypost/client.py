"""One EasyPost account over HTTP: Basic authentication, JSON, and EasyPost's error codes."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from orderwright.connectors.carriers.easypost.settings import EasyPostSettings
from orderwright.connectors.http import HttpAnswer, Transport, exchange
from orderwright.errors import NotFound, Rejected, Retryable
from orderwright.ports.connection import Credentials


class EasyPostClient:
    """Calls of one connection. All of them may be repeated: a tracker of the same number is given back, not made twice."""

    def __init__(
        self,
        connection_id: str,
        settings: EasyPostSettings,
        credentials: Credentials,
        transport: Transport,
        timeout: timedelta,
    ) -> None:
        self.name = f"EasyPost {connection_id}"
        self._base = f"{settings.base_url.rstrip('/')}/v2/"
        self._credentials = credentials
        self._transport = transport
        self._timeout = timeout.total_seconds()

    def call(self, operation: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer's object. Raises Retryable, Misconfigured, and Rejected or NotFound with EasyPost's own code."""
        user = f"{self._credentials.secret('api_key')}:".encode()
        headers = {"accept": "application/json", "authorization": f"Basic {b64encode(user).decode()}"}
        content = None
        if body is not None:
            headers["content-type"] = "application/json"
            content = json.dumps(body).encode()
        kept: list[HttpAnswer] = []

        def keeping(*request: Any) -> HttpAnswer:
            kept.append(self._transport(*request))
            return kept[0]

        try:
            answer = exchange(
                keeping,
                self.name,
                operation,
                method,
                self._base + path,
                headers=headers,
                body=content,
                timeout=self._timeout,
                has_effect=False,
            )
        except (Rejected, NotFound) as error:
            code = _code(kept[0]) if kept else ""
            raise type(error)(f"{error.message} {code}".strip(), code=code or error.code) from None
        data = answer.json_object()
        if data is None:
            raise Retryable(f"{self.name} {operation}: the answer cannot be read", code="UNREADABLE")
        return data


def _code(answer: HttpAnswer) -> str:
    """error.code, such as TRACKER.NOT_FOUND; the message is left where it is, since it may repeat what was sent."""
    error = (answer.json_object() or {}).get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) and code.isprintable() and len(code) <= 80 else ""
