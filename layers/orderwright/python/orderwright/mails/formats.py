"""Dates and money as the reader writes them (CLDR, through Babel, imported only when something is formatted)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from orderwright.domain.money import Money, minor_digits
from orderwright.mails.translation import Tongue

if TYPE_CHECKING:
    from babel import Locale

_CODE_BEFORE_DIGIT = re.compile(r"([A-Za-z])(?=[0-9])")


def _locale(tongue: Tongue) -> Locale:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale(tongue.language, tongue.territory or None)
    except UnknownLocaleError:
        return Locale(tongue.language)


def local_date(instant: datetime, timezone: str) -> date:
    """The calendar day of an instant at the shop."""
    return instant.astimezone(ZoneInfo(timezone)).date()


def promised_date(instant: datetime, timezone: str) -> date:
    """The calendar day of a promise.

    Carriers give a day without a time as midnight UTC; moved into a zone west of Greenwich it would be the day before.
    """
    if instant.astimezone(UTC).time() == time(0):
        return instant.astimezone(UTC).date()
    return local_date(instant, timezone)


def long_date(day: date, tongue: Tongue) -> str:
    """22 November 2026, with the month in words, since 11/12 reads differently in London and Chicago."""
    from babel.dates import format_date

    return format_date(day, format="long", locale=_locale(tongue))


def full_date(day: date, tongue: Tongue) -> str:
    """The same with the day of the week, for days that somebody waits for."""
    from babel.dates import format_date

    return format_date(day, format="full", locale=_locale(tongue))


def short_date(day: date, tongue: Tongue) -> str:
    """A short form for text messages."""
    from babel.dates import format_date

    return format_date(day, format="medium", locale=_locale(tongue))


def money_text(amount: Money, tongue: Tongue) -> str:
    """The exact amount with its currency's sign, never rounded."""
    from babel.numbers import format_currency, get_currency_precision

    # CLDR prints some ISO 4217 currencies with fewer digits than they have; those are printed as they are.
    usual = get_currency_precision(amount.currency) >= minor_digits(amount.currency)
    printed = format_currency(
        amount.decimal, amount.currency, locale=_locale(tongue), currency_digits=usual, decimal_quantization=usual
    )
    # CLDR's currency spacing, which Babel leaves out: KWD 1.234, but $1.23.
    return _CODE_BEFORE_DIGIT.sub("\\1\u00a0", printed)
