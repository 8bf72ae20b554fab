"""The page as HTML, and the headers that go with it."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from orderwright.customer_page.request_view import form_of, receipt_of
from orderwright.customer_page.view import Tried, shop_of, view_of
from orderwright.customer_page.words import LANGUAGES, Reader, reader_of, words_of
from orderwright.domain.contrast import USUAL_COLOUR, ink_on, readable
from orderwright.domain.customer_request import SentRequest
from orderwright.domain.outside_texts import safe_url
from orderwright.domain.tracking_page import Page, ShopFace

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent / "templates"


_DAY, _NIGHT = "#f2f4f5", "#181c21"
"""What text and signs in the shop's colour stand on (page.css): by day the darker of both grounds, by night the lighter."""


@cache
def _style(colour: str) -> str:
    """Ours, with the shop's colour, such as #1b6e53, or ""."""
    brand = colour or USUAL_COLOUR
    own = (
        f"--brand:{brand};--onbrand:{ink_on(brand)};--byday:{readable(brand, _DAY)};--bynight:{readable(brand, _NIGHT)}"
    )
    return f":root{{{own}}}\n{(_FOLDER / 'page.css').read_text('utf-8')}"


@cache
def _headers(colour: str, logo: str) -> dict[str, str]:
    known = base64.b64encode(hashlib.sha256(_style(colour).encode()).digest()).decode()
    parts = urlsplit(logo)
    image = f" img-src {parts.scheme}://{parts.netloc};" if logo else ""
    return {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "private, max-age=10",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex, nofollow",
        "content-security-policy": f"default-src 'none'; style-src 'sha256-{known}';{image} form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'",
    }


def headers(face: ShopFace | None = None) -> dict[str, str]:
    """The address is a secret: no other site learns it. No script runs; our style is known by its hash, the logo by its site."""
    return _headers(face.colour, safe_url(face.logo_url)) if face else _headers("", "")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _page(template: str, face: ShopFace | None, reader: Reader, **more: Any) -> str:
    from markupsafe import Markup

    style = Markup(_style(face.colour if face else ""))
    return (
        _environment()
        .get_template(template)
        .render(
            style=style,
            language=reader.language,
            w=words_of(reader.language),
            say=reader.word,
            many=reader.many,
            shop=shop_of(face, reader) if face else None,
            **more,
        )
    )


def order_page(page: Page, face: ShopFace, now: datetime, language: str, tried: Tried | None = None) -> str:
    """The page of an order, with what came of a form that was sent."""
    reader = reader_of(page, face, language)
    view, form = view_of(page, face, now, reader), form_of(page, face, now, reader, tried)
    return _page("order.html.j2", face, reader, v=view, f=form, t=tried)


def receipt_page(page: Page, face: ShopFace, sent: SentRequest, now: datetime, language: str) -> str:
    """That a withdrawal or a return request came: its content, day and time."""
    reader = reader_of(page, face, language)
    view = view_of(page, face, now, reader)
    return _page("receipt.html.j2", face, reader, v=view, f=receipt_of(page, face, sent, reader))


def answer_page(page: Page, face: ShopFace, now: datetime, language: str) -> str:
    """The answer to "where is my order?"."""
    reader = reader_of(page, face, language)
    return _page("answer.html.j2", face, reader, v=view_of(page, face, now, reader))


def plain_page(key: str) -> str:
    """A page of one heading and one text (`key`, `key`_text), in all languages, for nobody knows who reads it."""
    told = [(one, words_of(one)[key], words_of(one)[f"{key}_text"]) for one in LANGUAGES]
    return _page("plain.html.j2", None, Reader(told[0][0], "", "UTC"), told=told)
