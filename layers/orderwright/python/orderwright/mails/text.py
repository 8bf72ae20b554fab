"""Untrusted text made fit for a message: one line, bounded, without characters that lie about what is written."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

ORDER_NAME = 40
PERSON = 40
TITLE = 140
VARIANT = 80
CODE = 64
MERCHANT = 80
SUBJECT = 150

# Bidirectional controls and zero-width characters reorder or hide text (Unicode Technical Report 36, section 2.5).
_DECEPTIVE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb]")
_LINK_LIKE = re.compile(r"[@:/\\]|www\.|\w\.\w{2,}", re.IGNORECASE)
_URL_TEXT = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z_a-z~\[\]]{1,600}")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$*+=_~-]{1,64}@[A-Za-z0-9.-]{1,190}")


def one_line(value: str, limit: int) -> str:
    """The text on one line without control characters, cut with an ellipsis beyond `limit` characters."""
    visible = _DECEPTIVE.sub("", value)
    if not visible.isprintable():
        visible = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in visible)
    joined = " ".join(visible.split())
    return joined if len(joined) <= limit else joined[: limit - 1].rstrip() + "…"


def lines_of(value: str, *, count: int, limit: int) -> tuple[str, ...]:
    """The first `count` non-empty lines, each cleaned."""
    return tuple(text for text in (one_line(line, limit) for line in value.splitlines()) if text)[:count]


def person(value: str) -> str:
    """A name for a greeting; "" where it looks like a link, so that nobody sends advertising through a shop's mails."""
    name = one_line(value, PERSON)
    return "" if _LINK_LIKE.search(name) else name


def safe_url(value: str) -> str:
    """The address when it is plain http or https with a host and no user part, else ""."""
    if not _URL_TEXT.fullmatch(value):
        return ""
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return ""
    return value if parts.scheme in ("http", "https") and host and "@" not in parts.netloc else ""


def safe_email(value: str) -> str:
    """A bare mail address that can stand in a mailto link, else ""."""
    return value if _EMAIL.fullmatch(value) else ""
