"""The words of each language, in `words/<language>.json` apart from any layout; and dates as its readers write them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "de", "zh-Hans")
_FOLDER = Path(__file__).parent / "words"


@cache
def words_of(language: str) -> dict[str, str]:
    """All words of a language; English where it has none. `{...}` in a text is filled in with `str.format`."""
    name = language if language in LANGUAGES else LANGUAGES[0]
    held: dict[str, str] = json.loads((_FOLDER / f"{name}.json").read_bytes())
    return {**held, "language": name}


def day_text(day: date, language: str) -> str:
    """4 December 2026: the month in words, or with Chinese signs, since 11/12 reads differently in London and Chicago."""
    from babel.dates import format_date

    return format_date(day, format="long", locale={"en": "en_GB"}.get(language, language.replace("-", "_")))


def instant_text(instant: datetime, language: str) -> str:
    """The same with the time."""
    at = instant.astimezone(UTC)
    return f"{day_text(at.date(), language)}, {at:%H:%M} UTC"
