"""A feed's rows: tolerant about form (separator, quotes, line ends, encoding), strict about values, streaming.

A row that cannot be read becomes a BadRow, never a number. A file that cannot be trusted as a whole raises FeedBroken.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice, repeat
from typing import NamedTuple

from orderwright.connectors.suppliers.csv_feed.cells import (
    FORMULA_SIGNS,
    MOST_DIGITS,
    MOST_SKU_CHARACTERS,
    BadCell,
    cost_of,
    currency_of,
    sku_of,
    stock_of,
)
from orderwright.connectors.suppliers.csv_feed.text import FeedText
from orderwright.domain.config import CsvConnection
from orderwright.domain.money import minor_digits
from orderwright.domain.stock_diff import FeedShards, Row, RowCost, cost_in
from orderwright.errors import Rejected
from orderwright.ports import OfferReport

SEPARATORS = ",;\t|"
_MOST_COSTS_KEPT = 50_000
_MOST_EXAMPLES = 20
_BATCH = 256


class BadRow(NamedTuple):
    """A row that says nothing. `sku` is given where that cell itself is good: its last known values stay."""

    line: int
    field: str
    why: str
    sku: str = ""


class FeedBroken(Rejected):
    """The file as a whole is not to be believed. `code` is FEED_EMPTY, FEED_HEADER, FEED_UNREADABLE or FEED_TRUNCATED."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, code=code)


class TruncatedFeed(FeedBroken):
    """The file ends in the middle: what is not in it may well be in stock."""

    def __init__(self, message: str) -> None:
        super().__init__("FEED_TRUNCATED", message)


class _Header(NamedTuple):
    separator: str
    width: int
    sku: int
    stock: int
    cost: int
    currency: int


def _place(names: list[str], column: str, *, needed: bool) -> int:
    """Where a column stands; -1 when it is not there. "qty|stock" in the settings means: either name."""
    wanted = {name.strip().casefold() for name in column.split("|")} - {""}
    places = [place for place, name in enumerate(names) if name.strip().casefold() in wanted]
    if len(places) > 1:
        raise FeedBroken("FEED_HEADER", f"the header has {len(places)} columns called {column!r}: keep one")
    if not places and needed:
        shown = ", ".join(name.strip()[:30] for name in names[:12] if name.isprintable())
        raise FeedBroken(
            "FEED_HEADER", f"the header has no column {column!r} (it has: {shown}): set its name in the settings"
        )
    return places[0] if places else -1


def _header(line: str, settings: CsvConnection) -> _Header:
    problem: FeedBroken | None = None
    for separator in SEPARATORS:
        names = next(csv.reader([line], delimiter=separator), [])
        try:
            return _Header(
                separator,
                len(names),
                _place(names, settings.sku_column, needed=True),
                _place(names, settings.stock_column, needed=True),
                _place(names, settings.cost_column, needed=bool(settings.cost_column)),
                _place(names, settings.currency_column, needed=False),
            )
        except FeedBroken as error:
            if problem is None or len(names) > 1:
                problem = error
    raise problem or FeedBroken("FEED_HEADER", "the header cannot be read")


class _Costs(dict[str, RowCost]):
    """Cost texts of one currency that were read before: prices repeat. Raises BadCell for a new one that is no cost."""

    def __init__(self, currency: str, *, comma_is_free: bool) -> None:
        super().__init__()
        self._digits = minor_digits(currency)
        self._comma_is_free = comma_is_free

    def __missing__(self, text: str) -> RowCost:
        cost = cost_of(text, self._digits, comma_is_free=self._comma_is_free)
        if len(self) < _MOST_COSTS_KEPT:
            self[text] = cost
        return cost


class _Cells:
    """Turns cells into values: a whole batch at once where all its rows are plain, else row by row."""

    def __init__(self, header: _Header, settings: CsvConnection) -> None:
        self._header = header
        self._default = settings.currency
        self._costs: dict[str, _Costs] = {}

    def _costs_in(self, currency: str) -> _Costs:
        costs = self._costs.get(currency)
        if costs is None:
            costs = self._costs[currency] = _Costs(currency, comma_is_free=self._header.separator != ",")
        return costs

    def read_batch(self, batch: list[list[str]]) -> list[Row] | None:
        """All rows of a batch, or None when any of them needs a closer look."""
        header = self._header
        if set(map(len, batch)) != {header.width}:
            return None
        columns = list(zip(*batch, strict=True))
        skus, stocks = columns[header.sku], columns[header.stock]
        together = "".join(stocks)
        if "" in stocks or not (together.isascii() and together.isdecimal()) or max(map(len, stocks)) > MOST_DIGITS:
            return None
        if not _all_plain(skus):
            return None
        currencies = set(columns[header.currency]) if header.currency >= 0 else {self._default}
        if len(currencies) != 1:
            return None
        currency = currencies.pop()
        if currency != self._default and (len(currency) != 3 or not currency.isascii() or not currency.isupper()):
            return None
        costs: Iterable[RowCost | None] = repeat(None)
        if header.cost >= 0:
            try:
                costs = list(map(self._costs_in(currency).__getitem__, columns[header.cost]))
            except BadCell:
                return None
        return list(zip(skus, map(int, stocks), costs, repeat(currency)))

    def read(self, cells: list[str], line: int) -> Row | BadRow:
        """One row, exactly."""
        header, sku, field = self._header, "", "row"
        try:
            if len(cells) > header.sku:
                field = "sku"
                sku = sku_of(cells[header.sku])
            field = "row"
            if len(cells) < header.width or any(cells[header.width :]):
                raise BadCell(f"has {len(cells)} columns where the header has {header.width}")
            field = "stock"
            stock = stock_of(cells[header.stock])
            field = "currency"
            text = cells[header.currency] if header.currency >= 0 else ""
            currency = currency_of(text) if text.strip() else self._default
            if header.cost < 0:
                return sku, stock, None, currency
            field = "cost"
            return sku, stock, self._costs_in(currency)[cells[header.cost]], currency
        except BadCell as error:
            return BadRow(line, field, str(error), sku)


