"""The download of a stock file: conditional, authenticated, and never half a file taken for a whole one."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Mapping
from datetime import timedelta

import pytest

from orderwright.connectors.context import Context
from orderwright.connectors.feeds.csv import container
from orderwright.connectors.feeds.csv.feed import CsvFeedConnector, build
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.connectors.http import HttpAnswer, Transport
from orderwright.connectors.public_addresses import address_refused
from orderwright.domain.web_address import fault_of_url
from orderwright.errors import Misconfigured, NotFound, Rejected, Retryable
from tests.support.fakes import FakeClock
from tests.support.stand import Keys

URL = "https://feeds.example.com/stock.csv"
CLOCK = FakeClock()
AT = CLOCK.now()
SETTINGS = CsvSettings(kind="csv", url=URL, offers_of="cj-main")
BODY = b"sku,qty,cost\nA,1,1.00\n"


def zipped(**members: bytes) -> bytes:
    """A zip of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def read_whole(feed: CsvFeedConnector) -> bytes:
    lines = feed.open_feed("").lines
    assert lines is not None
    return b"".join(lines)


def connector(transport: Transport, **secrets: str) -> CsvFeedConnector:
    return build(Context("feed-1", SETTINGS, Keys(None, None, **secrets), transport, CLOCK, timedelta(seconds=3)))


def serving(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> CsvFeedConnector:
    return connector(lambda *_: HttpAnswer(status, headers or {}, body))


def test_the_request_that_is_sent() -> None:
    seen: list[tuple[str, str, dict[str, str]]] = []

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float) -> HttpAnswer:
        assert body is None
        seen.append((method, url, dict(headers)))
        return HttpAnswer(200, {}, BODY)

    connector(send).open_feed("")
    connector(send, username="ü", password="p").open_feed('"abc"')
    assert [entry[:2] for entry in seen] == [("GET", URL)] * 2
    assert "authorization" not in seen[0][2]
    assert "if-none-match" not in seen[0][2]
    assert seen[1][2]["if-none-match"] == '"abc"'
    assert seen[1][2]["authorization"] == "Basic w7w6cA=="
    with pytest.raises(Misconfigured, match="password"):
        connector(send, username="u").open_feed("")


