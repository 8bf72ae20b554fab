"""One store's Admin GraphQL endpoint: token, request, cost, and what each kind of refusal means."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from orderwright.connectors.context import Context
from orderwright.connectors.http import HttpAnswer, exchange, unclear
from orderwright.connectors.stores.shopify.documents import Operation
from orderwright.connectors.stores.shopify.settings import ShopifySettings
from orderwright.connectors.stores.shopify.throttle import Throttle
from orderwright.connectors.tokens import renewal_hold, usable_token
from orderwright.errors import AddressRefused, Misconfigured, NotFound, Rejected, Retryable, VendorError
from orderwright.ports.connection import Sleeper

VENDOR = "shopify"
TOKEN_MARGIN = timedelta(minutes=5)
DEFAULT_TOKEN_SECONDS = 86_399
SHORTEST_WAIT = timedelta(seconds=1)

_LOG = logging.getLogger(__name__)
_SCOPE = re.compile(r"\b(?:read|write)_[a-z_]+\b")
_CODE = re.compile(r"[A-Za-z_]{1,60}")
_SHOP_UNAVAILABLE = {"HTTP_402": "the shop is frozen for an open bill", "HTTP_423": "the shop is locked"}
_UNCLEAR_CODES = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT"})


class UserProblem(NamedTuple):
    """An entry of `userErrors`: the code (where the mutation has codes), the path of the field, Shopify's words."""

    code: str
    path: tuple[str, ...]
    message: str


def safe_text(text: object) -> str:
    """Shopify's words, cut to one line, without anything that looks like a mail address."""
    words = str(text).split()
    return " ".join("(hidden)" if "@" in word else word for word in words)[:200]


def problems_of(payload: Mapping[str, Any], name: str = "userErrors") -> list[UserProblem]:
    """All user errors of a mutation's payload."""
    found = payload.get(name)
    return [
        UserProblem(
            str(entry.get("code") or "USER_ERROR"),
            tuple(str(part) for part in entry.get("field") or ()),
            safe_text(entry.get("message", "")),
        )
        for entry in (found if isinstance(found, list) else [])
        if isinstance(entry, dict)
    ]


def _sleep(duration: timedelta) -> None:
    time.sleep(duration.total_seconds())


