"""Where a stock file lies: which file of a folder counts, and that one which is still written never does."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orderwright.aws import files as bucket
from orderwright.connectors import sftp
from orderwright.connectors.context import Context
from orderwright.connectors.deadline import Deadline
from orderwright.connectors.feeds.csv.feed import CsvFeedConnector
from orderwright.connectors.feeds.csv.folder import choose
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.errors import NotFound, Rejected, Retryable
from orderwright.ports.feed import FeedAnswer
from orderwright.ports.out import RemoteFile
from tests.support.catalogue_world import make_world
from tests.support.fakes import START, FakeClock
from tests.support.polled_feed import PolledFeed
from tests.support.sftp_server import PASSWORD, SftpServer
from tests.support.stand import Keys

ROWS = b"sku,qty,cost\nA,1,1.00\n"


def file(name: str, size: int = 9, second: int = 0) -> RemoteFile:
    return RemoteFile(name, size, datetime(2026, 1, 5, 10, 0, second, tzinfo=UTC))


def read(files: list[RemoteFile], pattern: str, last: str = "", seen: str | None = None, marker: str = "") -> str:
    """The file that is read, "same" for the last one, "wait", "behind" for older ones, or "none"."""
    found = choose(files, pattern, last, seen, marker=marker)
    if found is None:
        return "none"
    return found.file.name if found.file else "wait" if found.waits else "behind" if found.behind else "same"


def test_the_newest_finished_file_by_name_counts_and_unfinished_names_never() -> None:
    names = ["a-1.csv", "a-2.csv", "a-3.csv.part", "a-3.csv.TMP", "a-4.csv.filepart", "a-5.partial", "b-9.csv"]
    assert read([file(name) for name in names], "a-*") == "a-2.csv"
    assert read([file("a-1.csv.part")], "a-*") == "none"
    assert read([file("x.csv"), file("xxcsv")], "x.csv") == "x.csv"


def test_a_file_counts_with_the_same_size_and_time_in_two_listings() -> None:
    one, grown, later = file("a.csv", 9), file("a.csv", 12), file("a.csv", 9, second=1)
    seen = ""
    for listed, told in [(one, "wait"), (grown, "wait"), (later, "wait"), (later, "a.csv")]:
        found = choose([listed], "a.csv", "", seen)
        assert found is not None
        assert read([listed], "a.csv", "", seen) == told
        seen = found.seen
    assert found is not None
    assert read([later], "a.csv", found.mark, seen) == "same"


def test_who_drops_a_new_file_at_each_poll_is_read_one_behind_and_never_backwards() -> None:
    first = choose([file("1"), file("2")], "*", "", "")
    assert first is not None
    second = choose([file("1"), file("2"), file("3")], "*", "", first.seen)
    assert second is not None
    assert second.file == file("2")
    assert read([file("1"), file("3")], "*", second.mark, first.seen) == "wait"
    assert read([file("1")], "*", second.mark, first.seen) == "behind", "an older one is no news, and no good report"


def test_a_marker_says_that_a_file_is_finished_and_an_old_one_does_not() -> None:
    assert read([file("a.csv")], "*", marker=".done", seen="") == "wait"
    assert read([file("a.csv"), file("a.csv.done")], "*", marker=".done", seen="") == "a.csv"
    assert read([file("a.csv", second=2), file("a.csv.done", second=1)], "*", marker=".done", seen="") == "wait"


def test_a_bucket_that_is_flooded_and_a_file_that_grew_since_it_was_listed_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Flooded:
        def list_objects_v2(self, **_: object) -> dict[str, Any]:
            one = {"Key": "feed/files/a.csv", "Size": 1, "LastModified": START, "ETag": "1"}
            return {"Contents": [one] * 1000, "IsTruncated": True, "NextContinuationToken": "more"}

        def get_object(self, **_: object) -> dict[str, Any]:
            return {"Body": io.BytesIO(b"12345"), "ETag": "2", "LastModified": START}

        exceptions = type("exceptions", (), {"NoSuchKey": KeyError})

    monkeypatch.setattr(bucket, "MOST_BYTES", 4)
    files = bucket.S3Files(Flooded(), "files", "feed")
    with pytest.raises(Retryable, match="delete old ones"):
        files.entries("a")
    with pytest.raises(Rejected) as raised:
        files.read("a.csv")
    assert raised.value.code == "FEED_TOO_LARGE"


# --- on a server ------------------------------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    with SftpServer(tmp_path).running() as running:
        yield running


def connector(server: SftpServer, **more: Any) -> CsvFeedConnector:
    settings = CsvSettings(
        kind="csv", url=f"{server.address}/{more.pop('name', 'stock-*.csv')}", offers_of="cj", host_key=server.host_key, **more
    )  # fmt: skip
    keys, within = Keys(None, None, password=PASSWORD), Deadline(1)
    way = sftp.SftpWay("feed", keys, "local", 5.0, lambda seconds, make: within.call("feed", seconds, make))
    return CsvFeedConnector(
        Context(
            "feed", settings, keys, lambda *_: pytest.fail("no web"), FakeClock(), timedelta(seconds=5),
            sftp=lambda address, key: sftp.sign_in(way, address, key),
        )
    )  # fmt: skip


def whole(answer: FeedAnswer) -> bytes:
    return b"".join(answer.lines or [b"none"])


def test_a_file_by_sftp_is_read_once_and_again_when_it_changed(server: SftpServer) -> None:
    server.put("stock-1.csv", ROWS)
    feed = connector(server)
    answer = feed.open_feed("")
    assert (whole(answer), answer.length) == (ROWS, len(ROWS))
    assert feed.open_feed(answer.etag).lines is None
    server.put("stock-1.csv", ROWS + b"B,2,1.00\n")
    assert whole(feed.open_feed(answer.etag)) == ROWS + b"B,2,1.00\n"
    with pytest.raises(NotFound) as missing:
        connector(server, name="other.csv").open_feed("")
    assert missing.value.code == "FEED_NO_FILE"
    server.put("stock-0.csv", ROWS)
    (server.root / "stock-1.csv").unlink()
    with pytest.raises(NotFound, match="come before its name"):
        feed.open_feed(answer.etag, "")
    assert "bytes" in feed.probe()
    assert "old algorithms" in connector(server, old_algorithms=True).probe()


def test_a_file_that_grows_between_listing_and_reading_waits(
    server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("stock-1.csv", ROWS)
    monkeypatch.setattr(sftp.SftpFiles, "read", lambda self, path, most: ROWS + b"B,")
    first = connector(server).open_feed("", "")
    again = connector(server).open_feed("", first.seen)
    assert [(one.waits, one.lines) for one in (first, again)] == [(True, None)] * 2
    assert again.seen == "", "its listing counts for nothing"


def test_p3_half_a_file_is_never_applied_and_the_whole_one_is_at_the_second_poll(server: SftpServer) -> None:
    world = make_world()
    polled = PolledFeed(world)
    rows = polled.feed.text.encode()
    polled.feed = connector(server)  # type: ignore[assignment]
    server.put("stock-1.csv", rows[:100])
    polled.poll()
    assert (polled.state.rows, polled.state.checked_at, polled.state.reasons) == (0, None, ())
    server.put("stock-1.csv", rows)
    polled.poll()
    assert polled.state.rows == 0
    polled.poll()
    assert polled.state.rows == 10
    before = polled.state
    server.put("stock-2.csv", rows)
    polled.poll()
    assert (polled.state.etag, polled.state.seen) != (before.etag, before.seen)
    polled.poll()
    assert polled.state.reasons == ()
    world.aws.close()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"url": "files://../x.csv"}, "url"), ({"url": "files://in*/x.csv"}, "url"), ({"url": "files://in/"}, "url"),
        ({"url": "sftp://u@h/in*/x.csv", "host_key": "KEY"}, "url"), ({"url": "sftp://u@h/in/", "host_key": "KEY"}, "url"),
        ({"url": "sftp://u@h", "host_key": "KEY"}, "url"),
        ({"url": "sftp://u@h/x.csv"}, "host_key"), ({"url": "sftp://u@h/x.csv", "host_key": "ssh-ed25519 AAAA"}, "host_key"),
        ({"url": "https://h/x.csv", "host_key": "KEY"}, "host_key"),
        ({"url": "https://h/x.csv", "old_algorithms": True}, "old_algorithms"),
        ({"url": "https://h/x.csv", "done_marker": ".done"}, "done_marker"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant_are_named(given: dict[str, Any], field: str) -> None:
    key = SftpServer(Path()).host_key
    settings = CsvSettings(
        kind="csv", offers_of="cj", **{name: key if one == "KEY" else one for name, one in given.items()}
    )
    assert [fault.path[0] for fault in settings.faults()] == [field]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://h/x", "ADDRESS_NOT_HTTPS"), ("sftp://u@10.0.0.1/x", "ADDRESS_NOT_PUBLIC"), ("sftp://h/x", "ADDRESS_UNREADABLE"),
        ("sftp://u:p@h/x", "ADDRESS_HOLDS_PASSWORD"), ("files://x.csv", ""), ("sftp://u@h/x", ""),
    ],
)  # fmt: skip
def test_who_applies_a_file_is_told_of_an_address_that_nobody_may_ask(url: str, code: str) -> None:
    given = {"kind": "csv", "url": url, "offers_of": "cj"}
    try:
        CsvSettings.model_validate(given, context={"profile": "aws"})
        told = ""
    except ValueError as refused:
        told = refused.errors()[0]["type"]  # type: ignore[attr-defined]
    assert told == code
