"""How a stock file is written: separator, header, columns. What the settings declare counts; the rest is found in the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.connectors.feeds.csv.quotes import Records, Rows
from orderwright.connectors.feeds.csv.settings import CsvSettings, TableForm
from orderwright.ports.feed import FileForm

T = TypeVar("T")
SEPARATORS = ",;\t|"
MOST_COLUMNS = 1000
LOOKED_AT = 32
"""So many lines are looked at for a header, titles and blank lines above it included."""
_SEPARATOR_LINE = re.compile(r'"?sep=([^\w"])"?', re.IGNORECASE)


class Header(NamedTuple):
    """A line with headings: its number from 1, and how many lines to pass until the rows begin."""

    separator: str
    names: list[str]
    line: int
    end: int


class FeedForm(NamedTuple):
    """Places of columns count from 0, -1 for none; `header_line` from 1, 0 for none. `begins` is how many lines to pass.

    `stocks`: none where the file tells no stock, several where its warehouses are columns.
    """

    separator: str
    names: tuple[str, ...]
    header_line: int
    begins: int
    width: int
    sku: int
    stocks: tuple[int, ...]
    cost: int
    currency: int
    warehouse: int


def find_form(lines: Sequence[str], settings: CsvSettings) -> FeedForm:
    """The form of a file with these first lines. Raises FeedBroken (FEED_EMPTY, FEED_HEADER)."""
    form = _found(lines, settings)
    if len({*form.stocks}) < len(form.stocks):
        raise FeedBroken("FEED_HEADER", "two of warehouse_columns are one column: its stock would count twice")
    return form


def find_header(lines: Sequence[str], settings: TableForm, fit: Callable[[Header], T]) -> T:
    """What `fit` makes of the first header that it takes: it raises FeedBroken (FEED_HEADER) for one without its columns."""
    separators, places = _places(lines, settings)
    return _header(lines, places, separators, settings, fit)


def _places(lines: Sequence[str], settings: TableForm) -> tuple[str, list[int]]:
    """Separators that may be, and lines that may be the header."""
    start = next((place for place, line in enumerate(lines) if line.strip()), -1)
    if start < 0:
        raise FeedBroken("FEED_EMPTY", "the file is empty")
    said = _SEPARATOR_LINE.fullmatch(lines[start].strip(" "))
    separators = settings.separator or (said[1] if said else SEPARATORS)
    start = max(settings.lines_above_header or 0, start + bool(said))
    places = [place for place in range(start, len(lines)) if lines[place].strip()]
    return separators, places


def _found(lines: Sequence[str], settings: CsvSettings) -> FeedForm:
    separators, places = _places(lines, settings)
    if not settings.header:
        return _without_header(lines, places[:1], separators, settings)
    return _header(lines, places, separators, settings, lambda header: _with_header(header, settings))


def _header(
    lines: Sequence[str], places: Sequence[int], separators: str, settings: TableForm, fit: Callable[[Header], T]
) -> T:
    problem, most = FeedBroken("FEED_HEADER", "there is no line with headings"), 0
    for place in places if settings.lines_above_header is None else places[:1]:
        for separator in separators:
            try:
                names, end = _record(lines, place, separator)
                return fit(Header(separator, names, place + 1, end))
            except FeedBroken as error:
                columns = lines[place].count(separator) + 1
                if columns > most:
                    problem, most = error, columns
    raise problem


def told_form(form: FeedForm, encoding: str, signs: Mapping[str, str], settings: CsvSettings) -> FileForm:
    """The same for a person to read, with what the numbers showed."""
    names = form.names or tuple(map(str, range(1, form.width + 1)))
    places = {name: getattr(form, name) for name in ("sku", "cost", "currency", "warehouse")}
    seen = set(signs.values())
    found = {
        "separator": form.separator if form.separator in SEPARATORS and encoding != "xlsx" else None,
        "encoding": encoding if encoding != "xlsx" else None,
        "decimal_sign": settings.decimal_sign or (seen.pop() if len(seen) == 1 else None),
        "lines_above_header": form.header_line - 1 if form.header_line > 1 else None,
    }
    used = {"sku": names[form.sku], **({"stock": " + ".join(names[one] for one in form.stocks)} if form.stocks else {})}
    used |= {name: names[place] for name, place in places.items() if place >= 0}
    used |= {f"catalogue.{name}": names[place] for name, place in goods_places(form, settings, strict=False).items()}
    declared = {name: value for name, value in found.items() if value is not None}
    return FileForm(form.separator, encoding, signs, form.header_line, names, used, declared)


def goods_places(form: FeedForm, settings: CsvSettings, *, strict: bool = True) -> dict[str, int]:
    """Where the columns of the goods stand, by what they are for. Raises FeedBroken (FEED_HEADER)."""
    names = list(form.names) or [str(number) for number in range(1, form.width + 1)]
    columns = settings.catalogue.columns() if settings.catalogue else {}
    found = {name: place_of(names, one, needed=needed and strict) for name, (one, needed) in columns.items()}
    return {name: place for name, place in found.items() if place >= 0}


def _record(lines: Sequence[str], place: int, separator: str) -> tuple[list[str], int]:
    """The cells of the record that begins in a line, and the line after it; a heading may have line breaks."""
    if lines[place].count(separator) >= MOST_COLUMNS:
        raise FeedBroken("FEED_HEADER", f"the header has more than {MOST_COLUMNS:,} columns")
    records = Records(separator)
    for end in range(place, len(lines)):
        for found in records.read(lines[end : end + 1], end + 1):
            if not isinstance(found, Rows):
                raise FeedBroken(
                    "FEED_HEADER", f"the header has a quote that is not closed properly (line {found.line})"
                )
            return [" ".join(name.split()) for name in found.rows[0]], end + 1
    raise FeedBroken("FEED_HEADER", "the header has a quote that is never closed")


def _with_header(header: Header, settings: CsvSettings) -> FeedForm:
    names = header.names
    return FeedForm(
        header.separator,
        tuple(names),
        header.line,
        header.end,
        len(names),
        place_of(names, settings.sku_column, needed=True),
        tuple(place_of(names, column, needed=True) for column in settings.stock_columns),
        place_of(names, settings.cost_column, needed=bool(settings.cost_column)),
        place_of(names, settings.currency_column, needed=False),
        place_of(names, settings.warehouse_column, needed=bool(settings.warehouse_column)),
    )


def place_of(names: Sequence[str], column: str, *, needed: bool) -> int:
    """Where a column stands; -1 when it is not there. "qty|stock" in the settings means: either name."""
    wanted = {" ".join(name.split()).casefold() for name in column.split("|")} - {""}
    places = [place for place, name in enumerate(names) if name.casefold() in wanted]
    if len(places) > 1:
        raise FeedBroken("FEED_HEADER", f"the header has {len(places)} columns called {column!r}: keep one")
    if not places and needed:
        shown = ", ".join(name[:30] for name in names[:12] if name.isprintable())
        raise FeedBroken(
            "FEED_HEADER", f"the header has no column {column!r} (it has: {shown}): set its name in the settings"
        )
    return places[0] if places else -1


def _without_header(lines: Sequence[str], first: list[int], separators: str, settings: CsvSettings) -> FeedForm:
    def number(column: str) -> int:
        return int(column) - 1 if column.isdecimal() else -1

    if not first:
        raise FeedBroken("FEED_EMPTY", "the file has no rows")
    widths = {}
    for separator in separators:
        widths[separator] = len(_record(lines, first[0], separator)[0])
    separator = max(separators, key=lambda one: widths[one])
    form = FeedForm(
        separator, (), 0, first[0], widths[separator], number(settings.sku_column),
        tuple(map(number, settings.stock_columns)), number(settings.cost_column), number(settings.currency_column),
        number(settings.warehouse_column),
    )  # fmt: skip
    highest = max(form.sku, *form.stocks, form.cost, form.currency, form.warehouse) + 1
    if highest > form.width:
        raise FeedBroken(
            "FEED_HEADER", f"the first row has {form.width} columns, and the settings name column {highest}"
        )
    return form
