"""A supplier's stock file as CSV over HTTPS: the download, and a reader that never takes a bad cell for a value."""

from orderwright.connectors.suppliers.csv_feed.broken import FeedBroken, TruncatedFeed
from orderwright.connectors.suppliers.csv_feed.feed import CsvFeedConnector, build
from orderwright.connectors.suppliers.csv_feed.loading import LoadedFeed, load_feed, offer_of, read_rows, scan_rows
from orderwright.connectors.suppliers.csv_feed.rows import BadRow, FeedReader

__all__ = [
    "BadRow",
    "CsvFeedConnector",
    "FeedBroken",
    "FeedReader",
    "LoadedFeed",
    "TruncatedFeed",
    "build",
    "load_feed",
    "offer_of",
    "read_rows",
    "scan_rows",
]
