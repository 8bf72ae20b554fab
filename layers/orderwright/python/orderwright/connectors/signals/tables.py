"""A file of any form to rows of named cells: CSV, TSV and XLSX as stock files are read, and JSON.

JSON is an array of objects, an object with such an array, or an object in each line. A number in it has a point before the
decimals, always; a text in it is read like a cell. What is in an object in an object is called "price.amount".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.connectors.feeds.csv.cells import BadCell, ColumnSign, SignUnknown, unspoilt
from orderwright.connectors.feeds.csv.container import is_json, peeked
from orderwright.connectors.feeds.csv.form import LOOKED_AT, SEPARATORS, Header, find_header, place_of
from orderwright.connectors.feeds.csv.quotes import Damaged, Records, Shape
from orderwright.connectors.feeds.csv.settings import TableForm
from orderwright.connectors.feeds.csv.text import FeedText
from orderwright.connectors.feeds.csv.workbook import XLSX, as_text
from orderwright.ports.feed import BadRow, FileForm

MOST_ROWS, MOST_COLUMNS = 500_000, 1000
MOST_JSON = 64 * 1024 * 1024
_MOST_DIGITS = 12


class Wanted(NamedTuple):
    """The columns of a kind of file: what each is for -> its name in the settings ("price|amount"). Numbers are among them.

    `needed`: without one of them the file is refused; `one_of`: without all of these it is.
    """

    columns: Mapping[str, str]
    needed: frozenset[str]
    one_of: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()


class TableRow(NamedTuple):
    """A row: its line in the file from 1 (of JSON: its number), and its cells by what they are for, without blanks around."""

    line: int
    cells: Mapping[str, str]


class Table:
    """A file that was read whole. `bad`: rows that cannot be taken apart. Iterated over, it gives its good rows."""

    def __init__(self, wanted: Wanted, settings: TableForm, signs: Mapping[str, str]) -> None:
        self._wanted, self._settings = wanted, settings
        self._rows: list[tuple[int, tuple[str, ...]]] = []
        self._places: list[tuple[str, int]] = []
        self._texts: dict[str, str] = {}
        self._numbers: dict[tuple[str, str], Decimal] = {}
        self.bad: list[BadRow] = []
        self.form: FileForm | None = None
        names = {name: wanted.columns[name] for name in sorted(wanted.numbers)}
        self._signs = {key: ColumnSign(name, settings.decimal_sign, signs.get(name, "")) for key, name in names.items()}

    def __iter__(self) -> Iterator[TableRow]:
        names = [name for name, _ in self._places]
        for line, cells in self._rows:
            yield TableRow(line, dict(zip(names, cells, strict=True)))

    @property
    def has(self) -> frozenset[str]:
        """What its columns are for."""
        return frozenset(name for name, _ in self._places)

    @property
    def signs(self) -> dict[str, str]:
        """The decimal signs that its numbers show, by the column's name in the settings."""
        return {sign.column: sign.seen for sign in self._signs.values() if sign.seen}

    def number(self, row: TableRow, name: str) -> Decimal | None:
        """A number of a row, negative ones too; None for an empty cell. Raises BadCell; FeedBroken (FEED_NUMBERS_AMBIGUOUS)."""
        text = row.cells.get(name, "")
        if not text:
            return None
        found = self._numbers.get((name, text))
        if found is None:
            found = self._read(name, text)
            if len(self._numbers) < MOST_ROWS:
                self._numbers[name, text] = found
        return found

    def _read(self, name: str, text: str) -> Decimal:
        if not unspoilt(text):
            raise BadCell(
                "is a date, or a number of more than 15 digits, in the workbook: format the column as numbers"
            )
        try:
            whole, decimals = self._signs[name].read(text.removeprefix("-"))
        except SignUnknown:
            raise self._signs[name].unknown() from None
        if len(whole) + len(decimals) > _MOST_DIGITS:
            raise BadCell(f"has more than {_MOST_DIGITS} digits")
        return Decimal(f"{'-' if text[0] == '-' else ''}{whole}.{decimals or 0}")

    def fit(self, header: Header) -> Header:
        """Takes a header with the columns that are needed. Raises FeedBroken (FEED_HEADER)."""
        places = {
            name: place_of(header.names, column, needed=name in self._wanted.needed)
            for name, column in self._wanted.columns.items()
            if column
        }
        one_of = self._wanted.one_of
        if one_of and all(places.get(name, -1) < 0 for name in one_of):
            place_of(header.names, "|".join(self._wanted.columns[name] for name in one_of), needed=True)
        self._places = [(name, place) for name, place in places.items() if place >= 0]
        return header

    def shape(self, width: int) -> Shape:
        """What a whole row looks like, for quotes that do not close."""
        places = dict(self._places)
        key = next((places[name] for name in (*self._wanted.one_of, *self._wanted.needed) if name in places), 0)
        return Shape(width, key, tuple(places[name] for name in self._signs if name in places), frozenset())

    def add(self, line: int, cells: Sequence[str]) -> None:
        """A row with all columns of the header."""
        if len(self._rows) >= MOST_ROWS:
            raise FeedBroken("FEED_TOO_LARGE", f"the file has more than {MOST_ROWS:,} rows")
        texts = self._texts if len(self._texts) < MOST_ROWS else {}
        kept = tuple(texts.setdefault(text, text) for text in (cells[place].strip() for _, place in self._places))
        self._rows.append((line, kept))

    def done(self, header: Header, encoding: str) -> None:
        """All rows are there: the numbers of the whole file show their signs, and a person can be told its form."""
        for at, (name, _) in enumerate(self._places):
            sign = self._signs.get(name)
            for text in dict.fromkeys(cells[at] for _, cells in self._rows) if sign else ():
                try:
                    self._signs[name].read(text.removeprefix("-"))
                except (BadCell, SignUnknown):
                    continue  # it is told, or refused, when the row is used
        used = {name: header.names[place] for name, place in self._places}
        found: dict[str, str | int | None] = {
            "separator": header.separator
            if header.separator in SEPARATORS and encoding not in (XLSX, "json")
            else None,
            "encoding": encoding if encoding not in (XLSX, "json") else None,
            "lines_above_header": header.line - 1 if header.line > 1 else None,
        }
        declared = {name: value for name, value in found.items() if value}
        self.form = FileForm(header.separator, encoding, self.signs, header.line, header.names, used, declared)


