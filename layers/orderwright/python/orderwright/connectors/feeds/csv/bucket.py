"""A stock file in the stack's own bucket: `orderwright feed put`, or AWS's tools, put it there."""

from __future__ import annotations

from orderwright.connectors.context import Context
from orderwright.connectors.feeds.csv.container import content_of
from orderwright.connectors.feeds.csv.folder import choose
from orderwright.connectors.feeds.csv.place import IN_BUCKET, MOST_BYTES, FilePlace, no_file
from orderwright.errors import Misconfigured, Rejected
from orderwright.ports.feed import FeedAnswer


class InBucket:
    """One file, or the newest of those whose names fit. `url` begins with files://. A file comes there whole, or not at all."""

    def __init__(self, context: Context[FilePlace], url: str) -> None:
        self._name, self._context = f"feed {context.id}", context
        self._wanted = url.removeprefix(IN_BUCKET)

    def open(self, etag: str, seen: str | None) -> FeedAnswer:
        """See SupplierFeed."""
        at = self._context.clock.now()
        if self._context.files is None:
            raise Misconfigured(f"{self._name}: the stack's bucket is not available here", code="FILE_NOT_READ")
        files = self._context.files()
        listed = files.entries(self._wanted.partition("*")[0])
        marker = self._context.settings.done_marker
        found = choose(listed, self._wanted, etag, seen, marker=marker, whole=not marker)
        if found is None or found.behind:
            raise no_file(self._name, behind=found is not None)
        if found.file is None:
            return FeedAnswer(etag, at, None, None, waits=found.waits)
        if found.file.size > MOST_BYTES:
            text = f"{self._name}: the file has more than {MOST_BYTES // 1024 // 1024} MiB"
            raise Rejected(text, code="FEED_TOO_LARGE")
        kept = files.read(found.file.name)
        if kept is None:
            raise no_file(self._name)
        content = content_of(self._name, [kept.data], json=self._context.settings.TAKES_JSON)
        return FeedAnswer(found.mark, at, content, len(kept.data), modified_at=found.file.modified)