@pytest.mark.parametrize("known", ["", '"of-one-file"', "12"])
def test_an_incremental_file_is_asked_for_beside_the_full_one_each_with_its_own_mark(known: str) -> None:
    """`known`: a mark of before there was one, too."""
    seen: list[tuple[str, str]] = []
    days = {URL: "Tue, 24 Nov 2026 06:00:00 GMT", URL + "?new": "Tue, 24 Nov 2026 09:15:00 GMT"}

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float) -> HttpAnswer:
        seen.append((url, headers.get("if-none-match", "")))
        etag = f'"{len(url)}"'
        status = 304 if headers.get("if-none-match") == etag else 200
        return HttpAnswer(status, {"etag": etag, "last-modified": days[url]}, b"" if status == 304 else BODY)

    settings = CsvSettings(kind="csv", url=URL, offers_of="cj", incremental_url=URL + "?new")
    feed = build(Context("feed-1", settings, Keys(None, None), send, CLOCK, timedelta(seconds=3)))
    answer = feed.open_feed(known)
    assert (answer.newer, answer.fault, b"".join(answer.lines or ())) == ([BODY], None, BODY)
    seen.clear()
    again = feed.open_feed(answer.etag)
    assert (again.lines, again.etag, sorted(url for url, _ in seen)) == (None, answer.etag, [URL, URL + "?new"])
    days[URL + "?new"] = "Mon, 23 Nov 2026 09:15:00 GMT"
    assert feed.open_feed("").newer is None, "it is of the day before"
    days[URL + "?new"] = "some day"
    assert feed.open_feed("").newer == [BODY], "its time is not known"
    assert feed.probe().startswith("the feed answers with")


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, Misconfigured), (403, Misconfigured), (404, NotFound), (429, Retryable), (500, Retryable), (302, Rejected)],
)
def test_errors_of_the_server(status: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        serving(b"", status).open_feed("")


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"", {}, "FEED_EMPTY"),
        (b" \r\n", {}, "FEED_EMPTY"),
        (b"<!doctype html>", {"content-type": "text/csv"}, "FEED_NOT_CSV"),
        (b"{}", {"content-type": "application/json"}, "FEED_NOT_CSV"),
        (BODY, {"content-length": "999"}, "FEED_TRUNCATED"),
        (zipped(), {}, "FEED_ARCHIVE"),
        (zipped(a=BODY, b=BODY), {}, "FEED_ARCHIVE"),
        (zipped(a=gzip.compress(BODY, mtime=0)), {}, "FEED_NOT_CSV"),
        (zipped(**{"a.csv": BODY, "[Content_Types].xml": b""}), {}, "FEED_NOT_CSV"),
        (zipped(a=BODY)[:-9], {}, "FEED_TRUNCATED"),
        # Bytes that make no sense: a list before the file's begin, a name that is no text, a packing that nobody knows.
        (zipped(a=BODY)[:-4] + b"\xff\xff\xff\x7f", {}, "FEED_TRUNCATED"),
        (
            zipped(ab=BODY).replace(b"ab", b"\xff\xff").replace(b"\x14\x03\x14\0\0\0", b"\x14\x03\x14\0\0\x08"),
            {},
            "FEED_TRUNCATED",
        ),
        (zipped(a=BODY).replace(b"PK\x01\x02\x14\x03\x14\0\0", b"PK\x01\x02\x14\x03\x14\0\x20"), {}, "FEED_TRUNCATED"),
        (zipped(a=BODY * 99).replace(b"sku,qty", b"sku;qty", 1), {}, "FEED_TRUNCATED"),
        (zipped(**{f"a-long-name-of-number-{number}": b"" for number in range(1000)}), {}, "FEED_ARCHIVE"),
        (zipped(a=BODY)[:-22] + b"PK\x06\x07" + bytes(16) + zipped(a=BODY)[-22:], {}, "FEED_ARCHIVE"),
    ],
)
def test_a_body_that_is_no_whole_file_is_refused(body: bytes, headers: dict[str, str], code: str) -> None:
    with pytest.raises(Rejected) as refused:
        read_whole(serving(body, 200, headers))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"\xef\xbb\xbf\n <HTML><p>Log in", "HTML"), (b"<?xml version='1.0'?><a/>", "XML"), (b'[{"sku": "A"}]', "JSON"),
        (b"%PDF-1.7", "PDF"), (b"\xd0\xcf\x11\xe0\xa1\xb1", "xls"), (b"\x89PNG\r\n", "picture"),
        (gzip.compress(b"<html>", mtime=0), "HTML"), (gzip.compress(gzip.compress(BODY, mtime=0), mtime=0), "one in another"),
        ("<html>".encode("utf-16"), "HTML"),
    ],
)  # fmt: skip
def test_what_is_no_csv_is_refused_by_its_name_whatever_the_header_says(body: bytes, what: str) -> None:
    with pytest.raises(Rejected, match=what) as refused:
        read_whole(serving(body, 200, {"content-type": "text/csv"}))
    assert refused.value.code == "FEED_NOT_CSV"


@pytest.mark.parametrize(
    "kind", ["application/octet-stream", "application/vnd.ms-excel", "application/json", "text/html"]
)
@pytest.mark.parametrize(
    "body", [BODY, gzip.compress(BODY, mtime=0), zipped(a=BODY), zipped(**{"a.TXT": BODY, "b.pdf": b"%PDF"})]
)
def test_a_wrong_type_in_the_header_refuses_nothing(kind: str, body: bytes) -> None:
    assert read_whole(serving(body, 200, {"content-type": kind})) == BODY


