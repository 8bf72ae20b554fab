"""The signed link to a supplier's page of one purchase order, and the code that its mail has beside it.

A link is <page's address>/<reference>-<last day, YYYYMMDD>-<signature>: letters, digits and "-" only, so that no mail program
breaks it. Everybody who has the link sees the order. Programs that read mails open links and press buttons too, so an answer also
asks for the code, which stands in the mail and in its files, and never on the page or in the link. Standard library only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

VALID_FOR = timedelta(days=120)
SIGNATURE = 26
"""Characters of base32: 130 bits."""


class LinkFault(StrEnum):
    """Why a link opens nothing."""

    FORGED = "FORGED"
    EXPIRED = "EXPIRED"


class Token(NamedTuple):
    """The last part of a link, taken apart. Nothing of it is to be believed before `fault_of` has looked at it."""

    reference: str
    until: str
    signature: str


def _signature(what: str, secret: str) -> str:
    digest = hmac.new(secret.encode(), what.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:SIGNATURE]


def link(page: str, reference: str, secret: str, today: date) -> str:
    """The link of a purchase order, valid for VALID_FOR from `today` (UTC) on."""
    until = (today + VALID_FOR).strftime("%Y%m%d")
    return f"{page.rstrip('/')}/{reference}-{until}-{_signature(f'page|{reference}|{until}', secret)}"


def token_of(text: str) -> Token | None:
    """The parts of a link's end; None for what has not this form."""
    parts = text.strip().split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isalnum() for part in parts) or len(text) > 200:
        return None
    return Token(*parts)


def fault_of(token: Token, secrets: Sequence[str], today: date) -> LinkFault | None:
    """What is wrong with a link; None where it is good. `secrets`: those that are valid now."""
    signed = f"page|{token.reference}|{token.until}"
    good = [hmac.compare_digest(token.signature, _signature(signed, secret)) for secret in secrets if secret]
    if not any(good):
        return LinkFault.FORGED
    return LinkFault.EXPIRED if today.strftime("%Y%m%d") > token.until else None


def code_of(reference: str, secret: str) -> str:
    """The code of a purchase order, "123-456"."""
    number = int.from_bytes(hmac.new(secret.encode(), f"code|{reference}".encode(), hashlib.sha256).digest()[:8])
    return f"{number // 1000 % 1000:03d}-{number % 1000:03d}"


def is_code(given: str, reference: str, secrets: Sequence[str]) -> bool:
    """Is it the code of this purchase order, with or without its hyphen and blanks?"""
    digits = "".join(sign for sign in given if sign in "0123456789")
    good = [hmac.compare_digest(digits, code_of(reference, secret).replace("-", "")) for secret in secrets if secret]
    return any(good)
