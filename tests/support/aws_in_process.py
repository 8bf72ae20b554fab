"""ministack inside the test's own process: botocore's requests go to its ASGI app with no socket between.

`calls` counts what was sent; `before` and `after` are hooks around each call's effect, where a test raises.
"""

from __future__ import annotations

import asyncio
import atexit
import itertools
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

for _name, _value in {
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "LOG_LEVEL": "ERROR",
    "PERSIST_STATE": "0",
    "AWS_ACCESS_KEY_ID": "000000000001",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-north-1",
}.items():
    os.environ.setdefault(_name, _value)

import botocore.session  # noqa: E402 - the emulator reads its environment when it is imported
from botocore.awsrequest import AWSResponse  # noqa: E402
from botocore.config import Config  # noqa: E402


class _Raw:
    """The stream that botocore expects behind a response."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self._body

    def read(self, *_: Any, **__: Any) -> bytes:
        body, self._body = self._body, b""
        return body


@cache
def _loader() -> Any:
    """botocore's own files, read once for all accounts of this process: most of a client's making is reading them."""
    return botocore.session.Session().get_component("data_loader")


_of_thread = threading.local()
_accounts = itertools.count(100)


def _loop() -> asyncio.AbstractEventLoop:
    """One event loop a thread, closed when the process ends: a loop per test would leak one per test."""
    loop: asyncio.AbstractEventLoop | None = getattr(_of_thread, "loop", None)
    if loop is None:
        loop = _of_thread.loop = asyncio.new_event_loop()
        atexit.register(loop.close)
    return loop


def _nothing(_: str) -> None:
    return None


@dataclass
class InProcessAws:
    """Clients of one isolated account, a new one unless it is named. `before`/`after` get "dynamodb:PutItem" and the like."""

    account: str = field(default_factory=lambda: f"{next(_accounts):012d}")
    before: Callable[[str], None] = _nothing
    after: Callable[[str], None] = _nothing
    calls: list[str] = field(default_factory=list)
    endpoint: str = "http://127.0.0.1:4566"
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """A botocore client whose requests stay in this process."""
        if service in self._clients:
            return self._clients[service]
        session = botocore.session.Session()
        session.register_component("data_loader", _loader())
        session.set_credentials(self.account, "test")
        client = session.create_client(
            service,
            region_name="eu-north-1",
            endpoint_url=self.endpoint,
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=True),
        )
        client.meta.events.register("before-send", self._send)
        self._clients[service] = client
        return client

    def _send(self, request: Any, event_name: str = "", **_: Any) -> AWSResponse:
        operation = event_name.removeprefix("before-send.").replace(".", ":", 1)
        self.before(operation)
        self.calls.append(operation)
        status, headers, body = self._run(self._ask(request))
        self.after(operation)
        return AWSResponse(request.url, status, headers, _Raw(body))

    def _run(self, work: Any) -> Any:
        return _loop().run_until_complete(work)

    def close(self) -> None:
        """Forget the clients. The event loop is the thread's own and lives until the process ends."""
        self._clients.clear()

    async def _ask(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        from ministack.app import app

        url = urlsplit(request.url)
        body = request.body or b""
        if hasattr(body, "read"):
            body = body.read()
        if isinstance(body, str):
            body = body.encode()
        headers = []
        for name, value in request.headers.items():
            raw = value if isinstance(value, bytes) else str(value).encode()
            headers.append((name.lower().encode(), raw))
        headers.append((b"host", url.netloc.encode()))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": url.path or "/",
            "raw_path": (url.path or "/").encode(),
            "query_string": url.query.encode(),
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 4566),
        }
        sent: list[dict[str, Any]] = []
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return waiting.pop(0) if waiting else {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await app(scope, receive, send)
        start = next(message for message in sent if message["type"] == "http.response.start")
        answer_headers = {name.decode(): value.decode() for name, value in start["headers"]}
        content = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
        return start["status"], answer_headers, content
