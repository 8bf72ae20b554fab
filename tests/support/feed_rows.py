"""The rows of a stock file, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from orderwright.connectors.feeds.csv.loading import load_feed
from orderwright.connectors.feeds.csv.rows import FeedReader
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.domain.stock_diff import Row
from orderwright.ports.feed import BadRow, FeedContent


def scan_rows(pieces: Iterable[bytes], settings: CsvSettings) -> Iterator[Row | BadRow]:
    """As plain tuples, in the file's order, duplicates included; warehouses are not added up."""
    for good, bad, _ in FeedReader(pieces, settings).portions():
        yield from good
        yield from bad


def loaded(pieces: Iterable[bytes], settings: CsvSettings, kept: Mapping[str, str] | None = None) -> FeedContent:
    """The whole file. `kept` are the decimal signs of the last good one."""
    return load_feed(FeedReader(pieces, settings, kept), settings)