@pytest.mark.parametrize(
    ("location", "reached", "sees_password"),
    [
        ("/new.csv?a=1", "https://feeds.example.com/new.csv?a=1", True),
        ("https://feeds.example.com:443/x", "https://feeds.example.com:443/x", True),
        ("https://cdn.example.com/x", "https://cdn.example.com/x", False),
        ("https://feeds.example.com:8443/x", "https://feeds.example.com:8443/x", False),
    ],
)
def test_a_redirect_is_followed_and_no_other_host_gets_the_password(
    location: str, reached: str, sees_password: bool
) -> None:
    seen: list[tuple[str, bool]] = []

    def send(_: str, url: str, headers: Mapping[str, str], *__: object) -> HttpAnswer:
        seen.append((url, "authorization" in headers))
        # The last one leads back to the first host: what was taken away stays away.
        follow = {URL: location, reached: "https://feeds.example.com/end"}.get(url, "")
        return HttpAnswer(302 if follow else 200, {"location": follow} if follow else {}, BODY)

    assert read_whole(connector(send, username="u", password="p")) == BODY
    assert seen == [(URL, True), (reached, sees_password), ("https://feeds.example.com/end", sees_password)]


@pytest.mark.parametrize(
    "location", ["http://feeds.example.com/x", "https://[", "https://10.0.0.1/x", URL, "ftp://a/x"]
)
def test_a_redirect_to_where_nobody_may_go_or_without_end_is_refused(location: str) -> None:
    seen: list[str] = []

    def send(_: str, url: str, *__: object) -> HttpAnswer:
        seen.append(url)
        fault = fault_of_url(url, "aws")
        if fault is not None:
            raise address_refused(fault)
        return HttpAnswer(301, {"location": location}, b"")

    with pytest.raises(Misconfigured) as refused:
        connector(send).open_feed("")
    assert refused.value.code == "FEED_REDIRECT"
    assert len(seen) == {URL: 6, "https://10.0.0.1/x": 2}.get(location, 1)


def test_the_declared_length_is_kept_and_that_of_an_encoded_body_is_not_compared() -> None:
    assert serving(BODY, 200, {"content-length": str(len(BODY))}).open_feed("").length == len(BODY)
    encoded = serving(BODY, 200, {"content-length": "9999", "content-encoding": "gzip"}).open_feed("")
    assert encoded.length is None
    assert encoded.lines is not None
    assert b"".join(encoded.lines) == BODY


def test_gzip_files_of_one_or_several_members_are_unpacked() -> None:
    big = BODY + b"".join(b"SKU-%d,%d,2.00\n" % (number, number % 7) for number in range(40_000))
    for packed in (gzip.compress(big), gzip.compress(big[:100]) + gzip.compress(big[100:]) + b"\0" * 512):
        answer = serving(packed, 200, {"content-type": "application/gzip"}).open_feed("")
        assert answer.lines is not None
        assert b"".join(answer.lines) == big


@pytest.mark.parametrize("damage", ["cut", "broken"])
def test_a_damaged_gzip_file_is_refused_while_it_is_read(damage: str) -> None:
    packed = bytearray(gzip.compress(BODY * 5000))
    if damage == "cut":
        del packed[-20:]
    else:
        packed[len(packed) // 2] ^= 0xFF
        packed[len(packed) // 2 + 1] ^= 0xFF
    lines = serving(bytes(packed)).open_feed("").lines
    assert lines is not None
    with pytest.raises(Rejected) as refused:
        list(lines)
    assert refused.value.code == "FEED_TRUNCATED"


def test_a_packed_file_that_unpacks_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MOST_UNPACKED", 1_000_000)
    for bomb in (gzip.compress(b"a" * 5_000_000), zipped(a=b"a" * 5_000_000)):
        lines = serving(bomb).open_feed("").lines
        assert lines is not None
        with pytest.raises(Rejected) as refused:
            list(lines)
        assert refused.value.code == "FEED_TOO_LARGE"
