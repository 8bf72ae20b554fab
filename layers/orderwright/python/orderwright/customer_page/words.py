"""The words of each language, in `words/<language>.json` apart from any layout; which language a reader gets; days and times."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from orderwright.domain.tracking_page import Page, ShopFace
from orderwright.mails.plurals import plural_text

_FOLDER = Path(__file__).parent / "words"
LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "fi": "Suomi",
    "uk": "Українська",
    "ro": "Română",
    "lv": "Latviešu",
    "is": "Íslenska",
}
"""Each language's own name by its code, in the order in which the page offers them."""
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[-_.@].*)?", re.DOTALL)

NO_BREAK = "\u00a0"

Words = Mapping[str, str | Mapping[str, str]]
"""Of one language. A text with plural forms has one for each category of CLDR. `{...}` is filled in with `str.format`."""


@cache
def words_of(language: str) -> dict[str, str | dict[str, str]]:
    """All words of one of LANGUAGES."""
    held: dict[str, str | dict[str, str]] = json.loads((_FOLDER / f"{language}.json").read_bytes())
    return held


def language_of(asked: str, page: Page, face: ShopFace) -> str:
    """What the reader chose (`asked`, as in ?lang=de), else the order's, else the store's, else English."""
    for locale in (asked, page.order.locale, face.locales.get(page.order.store, "")):
        found = _LOCALE.fullmatch(locale)
        if found and found[1].lower() in LANGUAGES:
            return found[1].lower()
    return "en"


class Reader(NamedTuple):
    """Who reads: a language, the country that decides how dates are written, the zone whose clock counts (IANA)."""

    language: str
    country: str
    zone: str

    @property
    def _locale(self) -> str:
        if self.language == "en":
            return "en_US" if self.country == "US" else "en_GB"
        return self.language

    def word(self, key: str, **values: object) -> str:
        """One text, filled in."""
        text = words_of(self.language)[key]
        assert isinstance(text, str), key
        return text.format(**values)

    def many(self, key: str, count: int, **values: object) -> str:
        """One text with plural forms, filled in."""
        forms = words_of(self.language)[key]
        assert not isinstance(forms, str), key
        return plural_text(forms, count, self.language, **values)

    def today(self, instant: datetime) -> date:
        """The calendar day of an instant where the reader is."""
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def day(self, day: date | datetime) -> str:
        """22 November 2026: the month in words, since 11/12 reads differently in London and Chicago."""
        from babel.dates import format_date

        known = self.today(day) if isinstance(day, datetime) else day
        # Ukrainian adds "р.", whose point would stand before that of the sentence.
        return format_date(known, format="long", locale=self._locale).removesuffix("\u202fр.").removesuffix(" р.")

    def near(self, day: date, now: datetime) -> str:
        """The same without the year where it is this year's; it stays on one line."""
        from babel.dates import format_skeleton

        this_year = day.year == self.today(now).year
        text = format_skeleton("MMMMd", day, locale=self._locale) if this_year else self.day(day)
        return text.replace(" ", NO_BREAK)

    def moment(self, instant: datetime, now: datetime) -> str:
        """Day and time of one step."""
        return f"{self.near(self.today(instant), now)}, {self.clock(instant)}"

    def clock(self, instant: datetime) -> str:
        """14:05, or 2:05 PM."""
        from babel.dates import format_time

        return format_time(instant, format="short", tzinfo=ZoneInfo(self.zone), locale=self._locale)

    @property
    def zone_name(self) -> str:
        """The zone by its city. Babel knows some cities only by an older name of the zone, such as Europe/Kiev."""
        from babel import Locale
        from babel.core import get_global

        if self.zone.startswith(("Etc/", "UTC")):
            return "UTC"
        older = [old for old, new in get_global("zone_aliases").items() if new == self.zone]
        known = Locale.parse(self._locale).time_zones
        cities = (known[name].get("city") for name in (self.zone, *older) if name in known)
        return next(filter(None, cities), self.zone.rpartition("/")[2].replace("_", " "))


def reader_of(page: Page, face: ShopFace, language: str) -> Reader:
    """The buyer of an order; `language`: by `language_of`."""
    from orderwright.mails.zones import zone_of

    to = page.order
    return Reader(language, to.country_code, zone_of(to.country_code, to.province_code, face.time_zone))