def _all_plain(skus: Sequence[str]) -> bool:
    """Whether sku_of would give every one back as it is."""
    if not "".join(skus).isprintable() or max(map(len, skus)) > MOST_SKU_CHARACTERS:
        return False
    listed = "\n".join(("", *skus, ""))
    return not any(sign in listed for sign in _UNPLAIN)


_UNPLAIN = ("\n\n", "\n ", " \n", *("\n" + sign for sign in FORMULA_SIGNS))


def _is_filled(row: Sequence[str]) -> bool:
    return any(row) and not "".join(row).isspace()


def _batches(pieces: Iterable[bytes], settings: CsvConnection) -> Iterator[tuple[list[Row], list[BadRow]]]:
    """Rows in portions: either all good, or one by one with the bad ones among them."""
    text = FeedText(pieces)
    lines = iter(text)
    skipped = 1
    first = next(lines, None)
    while first is not None and not first.strip():
        skipped += 1
        first = next(lines, None)
    if first is None:
        raise FeedBroken("FEED_EMPTY", "the file is empty")
    header = _header(first.removesuffix("\n"), settings)
    cells = _Cells(header, settings)
    reader = csv.reader(lines, delimiter=header.separator)
    last: list[str] = []
    try:
        while batch := list(islice(reader, _BATCH)):
            end = skipped + reader.line_num
            last = batch[-1] or last
            good = cells.read_batch(batch)
            if good is not None:
                yield good, []
                continue
            for place, row in enumerate(batch, start=1):
                if any(row):
                    # A cell with line breaks makes the number of an earlier row of its batch a little too high.
                    read = cells.read(row, end - len(batch) + place)
                    yield ([], [read]) if isinstance(read, BadRow) else ([read], [])
    except csv.Error:
        raise FeedBroken("FEED_UNREADABLE", "a quote is opened and never closed, or a cell is far too long") from None
    if text.odd_end or (text.unterminated and last and (len(last) < header.width or not last[-1].strip())):
        raise TruncatedFeed("the last row is incomplete and has no line end")


def scan_rows(pieces: Iterable[bytes], settings: CsvConnection) -> Iterator[Row | BadRow]:
    """The rows of a feed as plain tuples, in the file's order, duplicates included; blank rows are left out.

    `pieces` are the file's bytes in any portions. Raises FeedBroken, TruncatedFeed at the very end of a cut file.
    """
    for good, bad in _batches(pieces, settings):
        yield from good
        yield from bad


def read_rows(lines: Iterable[bytes], settings: CsvConnection, observed_at: datetime) -> Iterator[OfferReport | BadRow]:
    """The same rows as reports, for small feeds and single rows; a million rows go by load_feed."""
    for row in scan_rows(lines, settings):
        yield row if isinstance(row, BadRow) else offer_of(row, observed_at)


def offer_of(row: Row, observed_at: datetime) -> OfferReport:
    """A row as a report. A feed knows no vendor's id beside the SKU."""
    return OfferReport(row[0], "", row[1], cost_in(row), observed_at)


class LoadedFeed(NamedTuple):
    """A whole feed: its good rows by shard, how many rows are bad, and the first of those to show."""

    shards: FeedShards
    bad_rows: int
    examples: tuple[BadRow, ...]


def load_feed(pieces: Iterable[bytes], settings: CsvConnection) -> LoadedFeed:
    """Read a feed of any size into shards for diff_shard, about 25 bytes a row. Raises FeedBroken."""
    shards, count = FeedShards(settings.shards), 0
    examples: list[BadRow] = []
    for good, bad in _batches(pieces, settings):
        shards.add_all(good)
        count += len(bad)
        for row in bad:
            if row.sku:
                shards.keep(row.sku)
            if len(examples) < _MOST_EXAMPLES:
                examples.append(row)
    return LoadedFeed(shards, count, tuple(examples))
