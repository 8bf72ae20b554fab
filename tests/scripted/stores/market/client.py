"""One Market shop over HTTP: sign-in, JSON, and errors as problem documents (RFC 9457) with a `code`."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from orderwright.connectors.context import Context
from orderwright.connectors.http import HttpAnswer, exchange
from orderwright.errors import NotFound, OutcomeUnknown, Rejected, Retryable
from tests.scripted.stores.market.settings import MarketSettings


class MarketClient:
    """Calls of one connection."""

    def __init__(self, context: Context[MarketSettings]) -> None:
        self.id, self.settings, self._credentials = context.id, context.settings, context.credentials
        self.name = f"Market {context.id}"
        self._http, self._timeout = context.http, context.timeout.total_seconds()

    def call(
        self, operation: str, method: str, path: str, body: Mapping[str, Any] | None = None, *,
        has_effect: bool = False, key: str = "",
    ) -> dict[str, Any]:  # fmt: skip
        """The answer's object. `has_effect`: a repeat would do it twice, or undo what came between. With `key` a repeat is
        taken for the same call. Raises a VendorError, with Market's own code where it refuses."""
        secret = f"{self.settings.key_id}:{self._credentials.secret('api_secret')}"
        headers = {"accept": "application/json", "authorization": f"Basic {b64encode(secret.encode()).decode()}"}
        headers |= {"idempotency-key": key} if key else {}
        content = None
        if body is not None:
            headers["content-type"] = "application/json"
            content = json.dumps(body).encode()
        kept: list[HttpAnswer] = []

        def keeping(*request: Any) -> HttpAnswer:
            kept.append(self._http(*request))
            return kept[0]

        url = f"{self.settings.base_url.rstrip('/')}/api/{path}"
        try:
            answer = exchange(
                keeping, self.name, operation, method, url,
                headers=headers, body=content, timeout=self._timeout, has_effect=has_effect,
            )  # fmt: skip
        except (Rejected, NotFound) as error:
            code = (_parsed(kept[0]) or {}).get("code") if kept else None
            # The title may repeat what was sent; the code does not.
            told = code.upper() if isinstance(code, str) and code.isidentifier() else ""
            raise type(error)(f"{error.message} {told}".strip(), code=told or error.code) from None
        data = _parsed(answer)
        if data is None:
            kind, code = (OutcomeUnknown, "OUTCOME_UNKNOWN") if has_effect else (Retryable, "UNREADABLE")
            raise kind(f"{self.name} {operation}: the answer cannot be read", code=code)
        return data


def _parsed(answer: HttpAnswer) -> dict[str, Any] | None:
    """The answer's object; {} for an answer without a body (204)."""
    try:
        data = answer.json() if answer.body else {}
    except ValueError:
        return None
    return data if isinstance(data, dict) else None
