"""A whole feed, read into shards."""

from __future__ import annotations

from collections.abc import Iterable

from orderwright.connectors.feeds.csv.incremental import fault_of
from orderwright.connectors.feeds.csv.rows import FeedReader, Portion
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.domain.stock_diff import FeedShards, Row
from orderwright.errors import VendorError
from orderwright.ports.feed import BadRow, FeedContent

_MOST_EXAMPLES = 50
_FIRST_ROWS = 5


def load_feed(reader: FeedReader, settings: CsvSettings, newer: Iterable[bytes] | None = None) -> FeedContent:
    """Read a feed of any size into shards for diff_shard, about 25 bytes a row. Raises FeedBroken.

    Rows of `newer`, the incremental file, stand over those of the full one; all of them, or none and the `fault`.
    """
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
    rows, changes, fault = shards.rows, list[Portion](), None
    try:
        for portion in FeedReader(newer, settings, reader.known_signs).portions() if newer is not None else ():
            changes.append(portion)
    except VendorError as error:
        # No row of a warehouse that counts has changed: that is nothing wrong here.
        changes, fault = (changes, None) if error.code == "FEED_WAREHOUSES" else ([], fault_of(error))
    for good, bad, places in changes:
        shards.add_all(good, places)
        count += len(bad)
        for row in bad:
            if row.sku:
                shards.keep(row.sku, known=True)
            examples.append(row._replace(why=f"in the incremental file: {row.why}"))
    shards.rows = rows
    return FeedContent(shards, count, tuple(examples[:_MOST_EXAMPLES]), reader.signs, tuple(first), fault)
