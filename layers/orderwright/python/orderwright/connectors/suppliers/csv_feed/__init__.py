"""A supplier's stock file as CSV over HTTPS: the download, and a reader that never takes a bad cell for a value."""

from orderwright.connectors.suppliers.csv_feed.feed import CsvFeedConnector, build
from orderwright.connectors.suppliers.csv_feed.rows import (
    BadRow,
    FeedBroken,
    LoadedFeed,
    TruncatedFeed,
    load_feed,
    offer_of,
    read_rows,
    scan_rows,
)

__all__ = [
    "BadRow",
    "CsvFeedConnector",
    "FeedBroken",
    "LoadedFeed",
    "TruncatedFeed",
    "build",
    "load_feed",
    "offer_of",
    "read_rows",
    "scan_rows",
]
