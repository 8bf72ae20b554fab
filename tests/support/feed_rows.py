"""The rows of a stock file, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orderwright.connectors.feeds.csv.rows import BadRow, FeedReader
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.domain.stock_diff import Row


def scan_rows(pieces: Iterable[bytes], settings: CsvSettings) -> Iterator[Row | BadRow]:
    """As plain tuples, in the file's order, duplicates included; warehouses are not added up."""
    for good, bad, _ in FeedReader(pieces, settings).portions():
        yield from good
        yield from bad
