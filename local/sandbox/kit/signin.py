"""Who may call: HTTP Basic, a key or token in a header, and tokens that expire."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from local.sandbox.kit.api import Call, Gate, Refusal, gate
from local.sandbox.wire import Request

Check = Callable[[Request], bool]


def signed_in(check: Check, refusal: Callable[[Call], Refusal]) -> Gate:
    """The gate that lets only callers through whom `check` knows; routes that are open to all need none."""
    return gate(lambda call: call.route.open_to_all or check(call.request), refusal)


def same(given: str, wanted: str) -> bool:
    """True for equal texts, in a time that does not depend on them."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def basic(user: str, password: str | None = None) -> Check:
    """HTTP Basic with this pair; `password` None takes any."""

    def check(request: Request) -> bool:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        try:
            name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except ValueError:
            return False
        right = same(name, user) and (password is None or same(secret, password))
        return scheme.lower() == "basic" and right

    return check


def header(name: str, accepts: Callable[[str], bool], scheme: str = "") -> Check:
    """A header (lower case) with a key or token that is accepted. `scheme` stands in front of it, such as "Bearer"."""

    def check(request: Request) -> bool:
        given = request.headers.get(name, "")
        if scheme:
            word, _, given = given.partition(" ")
            if word.lower() != scheme.lower():
                return False
        return bool(given) and accepts(given)

    return check


class Tokens:
    """Opaque tokens, each good until its end by the clock."""

    def __init__(self, clock: Callable[[], datetime], random: Random, prefix: str = "") -> None:
        self._clock, self._random, self._prefix = clock, random, prefix
        self.valid_until: dict[str, datetime] = {}

    def issue(self, lives: timedelta) -> tuple[str, datetime]:
        """A fresh token and its end."""
        token, until = f"{self._prefix}{self._random.getrandbits(128):032x}", self._clock() + lives
        self.valid_until[token] = until
        return token, until

    def accepts(self, token: str | None) -> bool:
        """True for a token that was handed out and has not ended."""
        until = self.valid_until.get(token or "")
        return until is not None and self._clock() < until

    def revoke_all(self) -> None:
        """Forget every token."""
        self.valid_until.clear()
