"""Lines to records: quotes by RFC 4180, and nothing guessed where they do not close.

A quote inside a cell that does not begin with one is plain text (24" lamp). A cell that begins with a quote ends at the
next single quote, and only a separator or the line's end may follow. Where that is not so, the line is bad, and so is every
line that its open cell had swallowed. A cell may hold line breaks; but where what is in it could be rows of their own, it
is bad as well: a row never gets numbers that stand in another one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Literal, NamedTuple

from orderwright.connectors.feeds.csv.broken import FeedBroken

MOST_CELL = 131_072
AT_ONCE = 256
_INSIDE = re.compile(r'(?:[^"]++|"")*+')
_BLANKS = re.compile(r" *+")
_NUMBER = re.compile(r"-?[\d.,]*\d[\d.,]*")
_OPENING = re.compile(r' *+"')


class Damaged(NamedTuple):
    """A line with quotes that do not close, or swallowed by such a line. `cells` are those before the fault."""

    line: int
    why: str
    cells: list[str]
    separators: int


class Rows(NamedTuple):
    """Records in lines that follow each other, from line `line` on; or one record over several lines."""

    line: int
    rows: list[list[str]]


class Shape(NamedTuple):
    """What a whole row looks like: its cells, where its SKU and its numbers stand, and words that count as numbers."""

    width: int
    sku: int
    numbers: tuple[int, ...]
    words: frozenset[str]


def _is_number(cell: str, shape: Shape) -> bool:
    text = cell.strip(' "')
    return bool(_NUMBER.fullmatch(text)) or text.casefold() in shape.words


def _is_value(cell: str, shape: Shape) -> bool:
    return _is_number(cell, shape) or (len(cell) <= 20 and not any(map(str.isspace, cell)))


class Records:
    """Gives records while lines come in. Without a `shape` any record over several lines is believed."""

    def __init__(self, separator: str, shape: Shape | None = None) -> None:
        other = f"[^{re.escape(separator)}]"
        cell = rf'(?: *+"(?:[^"]++|"")*+"|(?! *+"){other}*+)'
        self._closed = re.compile(rf"{cell}(?:{re.escape(separator)}{cell})*+")
        self._separator = separator
        self._plain = re.compile(rf"{other}*+")
        self._shape = shape
        self._opened = self._shut = 0
        self._lines: list[tuple[int, str]] = []
        self._cells: list[str] = []
        self._parts: list[str] = []
        self._size = 0

    def read(self, lines: Sequence[str], number: int, *, quotes: bool = True) -> Iterator[Rows | Damaged]:
        """The records of lines that begin at line `number`. Raises FeedBroken (FEED_UNREADABLE)."""
        if not quotes and not self._lines:
            yield from self._parsed(lines, number, quotes=False)
            return
        begun = 0
        for place, line in enumerate(lines):
            if not self._lines and self._closed.fullmatch(line):
                continue
            if begun < place:
                yield from self._parsed(lines[begun:place], number + begun, quotes=True)
            begun = place + 1
            yield from self._take(line, number + place)
        if begun < len(lines):
            yield from self._parsed(lines[begun:], number + begun, quotes=True)

    def end(self) -> Iterator[Damaged]:
        """What is open where the file ends is bad."""
        yield from self._damaged("has a quote that is never closed")

    def _parsed(self, lines: Sequence[str], number: int, *, quotes: bool) -> Iterator[Rows]:
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
        reader = csv.reader(lines, delimiter=self._separator, quoting=quoting, strict=True, skipinitialspace=quotes)
        try:
            while rows := list(islice(reader, AT_ONCE)):
                yield Rows(number, rows)
                number += len(rows)
        except csv.Error:
            raise FeedBroken("FEED_UNREADABLE", f"a cell has more than {MOST_CELL:,} characters") from None

    def _take(self, line: str, number: int) -> Iterator[Rows | Damaged]:
        first = not self._lines
        self._lines.append((number, line))
        self._size += len(line) + 1
        if self._size > MOST_CELL:
            raise FeedBroken(
                "FEED_UNREADABLE",
                f"a quote is opened in line {self._lines[0][0]} and never closed, or a cell is far too long",
            )
        closed = self._advance(line, None if first else 0)
        if closed is None:
            return
        if closed and not self._may_be_rows():
            rows = Rows(self._lines[0][0], [self._cells])
            self._forget()
            yield rows
        else:
            yield from self._damaged(
                "has a cell with line breaks that may be several rows"
                if closed
                else "has a quote that is not closed properly"
            )

    def _advance(self, line: str, inside: int | None) -> bool | None:
        """Read on in a line, from `inside` an open cell or at a cell's start. True: the record ends here, None: it goes on."""
        at = 0
        while True:
            opening = None if inside is not None else _OPENING.match(line, at)
            if inside is not None or opening is not None:
                found = _INSIDE.match(line, opening.end() if opening else inside or 0)
                assert found is not None
                self._parts.append(found[0])
                if found.end() == len(line):
                    self._opened = at if len(self._lines) < 2 else self._opened
                    return None
                self._shut = found.end() if inside is not None else self._shut
                self._cells.append("\n".join(self._parts).replace('""', '"'))
                self._parts = []
                after = _BLANKS.match(line, found.end() + 1)
                at = after.end() if after else len(line)
            else:
                plain = self._plain.match(line, at)
                assert plain is not None
                self._cells.append(plain[0])
                at = plain.end()
            if at == len(line):
                return True
            if line[at] != self._separator:
                return False
            at, inside = at + 1, None

    def _may_be_rows(self) -> bool:
        """Whether a record over several lines may be several rows whose quotes fit by chance.

        Two rows have the separators of two, and a line that an open cell swallowed has the rest of its own cells: numbers,
        or short texts right behind a separator, where prose has a blank. A row that was cut short lends itself the next one,
        or takes that one's numbers: the whole one of the two looks like a row then, or all of its numbers are in the cell.
        """
        shape, lines = self._shape, [line for _, line in self._lines]
        if len(lines) == 1 or shape is None:
            return False
        if any(self._is_row(line.split(self._separator), shape) for line in lines):
            return True
        swallowed = [lines[0][self._opened :], *lines[1:-1], lines[-1][: self._shut]]
        cells = [cell for line in swallowed for cell in line.removesuffix(self._separator).split(self._separator)[1:]]
        if sum(_is_number(cell, shape) for cell in cells) >= max(2, len(shape.numbers)):
            return True
        separators = sum(line.count(self._separator) for line in lines)
        return separators >= 2 * (shape.width - 1) and any(_is_value(cell, shape) for cell in cells)

    @staticmethod
    def _is_row(cells: list[str], shape: Shape) -> bool:
        if len(cells) != shape.width or not all(_is_number(cells[place], shape) for place in shape.numbers):
            return False
        return len(cells[shape.sku].split()) == 1

    def _damaged(self, why: str) -> Iterator[Damaged]:
        lines = self._lines
        self._forget()
        for number, line in lines:
            if line.strip():
                yield Damaged(number, why, self._before_fault(line), line.count(self._separator))
            why = f"was swallowed by the open quote of line {lines[0][0]}"

    def _before_fault(self, line: str) -> list[str]:
        alone = Records(self._separator)
        closed = alone._advance(line, None)
        return alone._cells if closed is not False else alone._cells[:-1]

    def _forget(self) -> None:
        self._lines, self._cells, self._parts, self._size = [], [], [], 0