class ShopifyClient:
    """Sends operations. `api_version_seen` is the version that Shopify last answered with ("" before any answer)."""

    def __init__(self, context: Context[ShopifySettings], sleep: Sleeper = _sleep) -> None:
        self.connection_id = context.id
        self.settings = context.settings
        self.clock = context.clock
        self.sleep = sleep
        self.throttle = Throttle()
        self.api_version_seen = ""
        self._credentials = context.credentials
        self._hold = renewal_hold(context.timeout)
        self._exchange = partial(exchange, context.http, VENDOR, timeout=context.timeout.total_seconds())

    def execute(self, operation: Operation, **variables: Any) -> dict[str, Any]:
        """The `data` of one operation. Raises Retryable, Rejected, Misconfigured or (with an effect) OutcomeUnknown."""
        body = json.dumps({"query": operation.document, "operationName": operation.name, "variables": variables})
        token = self._token()
        try:
            answer = self._post(operation, body.encode(), token)
        except Misconfigured as error:
            if error.code != "HTTP_401":
                raise
            # A 401 is refused before anything is done, so a second try is safe even for a call with an effect.
            answer = self._post(operation, body.encode(), self._token(refused=token))
        return self._data(operation, answer)

    def mutate(self, operation: Operation, field: str, **variables: Any) -> dict[str, Any]:
        """The payload of a mutation's one field, user errors included."""
        payload = self.execute(operation, **variables).get(field)
        if not isinstance(payload, dict):
            raise self._unclear(operation, "the answer has no payload")
        return payload

    def change(self, operation: Operation, field: str, **variables: Any) -> dict[str, Any]:
        """The same without user errors. Raises Rejected with the first, if there is any."""
        payload = self.mutate(operation, field, **variables)
        for problem in problems_of(payload):
            where = ".".join(problem.path) or "the whole request"
            raise Rejected(f"{VENDOR} {operation.name}: {where}: {problem.message}", code=problem.code)
        return payload

    def pages(self, operation: Operation, *path: str, **variables: Any) -> Iterator[dict[str, Any]]:
        """All nodes of a connection at `path`, page by page. Raises NotFound where a part of the path is null."""
        after: str | None = None
        while True:
            connection: Any = self.execute(operation, **variables, after=after)
            for name in path:
                connection = connection.get(name) if isinstance(connection, dict) else None
            if not isinstance(connection, dict):
                raise NotFound(f"{VENDOR} {operation.name}: not found", code="NOT_FOUND")
            yield from connection["nodes"]
            after = next_cursor(connection)
            if not after:
                return

    def _post(self, operation: Operation, body: bytes, token: str) -> HttpAnswer:
        settings = self.settings
        url = f"{settings.base_url.rstrip('/')}/admin/api/{settings.api_version}/graphql.json"
        json_type = "application/json"
        headers = {"content-type": json_type, "accept": json_type, "x-shopify-access-token": token}
        try:
            answer = self._exchange(
                operation.name, "POST", url, headers=headers, body=body, has_effect=operation.has_effect
            )
        except NotFound:
            # GraphQL says "not found" inside a 200: a 404 means that there is no such shop or version.
            raise Misconfigured(
                f"{VENDOR}: connections.{self.connection_id}.base_url or api_version: no Admin API there",
                code="HTTP_404",
            ) from None
        except Rejected as error:
            if error.code in _SHOP_UNAVAILABLE:
                raise Misconfigured(f"{VENDOR}: {_SHOP_UNAVAILABLE[error.code]}", code=error.code) from None
            raise
        self._note_version(answer)
        return answer

    def _note_version(self, answer: HttpAnswer) -> None:
        seen = answer.headers.get("x-shopify-api-version", "")
        if not seen or seen == self.api_version_seen:
            return
        self.api_version_seen = seen
        if seen != self.settings.api_version:
            # Shopify answers with the oldest version still alive when the asked one is retired.
            _LOG.warning("shopify: asked for another API version", extra={"api_version_seen": seen[:20]})

    def _data(self, operation: Operation, answer: HttpAnswer) -> dict[str, Any]:
        try:
            content = answer.json()
        except (ValueError, RecursionError):
            raise self._unclear(operation, "the answer is not JSON") from None
        if not isinstance(content, dict):
            raise self._unclear(operation, "the answer is not a JSON object")
        extensions = content.get("extensions")
        cost = self.throttle.learn(extensions.get("cost") if isinstance(extensions, dict) else None, self.clock.now())
        errors = content.get("errors")
        data = content.get("data")
        if errors:
            raise self._failure(operation, errors, executed=data is not None, cost=cost)
        if not isinstance(data, dict):
            raise self._unclear(operation, "the answer has no data")
        return data

    def _failure(self, operation: Operation, errors: Any, *, executed: bool, cost: float) -> VendorError:
        """What top-level errors mean. Without `data` nothing was executed (GraphQL specification, 7.1.1)."""
        first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
        extensions = first.get("extensions")
        found = _CODE.fullmatch(str(extensions.get("code", ""))) if isinstance(extensions, dict) else None
        code = found[0].upper() if found else "GRAPHQL_ERROR"
        what = f"{VENDOR} {operation.name}: {code}"
        if code == "THROTTLED":
            wait = max(self.throttle.delay_for(cost, self.clock.now()), SHORTEST_WAIT)
            return Retryable(what, after=wait, code=code)
        if code == "ACCESS_DENIED":
            scopes = sorted(set(_SCOPE.findall(json.dumps(first, default=str))))
            fix = f"grant the app {', '.join(scopes)}" if scopes else "grant the app the scopes that the guide lists"
            return Misconfigured(f"{what}: {fix}", code=code)
        if code == "SHOP_INACTIVE":
            return Misconfigured(f"{what}: the shop is not active", code=code)
        if code in _UNCLEAR_CODES or (operation.has_effect and executed):
            return self._unclear(operation, code)
        return Rejected(f"{what}: {safe_text(first.get('message', ''))}", code=code)

    def _unclear(self, operation: Operation, what: str) -> VendorError:
        return unclear(VENDOR, operation.name, what, has_effect=operation.has_effect)

    def _token(self, refused: str = "") -> str:
        return usable_token(self._credentials, VENDOR, self._hold, self._renew_token, refused)

    def _renew_token(self) -> str:
        """A token by the client-credentials grant, kept for all workers."""
        settings = self.settings
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": self._credentials.secret("client_secret"),
        }
        fix = f"check connections.{self.connection_id}.client_id and run: orderwright connect {self.connection_id}"
        try:
            url = f"{settings.base_url.rstrip('/')}/admin/oauth/access_token"
            headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
            body = urlencode(form).encode()
            answer = self._exchange("AccessToken", "POST", url, headers=headers, body=body, has_effect=False)
        except AddressRefused:
            raise
        except (Rejected, NotFound, Misconfigured) as error:
            raise Misconfigured(f"{VENDOR}: the client credentials are refused: {fix}", code=error.code) from None
        try:
            content = answer.json()
            token, seconds = content["access_token"], int(content.get("expires_in") or DEFAULT_TOKEN_SECONDS)
            if not isinstance(token, str) or not token:
                raise TypeError
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise Retryable(f"{VENDOR} AccessToken: the answer holds no token", code="UNAVAILABLE") from None
        lifetime = max(timedelta(seconds=seconds) - TOKEN_MARGIN, timedelta(seconds=seconds) / 2)
        self._credentials.store_token(token, self.clock.now() + lifetime, {})
        return token


class ShopifyPart:
    """A part of the connector: what it does with one store's client."""

    def __init__(self, client: ShopifyClient) -> None:
        self._client = client


def next_cursor(connection: Mapping[str, Any]) -> str:
    """Where the next page starts, or "" at the end."""
    page = connection.get("pageInfo") or {}
    return str(page.get("endCursor") or "") if page.get("hasNextPage") else ""
