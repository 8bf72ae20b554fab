"""The words of all languages, of mails and of the customer's page: complete, translated, and no longer than their place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from string import Formatter

import pytest
from babel import Locale

from orderwright import customer_page, mails
from orderwright.customer_page import words as page_words
from orderwright.domain.money import Money
from orderwright.mails.formats import date_text, money_text
from orderwright.mails.sms import fits_one_segment, to_gsm
from orderwright.mails.translation import LANGUAGES, MESSAGE_KEYS, Tongue, translation_of

BOOKS = {
    "mails": Path(mails.__file__).parent / "translations",
    "page": Path(customer_page.__file__).parent / "words",
}
ALL = [(book, language) for book in BOOKS for language in LANGUAGES]
SAME_AS_ENGLISH = {
    ("fr", "labels.article"),  # Article
    ("fr", "labels.asked_articles"),  # Articles
    ("fr", "contact"),  # Contact
}
FILLED = {
    "order": "#10423", "merchant": "Nord Outdoor", "day": "27 November 2026", "first": "27 November", "last": "2 December",
    "expected": "27 November 2026", "first_name": "Annika", "town": "Helsinki", "count": "14", "total": "3", "number": "2",
    "carrier": "Posti", "mail": "help@example.com", "zone": "Helsinki", "time": "14:05", "parcels": "41", "within": "38",
    "most": "3", "article": "Lamp", "former": "JJFI60010000000001", "display_name": "Annika Virtanen",
}  # fmt: skip
PLACES = (
    # Of which texts; most characters, and most of one word, which cannot wrap; why. The first place that fits counts.
    ("mails", "*.subject", 80, 0, "a list of mails shows no more on a desktop; a phone cuts it behind about 40"),
    ("mails", "*.preheader", 70, 0, "a list of mails shows it in one line beside the subject"),
    ("mails", "*.heading", 52, 18, "28 px in 280 px: 18 letters a line, three lines"),
    ("mails", "*.sms", 100, 0, "60 of the 160 characters are left for number and link"),
    ("mails", "labels.step_*", 24, 15, "a fourth of 440 px at 13 px, in two lines; narrower, each has its own line"),
    ("mails", "labels.track", 24, 0, "a button in one line: 16 px bold in 224 px"),
    ("mails", "labels.follow*", 24, 0, "a button in one line: 16 px bold in 224 px"),
    ("mails", "labels.quantity", 7, 0, "a narrow column, so that the article keeps its room"),
    ("mails", "labels.price", 9, 0, "a narrow column, so that the article keeps its room"),
    ("mails", "labels.sku", 14, 0, "stands before the code in one line"),
    *(
        ("mails", f"labels.{name}", 26, 16, "42 of 100 of the width at 14 px, in two lines")
        for name in ("order", "ordered_on", "tracking_number", "carrier", "expected", "*_on", "asked_at")
    ),
    ("mails", "*", 150, 0, "running text: two short sentences"),
    ("page", "title", 40, 0, "the tab of a browser"),
    ("page", "s_*", 80, 15, "the sentence at 23 px in 190 px, beside its sign: at most six lines"),
    ("page", "answer", 56, 20, "a heading at 23 px in 246 px: at most four lines"),
    ("page", "*_received", 56, 15, "a heading at 23 px in 190 px, beside its sign: at most four lines"),
    ("page", "st_*", 22, 12, "steps beside each other from 704 px: five of 120 px, at 16 px bold"),
    ("page", "step_*", 20, 0, "read aloud behind each step"),
    ("page", "*_button", 40, 18, "a button at 320 px: two lines of 24 letters"),
    ("page", "follow*", 40, 18, "a button at 320 px: two lines of 24 letters"),
    ("page", "withdraw", 32, 0, "the line that opens the form"),
    ("page", "return", 32, 0, "the line that opens the form"),
    ("page", "r_*", 36, 0, "a list that shows one line"),
    *(("page", name, 22, 0, "beside its value") for name in ("tracking_number", "carrier", "last_news")),
    *(("page", name, 32, 0, "a link at the foot") for name in ("terms", "privacy", "to_shop")),
    ("page", "*", 150, 0, "running text: two short sentences"),
)  # fmt: skip


def texts(book: str, language: str) -> dict[str, dict[str, str]]:
    """Each text by its name and plural category; "" is the category of a text without plural forms."""
    return dict(_flat(json.loads((BOOKS[book] / f"{language}.json").read_bytes()), ""))


def _flat(held: Mapping[str, object], above: str) -> Iterator[tuple[str, dict[str, str]]]:
    for key, value in held.items():
        if not isinstance(value, dict):
            yield above + key, {"": str(value)}
        elif "other" in value:
            yield above + key, value
        else:
            yield from _flat(value, f"{above}{key}.")


def _open(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_mails_and_page_know_the_same_languages_and_hold_no_other() -> None:
    assert tuple(page_words.LANGUAGES) == LANGUAGES
    for folder in BOOKS.values():
        assert {file.stem for file in folder.iterdir()} == set(LANGUAGES)
    assert all(set(translation_of(language).messages) == set(MESSAGE_KEYS) for language in LANGUAGES)


@pytest.mark.parametrize(("book", "language"), ALL)
def test_no_language_lacks_a_text_or_a_plural_form_or_has_one_too_many(book: str, language: str) -> None:
    english, found = texts(book, "en"), texts(book, language)
    assert set(found) == set(english)
    categories = set(Locale(language).plural_form.tags) | {"other"}
    assert {
        name: set(forms) for name, forms in found.items() if set(forms) != ({""} if "" in english[name] else categories)
    } == {}
    assert [name for name, forms in found.items() for text in forms.values() if not text or text != text.strip()] == []


@pytest.mark.parametrize(("book", "language"), ALL)
def test_each_form_of_a_text_holds_the_placeholders_of_the_english_one(book: str, language: str) -> None:
    english = {name: _open([*forms.values()][-1]) for name, forms in texts(book, "en").items()}
    wrong = {
        f"{name} {category}": text
        for name, forms in texts(book, language).items()
        for category, text in forms.items()
        if _open(text) != english[name]
    }
    # "Guten Tag Aino Virtanen," but "Hello Aino,": each language greets in its own way.
    assert set(wrong) <= {"greeting "}, wrong


@pytest.mark.parametrize(("book", "language"), [one for one in ALL if one[1] != "en"])
def test_nothing_is_left_untranslated(book: str, language: str) -> None:
    english = texts(book, "en")
    same = {(language, name) for name, forms in texts(book, language).items() if forms == english[name]}
    assert same <= SAME_AS_ENGLISH


@pytest.mark.parametrize(("book", "language"), ALL)
def test_no_text_is_longer_than_its_place(book: str, language: str) -> None:
    long = []
    for name, forms in texts(book, language).items():
        most, most_of_word, why = next(p[2:] for p in PLACES if p[0] == book and fnmatch(name, p[1]))
        for text in forms.values():
            filled = text.format(**FILLED)
            word = max(filled.replace("\u00a0", " ").replace("-", " ").split(), key=len)
            if len(filled) > most or len(word) > (most_of_word or len(word)):
                long.append(f"{name}: {filled} ({len(filled)} of {most}, {word}: {len(word)} of {most_of_word}; {why})")
    assert long == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_text_message_begins_with_fits_one_segment(language: str) -> None:
    """Of 160 letters of the GSM alphabet, or in Ukrainian of 70."""
    heads = [to_gsm(words.sms.format(**FILLED)) for words in translation_of(language).messages.values()]
    assert [head for head in heads if not fits_one_segment(head)] == []
    assert (language == "uk") is any(not fits_one_segment(head + "x" * 60) for head in heads)


@pytest.mark.parametrize(
    ("language", "full", "medium", "price"),
    [
        ("en", "Wednesday, December 2, 2026", "Dec 2, 2026", "€1,234.50"),
        ("de", "Mittwoch, 2. Dezember 2026", "02.12.2026", "1.234,50 €"),
        ("fr", "mercredi 2 décembre 2026", "2 déc. 2026", "1 234,50 €"),
        ("es", "miércoles, 2 de diciembre de 2026", "2 dic 2026", "1.234,50 €"),
        ("fi", "keskiviikko 2. joulukuuta 2026", "2.12.2026", "1 234,50 €"),
        ("uk", "середа, 2 грудня 2026 р.", "2 груд. 2026 р.", "1 234,50 EUR"),
        ("ro", "miercuri, 2 decembrie 2026", "2 dec. 2026", "1.234,50 EUR"),
        ("lv", "trešdiena, 2026. gada 2. decembris", "2026. gada 2. dec.", "1 234,50 €"),
        ("is", "miðvikudagur, 2. desember 2026", "2. des. 2026", "1.234,50 EUR"),
    ],
)
def test_days_and_amounts_read_as_the_language_writes_them(language: str, full: str, medium: str, price: str) -> None:
    tongue, day = Tongue(language, ""), date(2026, 12, 2)
    found = (
        date_text(day, tongue, "full"), date_text(day, tongue, "medium"), money_text(Money.parse("1234.50", "EUR"), tongue)
    )  # fmt: skip
    assert tuple(text.replace("\u202f", " ").replace("\u00a0", " ") for text in found) == (full, medium, price)
