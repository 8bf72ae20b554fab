"""No answer holds a call longer, or brings more, than the call may take: the real transport against a hostile server."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain, repeat
from threading import Event, Thread

import pytest

from orderwright.connectors.context import Context
from orderwright.connectors.feeds.csv import feed, https
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.connectors.http import (
    MAX_ANSWER_BYTES,
    AnswerTooLarge,
    HttpAnswer,
    Limits,
    NoAnswer,
    exchange,
    open_answer,
    requests_transport,
)
from orderwright.errors import OutcomeUnknown, Rejected
from tests.connectors.cj.cj_kit import Keys
from tests.connectors.shopify.scripted import FixedClock

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
Serve = Callable[[Iterator[bytes], float], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A server that sends these pieces, one every so many seconds, to the one who asks; its address."""
    ended, threads = Event(), list[Thread]()

    def started(pieces: Iterator[bytes], pause: float) -> str:
        listening = socket.create_server(("127.0.0.1", 0))
        listening.settimeout(20)

        def answer() -> None:
            with listening, listening.accept()[0] as asked:
                asked.recv(65536)
                try:
                    for piece in pieces:
                        asked.sendall(piece)
                        if ended.wait(pause):
                            return
                except OSError:
                    pass  # the client turned away, which is what is asked of it

        threads.append(Thread(target=answer))
        threads[-1].start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}/"

    yield started
    ended.set()
    for thread in threads:
        thread.join()


def ask(url: str, timeout: float = 20.0) -> HttpAnswer:
    return requests_transport("local")("GET", url, {}, None, timeout)


@pytest.mark.parametrize(
    "begin",
    [b"HTTP/1.1 2", OK + b"X-Slow: ", OK + b"Content-Length: 9999\r\n\r\n", CHUNKED, CHUNKED + b"ffff\r\n"],
    ids=["status", "headers", "body", "chunk size", "chunk"],
)
def test_bytes_that_drip_end_with_the_calls_whole_time(serve: Serve, begin: bytes) -> None:
    # Each pause is far below the time-out. Two hundred of them are 4 s, and then comes an end to any of these answers.
    url = serve(chain([begin], repeat(b"0", 200)), 0.02)
    with pytest.raises(NoAnswer, match="ReadTimeout"):
        ask(url, 0.3)


@pytest.mark.parametrize("begin", [OK + b"\r\n", CHUNKED + b"fffffff\r\n"], ids=["body", "chunk"])
def test_more_bytes_than_an_answer_may_have_are_not_read(serve: Serve, begin: bytes) -> None:
    url = serve(chain([begin], repeat(b"0" * 65536)), 0)
    tracemalloc.start()
    with pytest.raises(AnswerTooLarge, match="more than 20 MiB"):
        ask(url)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * MAX_ANSWER_BYTES


def test_a_small_body_that_unpacks_to_very_much_is_broken_off(serve: Serve) -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, 9)
    assert len(bomb) < 200_000
    url = serve(iter([OK + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n", bomb]), 0)
    tracemalloc.start()
    answer = open_answer(requests_transport("local"), "GET", url, {}, 20.0, Limits(unpacked=50_000_000))
    with pytest.raises(AnswerTooLarge, match="unpacks to more than 47 MiB"):
        deque(answer.pieces, maxlen=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


def test_an_answer_of_any_form_that_fits_is_read_whole(serve: Serve) -> None:
    packed = gzip.compress(b"hello")
    head = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    assert ask(serve(iter([head, packed]), 0)).body == b"hello"
    assert ask(serve(iter([CHUNKED, b"5\r\nhello\r\n0\r\n\r\n"]), 0)).body == b"hello"
    for cut in (head + packed[:-3], OK + b"Content-Length: 9\r\n\r\nhello", CHUNKED + b"9\r\nhel"):
        with pytest.raises(NoAnswer):
            ask(serve(iter([cut]), 0))
    unasked = OK + b"Content-Encoding: br\r\nContent-Length: 5\r\n\r\nhello"
    with pytest.raises(NoAnswer, match="not asked for"):
        ask(serve(iter([unasked]), 0))


@pytest.mark.parametrize(("has_effect", "error"), [(False, Rejected), (True, OutcomeUnknown)])
def test_a_too_large_answer_is_a_refusal_only_where_nothing_was_changed(
    serve: Serve, has_effect: bool, error: type[Rejected | OutcomeUnknown]
) -> None:
    url = serve(chain([OK + b"\r\n"], repeat(b"0" * 65536)), 0)
    with pytest.raises(error) as raised:
        exchange(
            requests_transport("local"), "CJ cj", "pay", "POST", url, headers={}, timeout=20.0, has_effect=has_effect
        )
    assert raised.value.code == "ANSWER_TOO_LARGE"
    assert "too large (more than 20 MiB)" in raised.value.message


@pytest.mark.parametrize("most", [1024**3, 3_000_000])
@pytest.mark.parametrize("packed", [False, True])
def test_a_stock_file_is_read_while_it_comes_and_its_size_is_bounded(
    serve: Serve, packed: bool, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(https, "MOST_UNPACKED", most)
    text = b"".join(b"SKU-%07d,%d,12.50\n" % (row, row % 50) for row in range(1_100_000))
    assert len(text) > MAX_ANSWER_BYTES
    head = OK + b"Connection: close\r\n" + (b"Content-Encoding: gzip\r\n" if packed else b"") + b"\r\n"
    sent = gzip.compress(text, 1) if packed else text
    url = serve(chain([head], (sent[at : at + 65536] for at in range(0, len(sent), 65536))), 0)
    settings = CsvSettings(kind="csv", url=url, offers_of="cj")
    made = feed.build(Context("f", settings, Keys(), requests_transport("local"), FixedClock(), timedelta(seconds=20)))
    tracemalloc.start()
    lines = made.open_feed("").lines
    assert lines is not None
    if most < len(text):
        with pytest.raises(Rejected) as refused:
            deque(lines, maxlen=0)
        assert refused.value.code == "FEED_TOO_LARGE"
    else:
        assert sum(map(len, lines)) == len(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


def test_an_answer_of_lists_in_lists_is_unreadable_and_no_crash() -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        HttpAnswer(200, {}, b"[" * 200_000).json()


def test_a_plain_transport_is_asked_for_the_whole_answer() -> None:
    body = b"0" * 200_000
    answer = open_answer(lambda *_: HttpAnswer(200, {}, body), "GET", "https://a.example/", {}, 1.0, Limits())
    assert b"".join(answer.pieces) == body
