"""A whole feed, read into shards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from orderwright.connectors.feeds.csv.rows import BadRow, FeedReader
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.domain.stock_diff import FeedShards, Row

_MOST_EXAMPLES = 50
_FIRST_ROWS = 5


class LoadedFeed(NamedTuple):
    """A whole feed: its good rows by shard, how many rows are bad, the first of both to show, the signs that it shows."""

    shards: FeedShards
    bad_rows: int
    examples: tuple[BadRow, ...]
    signs: dict[str, str]
    first: tuple[Row, ...]


def load_feed(
    pieces: Iterable[bytes] | FeedReader, settings: CsvSettings, kept: Mapping[str, str] | None = None
) -> LoadedFeed:
    """Read a feed of any size into shards for diff_shard, about 25 bytes a row. Raises FeedBroken.

    `kept` are the decimal signs of the last good file. A FeedReader may be given, to be asked for the form afterwards.
    """
    reader = pieces if isinstance(pieces, FeedReader) else FeedReader(pieces, settings, kept)
    shards, count = FeedShards(settings.shards), 0
    examples: list[BadRow] = []
    first: list[Row] = []
    for good, bad, places in reader.portions():
        shards.add_all(good, places)
        if len(first) < _FIRST_ROWS:
            first += good[: _FIRST_ROWS - len(first)]
        count += len(bad)
        for row in bad:
            if row.sku:
                shards.keep(row.sku)
            if len(examples) < _MOST_EXAMPLES:
                examples.append(row)
    return LoadedFeed(shards, count, tuple(examples), reader.signs, tuple(first))
