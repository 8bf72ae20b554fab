"""What files of what prices follow share with stock files: where they lie, and how a cell is read. Kinds import it from here."""

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.connectors.feeds.csv.cells import BadCell, currency_of, sku_of, unspoilt
from orderwright.connectors.feeds.csv.container import is_json, peeked
from orderwright.connectors.feeds.csv.opening import place_at, told_answer

__all__ = [
    "BadCell", "FeedBroken", "currency_of", "is_json", "peeked", "place_at", "sku_of", "told_answer", "unspoilt",
]  # fmt: skip
