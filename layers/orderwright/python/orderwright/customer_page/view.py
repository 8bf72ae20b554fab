"""An order laid out for its buyer: what stands on the page, cleaned and bounded, in their language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from orderwright.customer_page.words import LANGUAGES, Reader
from orderwright.domain.customer_request import RequestKind
from orderwright.domain.outside_texts import one_line, safe_url
from orderwright.domain.tracking_page import Page, ShopFace

NAME, TITLE, NUMBER = 80, 120, 40


class Tried(NamedTuple):
    """What came of a form: `errors` field -> text ("" names the whole form), `typed` field -> text."""

    kind: RequestKind
    errors: Mapping[str, str] = {}
    typed: Mapping[str, str] = {}


def shop_of(face: ShopFace, reader: Reader) -> dict[str, object]:
    """Head and foot of every page of this shop."""
    return {
        "name": one_line(face.name, NAME),
        "logo": safe_url(face.logo_url),
        "website": safe_url(face.website, ("https", "http")),
        "mail": one_line(face.support_email, 254),
        "address": [one_line(line, TITLE) for line in face.legal_address.splitlines()[:8] if line.strip()],
        "links": [
            (reader.word(key), url) for key, text in (("terms", face.terms_url), ("privacy", face.privacy_url))
            if (url := safe_url(text, ("https", "http")))
        ],
        "languages": [(code, name, code == reader.language) for code, name in LANGUAGES.items()],
    }  # fmt: skip


def view_of(page: Page, face: ShopFace, now: datetime, reader: Reader) -> dict[str, object]:
    """All that the templates say of an order beside the words."""
    return {"order": one_line(page.order.name, NUMBER)}
