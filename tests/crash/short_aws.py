"""The short way to ministack for the JSON services: no signing, no parsing by shapes, the same handlers, the same errors.

Storage is tested through botocore elsewhere; here only what ministack does counts, thousands of times.
"""

from __future__ import annotations

import contextvars
import importlib
import json
from collections.abc import Callable
from typing import Any


class ShortClient:
    """Looks like the botocore client that it stands for. `before` and `after` get "dynamodb:PutItem" and the like."""

    def __init__(
        self, service: str, real: Any, account: str, before: Callable[[str], None], after: Callable[[str], None]
    ) -> None:
        self._service = service
        self._real = real
        self._before = before
        self._after = after
        self._handle = importlib.import_module(f"ministack.services.{service}").handle_request
        responses = importlib.import_module("ministack.core.responses")
        self._context = contextvars.copy_context()
        self._context.run(responses.set_request_account_id, account)
        self._context.run(responses.set_request_region, "eu-north-1")
        self._operations: dict[str, str] = real.meta.method_to_api_mapping
        self.exceptions = real.exceptions

    def __getattr__(self, method: str) -> Callable[..., Any]:
        operation = self._operations.get(method)
        if operation is None:
            raise AttributeError(method)

        def call(**request: Any) -> Any:
            return self._call(operation, request)

        self.__dict__[method] = call
        return call

    def _call(self, operation: str, request: dict[str, Any]) -> Any:
        name = f"{self._service}:{operation}"
        self._before(name)
        status, answer = self._context.run(self._ask, operation, json.dumps(request).encode())
        self._after(name)
        if status < 300:
            return answer
        code = str(answer.get("__type", "")).rpartition("#")[2]
        text = answer.get("message") or answer.get("Message") or ""
        parsed = {**answer, "Error": {"Code": code, "Message": text}, "ResponseMetadata": {"HTTPStatusCode": status}}
        raise self.exceptions.from_code(code)(parsed, operation)

    def _ask(self, operation: str, body: bytes) -> tuple[int, Any]:
        asking = self._handle("POST", "/", {"x-amz-target": f"Short.{operation}"}, body, {})
        try:
            asking.send(None)
        except StopIteration as done:
            status, _, answer = done.value
            return status, json.loads(answer)
        raise RuntimeError(f"{operation} waits for something outside this process")
