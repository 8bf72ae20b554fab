"""A store that answers from a script, behind the guard, and the small parts that a connector needs to be built."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from orderwright.connectors.http import HttpAnswer
from orderwright.connectors.stores.shopify.settings import ShopifySettings
from tests.connectors.shopify.guard import Guard, Violation

BASE_URL = "https://shop.example.com"
GRAPHQL_URL = f"{BASE_URL}/admin/api/2026-10/graphql.json"
TOKEN_URL = f"{BASE_URL}/admin/oauth/access_token"
START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
PAGE_END = {"hasNextPage": False, "hasPreviousPage": False, "endCursor": None, "startCursor": None}

Answer = Mapping[str, Any] | HttpAnswer | Exception


class Call(NamedTuple):
    """One request that was sent."""

    operation: str
    variables: dict[str, Any]
    url: str
    headers: Mapping[str, str]
    document: str


class FixedClock:
    """A clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class MemoryCredentials:
    """Credentials of one connection, in memory."""

    def __init__(self, clock: FixedClock, token: str | None = "token-1") -> None:
        self.clock = clock
        self.value = token
        self.expires_at = clock.now() + timedelta(hours=1)

    def secret(self, name: str) -> str:
        assert name == "client_secret"
        return "invented-secret"

    def token(self, refused: str = "") -> str | None:
        return self.value if self.clock.now() < self.expires_at and self.value != refused else None

    def renewal_due(self) -> bool:
        return False

    def may_renew(self, hold: timedelta, what: str = "token") -> bool:
        return True

    def store_token(self, value: str, expires_at: datetime, extra: dict[str, str]) -> None:
        self.value, self.expires_at = value, expires_at

    def token_extra(self) -> dict[str, str]:
        return {}


def answer(content: Any, status: int = 200, **headers: str) -> HttpAnswer:
    """An HTTP answer with a JSON body; header names with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpAnswer(status, named, json.dumps(content, default=_text).encode())


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)


def failed(
    code: str, *, executed: bool = False, message: str = "no", cost: Mapping[str, Any] | None = None
) -> HttpAnswer:
    """A 200 with a top-level error."""
    content: dict[str, Any] = {"errors": [{"message": message, "extensions": {"code": code}}]}
    if executed:
        content["data"] = {"anything": None}
    if cost is not None:
        content["extensions"] = {"cost": cost}
    return answer(content)


class ScriptedStore:
    """A transport. `script` queues answers by operation: root data, a whole HTTP answer, or an exception."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.calls: list[Call] = []
        self.tokens_given = 0
        self._queued: dict[str, list[Answer]] = {}

    def script(self, operation: str, *answers: Answer) -> None:
        self._queued.setdefault(operation, []).extend(answers)

    def sent(self, operation: str) -> list[dict[str, Any]]:
        """The variables of all calls of one operation."""
        return [call.variables for call in self.calls if call.operation == operation]

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float
    ) -> HttpAnswer:
        assert method == "POST"
        assert timeout == 3.0
        if url == TOKEN_URL:
            return self._token(headers, body or b"")
        assert headers["content-type"] == "application/json"
        request = json.loads(body or b"")
        name, variables = request["operationName"], request["variables"]
        self.calls.append(Call(name, variables, url, headers, request["query"]))
        self.guard.check(request["query"], variables)
        queued = self._queued.get(name)
        if not queued:
            raise Violation(f"{name} was not expected")
        next_answer = queued.pop(0)
        if isinstance(next_answer, Exception):
            raise next_answer
        if isinstance(next_answer, HttpAnswer):
            return next_answer
        data = self.guard.answer(request["query"], variables, next_answer)
        return answer({"data": data}, x_shopify_api_version="2026-10")

    def _token(self, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        assert headers["content-type"] == "application/x-www-form-urlencoded"
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self.calls.append(Call("AccessToken", dict(form), TOKEN_URL, headers, ""))
        queued = self._queued.get("AccessToken")
        if queued:
            scripted = queued.pop(0)
            assert isinstance(scripted, HttpAnswer)
            return scripted
        self.tokens_given += 1
        return answer({"access_token": f"new-{self.tokens_given}", "scope": "read_orders", "expires_in": 86399})


def settings(**changes: Any) -> ShopifySettings:
    """A store's settings."""
    values: dict[str, Any] = {
        "kind": "shopify",
        "base_url": BASE_URL,
        "shop_domain": "shop.example.com",
        "client_id": "invented-client",
        "location": "Warehouse",
    }
    return ShopifySettings(**{**values, **changes})
