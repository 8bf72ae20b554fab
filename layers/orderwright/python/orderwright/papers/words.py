"""The words of papers and of what goes with them, in words/<language>.json."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "de", "zh-Hans")
_FOLDER = Path(__file__).parent / "words"
_DRAWN = ("en", "de")
"""Languages whose words the font can show. In every other one a PDF has English words."""


@cache
def words(language: str) -> dict[str, Any]:
    """All words of one of LANGUAGES."""
    found: dict[str, Any] = json.loads((_FOLDER / f"{language}.json").read_text("utf-8"))
    return found


def labels(language: str) -> dict[str, str]:
    """The labels of a mail or a CSV file."""
    found: dict[str, str] = words(language)["labels"]
    return found


def drawn_language(language: str) -> str:
    """The language of a PDF."""
    return language if language in _DRAWN else "en"
