"""The page as HTML, and the headers that go with it."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from orderwright.pages.view import Shown, Tried, view_of
from orderwright.pages.words import LANGUAGES, words_of

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent / "templates"


@cache
def _style() -> str:
    return (_FOLDER / "page.css").read_text("utf-8")


@cache
def headers(posts_to: str = "") -> dict[str, str]:
    """The address is a secret: no other site learns it. No script runs, no stranger's either; our style is known by its hash.

    `posts_to`: where else a form of this page may go.
    """
    known = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    forms = f"'self' {posts_to}".strip()
    return {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex",
        "content-security-policy": f"default-src 'none'; style-src 'sha256-{known}'; form-action {forms}; "
        "frame-ancestors 'none'; base-uri 'none'",
    }


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["style"] = Markup(_style())  # a file of ours
    return made


def purchase_order_page(shown: Shown, tried: Tried | None = None) -> str:
    """The page of a purchase order, with what came of a form that was sent."""
    words = words_of(shown.language)
    view, tried = view_of(shown, words), tried or Tried()
    return _environment().get_template("purchase_order.html.j2").render(w=words, v=view, t=tried)


def plain_page(key: str, language: str = "", **values: str) -> str:
    """A page of one heading and one text (`key`, `key`_text). Without a language: in all, for nobody knows who reads it."""
    parts = [words_of(one) for one in ((language,) if language else LANGUAGES)]
    told = [(one["language"], one[key], one[f"{key}_text"].format(**values)) for one in parts]
    return _environment().get_template("plain.html.j2").render(told=told)
