"""One CJ account over HTTP: the token and its renewal, one call, its answer or one of our errors."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from orderwright.connectors.context import Context
from orderwright.connectors.http import exchange, is_good, refused, unclear
from orderwright.connectors.suppliers.cj import envelope as env
from orderwright.connectors.suppliers.cj.settings import CjSettings
from orderwright.connectors.tokens import renewal_hold, usable_token
from orderwright.domain.base import from_iso
from orderwright.errors import AddressRefused, Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable, VendorError
from orderwright.ports.connection import Sleeper

_READ_TRIES = 3
# getAccessToken may be called once in five minutes, whether it succeeds or not.
BETWEEN_LOG_INS = timedelta(seconds=305)
LOG_IN_WAIT = timedelta(seconds=30)
# How far CJ's clock may be from ours.
CLOCK_SKEW = timedelta(minutes=10)


def _sleep(duration: timedelta) -> None:
    time.sleep(duration.total_seconds())


def fingerprint(open_id: str) -> str:
    """What may be kept and hashed of an openId, the same for every Orderwright on the account.

    scrypt makes guessing dear: an openId is a short number, and whoever has it can sign webhooks.
    """
    return "cj-" + hashlib.scrypt(open_id.encode(), salt=b"orderwright cj account", n=2**14, r=8, p=1, dklen=16).hex()


class CjClient:
    """Calls of one connection. `call` never repeats a call that has an effect; `read` waits out the limit per second."""

    def __init__(self, context: Context[CjSettings], sleep: Sleeper = _sleep) -> None:
        self.name = f"CJ {context.id}"
        self.connection_id = context.id
        self.settings = context.settings
        self.clock = context.clock
        self._credentials = context.credentials
        self._hold = renewal_hold(context.timeout)
        self._ask = partial(exchange, context.http, self.name, timeout=context.timeout.total_seconds(), any_status=True)
        self._sleep = sleep
        self._base = f"{self.settings.base_url.rstrip('/')}/api2.0/v1/"

    def read(
        self, operation: str, path: str, query: Sequence[tuple[str, str]] = (), *, body: Mapping[str, Any] | None = None
    ) -> Any:
        """The `data` of a call that may be repeated: GET, or POST with a body. Raises as `call`, never OutcomeUnknown."""
        method = "GET" if body is None else "POST"
        for _ in range(_READ_TRIES - 1):
            try:
                return self.call(operation, method, path, query, body=body, has_effect=False)
            except Retryable as error:
                if error.code != "RATE_LIMITED" or (error.after or timedelta(1)) > timedelta(seconds=2):
                    raise
                self._sleep(error.after or timedelta(seconds=1))
        return self.call(operation, method, path, query, body=body, has_effect=False)

    def call(
        self,
        operation: str,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]] = (),
        *,
        body: Mapping[str, Any] | None = None,
        has_effect: bool,
        refusals: env.Refusals = env.NONE,
    ) -> Any:
        """The `data` of one call. Raises Retryable, Rejected, Misconfigured, NotFound; OutcomeUnknown with `has_effect`.

        A refused token is renewed once: CJ checks it before anything else, so that the refused call did nothing.
        """
        token = self._token()
        try:
            return self._send(operation, method, path, query, body, token, has_effect=has_effect, refusals=refusals)
        except Misconfigured as error:
            if error.code not in ("TOKEN_REFUSED", "HTTP_401"):
                raise
        token = self._token(refused=token)
        return self._send(operation, method, path, query, body, token, has_effect=has_effect, refusals=refusals)

    def _send(
        self,
        operation: str,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        body: Mapping[str, Any] | None,
        token: str,
        *,
        has_effect: bool,
        refusals: env.Refusals,
    ) -> Any:
        headers = {"accept": "application/json"}
        if token:
            headers["cj-access-token"] = token
        if body is not None:
            headers["content-type"] = "application/json"
        url = self._base + path + (f"?{urlencode(query)}" if query else "")
        content = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
        answered: dict[str, Any] | None = None
        failure: VendorError | None = None
        try:
            answer = self._ask(operation, method, url, headers=headers, body=content, has_effect=has_effect)
            answered = answer.json_object() if answer.status < 500 else None
            if not is_good(answer.status):
                raise refused(answer.status, answer.headers, self.name, operation, has_effect=has_effect)
        except (Rejected, NotFound, Retryable, Misconfigured) as error:
            failure = error
        if answered is not None and "code" in answered and not env.is_success(answered):
            raise env.error_of(
                answered, self.name, operation, now=self.clock.now(), has_effect=has_effect, refusals=refusals
            )
        if failure is not None:
            raise self._of_http(failure, operation, has_effect=has_effect)
        if answered is not None and env.is_success(answered):
            return answered.get("data")
        raise self._unreadable(operation, has_effect=has_effect)

    def _of_http(self, error: VendorError, operation: str, *, has_effect: bool) -> VendorError:
        """CJ answers 200 to everything that it has read: any other 4xx is a gateway's, and says nothing of the order."""
        if not isinstance(error, Rejected | NotFound):
            return error
        if has_effect:
            return OutcomeUnknown(f"{error.message}; whether it happened is not known", code=error.code)
        return Misconfigured(f"{error.message}: {operation} is not to be found at base_url", code=error.code)

    def _unreadable(self, operation: str, *, has_effect: bool) -> VendorError:
        return unclear(self.name, operation, "the answer cannot be read", has_effect=has_effect, code="UNREADABLE")

    def _token(self, refused: str = "") -> str:
        return usable_token(self._credentials, self.name, self._hold, self._renew, refused)

    def _renew(self) -> str:
        """A refreshed token, or a new one by API key. Only the holder of the renewal's lease comes here."""
        extra = self._credentials.token_extra()
        if extra.get("refresh_token"):
            try:
                return self._take("refreshAccessToken", {"refreshToken": extra["refresh_token"]}, extra)
            except AddressRefused:
                raise
            except (Misconfigured, Rejected):
                # The refresh token has ended as well: the API key gives a new pair.
                pass
        return self._log_in(extra)

    def _log_in(self, extra: Mapping[str, str]) -> str:
        body = {"apiKey": self._credentials.secret("api_key")}
        if not self._credentials.may_renew(BETWEEN_LOG_INS, "login"):
            raise Retryable(f"{self.name}: the last log-in is too recent", after=LOG_IN_WAIT, code="TOKEN_AWAITED")
        try:
            return self._take("getAccessToken", body, extra)
        except Rejected:
            # Older accounts have to name their e-mail as well.
            return self._take("getAccessToken", {**body, "email": self._credentials.secret("email")}, extra)

    def _take(self, operation: str, body: Mapping[str, str], extra: Mapping[str, str]) -> str:
        path = f"authentication/{operation}"
        data = self._send(operation, "POST", path, (), body, "", has_effect=False, refusals=env.NONE)
        try:
            token, expires = str(data["accessToken"]), self._expiry(data)
            # A refresh does not name the openId again, which the webhooks are signed with.
            open_id = str(data.get("openId") or extra.get("open_id", ""))
            refresh = str(data.get("refreshToken") or extra.get("refresh_token", ""))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise self._unreadable(operation, has_effect=False) from None
        self._credentials.store_token(token, expires, {"refresh_token": refresh, "open_id": open_id})
        return token

    def account(self) -> str:
        """The openId's fingerprint; "" while CJ has not told it."""
        open_id = self._credentials.token_extra().get("open_id", "")
        if not open_id:
            self._token()
            open_id = self._credentials.token_extra().get("open_id", "")
        return fingerprint(open_id) if open_id else ""

    def _expiry(self, data: Mapping[str, Any]) -> datetime:
        """By our clock. CJ names only its own times: their difference is the token's life, whatever its clock shows.

        A token that was made long ago does not live longer for being handed out again, so its end bounds it.
        """
        ends = from_iso(str(data["accessTokenExpiryDate"]))
        if not data.get("createDate"):
            return ends - CLOCK_SKEW
        life = ends - from_iso(str(data["createDate"]))
        return min(self.clock.now() + life, ends + CLOCK_SKEW) if life > timedelta(0) else ends - CLOCK_SKEW


class CjPart:
    """A part of the connector: what it does with one account's client."""

    def __init__(self, client: CjClient) -> None:
        self._client = client
