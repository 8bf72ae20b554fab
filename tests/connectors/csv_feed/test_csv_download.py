"""The download of a stock file: conditional, authenticated, and never half a file taken for a whole one."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from local.sandbox.feed import StockFeed
from local.sandbox.inventory import Inventory
from local.sandbox.wire import World
from orderwright.connectors.http import HttpAnswer, Transport
from orderwright.connectors.suppliers.csv_feed import CsvFeedConnector, TruncatedFeed, build, scan_rows
from orderwright.connectors.suppliers.csv_feed import feed as feed_module
from orderwright.domain.config import CsvConnection
from orderwright.errors import Misconfigured, NotFound, Rejected, Retryable
from tests.support.sandbox_transport import sandbox_transport

URL = "https://feeds.example.com/stock.csv"
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SETTINGS = CsvConnection(kind="csv", url=URL, offers_of="cj-main")
BODY = b"sku,qty,cost\nA,1,1.00\n"


class Keys:
    """Credentials in memory."""

    def __init__(self, **secrets: str) -> None:
        self.secrets = secrets

    def secret(self, name: str) -> str:
        if name not in self.secrets:
            raise Misconfigured(f"{name} is missing: set it")
        return self.secrets[name]

    def token(self, refused: str = "") -> str | None:
        return None

    def renewal_due(self) -> bool:
        return False

    def may_renew(self, hold: timedelta, what: str = "token") -> bool:
        return True

    def store_token(self, value: str, expires_at: datetime, extra: dict[str, str]) -> None:
        raise AssertionError("a feed has no token")

    def token_extra(self) -> dict[str, str]:
        return {}


class Still:
    """A clock that stands."""

    def now(self) -> datetime:
        return AT


def connector(transport: Transport, **secrets: str) -> CsvFeedConnector:
    return build("feed-1", SETTINGS, Keys(**secrets), transport, Still(), timedelta(seconds=3))


def serving(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> CsvFeedConnector:
    return connector(lambda *_: HttpAnswer(status, headers or {}, body))


def sandbox() -> tuple[CsvFeedConnector, StockFeed]:
    world = World(clock=Still().now)
    vendor = StockFeed(world, Inventory(AT))
    send = sandbox_transport({"https://feeds.example.com": vendor.handle})
    return connector(send, username="feed", password="sandbox"), vendor


def test_the_sandbox_feed_is_read_and_asked_only_once_while_nothing_changes() -> None:
    reader, vendor = sandbox()
    answer = reader.open_feed("")
    assert answer.lines is not None
    rows = list(scan_rows(answer.lines, SETTINGS))
    assert rows[0] == ("HL-MS-400", 40, 640, "USD")
    assert len(rows) == 50
    assert answer.observed_at == AT
    again = reader.open_feed(answer.etag)
    assert (again.lines, again.etag) == (None, answer.etag)
    vendor.mistype_cost("HL-MS-400", Decimal("7.60"))
    assert reader.open_feed(answer.etag).lines is not None


def test_a_cut_and_a_foreign_sandbox_file_are_refused() -> None:
    reader, vendor = sandbox()
    vendor.truncate_next()
    lines = reader.open_feed("").lines
    assert lines is not None
    with pytest.raises(TruncatedFeed):
        list(scan_rows(lines, SETTINGS))
    vendor.serve_html_error()
    with pytest.raises(Rejected) as foreign:
        reader.open_feed("")
    assert foreign.value.code == "FEED_NOT_CSV"


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
        (BODY, {"content-type": "text/html; charset=utf-8"}, "FEED_NOT_CSV"),
        (b"<!doctype html>", {"content-type": "text/csv"}, "FEED_NOT_CSV"),
        (b"{}", {"content-type": "application/json"}, "FEED_NOT_CSV"),
        (BODY, {"content-length": "999"}, "FEED_TRUNCATED"),
    ],
)
def test_a_body_that_is_no_whole_file_is_refused(body: bytes, headers: dict[str, str], code: str) -> None:
    with pytest.raises(Rejected) as refused:
        serving(body, 200, headers).open_feed("")
    assert refused.value.code == code


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


def test_a_gzip_file_that_unpacks_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "MOST_UNPACKED", 1_000_000)
    lines = serving(gzip.compress(b"\0" * 5_000_000)).open_feed("").lines
    assert lines is not None
    with pytest.raises(Rejected) as refused:
        list(lines)
    assert refused.value.code == "FEED_TOO_LARGE"
