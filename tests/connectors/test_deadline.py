"""No call is begun that may not end in time, and who kept silent is not asked again in the same invocation (P9, P14)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from orderwright.connectors.deadline import Deadline
from orderwright.connectors.http import (
    HttpAnswer,
    Limits,
    NoAnswer,
    NotSent,
    OpenAnswer,
    StreamingTransport,
    Transport,
    open_answer,
)
from orderwright.errors import Retryable
from tests.support.handlers import Ticking
from tests.support.shop import VirtualClock

A, B = "https://a.example/orders", "https://b.example/orders"


class Bench:
    """A worker of 60 s with a reserve of 15 s. Calls take `took` seconds, and end with `end`."""

    def __init__(self) -> None:
        self.clock, self.sent = VirtualClock(), list[str]()
        self.deadline = Deadline(15)
        self.deadline.begin(Ticking(self.clock, 60))
        self.took, self.end = 1.0, HttpAnswer(200, {}, b"")
        self.error: Exception | None = None
        self.send: Transport = self.deadline.transport(self._send)

    def _send(self, method: str, url: str, *_: object) -> HttpAnswer:
        self.sent.append(url)
        self.clock.advance(self.took)
        if self.error is not None:
            raise self.error
        return self.end

    def ask(self, url: str) -> str:
        """What a call of at most 20 s comes to, in one word."""
        try:
            return str(self.send("GET", url, {}, None, 20.0).status)
        except (NotSent, NoAnswer) as error:
            return type(error).__name__
        except Retryable as error:
            return error.code


def test_a_call_is_made_only_while_its_timeout_and_the_reserve_fit() -> None:
    bench = Bench()
    bench.clock.advance(25)
    assert bench.ask(A) == "200"
    assert (bench.ask(A), bench.sent) == ("OUT_OF_TIME", [A])


def test_a_vendor_that_used_up_the_time_itself_is_told_as_such() -> None:
    bench = Bench()
    bench.took = 13
    assert [bench.ask(A) for _ in range(3)] == ["200", "200", "UNAVAILABLE"]
    assert (bench.ask(B), bench.sent) == ("OUT_OF_TIME", [A, A])


@pytest.mark.parametrize(
    ("took", "end", "error", "again"),
    [
        (20, None, NoAnswer("ReadTimeout"), ["UNAVAILABLE"]),
        (5, None, NotSent("ConnectTimeout"), ["UNAVAILABLE"]),
        (5, HttpAnswer(504, {}, b""), None, ["UNAVAILABLE"]),
        (1, None, NoAnswer("ConnectionError"), ["NoAnswer", A]),
        (5, HttpAnswer(200, {}, b""), None, ["200", A]),
    ],
    ids=["no answer", "no connection", "a gateway's time-out", "a reset", "slow"],
)
def test_who_kept_silent_is_not_asked_again_and_others_are(
    took: float, end: HttpAnswer | None, error: Exception | None, again: list[str]
) -> None:
    bench = Bench()
    bench.took, bench.end, bench.error = took, end or bench.end, error
    bench.ask(A)
    assert [bench.ask(A), *bench.sent[1:]] == again
    bench.error, bench.end = None, HttpAnswer(200, {}, b"")
    assert bench.ask(B) == "200"
    bench.deadline.begin(Ticking(bench.clock, 60))
    assert bench.ask(A) == "200"


def test_outside_of_an_invocation_there_is_no_end() -> None:
    bench = Bench()
    bench.deadline.begin(None)
    bench.took, bench.error = 20, NoAnswer("ReadTimeout")
    assert [bench.ask(A) for _ in range(9)] == ["NoAnswer"] * 9
    assert bench.deadline.in_time()


@pytest.mark.parametrize("url", ["http://[", "no address"])
def test_an_address_that_cannot_be_read_is_the_transports_matter(url: str) -> None:
    assert Bench().ask(url) == "200"


def left(seconds: float) -> Callable[[], bool]:
    bench = Bench()
    bench.clock.advance(60 - seconds)
    return bench.deadline.in_time


def test_a_message_begins_only_while_the_reserve_is_left() -> None:
    assert (left(15)(), left(14.9)()) == (True, False)


def test_a_body_that_comes_in_pieces_is_asked_for_only_while_all_its_time_fits() -> None:
    bench = Bench()

    def opened(method: str, url: str, *_: object) -> OpenAnswer:
        bench.sent.append(url)
        return OpenAnswer(200, {}, iter([b"a", b"b"]), lambda: None)

    send = bench.deadline.transport(StreamingTransport(opened))
    assert list(open_answer(send, "GET", A, {}, 20.0, Limits(seconds=40.0)).pieces) == [b"a", b"b"]
    assert send("GET", A, {}, None, 20.0).body == b"ab"
    bench.clock.advance(10)
    with pytest.raises(Retryable) as late:
        open_answer(send, "GET", A, {}, 20.0, Limits(seconds=40.0))
    assert (late.value.code, bench.sent) == ("OUT_OF_TIME", [A, A])
