"""A file is opened by the beginning of its address."""

from __future__ import annotations

from typing import Protocol

from orderwright.connectors.context import Context
from orderwright.connectors.feeds.csv.place import FilePlace
from orderwright.errors import Retryable
from orderwright.ports.feed import FeedAnswer


class Place(Protocol):
    """Where a file lies."""

    def open(self, etag: str, seen: str | None) -> FeedAnswer:
        """See SupplierFeed.open_feed."""


def place_at(context: Context[FilePlace], url: str) -> Place:
    """What opens this address; nobody imports what is not used."""
    if url.startswith("sftp://"):
        from orderwright.connectors.feeds.csv.sftp import OnSftp

        return OnSftp(context, url)
    if url.startswith("files://"):
        from orderwright.connectors.feeds.csv.bucket import InBucket

        return InBucket(context, url)
    from orderwright.connectors.feeds.csv.https import AtWebAddress

    return AtWebAddress(context, url)


def told_answer(answer: FeedAnswer, settings: FilePlace) -> str:
    """What an operator hears of an address that answers. Raises Retryable for a part of it that cannot be had."""
    if answer.fault is not None:
        raise Retryable(answer.fault.message, code=answer.fault.code)
    size = f"{answer.length} bytes" if answer.length is not None else "a file of unknown size"
    old = "; old algorithms are allowed, so that others may read along" if settings.old_algorithms else ""
    return f"the feed answers with {size}{old}"
