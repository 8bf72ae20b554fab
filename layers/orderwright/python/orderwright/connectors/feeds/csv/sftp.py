"""A stock file on a supplier's SFTP server."""

from __future__ import annotations

from posixpath import split

from orderwright.connectors.context import Context
from orderwright.connectors.feeds.csv.container import content_of
from orderwright.connectors.feeds.csv.folder import choose, mark_of
from orderwright.connectors.feeds.csv.place import MOST_BYTES, FilePlace, no_file
from orderwright.domain.sftp_address import sftp_parts
from orderwright.errors import Misconfigured
from orderwright.ports.feed import FeedAnswer


class OnSftp:
    """One file, or the newest of those whose names fit. `url` begins with sftp://."""

    def __init__(self, context: Context[FilePlace], url: str) -> None:
        self._name, self._url, self._context = f"feed {context.id}", url, context

    def open(self, etag: str, seen: str | None) -> FeedAnswer:
        """See SupplierFeed."""
        settings, at = self._context.settings, self._context.clock.now()
        if self._context.sftp is None:
            raise Misconfigured(f"{self._name}: SFTP is not available here", code="SFTP_SIGN_IN")
        folder, pattern = split(sftp_parts(self._url).path)
        files = self._context.sftp(self._url, settings.host_key)
        try:
            found = choose(files.entries(folder), pattern, etag, seen, marker=settings.done_marker)
            if found is None or found.behind:
                raise no_file(self._name, behind=found is not None)
            if found.file is None:
                return FeedAnswer(etag, at, None, None, found.seen, found.waits)
            data = files.read(f"{folder}/{found.file.name}" if folder else found.file.name, MOST_BYTES)
        finally:
            files.close()
        if len(data) != found.file.size:
            # It changed while it was read: what the listing said of it counts for nothing.
            left = [one for one in found.seen.split("\n") if one != mark_of(found.file)]
            return FeedAnswer(etag, at, None, None, "\n".join(left), waits=True)
        content = content_of(self._name, [data], json=settings.TAKES_JSON)
        return FeedAnswer(found.mark, at, content, len(data), found.seen, modified_at=found.file.modified)
