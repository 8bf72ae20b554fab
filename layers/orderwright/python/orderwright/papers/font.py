"""The one font of all papers, and what it cannot show.

reportlab draws a wrong sign, without an error, for what a font does not have. So nothing is drawn that `fits` has not passed.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

NAME = "NotoSans"
_FILE = Path(__file__).parent / "fonts" / "NotoSans-subset.ttf"
"""Noto Sans 2.000, cut down to Latin, Greek and Cyrillic. Its licence lies beside it (OFL.txt)."""


@cache
def loaded() -> Any:
    """The font, known to reportlab from now on."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    font = TTFont(NAME, str(_FILE))
    pdfmetrics.registerFont(font)
    return font


def composed(text: str) -> str:
    """The text with each letter and its accents as one sign, where Unicode has one: the font does not place accents itself."""
    return unicodedata.normalize("NFC", text)


def fits(text: str) -> bool:
    """Can the font show all of it?"""
    signs = loaded().face.charToGlyph
    return all(ord(sign) in signs and not unicodedata.combining(sign) for sign in composed(text))


def width(text: str, size: int) -> Any:
    """How wide a text is, in points."""
    return loaded().stringWidth(text, size)
