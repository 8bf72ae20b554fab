"""One cell at a time: text to SKU, stock, cost, currency. Whatever is not plainly a value is refused with the reason.

Numbers: one decimal sign for a whole column, never one for each cell (`ColumnSign`). "12.50", "5.0000" and "1.299,00" show
which sign a column has. "1.250" shows nothing: it may be one and a quarter, or a thousand and more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from unicodedata import category

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.domain.money import minor_digits
from orderwright.domain.sku_matching import normal_form
from orderwright.domain.stock_diff import RowCost
from orderwright.domain.unit_cost import MOST_DECIMALS

MOST_DIGITS = 9
MOST_SKU_CHARACTERS = 120
FORMULA_SIGNS = "=+-@"
SCIENTIFIC = re.compile(r"\d[.,]\d+[Ee]\+\d{2,}")
SPOILT_DATE, SPOILT_NUMBER = "\x1ad", "\x1an"
"""Cells of a workbook that hold a date, or a whole number that the spreadsheet rounded (workbook.py)."""
_SPOILT = {
    SPOILT_DATE: "is a date or a time in the workbook: format the column as text",
    SPOILT_NUMBER: "is a number of more than 15 digits, which a spreadsheet rounds: write it as text",
}
_MOST_KEPT = 50_000
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_NUMBER = {
    ".": re.compile(r"(\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d*))?", re.ASCII),
    ",": re.compile(r"(\d+|[1-9]\d{0,2}(?:\.\d{3})+)(?:,(\d+))?", re.ASCII),
}
_GROUP_OR_DECIMALS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_NAMES = {".": "a point", ",": "a comma"}


class BadCell(ValueError):
    """A cell that holds no value; the text says why, without the cell's content."""


class SignUnknown(Exception):
    """A number that is another one with the other decimal sign, and nothing has shown yet which sign its column has."""


def unspoilt(text: str) -> str:
    """A text of a cell; nothing where a workbook's cell holds no text that can be trusted."""
    return "" if text in _SPOILT else text


def _refuse_spoilt(text: str) -> None:
    if text in _SPOILT:
        raise BadCell(_SPOILT[text])


class ColumnSign:
    """The decimal sign of one column: the declared one, else the one that its cells show, else the one of the last file.

    A sign that this file shows must fit all of its cells. The sign of an earlier file (`kept`) is used for cells that
    show nothing, until a cell of this file shows the other one.
    """

    def __init__(self, column: str, declared: str | None, kept: str = "") -> None:
        self.column = column
        self._declared = declared is not None
        self.sign = declared or kept
        self.shown = False
        self.was_asked = False
        self._leaned = False

    def read(self, text: str) -> tuple[str, str]:
        """Whole digits and decimals of a number. Raises BadCell, SignUnknown, FeedBroken (FEED_NUMBERS_AMBIGUOUS)."""
        if "." in text or "," in text:
            self._look(text)
        found = _NUMBER[self.sign or "."].fullmatch(text)
        if found is None:
            raise BadCell("is not a number such as 12.50" if self.sign != "," else "is not a number such as 12,50")
        return re.sub("[.,]", "", found[1]), found[2] or ""

    def _look(self, text: str) -> None:
        fits = [sign for sign, number in _NUMBER.items() if number.fullmatch(text)]
        if self._declared or not fits:
            return
        if len(fits) == 2:
            if not self.sign:
                self.was_asked = True
                raise SignUnknown
            self._leaned = self._leaned or not self.shown
            return
        if self.sign and self.sign != fits[0] and (self.shown or self._leaned):
            before = "others" if self.shown else "earlier files"
            raise FeedBroken(
                "FEED_NUMBERS_AMBIGUOUS",
                f"column {self.column!r}: some numbers have {_NAMES[fits[0]]} before the decimals, {before} had"
                f" {_NAMES[self.sign]}: correct the file, or set decimal_sign",
            )
        self.sign, self.shown = fits[0], True

    def unknown(self) -> FeedBroken:
        """The reason to refuse a file whose numbers can be read in two ways."""
        return FeedBroken(
            "FEED_NUMBERS_AMBIGUOUS",
            f"column {self.column!r}: no number shows whether a point or a comma stands before the decimals (1.250 may be a"
            ' thousand and more): set decimal_sign: "." or decimal_sign: ","',
        )

    @property
    def seen(self) -> str:
        """The sign that this file shows; empty when it shows none or one is declared."""
        return self.sign if self.shown else ""


