"""Files of what prices follow: opened like stock files, and read by what they tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from orderwright.domain.repricing.signals import CompetitorQuote
from orderwright.ports.feed import BadRow, FeedAnswer, FileForm


class SignalSource(Protocol):
    """A file of what prices follow."""

    def open_feed(self, etag: str, seen: str | None = None) -> FeedAnswer:
        """See SupplierFeed.open_feed: without an incremental file."""


class PriceRow(NamedTuple):
    """A competitor's price: the ids that the row has, "" for none; a GTIN in 14 digits."""

    line: int
    gtin: str
    mpn: str
    sku: str
    quote: CompetitorQuote


class CompetitorFile(SignalSource, Protocol):
    """A file of competitors' prices."""

    def read_prices(
        self, pieces: Iterable[bytes], signs: Mapping[str, str], tell: Callable[[FileForm], None] | None = None
    ) -> Iterator[PriceRow | BadRow]:
        """Its rows, good and bad, once the whole file was read. `signs` and `tell`: see SupplierFeed.read_feed.

        Raises Rejected (a code FEED_...), also on the way: nothing of such a file counts.
        """
