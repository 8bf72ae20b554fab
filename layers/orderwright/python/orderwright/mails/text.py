"""Untrusted text made fit for a message: one line, bounded, without characters that lie about what is written."""

from __future__ import annotations

import re

from orderwright.domain.outside_texts import one_line, person, safe_url

__all__ = ["lines_of", "one_line", "own_link", "person", "safe_email", "safe_url"]

ORDER_NAME = 40
TITLE = 140
VARIANT = 80
CODE = 64
MERCHANT = 80
SUBJECT = 150

_OWN_LINK = re.compile(r"https?://[A-Za-z0-9.:/_~$-]{1,250}/[a-z2-7]{32}")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$*+=_~-]{1,64}@[A-Za-z0-9.-]{1,190}")


def lines_of(value: str, *, count: int, limit: int) -> tuple[str, ...]:
    """The first `count` non-empty lines, each cleaned."""
    return tuple(text for text in (one_line(line, limit) for line in value.splitlines()) if text)[:count]


def own_link(value: str) -> str:
    """A link to a customer's page as we make it (tracking_links.py), also on a local stack, which has no https; else ""."""
    return value if _OWN_LINK.fullmatch(value) else ""


def safe_email(value: str) -> str:
    """A bare mail address that can stand in a mailto link, else ""."""
    return value if _EMAIL.fullmatch(value) else ""
