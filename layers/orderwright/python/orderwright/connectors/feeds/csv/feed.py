"""A supplier's stock file, wherever it lies: opened by the address's beginning, read by its content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from orderwright.connectors.context import Context
from orderwright.connectors.feeds.csv.form import told_form
from orderwright.connectors.feeds.csv.incremental import first_of, open_both
from orderwright.connectors.feeds.csv.loading import load_feed
from orderwright.connectors.feeds.csv.rows import FeedReader
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.errors import Retryable
from orderwright.ports.connection import Account
from orderwright.ports.feed import BadRow, FeedAnswer, FeedContent, FileForm, GoodsRow, SupplierFeed


class Place(Protocol):
    """Where a file lies."""

    def open(self, etag: str, seen: str | None) -> FeedAnswer:
        """See SupplierFeed.open_feed."""


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
        answer = self.open_feed("")
        if answer.fault is not None:
            raise Retryable(answer.fault.message, code=answer.fault.code)
        size = f"{answer.length} bytes" if answer.length is not None else "a file of unknown size"
        old = "; old algorithms are allowed, so that others may read along" if self._settings.old_algorithms else ""
        return f"the feed answers with {size}{old}"

    def open_feed(self, etag: str, seen: str | None = None) -> FeedAnswer:
        """See SupplierFeed. `lines` gives the file's unpacked bytes in pieces, which FeedReader puts together.

        Raises Retryable, Misconfigured and NotFound as any exchange, and Rejected as content_of; also while it is read.
        """
        full = self._place(self._settings.url)
        if self._settings.incremental_url is None:
            return full.open(etag, seen)
        return open_both(full.open, self._place(self._settings.incremental_url).open, etag, seen)

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
        whole = self._place(self._settings.url).open("", seen)
        if whole.lines is None:
            raise Retryable(f"feed {self._context.id}: no finished file is there now", code="FEED_NO_FILE")
        return read_goods(whole.lines, self._settings, signs)

    def _place(self, url: str) -> Place:
        """By the address's beginning; nobody imports what is not used."""
        if url.startswith("sftp://"):
            from orderwright.connectors.feeds.csv.sftp import OnSftp

            return OnSftp(self._context, url)
        if url.startswith("files://"):
            from orderwright.connectors.feeds.csv.bucket import InBucket

            return InBucket(self._context, url)
        from orderwright.connectors.feeds.csv.https import AtWebAddress

        return AtWebAddress(self._context, url)


def build(context: Context[CsvSettings]) -> CsvFeedConnector:
    """The connector of one feed."""
    return CsvFeedConnector(context)
