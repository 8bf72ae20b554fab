"""Dates and money as the reader writes them (CLDR, through Babel, imported only when something is formatted)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Literal
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


def date_text(day: date, tongue: Tongue, form: Literal["long", "full", "medium"] = "long") -> str:
    """22 November 2026, with the month in words, since 11/12 reads differently in London and Chicago.

    "full": with the day of the week, for days that somebody waits for. "medium": a short form for text messages.
    """
    from babel.dates import format_date

    return format_date(day, format=form, locale=_locale(tongue))


def instant_text(instant: datetime, timezone: str, tongue: Tongue) -> str:
    """22 November 2026, 14:05 CET: day and time where the reader is, with the zone."""
    from babel.dates import format_datetime, get_timezone

    local, zone = instant.astimezone(ZoneInfo(timezone)), get_timezone(timezone)
    day = date_text(local.date(), tongue)
    return f"{day}, {format_datetime(local, 'HH:mm z', tzinfo=zone, locale=_locale(tongue))}"


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
