"""Files of what prices follow: opened like stock files, read to competitors' prices or to exchange rates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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


class PriceContent(NamedTuple):
    """A whole file: its good rows, how many are refused, and the first of those. `signs`: see FeedContent."""

    rows: Sequence[PriceRow]
    bad_rows: int
    examples: Sequence[BadRow]
    signs: Mapping[str, str]


class CompetitorFile(SignalSource, Protocol):
    """A file of competitors' prices."""

    def read_prices(
        self, pieces: Iterable[bytes], signs: Mapping[str, str], tell: Callable[[FileForm], None] | None = None
    ) -> PriceContent:
        """Read it whole; `signs` and `tell` as in SupplierFeed.read_feed. Raises Rejected (a code FEED_...)."""
