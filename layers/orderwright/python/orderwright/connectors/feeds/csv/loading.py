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
    shards, examples, first = FeedShards(settings.shards), list[BadRow](), list[Row]()
    count, fault = 0, None
    for portion in reader.portions():
        count += _keep(portion, shards, examples)
        if len(first) < _FIRST_ROWS:
            first += portion.good[: _FIRST_ROWS - len(first)]
    if newer is not None:
        changes, bad, more = FeedShards(settings.shards), list[BadRow](), 0
        try:
            for portion in FeedReader(newer, settings, reader.known_signs).portions():
                more += _keep(portion, changes, bad, known=True)
        except VendorError as error:
            # No row of a warehouse that counts has changed: that is nothing wrong here.
            fault = None if error.code == "FEED_WAREHOUSES" else fault_of(error)
        if fault is None:
            shards.lay_over(changes)
            count += more
            examples += [row._replace(why=f"in the incremental file: {row.why}") for row in bad]
    return FeedContent(shards, count, tuple(examples[:_MOST_EXAMPLES]), reader.signs, tuple(first), fault)


def _keep(portion: Portion, shards: FeedShards, examples: list[BadRow], *, known: bool = False) -> int:
    """Its rows into the shards. Gives how many are bad. `known`: see FeedShards.keep."""
    shards.add_all(portion.good, portion.places)
    for row in portion.bad:
        if row.sku:
            shards.keep(row.sku, known=known)
        if len(examples) < _MOST_EXAMPLES:
            examples.append(row)
    return len(portion.bad)
