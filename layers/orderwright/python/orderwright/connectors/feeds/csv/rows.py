"""A feed's rows: tolerant about form, strict about values, streaming.

    bytes -> text.py: lines -> form.py: separator, header -> quotes.py: records -> cells.py: values

A row that cannot be read becomes a BadRow, never a number. A file that cannot be trusted as a whole raises FeedBroken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import NamedTuple

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.connectors.feeds.csv.cells import (
    FORMULA_SIGNS,
    MOST_SKU_CHARACTERS,
    BadCell,
    ColumnSign,
    Costs,
    SignUnknown,
    Stocks,
    currency_of,
    sku_of,
)
from orderwright.connectors.feeds.csv.form import LOOKED_AT, FeedForm, find_form
from orderwright.connectors.feeds.csv.quotes import Damaged, Records, Rows, Shape
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.connectors.feeds.csv.text import FeedText
from orderwright.connectors.feeds.csv.workbook import XLSX, as_text
from orderwright.domain.stock_diff import NOT_TOLD, Row, RowCost, with_places
from orderwright.ports.feed import BadRow

_CHUNK = 64 * 1024
STOCK, COST = "stock", "cost"
_BETWEEN = "\x1f"  # no cell that was stripped begins or ends with it


class Portion(NamedTuple):
    """Some rows, and the bad ones among them. `places` are their warehouses; empty where the feed knows none."""

    good: list[Row]
    bad: list[BadRow]
    places: list[str]


class RowTexts(NamedTuple):
    """A row whose numbers are still texts; `stock` those of all its columns, with _BETWEEN between them."""

    line: int
    sku: str
    stock: str
    cost: str
    currency: str
    place: str


class _Cells:
    """Turns cells into values: a whole batch at once where all its rows are plain, else row by row.

    Rows wait, packed, from the first number that could be read in two ways until a number shows which one is meant.
    """

    def __init__(self, form: FeedForm, settings: CsvSettings, kept: Mapping[str, str]) -> None:
        self._form = form
        self._settings = settings
        self._warehouses = {_place_of(name) for name in settings.warehouses}
        self.signs = {
            STOCK: ColumnSign(stock := " + ".join(settings.stock_columns), settings.decimal_sign, kept.get(stock, "")),
            COST: ColumnSign(settings.cost_column, settings.decimal_sign, kept.get(settings.cost_column, "")),
        }
        self._stocks = Stocks(self.signs[STOCK], settings.stock_words)
        self._costs: dict[str, Costs] = {}
        self._waiting: deque[bytearray] = deque()
        self._warehouse_seen = not self._warehouses

    def _costs_in(self, currency: str) -> Costs:
        costs = self._costs.get(currency)
        if costs is None:
            costs = self._costs[currency] = Costs(self.signs[COST], self._settings, currency)
        return costs

    def read_batch(self, batch: list[list[str]]) -> Portion | None:
        """All rows of a batch, or None when any of them needs a closer look."""
        form = self._form
        if self._waiting or set(map(len, batch)) != {form.width}:
            return None
        columns = list(zip(*batch, strict=True))
        skus = columns[form.sku]
        if not _all_plain(skus):
            return None
        default = self._settings.currency
        currencies = set(columns[form.currency]) if form.currency >= 0 else {default}
        if len(currencies) != 1:
            return None
        currency = currencies.pop()
        if currency != default and (len(currency) != 3 or not currency.isascii() or not currency.isupper()):
            return None
        costs: Iterable[RowCost | None] = repeat(None)
        try:
            stocks = self._stocks_in(columns)
            if form.cost >= 0:
                costs = list(map(self._costs_in(currency).__getitem__, columns[form.cost]))
        except (BadCell, SignUnknown):
            return None
        texts: Iterable[str] = repeat(currency)
        if len(form.stocks) > 1:
            texts = [
                self._placed(currency, cells) for cells in zip(*(columns[one] for one in form.stocks), strict=True)
            ]
        rows = list(zip(skus, stocks, costs, texts, strict=False))
        if form.warehouse < 0:
            return Portion(rows, [], [])
        places = list(map(_place_of, columns[form.warehouse]))
        return Portion([self._here(row, place) for row, place in zip(rows, places, strict=True)], [], places)

    def _stocks_in(self, columns: Sequence[Sequence[str]]) -> Iterable[int]:
        places = self._form.stocks
        if len(places) == 1:
            return list(map(self._stocks.__getitem__, columns[places[0]]))
        if not places:
            return repeat(NOT_TOLD)
        return [self._sum(cells) for cells in zip(*(columns[place] for place in places), strict=True)]

    def _sum(self, cells: Sequence[str]) -> int:
        """Of a row's warehouses. A blank one says nothing of its own; all blank say nothing at all: BadCell."""
        total, unknown, told = 0, False, False
        for column, cell in zip(self._settings.stock_columns, cells, strict=True):
            try:
                if text := cell.strip():
                    told = True
                    total += self._stocks[text]
            except SignUnknown:
                unknown = True
            except BadCell as error:
                raise BadCell(f"{error} (column {column})") from None
        if not told:
            raise BadCell("is empty for every warehouse, and unknown is not zero")
        if unknown:
            raise SignUnknown
        return total

    def _placed(self, currency: str, cells: Sequence[str]) -> str:
        """The currency with the stock of each column, once their sum could be read."""
        found = zip(self._settings.stock_columns, map(str.strip, cells), strict=True)
        return with_places(currency, {str(column): self._stocks[cell] for column, cell in found if cell})

    def _stock_of(self, text: str) -> int:
        several = len(self._form.stocks) > 1
        return self._sum(text.split(_BETWEEN)) if several else self._stocks[text] if self._form.stocks else NOT_TOLD

    def _here(self, row: Row, place: str) -> Row:
        """A row of a warehouse that does not count keeps its SKU in the feed, with nothing to sell."""
        if not self._warehouses or place in self._warehouses:
            self._warehouse_seen = True
            return row
        return row[0], 0, None, row[3]

    def read(self, cells: list[str], line: int) -> Iterator[Portion]:
        """One row, exactly; nothing for one that has to wait, and those that have waited before one that ends it."""
        texts = self.texts(cells, line)
        if isinstance(texts, BadRow):
            yield Portion([], [texts], [])
            return
        try:
            read = self.values(texts)
        except SignUnknown:
            self._wait(texts)
            return
        if self._waiting and read.good:
            if any(not sign.sign and sign.was_asked for sign in self.signs.values()):
                self._wait(texts)
                return
            yield from self._waited()
        yield read

    def end(self) -> Iterator[Portion]:
        """Raises FeedBroken when rows still wait, or no row was of a warehouse that counts."""
        for sign in self.signs.values():
            if self._waiting and not sign.sign and sign.was_asked:
                raise sign.unknown()
        yield from self._waited()
        if not self._warehouse_seen:
            raise FeedBroken(
                "FEED_WAREHOUSES",
                "no row is of a warehouse that the settings name: look at warehouses and warehouse_column",
            )

    def texts(self, cells: list[str], line: int) -> RowTexts | BadRow:
        """A row, taken apart."""
        form, sku, field = self._form, "", "row"
        try:
            if len(cells) > form.sku:
                field = "sku"
                sku = self._sku_of(cells[form.sku])
            field = "row"
            if len(cells) < form.width or any(cells[form.width :]):
                raise BadCell(f"has {len(cells)} columns where the header has {form.width}")
            field = "currency"
            text = cells[form.currency] if form.currency >= 0 else ""
            currency = currency_of(text) if text.strip() else self._settings.currency
        except BadCell as error:
            return BadRow(line, field, str(error), sku)
        cost = cells[form.cost].strip() if form.cost >= 0 else ""
        place = _place_of(cells[form.warehouse]) if form.warehouse >= 0 else ""
        return RowTexts(line, sku, _BETWEEN.join(cells[one].strip() for one in form.stocks), cost, currency, place)

    def values(self, texts: RowTexts) -> Portion:
        """One row or one bad row. Both numbers are looked at before SignUnknown is raised: each may show a sign."""
        stock, cost, unknown = 0, None, False
        field = STOCK
        try:
            try:
                stock = self._stock_of(texts.stock)
            except SignUnknown:
                unknown = True
            field = COST
            if self._form.cost >= 0:
                cost = self._costs_in(texts.currency)[texts.cost]
        except BadCell as error:
            return Portion([], [BadRow(texts.line, field, str(error), texts.sku)], [])
        if unknown:
            raise SignUnknown
        several = len(self._form.stocks) > 1
        currency = self._placed(texts.currency, texts.stock.split(_BETWEEN)) if several else texts.currency
        row = (texts.sku, stock, cost, currency)
        if self._form.warehouse < 0:
            return Portion([row], [], [])
        return Portion([self._here(row, texts.place)], [], [texts.place])

    def _wait(self, texts: RowTexts) -> None:
        if not self._waiting or len(self._waiting[-1]) > _CHUNK:
            self._waiting.append(bytearray())
        self._waiting[-1] += ("\t".join(map(str, texts)) + "\n").encode()

    def _waited(self) -> Iterator[Portion]:
        while self._waiting:
            for packed in self._waiting.popleft().decode().split("\n")[:-1]:
                line, *texts = packed.split("\t")
                yield self.values(RowTexts(int(line), *texts))

    def _sku_of(self, text: str) -> str:
        return sku_of(text, may_look_scientific=self._settings.sku_may_look_scientific)

    def bad(self, damaged: Damaged) -> BadRow:
        """A line with damaged quotes; its SKU where that cell stands before the fault."""
        sku = ""
        if len(damaged.cells) > self._form.sku:
            try:
                sku = self._sku_of(damaged.cells[self._form.sku])
            except BadCell:
                sku = ""  # the row is told as bad already, with its quotes as the reason
        return BadRow(damaged.line, "row", damaged.why, sku)


