"""ministack inside the test's own process: botocore's requests go to its ASGI app with no socket between.

`calls` counts what was sent; `before` and `after` are hooks around each call's effect, where a test raises. What the tables,
their streams and the secrets are asked goes to ministack's services at once, in the form that botocore would send: the user
agent, the signature and the rules of addresses that botocore makes for each call are most of its time, and nobody reads them.
`whole` leaves all of that to botocore.
"""

from __future__ import annotations

import asyncio
import atexit
import base64
import itertools
import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
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
from botocore.awsrequest import AWSResponse, HeadersDict  # noqa: E402
from botocore.config import Config  # noqa: E402

REGION = "eu-north-1"
_AT_ONCE = {
    "dynamodb": (
        "BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "TransactWriteItems", "UpdateItem",
    ),
    "dynamodbstreams": ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"),
    "ssm": ("GetParameter", "GetParametersByPath", "PutParameter"),
}  # fmt: skip
"""Service -> the operations that reach it without botocore's endpoint."""


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
def _session() -> Any:
    """One for all accounts of this process: making one, and reading botocore's files, is most of a client's making."""
    return botocore.session.Session()


@cache
def _shared(service: str, endpoint: str) -> Any:
    """The client of which each account has a copy. Its requests say whose they are, and go to that account."""
    client = _made(service, endpoint, "000000000000")
    client.meta.events.register("before-send", lambda **sent: _of_thread.asking._send(**sent))
    return client


def _made(service: str, endpoint: str, account: str) -> Any:
    return _session().create_client(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=account,
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=True),
    )


@cache
def _emulator() -> tuple[Any, dict[str, Any]]:
    """Where ministack keeps who asks, and its services that are asked at once."""
    modules = {"dynamodb": "dynamodb", "dynamodbstreams": "dynamodb_streams", "ssm": "ssm"}
    handlers = {name: import_module(f"ministack.services.{module}").handle_request for name, module in modules.items()}
    return import_module("ministack.core.responses"), handlers


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
    whole: bool = False
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """A botocore client whose requests stay in this process."""
        if service in self._clients:
            return self._clients[service]
        if self.whole or service == "s3":  # which signs links to itself
            client = _made(service, self.endpoint, self.account)
            client.meta.events.register("before-send", self._send)
        else:
            shared = _shared(service, self.endpoint)
            client = object.__new__(type(shared))
            client.__dict__.update(shared.__dict__)
            client._make_api_call = partial(self._call, service, client)
        self._clients[service] = client
        return client

    def _call(self, service: str, client: Any, operation: str, request: dict[str, Any]) -> Any:
        if operation not in _AT_ONCE.get(service, ()):
            _of_thread.asking = self
            return type(client)._make_api_call(client, operation, request)
        self.before(f"{service}:{operation}")
        self.calls.append(f"{service}:{operation}")
        status, headers, body = self._ask_at_once(service, client, operation, request)
        self.after(f"{service}:{operation}")
        if status >= 300:
            raw = {"status_code": status, "headers": HeadersDict(headers), "body": body}
            raise refusal(client.meta.service_model, client._response_parser, client.exceptions, raw, operation)
        answer = json.loads(body)
        return _with_bytes(answer) if b'"B":' in body else answer

    def _ask_at_once(self, service: str, client: Any, operation: str, request: dict[str, Any]) -> Any:
        responses, handlers = _emulator()
        responses.set_request_account_id(self.account)
        responses.set_request_region(REGION)
        target = f"{client.meta.service_model.metadata['targetPrefix']}.{operation}"
        body = json.dumps(request, default=lambda given: base64.b64encode(given).decode()).encode()
        asking = handlers[service]("POST", "/", {"x-amz-target": target}, body, {})
        try:
            asking.send(None)
        except StopIteration as answered:
            status, headers, answer = answered.value
            return status, headers, answer if isinstance(answer, bytes) else answer.encode()
        raise RuntimeError(f"{service} waits for something outside this process")

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
        headers, credential = [], f"Credential={self.account}/".encode()
        for name, value in request.headers.items():
            raw = value if isinstance(value, bytes) else str(value).encode()
            # A shared client signs for nobody; the account is told by the key that signed.
            headers.append((name.lower().encode(), raw.replace(b"Credential=000000000000/", credential)))
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


def refusal(model: Any, parser: Any, exceptions: Any, raw: dict[str, Any], operation: str) -> Exception:
    """What botocore raises for such an answer."""
    parsed = parser.parse(raw, model.operation_model(operation).output_shape)
    code = parsed.get("Error", {}).get("Code", "")
    shape = model.shape_for_error_code(code)
    if shape is not None:  # as botocore's endpoint does: what the service says beside code and message
        parsed.update(parser.parse(raw, shape))
    error: Exception = exceptions.from_code(code)(parsed, operation)
    return error


def _with_bytes(answer: Any) -> Any:
    """The same with bytes where DynamoDB gives their text."""
    if isinstance(answer, list):
        return [_with_bytes(part) for part in answer]
    if not isinstance(answer, dict):
        return answer
    return {
        name: base64.b64decode(part) if name == "B" and isinstance(part, str) else _with_bytes(part)
        for name, part in answer.items()
    }
