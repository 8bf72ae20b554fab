"""The link to the customer's page of an order (R31, promise P8): who has it sees the page, and nobody can guess it.

A link is <address>/<token>. The token is an HMAC of the order's key, so that each mail can carry the same link, and nothing of
the order stands in it. What is stored is the token's hash, the *mark*: who reads the table opens no page. A new signing key is
for new orders; links of before stay as they are, since the key of before is kept behind it. Standard library only.

SSM parameter <prefix>/-/tracking: {"url": address, "keys": [newest, the ones before]}
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

PARAMETER = ("-", "tracking")
TOKEN_LENGTH = 32
"""Characters of base32: 160 bits."""
_TOKEN = re.compile(f"[a-z2-7]{{{TOKEN_LENGTH}}}")


def token_of(pk: str, key: str) -> str:
    """The token of an order's link."""
    digest = hmac.new(key.encode(), f"track|{pk}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:TOKEN_LENGTH]


def is_token(text: str) -> bool:
    """Has it the form of one? Anything else is looked up nowhere."""
    return _TOKEN.fullmatch(text) is not None


def mark_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(f"link|{token}".encode()).hexdigest()[:40]


class TrackingLinks(NamedTuple):
    """Where pages are, and the signing keys, newest first. Without keys there are no links."""

    url: str = ""
    keys: tuple[str, ...] = ()

    @classmethod
    def of(cls, held: Mapping[str, Any] | None) -> TrackingLinks:
        """As the parameter says."""
        return cls(str(held.get("url", "")), tuple(str(key) for key in held.get("keys", ()))) if held else cls()

    def mark(self, pk: str) -> str:
        """The mark of a new order's link; "" without keys."""
        return mark_of(token_of(pk, self.keys[0])) if self.keys else ""

    def link(self, pk: str, mark: str) -> str:
        """The link of an order that is kept under this mark; "" where no key gives it."""
        tokens = (token_of(pk, key) for key in self.keys) if mark and self.url else ()
        token = next((token for token in tokens if hmac.compare_digest(mark_of(token), mark)), "")
        return f"{self.url.rstrip('/')}/{token}" if token else ""
