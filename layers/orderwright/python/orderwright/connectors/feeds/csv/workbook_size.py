"""How much memory a workbook (XLSX) would take, found before anybody unpacks it as a whole: a few bytes can become very many."""

from __future__ import annotations

import io
import re
import zipfile

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.connectors.feeds.csv.container import DAMAGED

MOST_UNPACKED = 256 * 1024 * 1024
MOST_CELLS = 5_000_000
"""Of a sheet from its first cell to its last one: a reader needs memory for all of them, empty ones too."""
MOST_TEXTS = 2_000_000
"""A workbook keeps each text once, beside the sheets; small ones need much more memory than bytes."""

_PIECE = 1024 * 1024
_PLACE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{0,9})([0-9]{1,20})[\"']")
"""Of a cell; of a row where there are no letters."""
_FLAT = bytes.maketrans(b":>/\t\r\n", b"<     ")
"""Tags of any namespace look alike with it: <x:row> and <row/> are "<row ". Counting them is much faster than a pattern."""


def refuse_bombs(data: bytes) -> None:
    """Raises FeedBroken. Each file in it is looked at, since a sheet may have any name."""
    total, texts = 0, 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                if member.flag_bits & 1:
                    raise FeedBroken("FEED_ARCHIVE", "the workbook is encrypted: save it without a password")
                extent, rest = _Extent(), b""
                with archive.open(member) as packed:
                    while piece := packed.read(_PIECE):
                        total += len(piece)
                        if total > MOST_UNPACKED:
                            what = f"the workbook unpacks to more than {MOST_UNPACKED // 1024 // 1024} MiB"
                            raise FeedBroken("FEED_TOO_LARGE", what)
                        whole, sign, rest = (rest + piece).rpartition(b"<")
                        rest = sign + rest
                        texts += extent.see(whole)
                        if len(rest) > 4 * _PIECE:
                            rest = b""  # no XML
                extent.see(rest)
                extent.judge()
                if texts > MOST_TEXTS:
                    raise FeedBroken("FEED_TOO_LARGE", f"the workbook has more than {MOST_TEXTS:,} different texts")
    except DAMAGED:
        raise FeedBroken("FEED_TRUNCATED", "the workbook is damaged or cut") from None


class _Extent:
    """Of a sheet: two cells far apart need memory for all between them."""

    def __init__(self) -> None:
        self._columns = self._rows = 0
        self._following = self._widest = 0
        """Cells that do not say where they are stand behind each other; so many in the row that is open, and at most."""

    def see(self, text: bytes) -> int:
        """More of it, in whole tags. Gives how many texts are kept there, if it is no sheet."""
        places, flat = _PLACE.findall(text), text.translate(_FLAT)
        for name in {letters.upper() for letters, _ in places}:
            number = 0
            for letter in name:
                number = number * 26 + letter - 64
            self._columns = max(self._columns, number)
        placed_rows = sum(not letters for letters, _ in places)
        self._rows = max(self._rows, *map(int, {number for _, number in places}), 0) + max(
            0, flat.count(b"<row ") - placed_rows
        )
        if flat.count(b"<c ") > len(places) - placed_rows:
            for number, part in enumerate(flat.split(b"<row ")):
                self._following = part.count(b"<c ") + (0 if number else self._following)
                self._widest = max(self._widest, self._following)
        return flat.count(b"<si ") + flat.count(b"<definedName ")

    def judge(self) -> None:
        """Raises FeedBroken."""
        columns = self._columns + self._widest
        if columns * self._rows > MOST_CELLS:
            what = f"a sheet has cells in {columns:,} columns and {self._rows:,} rows"
            raise FeedBroken("FEED_TOO_LARGE", f"{what}: delete what lies far outside of the table")