class Stocks(dict[str, int]):
    """Stock texts that were read before, as whole units: "5", "5.0", "1,000" by the column's sign, "-3" (none to sell), the
    words of the settings. "12,5", "1e3" and ">100" say nothing that could be sold: BadCell."""

    def __init__(self, sign: ColumnSign, words: Mapping[str, int]) -> None:
        super().__init__()
        self._sign = sign
        self._words = {word.strip().casefold(): units for word, units in words.items()}

    def __missing__(self, text: str) -> int:
        stock = self._read(text.strip())
        if len(self) < _MOST_KEPT:
            self[text] = stock
        return stock

    def _read(self, text: str) -> int:
        _refuse_spoilt(text)
        units = self._words.get(text.casefold())
        if units is not None:
            return units
        if not text:
            raise BadCell("is empty, and unknown is not zero")
        number = text.removeprefix("-")
        if not any((found := form.fullmatch(number)) and not (found[2] or "").strip("0") for form in _NUMBER.values()):
            raise BadCell(f"is not a whole number of at most {MOST_DIGITS} digits")
        whole, decimals = self._sign.read(number)
        if decimals.strip("0") or len(whole) > MOST_DIGITS:
            raise BadCell(f"is not a whole number of at most {MOST_DIGITS} digits")
        # Sold beyond what was there: nothing is left to sell, which is known and no gap in the report.
        return 0 if text[0] == "-" else int(whole)


class Costs(dict[str, RowCost]):
    """Cost texts of one currency that were read before, in minor units: prices repeat. At most six digits after the sign.
    Zero, negative and exponent forms are refused with BadCell."""

    def __init__(self, sign: ColumnSign, settings: CsvSettings, currency: str) -> None:
        super().__init__()
        self._sign = sign
        self._minor_digits = minor_digits(currency)
        self._declared = settings.decimal_sign is not None

    def __missing__(self, text: str) -> RowCost:
        cost = self._read(text.strip())
        if len(self) < _MOST_KEPT:
            self[text] = cost
        return cost

    def _read(self, text: str) -> RowCost:
        if not text:
            raise BadCell("is empty, and unknown is not zero")
        _refuse_spoilt(text)
        if text[0] == "-":
            raise BadCell("is negative")
        whole, fraction = self._sign.read(text)
        if not self._minor_digits and not self._declared and len(fraction) == 3 and _GROUP_OR_DECIMALS.fullmatch(text):
            # Nobody has thousandths of a yen: other rows of the column, in other currencies, prove nothing for this one.
            raise BadCell("may be thousands or decimals: set decimal_sign")
        fraction = fraction.rstrip("0") if len(fraction) > self._minor_digits else fraction
        if len(whole) > MOST_DIGITS:
            raise BadCell(f"has more than {MOST_DIGITS} digits")
        if len(fraction) > MOST_DECIMALS:
            raise BadCell(f"has more than {MOST_DECIMALS} digits after the decimal sign")
        digits = int(whole + fraction.ljust(self._minor_digits, "0"))
        if not digits:
            raise BadCell("is zero, and nothing is bought for nothing")
        beyond = len(fraction) - self._minor_digits
        return Decimal(digits).scaleb(-beyond) if beyond > 0 else digits


def sku_of(text: str, *, may_look_scientific: bool = False) -> str:
    """An article's code: no control characters, no formula for a spreadsheet but ="0012345", at most 120 characters.

    Blanks of any kind and signs that nobody sees stay in it: it is found by its normal form (domain/sku_matching.py).

    Raises BadCell, and FeedBroken (FEED_SKUS_DAMAGED) for 4.00642E+12: a spreadsheet rounded long numbers, and no other SKU
    of its file can be trusted.
    """
    sku = text.strip()
    if sku == SPOILT_NUMBER:
        raise FeedBroken("FEED_SKUS_DAMAGED", f"a SKU {_SPOILT[sku]}; different articles may have the same one now")
    _refuse_spoilt(sku)
    formula = _TEXT_FORMULA.fullmatch(sku)
    sku = formula[1].strip() if formula else sku
    form = normal_form(sku)
    if not form:
        raise BadCell("is empty")
    if SCIENTIFIC.fullmatch(form) and not may_look_scientific:
        raise FeedBroken(
            "FEED_SKUS_DAMAGED",
            "a SKU looks like 4.00642E+12: a spreadsheet rounded long numbers, and different articles may have the same one now;"
            " ask for a file with SKUs as text, or set sku_may_look_scientific: true if they are really called so",
        )
    if sku[0] in FORMULA_SIGNS or form[0] in FORMULA_SIGNS:
        raise BadCell("starts like a spreadsheet formula")
    plain = sku.isprintable() or all(sign.isprintable() or category(sign) in ("Cf", "Zs") for sign in sku)
    if not plain or len(sku) > MOST_SKU_CHARACTERS:
        raise BadCell(f"has control characters or more than {MOST_SKU_CHARACTERS} characters")
    if "\ufffd" in sku:
        raise BadCell("has characters that cannot be read: set encoding")
    return sku


def currency_of(text: str) -> str:
    """An ISO 4217 code."""
    code = text.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise BadCell("is not a three-letter currency code")
    return code
