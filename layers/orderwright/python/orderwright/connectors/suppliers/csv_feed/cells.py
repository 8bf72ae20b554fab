"""One cell at a time: text to SKU, stock, cost, currency. Whatever is not plainly a value is refused with the reason."""

from __future__ import annotations

import re
from decimal import Decimal

from orderwright.domain.stock_diff import RowCost
from orderwright.domain.unit_cost import MOST_DECIMALS

MOST_DIGITS = 9
MOST_SKU_CHARACTERS = 120
_GROUPED = re.compile(r"(\d{1,3})((?:\.\d{3})+),(\d+)|(\d{1,3})((?:,\d{3})+)\.(\d+)")
_PERHAPS_GROUPED = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
FORMULA_SIGNS = "=+-@"


_PERHAPS_THOUSANDS = "may be thousands or decimals: write a point for decimals and no mark for thousands"


class BadCell(ValueError):
    """A cell that holds no value; the text says why, without the cell's content."""


def sku_of(text: str) -> str:
    """An article's code: printable, no formula for a spreadsheet, at most 120 characters."""
    sku = text.strip()
    if not sku:
        raise BadCell("is empty")
    if sku[0] in FORMULA_SIGNS:
        raise BadCell("starts like a spreadsheet formula")
    if not sku.isprintable() or len(sku) > MOST_SKU_CHARACTERS:
        raise BadCell(f"has control characters or more than {MOST_SKU_CHARACTERS} characters")
    return sku


def stock_of(text: str) -> int:
    """Whole units, digits only: "12,5", "1e3", ">100" and "-3" say nothing that could be sold."""
    digits = text.strip()
    if not digits:
        raise BadCell("is empty, and unknown is not zero")
    if digits[0] == "-":
        raise BadCell("is negative")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > MOST_DIGITS:
        raise BadCell(f"is not a whole number of at most {MOST_DIGITS} digits")
    return int(digits)


def cost_of(text: str, minor_digits: int, *, comma_is_free: bool) -> RowCost:
    """A cost in minor units: "3.5", "3.55", "3.275", "3,55", "1.234,50", "1,234.50". At most six digits after the point.

    `comma_is_free` says that columns are not parted by commas; if they are, a decimal comma needs all its decimals, or
    it might be a thousands mark or a cell that was cut in two. So it might with three digits behind it ("1,234"), and
    so might a point in a currency without decimals. Zero, negative and exponent forms are refused.
    """
    whole, point, fraction = text.strip().partition(".")
    if not point or "," in whole or "," in fraction:
        whole, fraction = _with_comma(text.strip(), minor_digits, comma_is_free=comma_is_free)
    elif not minor_digits and _PERHAPS_GROUPED.fullmatch(text.strip()):
        raise BadCell(_PERHAPS_THOUSANDS)
    fraction = fraction.rstrip("0") if len(fraction) > minor_digits else fraction
    digits = whole + fraction.ljust(minor_digits, "0")
    if not (digits.isascii() and digits.isdecimal() and whole) or len(whole) > MOST_DIGITS:
        raise BadCell("is not an amount such as 12.50")
    if len(fraction) > MOST_DECIMALS:
        raise BadCell(f"has more than {MOST_DECIMALS} digits after the point")
    if not int(digits):
        raise BadCell("is zero, and nothing is bought for nothing")
    beyond = len(fraction) - minor_digits
    return Decimal(digits).scaleb(-beyond) if beyond > 0 else int(digits)


def _with_comma(text: str, minor_digits: int, *, comma_is_free: bool) -> tuple[str, str]:
    if not text:
        raise BadCell("is empty, and unknown is not zero")
    if text[0] == "-":
        raise BadCell("is negative")
    if "," not in text:
        return text, ""
    grouped = _GROUPED.fullmatch(text)
    if grouped:
        head, groups, fraction = grouped.group(1, 2, 3) if grouped.group(1) else grouped.group(4, 5, 6)
        return head + groups.replace(".", "").replace(",", ""), fraction
    if minor_digits != 3 and _PERHAPS_GROUPED.fullmatch(text):
        raise BadCell(_PERHAPS_THOUSANDS)
    whole, _, fraction = text.partition(",")
    if "." in text or not minor_digits or (len(fraction) != minor_digits and not comma_is_free):
        raise BadCell("is not an amount such as 12.50")
    if not fraction:
        raise BadCell("ends with a comma")
    return whole, fraction


def currency_of(text: str) -> str:
    """An ISO 4217 code."""
    code = text.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise BadCell("is not a three-letter currency code")
    return code
