"""A supplier's stock file, wherever it lies: opened by the address's beginning, read by its content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from orderwright.connectors.context import Context
from orderwright.connectors.feeds.csv.form import told_form
from orderwright.connectors.feeds.csv.incremental import first_of, open_both
from orderwright.connectors.feeds.csv.loading import load_feed
from orderwright.connectors.feeds.csv.opening import place_at, told_answer
from orderwright.connectors.feeds.csv.rows import FeedReader
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.errors import Retryable
from orderwright.ports.connection import Account
from orderwright.ports.feed import BadRow, FeedAnswer, FeedContent, FileForm, GoodsRow, SupplierFeed


class CsvFeedConnector(Account, SupplierFeed):
    """One feed."""

    def __init__(self, context: Context[CsvSettings]) -> None:
        self._context = context
        self._settings = context.settings

    def account(self) -> str:
        """See usecases/identity.py: a file names none."""
        return ""

    def probe(self) -> str:
        """See ports.Account."""
        return told_answer(self.open_feed(""), self._settings)

    def open_feed(self, etag: str, seen: str | None = None) -> FeedAnswer:
        """See SupplierFeed. `lines` gives the file's unpacked bytes in pieces, which FeedReader puts together.

        Raises Retryable, Misconfigured and NotFound as any exchange, and Rejected as content_of; also while it is read.
        """
        full = place_at(self._context, self._settings.url)
        if self._settings.incremental_url is None:
            return full.open(etag, seen)
        return open_both(full.open, place_at(self._context, self._settings.incremental_url).open, etag, seen)

    def read_feed(
        self,
        pieces: Iterable[bytes],
        signs: Mapping[str, str],
        tell: Callable[[FileForm], None] | None = None,
        newer: Iterable[bytes] | None = None,
    ) -> FeedContent:
        """See SupplierFeed. Raises FeedBroken, a Rejected."""
        reader = FeedReader(pieces, self._settings, signs)
        try:
            return load_feed(reader, self._settings, newer)
        finally:
            if tell and reader.form:
                tell(told_form(reader.form, reader.encoding, reader.signs, self._settings))

    def read_goods(self, signs: Mapping[str, str], seen: str | None = None) -> Iterator[GoodsRow | BadRow]:
        """See SupplierFeed."""
        from orderwright.connectors.feeds.csv.goods import read_goods

        if seen is not None and self._settings.incremental_url is not None:
            seen = first_of(seen)
        whole = place_at(self._context, self._settings.url).open("", seen)
        if whole.lines is None:
            raise Retryable(f"feed {self._context.id}: no finished file is there now", code="FEED_NO_FILE")
        return read_goods(whole.lines, self._settings, signs)


def build(context: Context[CsvSettings]) -> CsvFeedConnector:
    """The connector of one feed."""
    return CsvFeedConnector(context)
