"""A file of exchange rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from orderwright.domain.repricing.rates import RateTable
from orderwright.ports.feed import FeedAnswer


class RateFile(Protocol):
    """A file of exchange rates."""

    def open_feed(self, etag: str, seen: str | None = None) -> FeedAnswer:
        """See SupplierFeed.open_feed: without an incremental file."""

    def read_rates(self, answer: FeedAnswer, signs: Mapping[str, str]) -> RateTable:
        """Read it whole. `signs` are the decimal signs that earlier files showed. Raises Rejected (a code FEED_...)."""
