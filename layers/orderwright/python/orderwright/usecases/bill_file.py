"""A supplier's bill as CSV: tolerant about its form, strict about its values (R48).

A row is a line of the bill, or charges alone. Columns by their headings, in any order and letter case (`COLUMNS`); a heading
"charge: packing" is a charge of that name; other columns are passed over. Separator, encoding and decimal sign are found in the
file. What a column does not say, the caller may (`Given`).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from itertools import chain
from typing import NamedTuple, NoReturn, TypeVar

from orderwright.domain.bill import FREIGHT, MOST_LINES, TAX, Bill, BillLine, Charge, number_key
from orderwright.domain.money import Money, checked_currency
from orderwright.domain.outside_texts import one_line
from orderwright.domain.unit_cost import MOST_AMOUNT, UnitCost
from orderwright.errors import Rejected

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS = 20_000, 100
MOST_ORDERS = 200
"""Purchase orders of one bill: more are not compared in the time that a function has."""
_MOST_STORED = 300_000
COLUMNS = {
    "number": ("number", "bill", "bill number", "invoice", "invoice number"),
    "date": ("date", "bill date", "invoice date"),
    "currency": ("currency",),
    "reference": ("reference", "purchase order", "po", "order"),
    "sku": ("sku", "item", "article"),
    "units": ("units", "quantity", "qty"),
    "price": ("unit price", "price", "unit cost"),
    FREIGHT: ("freight", "shipping"),
    TAX: ("tax", "vat"),
    "total": ("total", "bill total", "invoice total"),
}
"""What we call a column -> the headings that are understood."""
_CHARGE = "charge:"
_SEPARATORS = ";\t|,"
_AMOUNT = {
    ".": re.compile(r"(\d+|[1-9]\d{0,2}(?:,\d{3})+)(\.\d+)?", re.ASCII),
    ",": re.compile(r"(\d+|[1-9]\d{0,2}(?:\.\d{3})+)(,\d+)?", re.ASCII),
}
T = TypeVar("T")


class Given(NamedTuple):
    """What the caller says where the file has no such column, as people write it. `reference`: what no row names is about."""

    number: str = ""
    date: str = ""
    currency: str = ""
    total: str | Money = ""
    reference: str = ""


class _Row(NamedTuple):
    line: int
    cells: Mapping[str, str]


def read_bills(
    data: bytes, supplier: str, now: datetime, given: Given | None = None, decimal_sign: str = "", file: str = ""
) -> list[Bill]:
    """The bills of a file, one for each number in it. `decimal_sign`: declared, else the one that its amounts show.

    Raises Rejected: BILL_TOO_LARGE, BILL_UNREADABLE, which name row and column, never a cell's content.
    """
    given = given or Given()
    if len(data) > MOST_BYTES:
        raise Rejected(f"the file has more than {MOST_BYTES // 1024 // 1024} MB", code="BILL_TOO_LARGE")
    rows = list(_rows(_text(data)))
    sign = decimal_sign or _sign([*(one for row in rows for one in _amounts(row)), *_typed(given.total)])
    found: dict[str, list[_Row]] = {}
    for row in rows:
        found.setdefault(number_key(row.cells.get("number", "") or given.number), []).append(row)
    if not found:
        _refuse("it has no rows")
    if "" in found:
        _refuse(f"row {found[''][0].line}: no number of the bill: add a column number, or say it beside the file")
    return [_Reader(rows, supplier, given, sign).bill(now, file) for rows in found.values()]


def _typed(total: str | Money) -> list[str]:
    return [total] if isinstance(total, str) else []


def typed_bill(supplier: str, reference: str, now: datetime, given: Given, file: str = "") -> Bill:
    """A bill of which only number, date, currency and total are known, about one purchase order. Raises Rejected."""
    row = _Row(0, {"reference": reference})
    return _Reader([row], supplier, given, _sign(_typed(given.total))).bill(now, file)


def _refuse(why: str) -> NoReturn:
    raise Rejected(f"the bill cannot be read: {why}", code="BILL_UNREADABLE")


def _text(data: bytes) -> str:
    if data.startswith(b"%PDF-"):
        _refuse("it is a PDF: send its lines as CSV, or type its amounts")
    if data.startswith((b"PK", b"\x1f\x8b")):
        _refuse("it is a workbook or an archive: save it as CSV")
    for encoding in ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    _refuse("it is no text")


def _rows(text: str) -> Iterator[_Row]:
    source, skipped = StringIO(text, newline=""), 0
    head = ""
    for skipped, head in enumerate(source):  # noqa: B007 - counts what stands before the headings
        if head.strip() and not head.strip().lower().startswith("sep="):
            break
    separator = max(_SEPARATORS, key=head.count)
    if head.count(separator) >= MOST_COLUMNS:
        _refuse(f"it has more than {MOST_COLUMNS} columns")
    names, reader = list[str](), csv.reader(chain([head], source), delimiter=separator, strict=True)
    try:
        for record in reader:
            place = reader.line_num + skipped
            if place > MOST_ROWS:
                _refuse(f"it has more than {MOST_ROWS} rows: split it")
            if not names:
                names = _names(record)
            elif any(cell.strip() for cell in record):
                if len(record) > len(names) and any(record[len(names) :]):
                    _refuse(f"row {place} has {len(record)} cells, the first line {len(names)}")
                yield _Row(place, {name: cell.strip() for name, cell in zip(names, record, strict=False) if name})
    except csv.Error as error:
        _refuse(f"its quotes do not close, or a cell is too long ({error})")


def _names(headings: list[str]) -> list[str]:
    names = [_name(heading) for heading in headings]
    known = [name for name in names if name]
    if "total" not in known and "price" not in known and FREIGHT not in known:
        _refuse(f"the first line has no headings such as {', '.join(COLUMNS)}")
    if twice := {name for name in known if known.count(name) > 1}:
        _refuse(f"two columns for {', '.join(sorted(twice))}: keep one")
    return names


def _name(heading: str) -> str:
    plain = " ".join(re.sub(r"[_\-\s]+", " ", heading).split()).casefold()
    if plain.startswith(_CHARGE):
        return _CHARGE + one_line(plain.removeprefix(_CHARGE), 40)
    return next((name for name, headings in COLUMNS.items() if plain in headings), "")


def _amounts(row: _Row) -> Iterator[str]:
    for name, cell in row.cells.items():
        if name in ("price", FREIGHT, TAX, "total") or name.startswith(_CHARGE):
            yield cell


def _sign(amounts: list[str]) -> str:
    """The decimal sign that the amounts show."""
    plain = [text.removeprefix("-") for text in amounts if "." in text or "," in text]
    fits = {sign: {text for text in plain if form.fullmatch(text)} for sign, form in _AMOUNT.items()}
    shown = [sign for sign, other in (".,", ",.") if fits[sign] - fits[other]]
    if len(shown) > 1:
        _refuse("some amounts have a point before the decimals, others a comma")
    if not shown and fits["."]:
        _refuse(
            "no amount shows whether a point or a comma stands before the decimals: say which one is the decimal sign"
        )
    return shown[0] if shown else "."


class _Reader:
    """The rows of one bill."""

    def __init__(self, rows: list[_Row], supplier: str, given: Given, sign: str) -> None:
        self._rows, self._supplier, self._given, self._sign = rows, supplier, given, sign
        self._currency = self._cell(rows[0], "currency", checked_currency, self._once("currency"))

    def bill(self, now: datetime, file: str) -> Bill:
        first = self._rows[0]
        number = self._cell(first, "number", self._number, first.cells.get("number", "") or self._given.number)
        total = self._total(first)
        lines = tuple(line for row in self._rows for line in self._lines(row))
        charges = tuple(charge for row in self._rows for charge in self._charges(row))
        if len(lines) + len(charges) > MOST_LINES:
            _refuse(f"it has more than {MOST_LINES} lines and charges: split it")
        named = {one.reference for one in lines} | {one.reference for one in charges}
        bare = [name for row in self._rows if (name := self._reference(row)) and name not in named]
        bare = list(dict.fromkeys(bare))
        if len(bare) + bool(lines or charges) > 1:
            _refuse("a row names a purchase order, and neither an article nor an amount of it")
        if self._given.reference and named <= {""}:
            bare = [self._given.reference]
        bill = Bill(
            supplier=self._supplier,
            number=number,
            dated=self._cell(first, "date", self._date, self._once("date")),
            currency=self._currency,
            total=total,
            lines=lines,
            charges=charges,
            about=tuple(bare),
            taken_at=now,
            file=file,
        )
        if len(bill.references) > MOST_ORDERS or len(bill.model_dump_json().encode()) > _MOST_STORED:
            _refuse(f"it has more than {MOST_ORDERS} purchase orders, or very long lines: split it")
        return bill

    def _total(self, first: _Row) -> Money:
        typed = self._given.total
        if isinstance(typed, Money) and not any(row.cells.get("total") for row in self._rows):
            if typed.currency != self._currency:
                _refuse("currency in the file is another than the one that was typed")
            return typed
        return self._cell(first, "total", self._money, self._once("total"))

    def _once(self, name: str) -> str:
        """What all rows say that say anything; else what was given."""
        said = {row.cells.get(name, "") for row in self._rows} - {""}
        if len(said) > 1:
            _refuse(f"column {name} has different values in rows of one bill")
        text = said.pop() if said else str(getattr(self._given, name))
        if not text:
            _refuse(f"no {name}: add a column {name}, or say it beside the file")
        return text

    def _lines(self, row: _Row) -> Iterator[BillLine]:
        sku = row.cells.get("sku", "")
        if not sku and not row.cells.get("units") and not row.cells.get("price"):
            return
        yield BillLine(
            reference=self._reference(row),
            sku=self._cell(row, "sku", self._sku, sku),
            units=self._cell(row, "units", self._units),
            unit_price=self._cell(row, "price", self._price),
        )

    def _charges(self, row: _Row) -> Iterator[Charge]:
        for name, text in row.cells.items():
            if text and (name in (FREIGHT, TAX) or name.startswith(_CHARGE)):
                amount = self._cell(row, name, self._money)
                if amount.minor:
                    yield Charge(reference=self._reference(row), name=name.removeprefix(_CHARGE), amount=amount)

    def _reference(self, row: _Row) -> str:
        text = "".join(row.cells.get("reference", "").split()).upper()
        return self._cell(row, "reference", self._sku, text) if text else ""

    @staticmethod
    def _cell(row: _Row, name: str, read: Callable[[str], T], text: str | None = None) -> T:
        try:
            return read(row.cells.get(name, "") if text is None else text)
        except ValueError as error:
            _refuse(f"{f'row {row.line}, ' if row.line else ''}{name.removeprefix(_CHARGE)}: {error}")

    @staticmethod
    def _number(text: str) -> str:
        if one_line(text, 60) != text.strip():
            raise ValueError("a number has at most 60 plain characters")
        return text.strip()

    @staticmethod
    def _sku(text: str) -> str:
        if not text or one_line(text, 120) != text:
            raise ValueError("is empty, or has more than 120 characters or ones that cannot be shown")
        return text

    @staticmethod
    def _units(text: str) -> int:
        found = re.fullmatch(r"(\d{1,9})(?:[.,]0+)?", text, re.ASCII)
        if found is None or not int(found[1]):
            raise ValueError("is not a whole number above zero, such as 3")
        return int(found[1])

    @staticmethod
    def _date(text: str) -> date:
        dotted = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text, re.ASCII)
        try:
            return date(int(dotted[3]), int(dotted[2]), int(dotted[1])) if dotted else date.fromisoformat(text)
        except ValueError:
            raise ValueError("is not a date such as 2026-11-30 or 30.11.2026") from None

    def _decimal(self, text: str) -> Decimal:
        if text.startswith("-"):
            raise ValueError("is negative; a credit is no bill: agree with the supplier on a bill that is right")
        found = _AMOUNT[self._sign].fullmatch(text)
        if found is None:
            raise ValueError(f"is not an amount such as 12{self._sign}50")
        if len(text) > 40:
            raise ValueError("has too many digits")
        return Decimal(re.sub("[.,]", "", found[1]) + (found[2] or "").replace(",", "."))

    def _money(self, text: str) -> Money:
        if (amount := self._decimal(text)) >= MOST_AMOUNT:
            raise ValueError("has too many digits")
        return Money.parse(amount, self._currency)

    def _price(self, text: str) -> UnitCost:
        return UnitCost.parse(self._decimal(text), self._currency)
