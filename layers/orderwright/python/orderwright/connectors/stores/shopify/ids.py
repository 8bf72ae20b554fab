"""Shopify's global ids: inside Orderwright an id is the number at the end, as text; on the wire it is a URI."""

from __future__ import annotations

import re

_GID = re.compile(r"gid://shopify/[A-Za-z]+/([0-9]{1,20})(?:\?.*)?", re.ASCII)


def gid(kind: str, number: str) -> str:
    """gid("Order", "123") -> "gid://shopify/Order/123"."""
    return f"gid://shopify/{kind}/{number}"


def number_of(value: object) -> str:
    """The number of a global id as text, "" when it is none."""
    found = _GID.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else ""
