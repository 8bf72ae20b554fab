"""The download of a stock file: conditional GET, Basic authentication, gzip, and every sign of a cut or foreign body."""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta

from orderwright.connectors.http import Transport, exchange
from orderwright.domain.config import CsvConnection
from orderwright.errors import Misconfigured, Rejected
from orderwright.ports import Clock, Credentials
from orderwright.ports_snapshots import FeedAnswer

PIECE = 64 * 1024
MOST_UNPACKED = 1024 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_GZIP_ONLY = 31
_FOREIGN = ("text/html", "application/json", "application/xml", "text/xml", "image/")


class CsvFeedConnector:
    """One feed (SupplierFeed)."""

    def account(self) -> str:
        """See usecases/identity.py: a file names none."""
        return ""

    def __init__(
        self,
        connection_id: str,
        settings: CsvConnection,
        credentials: Credentials,
        transport: Transport,
        clock: Clock,
        timeout: timedelta,
    ) -> None:
        self._name = f"feed {connection_id}"
        self._settings = settings
        self._credentials = credentials
        self._transport = transport
        self._clock = clock
        self._timeout = timeout.total_seconds()

    def open_feed(self, etag: str) -> FeedAnswer:
        """Download the file. `lines` gives its unpacked bytes in pieces, which scan_rows puts together to lines.

        Raises Retryable, Misconfigured and NotFound as any exchange, and Rejected with FEED_EMPTY, FEED_NOT_CSV or
        FEED_TRUNCATED; a cut or oversized gzip file raises Rejected while it is read.
        """
        headers = {"accept": "text/csv, text/plain, application/gzip;q=0.9", "accept-encoding": "gzip"}
        if etag:
            headers["if-none-match"] = etag
        headers.update(self._authorization())
        observed_at = self._clock.now()
        answer = exchange(
            self._transport,
            self._name,
            "download",
            "GET",
            self._settings.url,
            headers=headers,
            timeout=self._timeout,
            has_effect=False,
        )
        new_etag = answer.headers.get("etag", "")
        if answer.status == 304:
            return FeedAnswer(new_etag or etag, observed_at, None, None)
        self._refuse_foreign(answer.headers.get("content-type", ""), answer.body)
        declared = answer.headers.get("content-length", "")
        encoded = answer.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity")
        # The length of an encoded body counts the bytes on the wire, which the transport has unpacked already.
        length = int(declared) if declared.isdecimal() and not encoded else None
        if length is not None and len(answer.body) < length:
            raise Rejected(
                f"{self._name}: {len(answer.body)} of {length} bytes arrived, the file is cut", code="FEED_TRUNCATED"
            )
        if answer.body.startswith(_GZIP):
            return FeedAnswer(new_etag, observed_at, self._unpacked(answer.body), None)
        return FeedAnswer(new_etag, observed_at, _pieces(answer.body), length)

    def _authorization(self) -> dict[str, str]:
        try:
            username = self._credentials.secret("username")
        except Misconfigured:
            return {}  # most feeds are open; a closed one answers 401, which names the command that sets the password
        pair = f"{username}:{self._credentials.secret('password')}"
        return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}

    def _refuse_foreign(self, content_type: str, body: bytes) -> None:
        if not body.strip():
            raise Rejected(f"{self._name}: the file is empty", code="FEED_EMPTY")
        kind = content_type.partition(";")[0].strip().lower()
        if kind.startswith(_FOREIGN) or body.lstrip()[:1] == b"<":
            raise Rejected(f"{self._name}: the address gives a web page or another file, not CSV", code="FEED_NOT_CSV")

    def _unpacked(self, body: bytes) -> Iterator[bytes]:
        """The content of a gzip file, in pieces; bounded, since a few bytes can unpack to very many."""
        unpacker, total = zlib.decompressobj(wbits=_GZIP_ONLY), 0
        for packed in (*_pieces(body), b""):
            todo, more = packed, True
            while more:
                if unpacker.eof:
                    # A gzip file may hold several members, and zeros to fill it up.
                    todo = todo.lstrip(b"\0")
                    if not todo:
                        break
                    unpacker = zlib.decompressobj(wbits=_GZIP_ONLY)
                try:
                    piece = unpacker.decompress(todo, PIECE * 4)
                except zlib.error:
                    raise Rejected(f"{self._name}: the gzip file is damaged", code="FEED_TRUNCATED") from None
                todo = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
                more = bool(todo or len(piece) == PIECE * 4)
                total += len(piece)
                if total > MOST_UNPACKED:
                    raise Rejected(f"{self._name}: unpacks to more than 1 GiB", code="FEED_TOO_LARGE")
                if piece:
                    yield piece
        if not unpacker.eof:
            raise Rejected(f"{self._name}: the gzip file is cut", code="FEED_TRUNCATED")


def _pieces(body: bytes) -> Iterator[bytes]:
    return (body[start : start + PIECE] for start in range(0, len(body), PIECE))


def build(
    connection_id: str,
    settings: CsvConnection,
    credentials: Credentials,
    transport: Transport,
    clock: Clock,
    timeout: timedelta,
) -> CsvFeedConnector:
    """The connector of one feed."""
    return CsvFeedConnector(connection_id, settings, credentials, transport, clock, timeout)
