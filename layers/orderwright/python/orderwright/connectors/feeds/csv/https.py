"""A stock file at a web address: conditional GET, Basic authentication, redirects; its bytes come while it is read."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urljoin, urlsplit

from orderwright.connectors.context import Context
from orderwright.connectors.feeds.csv.container import MOST_UNPACKED, content_of
from orderwright.connectors.feeds.csv.place import FilePlace
from orderwright.connectors.http import (
    AnswerTooLarge,
    Limits,
    NoAnswer,
    NotSent,
    OpenAnswer,
    is_good,
    open_answer,
    refused,
    unanswered,
)
from orderwright.errors import AddressRefused, Misconfigured, Rejected
from orderwright.ports.feed import FeedAnswer

MOST_REDIRECTS, MOST_ETAG = 5, 1024
# A file is read while it comes. On AWS this is half of the function's time; the other half is for what changed.
DOWNLOAD_TIMES = 3
_REDIRECTS = (301, 302, 303, 307, 308)


class AtWebAddress:
    """One file. `url` begins with https://."""

    def __init__(self, context: Context[FilePlace], url: str) -> None:
        self._name = f"feed {context.id}"
        self._url, self._json = url, context.settings.TAKES_JSON
        self._credentials = context.credentials
        self._transport = context.http
        self._clock = context.clock
        self._timeout = context.timeout.total_seconds()

    def open(self, etag: str, seen: str | None) -> FeedAnswer:
        """Download the file. `lines` gives its unpacked bytes in pieces, which FeedReader puts together to lines.

        Raises Retryable, Misconfigured and NotFound as any exchange, FEED_REDIRECT among them, and Rejected as content_of;
        each of them also while it is read.
        """
        headers = {"accept": "text/csv, text/plain, application/gzip;q=0.9, */*;q=0.1", "accept-encoding": "gzip"}
        if etag:
            headers["if-none-match"] = etag
        headers.update(self._authorization())
        observed_at = self._clock.now()
        answer = self._answer(headers, observed_at)
        new_etag = answer.headers.get("etag", "")
        if len(new_etag) > MOST_ETAG:
            new_etag = ""  # nobody keeps that: the file is read each time
        if answer.status == 304:
            answer.close()
            return FeedAnswer(new_etag or etag, observed_at, None, None)
        declared = answer.headers.get("content-length", "")
        encoded = answer.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity")
        # The length of an encoded body counts the bytes on the wire, which the transport has unpacked already.
        length = int(declared) if declared.isdecimal() and not encoded else None
        try:
            lines = content_of(self._name, self._body(answer, length), json=self._json)
        except BaseException:
            answer.close()
            raise
        modified_at = _time_of(answer.headers.get("last-modified", ""))
        return FeedAnswer(new_etag, observed_at, _closing(lines, answer), length, modified_at=modified_at)

    def _answer(self, headers: Mapping[str, str], began: datetime) -> OpenAnswer:
        """The first answer that leads nowhere else."""
        url = self._url
        for hop in range(MOST_REDIRECTS + 1):
            left = self._timeout * DOWNLOAD_TIMES - (self._clock.now() - began).total_seconds()
            try:
                if left <= 0:
                    raise NoAnswer("the redirects took all of the download's time")
                limits = Limits(MOST_UNPACKED, MOST_UNPACKED, left)
                answer = open_answer(self._transport, "GET", url, headers, self._timeout, limits)
            except (AddressRefused, NotSent, NoAnswer) as error:
                if hop and isinstance(error, AddressRefused):
                    raise self._not_followed(error.message) from None
                raise unanswered(error, self._name, "download", has_effect=False) from None
            place = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not place:
                break
            answer.close()
            url, headers = self._next(url, place, headers)
        else:
            raise self._not_followed(f"there are more than {MOST_REDIRECTS}")
        if not is_good(answer.status):
            answer.close()
            raise refused(answer.status, answer.headers, self._name, "download", has_effect=False)
        return answer

    def _next(self, url: str, place: str, headers: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
        """Where a redirect leads, and what may be sent there: another host never gets the feed's password."""
        try:
            there = urljoin(url, place)
            before, after = urlsplit(url), urlsplit(there)
            same = _origin(before) == _origin(after)
        except ValueError:
            raise self._not_followed("the next address cannot be read") from None
        if before.scheme == "https" and after.scheme != "https":
            raise self._not_followed(f"{after.hostname or 'the next address'} is not encrypted")
        return there, headers if same else {name: text for name, text in headers.items() if name != "authorization"}

    def _not_followed(self, why: str) -> Misconfigured:
        return Misconfigured(f"{self._name} download: a redirect is not followed: {why}", code="FEED_REDIRECT")

    def _body(self, answer: OpenAnswer, length: int | None) -> Iterator[bytes]:
        count = 0
        try:
            for piece in answer.pieces:
                count += len(piece)
                yield piece
        except AnswerTooLarge as error:
            raise Rejected(f"{self._name}: the file is too large ({error})", code="FEED_TOO_LARGE") from None
        except NoAnswer as error:
            raise unanswered(error, self._name, "download", has_effect=False) from None
        if length is not None and count < length:
            raise Rejected(f"{self._name}: {count} of {length} bytes arrived, the file is cut", code="FEED_TRUNCATED")

    def _authorization(self) -> dict[str, str]:
        try:
            username = self._credentials.secret("username")
        except Misconfigured:
            return {}  # most feeds are open; a closed one answers 401, which names the command that sets the password
        pair = f"{username}:{self._credentials.secret('password')}"
        return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _time_of(header: str) -> datetime | None:
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except ValueError:
        return None


def _closing(lines: Iterator[bytes], answer: OpenAnswer) -> Iterator[bytes]:
    try:
        yield from lines
    finally:
        answer.close()


def _origin(address: SplitResult) -> tuple[str, str | None, int | None]:
    return address.scheme, address.hostname, address.port or {"https": 443, "http": 80}.get(address.scheme)
