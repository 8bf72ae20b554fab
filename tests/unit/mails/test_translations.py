"""The three translations say the same things."""

from __future__ import annotations

from string import Formatter

import pytest

from orderwright.mails.translation import LANGUAGES, MESSAGE_KEYS, translation_of

ALLOWED_EQUALS = {"labels.article", "labels.asked_articles"}  # article(s) in French


def _strings(language: str) -> dict[str, str]:
    translation = translation_of(language)
    strings = {
        f"labels.{name}": value for name, value in translation.labels.model_dump().items() if isinstance(value, str)
    }
    for key, words in translation.messages.items():
        strings |= {f"{key}.{name}": value for name, value in words.model_dump().items()}
    return strings


def _placeholders(value: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(value) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_exists_and_no_string_is_empty(language: str) -> None:
    assert set(translation_of(language).messages) == set(MESSAGE_KEYS)
    assert [name for name, value in _strings(language).items() if not value.strip() or value != value.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_translations_hold_the_same_placeholders(language: str) -> None:
    english = {name: _placeholders(value) for name, value in _strings("en").items()}
    assert {name: _placeholders(value) for name, value in _strings(language).items()} == english


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_nothing_is_left_untranslated(language: str) -> None:
    english = _strings("en")
    assert [
        name for name, value in _strings(language).items() if value == english[name] and name not in ALLOWED_EQUALS
    ] == []
