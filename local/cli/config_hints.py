"""What to write instead of a value that does not fit, and how much of the value is shown. A secret may stand anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from zoneinfo import available_timezones

from orderwright.domain.money import CURRENCIES, Money
from orderwright.domain.territories import destination_fault

# Figures with what people write beside them, or one or two words of letters in plain case: no key and no password looks so.
_FIGURES = re.compile(
    r"(?=.{1,20}$)[-+]?\.?\d[\d.,' /:-]*(?: ?(?:%|€|\$|£|[A-Za-z]{1,4}))?|(?:[A-Za-z]{3}|[€$£]) ?\d[\d.,]*"
)
_WORDS = re.compile(r"(?=.{1,14}$)(?:[^\W\d_]?[a-zà-ÿ]+|[A-Z]{1,5})(?:[ -](?:[^\W\d_]?[a-zà-ÿ]+|[A-Z]{1,5}))?")
_AMOUNT = re.compile(r"([A-Za-z]{3}|[€$£])? ?(-?\d[\d.,' ]*?) ?([A-Za-z]{3}|[€$£])?")
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP"}
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(20\d\d)")
_COUNTRY_FIELDS = frozenset(
    ("sell_to", "ship_to_countries", "to", "from", "origin", "percent_by_origin", "from_country", "freight_country")
)
_OTHER_NAMES = {"england": "GB", "great britain": "GB", "america": "US", "holland": "NL"}


def may_show(text: str) -> bool:
    """Can this be no secret?"""
    return _FIGURES.fullmatch(text) is not None or _WORDS.fullmatch(text) is not None


def number_fix(text: str) -> str:
    """For what should be a number: 2,4 -> write 2.4 with a point. "" where nobody can say."""
    bare = re.sub(r"[%' _]", "", text)
    if "," not in bare:
        found = _number(bare)
        return f"write {found}" + (" without the sign" if "%" in text else "") if found else ""
    if bare.count(",") == 1 and "." not in bare:
        found = _number(bare.replace(",", "."))
        both = re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", bare)
        other = f", or {bare.replace(',', '')} for thousands" if both else ""
        return f"write {found} with a point{other}" if found else ""
    thousands = "," if bare.rfind(".") > bare.rfind(",") else "."
    found = _number(bare.replace(thousands, "").replace(",", "." if thousands == "." else ""))
    return f"write {found}" if found else ""


def _number(text: str) -> str:
    try:
        return format(Decimal(text), "f") if re.fullmatch(r"[-+]?\d{1,15}(?:\.\d{1,10})?", text) else ""
    except InvalidOperation:
        return ""


def amount_fix(text: str) -> str:
    """For what should be an amount with its currency: 3,00 eur -> write 3.00 EUR; more digits than it has: rounded."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        return ""
    sign = (found[1] or found[3] or "").upper()
    currency = _SIGNS.get(sign, sign)
    fix = number_fix(found[2])
    number = re.sub(r"^write ([-\d.]+).*$", r"\1", fix)
    if not number or (currency and currency not in CURRENCIES) or "thousands" in fix:
        return fix
    return (
        f"write {Money.of(Decimal(number), currency)}"
        if currency
        else f"write its currency as well, such as {number} EUR"
    )


def date_fix(text: str) -> str:
    """30.6.2028 -> write 2028-06-30."""
    found = _DAY_FIRST.fullmatch(text.strip())
    return f"write {found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else ""


def zone_fix(text: str) -> str:
    """Helsinki -> write Europe/Helsinki."""
    cities = {zone.rpartition("/")[2].casefold(): zone for zone in sorted(available_timezones(), reverse=True)}
    near = get_close_matches(text.strip().replace(" ", "_").rpartition("/")[2].casefold(), cities, n=1, cutoff=0.8)
    return f"write {cities[near[0]]}" if near else ""


def place_fix(path: tuple[str | int, ...], text: str) -> str:
    """For a country's field: Finland -> write FI."""
    if not _COUNTRY_FIELDS.intersection(map(str, path)):
        return ""
    code = _OTHER_NAMES.get(text.strip().casefold(), text.strip().upper())
    if destination_fault(code):
        from babel.core import get_global

        code = " ".join(get_global("territory_aliases").get(code, ())) or _by_name(text, "territories")
    return f"write {code}" if code and not destination_fault(code) else "write its two capital letters, such as DE"


def currency_fix(text: str) -> str:
    """dollars -> write USD, by the names in English."""
    plain = text.strip().casefold().removesuffix("s")
    common = {"euro": "EUR", "dollar": "USD", "pound": "GBP", "€": "EUR", "$": "USD", "£": "GBP"}.get(plain)
    code = common or (text.strip().upper() if text.strip().upper() in CURRENCIES else _by_name(text, "currencies"))
    return f"write {code}" if code in CURRENCIES else ""


def _by_name(text: str, what: str) -> str:
    from babel import Locale  # on first use: it reads a large file

    names: Mapping[str, str] = getattr(Locale("en"), what)
    codes = {name.casefold(): code for code, name in names.items() if code.isalpha()}
    near = get_close_matches(text.strip().casefold(), codes, n=1, cutoff=0.8)
    return codes[near[0]] if near else ""