def _place_of(text: str) -> str:
    return " ".join(text.split()).casefold()


def _all_plain(skus: Sequence[str]) -> bool:
    """Whether sku_of would give every one back as it is."""
    together = "".join(skus)
    if not together.isprintable() or max(map(len, skus)) > MOST_SKU_CHARACTERS or "\ufffd" in together:
        return False
    listed = "\n".join(("", *skus, ""))
    return not any(sign in listed for sign in _UNPLAIN)


_UNPLAIN = ("\n\n", "\n ", " \n", "E+", "e+", *("\n" + sign for sign in FORMULA_SIGNS))


class FeedReader:
    """One pass over a feed. `form` is known once the first portion came, `signs` at the end.

    `kept` are the decimal signs that the last good file showed, by the column's name. `watch` gets the texts of each row that
    can be taken apart, all of its cells, and the form.
    """

    def __init__(
        self,
        pieces: Iterable[bytes],
        settings: CsvSettings,
        kept: Mapping[str, str] | None = None,
        watch: Callable[[RowTexts, list[str], FeedForm], None] | None = None,
    ) -> None:
        pieces, settings, self._is_workbook = as_text(pieces, settings)
        self._text = FeedText(pieces, settings.encoding)
        self._settings = settings
        self._kept = kept or {}
        self._cells: _Cells | None = None
        self._whole = True
        self._watch = watch
        self.form: FeedForm | None = None

    @property
    def encoding(self) -> str:
        """The encoding that was used."""
        return XLSX if self._is_workbook else self._text.encoding

    @property
    def signs(self) -> dict[str, str]:
        """The decimal signs that the numbers of this file show."""
        return {sign.column: sign.seen for sign in self._cells.signs.values() if sign.seen} if self._cells else {}

    @property
    def known_signs(self) -> dict[str, str]:
        """With those of earlier files."""
        return {**self._kept, **self.signs}

    def values(self, texts: RowTexts) -> Portion:
        """What a row says, once the whole file was read: its numbers have shown their signs."""
        return self._cells.values(texts) if self._cells else Portion([], [], [])

    def portions(self) -> Iterator[Portion]:
        """The good rows in the file's order, duplicates included, and the bad ones; no blank ones. Raises FeedBroken.

        FEED_TRUNCATED comes at the very end of a cut file: what is not in it may well be in stock.
        """
        lines, first, quotes = iter(self._text), list[str](), False
        enough = LOOKED_AT + (self._settings.lines_above_header or 0)
        for more, quoted in lines:
            first += more
            quotes = quotes or quoted
            if len(first) >= enough:
                break
        form = self.form = find_form(first[:enough], self._settings)
        cells = self._cells = _Cells(form, self._settings, self._kept)
        words = frozenset(word.strip().casefold() for word in self._settings.stock_words)
        numbers = tuple(place for place in (*form.stocks, form.cost) if place >= 0)
        records, number = Records(form.separator, Shape(form.width, form.sku, numbers, words)), form.begins + 1
        for part, quoted in chain([(first[form.begins :], quotes)], lines):
            for found in records.read(part, number, quotes=quoted):
                yield from self._read(found, cells, form)
            number += len(part)
        for found in records.end():
            yield from self._read(found, cells, form)
        if self._text.odd_end or (self._text.unterminated and not self._whole):
            raise FeedBroken("FEED_TRUNCATED", "the last row is incomplete and has no line end")
        yield from cells.end()

    def _read(self, found: Rows | Damaged, cells: _Cells, form: FeedForm) -> Iterator[Portion]:
        if isinstance(found, Damaged):
            self._whole = found.separators >= form.width - 1
            yield Portion([], [cells.bad(found)], [])
            return
        for line, row in enumerate(found.rows, start=found.line) if self._watch else ():
            texts = cells.texts(row, line) if any(row) else None
            if self._watch and isinstance(texts, RowTexts):
                self._watch(texts, row, form)
        good = cells.read_batch(found.rows)
        if good is not None:
            yield good
        else:
            for line, row in enumerate(found.rows, start=found.line):
                if any(row):
                    yield from cells.read(row, line)
        last = next((row for row in reversed(found.rows) if row), None)
        if last is not None:
            self._whole = len(last) >= form.width and bool(last[-1].strip())
