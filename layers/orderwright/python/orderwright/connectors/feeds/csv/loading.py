"""A whole feed, read into shards."""

from __future__ import annotations

from orderwright.connectors.feeds.csv.rows import FeedReader
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.domain.stock_diff import FeedShards, Row
from orderwright.ports.feed import BadRow, FeedContent

_MOST_EXAMPLES = 50
_FIRST_ROWS = 5


def load_feed(reader: FeedReader, settings: CsvSettings) -> FeedContent:
    """Read a feed of any size into shards for diff_shard, about 25 bytes a row. Raises FeedBroken."""
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
    return FeedContent(shards, count, tuple(examples), reader.signs, tuple(first))