def read_table(pieces: Iterable[bytes], settings: TableForm, wanted: Wanted, signs: Mapping[str, str]) -> Table:
    """A file's unpacked bytes, read. `signs`: the decimal signs that earlier files showed. Raises FeedBroken."""
    table = Table(wanted, settings, signs)
    head, pieces = peeked(pieces)
    if is_json(head):
        _read_json(pieces, table)
    else:
        _read_lines(pieces, settings, table)
    return table


def _read_lines(pieces: Iterable[bytes], settings: TableForm, table: Table) -> None:
    pieces, settings, is_workbook = as_text(pieces, settings)
    text = FeedText(pieces, settings.encoding)
    portions, first, quotes = iter(text), list[str](), False
    enough = LOOKED_AT + (settings.lines_above_header or 0)
    for more, quoted in portions:
        first += more
        quotes = quotes or quoted
        if len(first) >= enough:
            break
    header = find_header(first[:enough], settings, table.fit)
    width, number, whole = len(header.names), header.end + 1, True
    records = Records(header.separator, table.shape(width))

    def take(found: Any) -> bool:
        if isinstance(found, Damaged):
            table.bad.append(BadRow(found.line, "row", found.why))
            return found.separators >= width - 1
        for line, cells in enumerate(found.rows, start=found.line):
            if not any(map(str.strip, cells)):
                continue
            if len(cells) < width or any(cells[width:]):
                why = f"has {len(cells)} columns where the header has {width}"
                table.bad.append(BadRow(line, "row", why))
            else:
                table.add(line, cells)
        return all(len(cells) >= width for cells in found.rows[-1:] if cells)

    for part, quoted in chain([(first[header.end :], quotes)], portions):
        for found in records.read(part, number, quotes=quoted):
            whole = take(found)
        number += len(part)
    for found in records.end():
        whole = take(found)
    if text.odd_end or (text.unterminated and not whole):
        raise FeedBroken("FEED_TRUNCATED", "the last row is incomplete and has no line end")
    table.done(header, XLSX if is_workbook else text.encoding)


def _read_json(pieces: Iterable[bytes], table: Table) -> None:
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > MOST_JSON:
            raise FeedBroken("FEED_TOO_LARGE", f"JSON above {MOST_JSON // 1024 // 1024} MiB")
    try:
        text = bytes(data).decode(json.detect_encoding(bytes(data)))
    except ValueError:
        raise FeedBroken("FEED_UNREADABLE", "the file is not in UTF-8") from None
    objects: list[tuple[int, dict[str, str]]] = []
    for line, one in _objects(text, table):
        if isinstance(one, dict):
            objects.append((line, _flat(one)))
        else:
            table.bad.append(BadRow(line, "row", "is no object with names and values"))
        if len(objects) > MOST_ROWS:
            raise FeedBroken("FEED_TOO_LARGE", f"the file has more than {MOST_ROWS:,} rows")
    names = list(dict.fromkeys(name for _, one in objects for name in one))
    if len(names) > MOST_COLUMNS:
        raise FeedBroken("FEED_HEADER", f"its objects have more than {MOST_COLUMNS:,} different names")
    header = table.fit(Header("", names, 0, 0))
    for line, one in objects:
        table.add(line, [one.get(name, "") for name in names])
    table.done(header, "json")


def _objects(text: str, table: Table) -> Iterator[tuple[int, Any]]:
    try:
        whole = _parsed(text)
    except ValueError:
        lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith("{") for _, line in lines[:2]):
            raise FeedBroken("FEED_TRUNCATED", "the JSON is damaged or cut") from None
        for number, line in lines:
            try:
                yield number, _parsed(line)
            except ValueError:
                if number == lines[-1][0]:
                    raise FeedBroken("FEED_TRUNCATED", "the last line of the JSON is damaged or cut") from None
                table.bad.append(BadRow(number, "row", "is no JSON"))
        return
    if isinstance(whole, dict):
        inside = [one for one in whole.values() if isinstance(one, list) and any(isinstance(row, dict) for row in one)]
        if len(inside) > 1:
            raise FeedBroken("FEED_HEADER", "the JSON holds several lists of objects: ask for a file with one")
        whole = inside[0] if inside else [whole]
    yield from enumerate(whole if isinstance(whole, list) else [], start=1)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_float=_as_written, parse_int=str, parse_constant=str)
    except RecursionError:
        raise ValueError("too deep") from None


def _as_written(text: str) -> str:
    """1.250 could be a thousand and more in a text; here it never is."""
    return f"{text}0" if text.isascii() and len(text.partition(".")[2]) == 3 and "e" not in text.lower() else text


def _flat(one: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in one.items():
        inside = value.items() if isinstance(value, dict) else ((None, value),)
        for more, cell in inside:
            key = " ".join((name if more is None else f"{name}.{more}").split())
            if isinstance(cell, bool):
                found[key] = str(cell).lower()
            elif isinstance(cell, str):
                found[key] = cell
    return found
