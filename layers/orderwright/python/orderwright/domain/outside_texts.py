"""Texts and links from outside, made fit to be shown: no hidden characters, no markup in plain text, no link that lies."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

MOST_OF_A_LINK = 1000
# Bidirectional controls and zero-width characters reorder or hide text (Unicode Technical Report 36, section 2.5).
_DECEPTIVE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb]")
_STEERING = ("Cc", "Cs", "Zl", "Zp")
_MARKUP = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>|<!--.*?-->|<[a-z/!?][^<>]*>", re.IGNORECASE | re.DOTALL)
_BEGINS_MARKUP = re.compile(r"<(?=[a-z/!?])", re.IGNORECASE)
_LINK_TEXT = re.compile(rf"[!#$%&'()*+,\-./0-9:;=?@A-Z_a-z~\[\]]{{1,{MOST_OF_A_LINK}}}")
_ENCODED_CONTROL = re.compile(r"%(?:[01][0-9a-f]|7f)", re.IGNORECASE)
_LINK_LIKE = re.compile(r"[@:/\\]|www\.|\w\.\w{2,}", re.IGNORECASE)
# "Frankfurt/Main" and "St.Gallen" are towns.
_LINK_IN_TOWN = re.compile(
    r"[@\\]|://|\b(?:[Ww]{3}|[Hh][Tt]{2}[Pp][Ss]?|[Mm]ailto)[.:]|\w\.[^\WA-Z\d_]{2,}|\w\.[A-Z]{2,}"
)
_NUMBERED = re.compile(r"\S*\d{3}\S*")
MOST_OF_A_PERSON, MOST_OF_A_TOWN = 40, 80
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{4,253}}$)(?:{_LABEL}\.)+(?=[a-z]){_LABEL}")


def visible(value: str) -> str:
    """The text without characters that steer a terminal, break a line (a space stands there) or reorder what is written."""
    shown = _DECEPTIVE.sub("", value)
    if shown.isprintable():
        return shown
    return "".join(" " if unicodedata.category(c) in _STEERING else c for c in shown)


def one_line(value: str, limit: int) -> str:
    """The text on one line without control characters, cut with an ellipsis beyond `limit` characters."""
    joined = " ".join(visible(value).split())
    return joined if len(joined) <= limit else joined[: limit - 1].rstrip() + "…"


def plain(value: str, limit: int) -> str:
    """A title or a name as one line of text: tags are taken out, and a "<" that is left can begin none.

    For shops whose pages print such texts as they are.
    """
    text = _MARKUP.sub(" ", visible(value[: 10 * limit]))
    return one_line(_BEGINS_MARKUP.sub("< ", text), limit)


def person(value: str) -> str:
    """A name to be shown; "" where it looks like a link, so that nobody sends advertising through a shop."""
    name = one_line(value, MOST_OF_A_PERSON)
    return "" if _LINK_LIKE.search(name) else name


def first_name(name: str) -> str:
    """Of a full name its first word ("Anna"), or what follows the family name ("Example, Anna"); "" where that is no name."""
    family, comma, own = one_line(name, 10 * MOST_OF_A_PERSON).partition(", ")
    first = (own if comma and " " not in family else family).partition(" ")[0].rstrip(",")
    return "" if _NUMBERED.search(first) or not any(map(str.isalpha, first)) else person(first)


def town(value: str) -> str:
    """A town without its postcode; "" where it looks like a link or a mail address."""
    name = one_line(_NUMBERED.sub(" ", one_line(value, 10 * MOST_OF_A_TOWN)), MOST_OF_A_TOWN)
    return "" if _LINK_IN_TOWN.search(name) else name


def safe_url(value: str, schemes: tuple[str, ...] = ("https",)) -> str:
    """The address when it is https with a real host, no user part and no control characters, else ""."""
    if not _LINK_TEXT.fullmatch(value) or _ENCODED_CONTROL.search(value):
        return ""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    real = _HOST.fullmatch(host) and port != 0 and "@" not in parts.netloc
    return value if real and parts.scheme in schemes else ""
