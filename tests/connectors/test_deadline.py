"""No call is begun that may not end in time, and who kept silent is not asked again in the same invocation (P9, P14)."""

from __future__ import annotations

import pytest

from orderwright.connectors.deadline import Deadline
from orderwright.connectors.http import (
    HttpAnswer,
    Limits,
    NoAnswer,
    NotSent,
    OpenAnswer,
    StreamingTransport,
    open_answer,
)
from orderwright.errors import Retryable
from tests.support.handlers import Ticking
from tests.support.shop import VirtualClock

A, B = "https://a.example/orders", "https://b.example/orders"


class Bench:
    """A worker of 60 s with a reserve of 15 s. Calls take `took` seconds, and end with `end`."""

    def __init__(self, took: float = 1.0, end: int | Exception = 200) -> None:
        self.clock, self.sent, self.took, self.end = VirtualClock(), list[str](), took, end
        self.deadline = Deadline(15)
        self.deadline.begin(Ticking(self.clock, 60))

    def _send(self, method: str, url: str, *_: object) -> HttpAnswer:
        self.sent.append(url)
        self.clock.advance(self.took)
        if isinstance(self.end, Exception):
            raise self.end
        return HttpAnswer(self.end, {}, b"")

    def ask(self, url: str) -> str:
        """What a call of at most 20 s comes to, in one word."""
        try:
            return str(self.deadline.transport(self._send, url)("GET", url, {}, None, 20.0).status)
        except (NotSent, NoAnswer) as error:
            return type(error).__name__
        except Retryable as error:
            return error.code


@pytest.mark.parametrize(
    ("took", "passed", "said", "sent"),
    [
        (1, 25, ["200", "OUT_OF_TIME"], 1),
        (13, 0, ["200", "200", "UNAVAILABLE"], 2),
        (1, 0, ["200"] * 26 + ["OUT_OF_TIME"], 26),
    ],
    ids=["others used it up", "a slow vendor is told as such", "many quick calls"],
)
def test_a_call_is_made_only_while_its_timeout_and_the_reserve_fit(
    took: float, passed: float, said: list[str], sent: int
) -> None:
    bench = Bench(took)
    bench.clock.advance(passed)
    assert [bench.ask(A) for _ in said] == said
    assert (len(bench.sent), bench.ask(B)) == (sent, "OUT_OF_TIME")


@pytest.mark.parametrize(
    ("took", "end", "again"),
    [
        (20, NoAnswer("ReadTimeout"), "UNAVAILABLE"),
        (5, NotSent("ConnectTimeout"), "UNAVAILABLE"),
        (5, 504, "UNAVAILABLE"),
        (1, NoAnswer("ConnectionError"), "NoAnswer"),
        (5, 200, "200"),
    ],
    ids=["no answer", "no connection", "a gateway's time-out", "a reset", "slow"],
)
def test_who_kept_silent_is_not_asked_again_and_others_are(took: float, end: int | Exception, again: str) -> None:
    bench = Bench(took, end)
    bench.ask(A)
    assert bench.ask(A) == again
    assert len(bench.sent) == (1 if again == "UNAVAILABLE" else 2)
    bench.end = 200
    assert bench.ask(B) == "200"
    bench.deadline.begin(Ticking(bench.clock, 60))
    assert bench.ask(A) == "200"


def test_outside_of_an_invocation_there_is_no_end() -> None:
    bench = Bench(20, NoAnswer("ReadTimeout"))
    bench.deadline.begin(None)
    assert [bench.ask(url) for url in (A, A, A)] == ["NoAnswer"] * 3
    assert bench.deadline.in_time()


def test_a_body_that_comes_in_pieces_is_asked_for_only_while_all_its_time_fits() -> None:
    bench = Bench()

    def opened(method: str, url: str, *_: object) -> OpenAnswer:
        bench.sent.append(url)
        return OpenAnswer(200, {}, iter([b"a", b"b"]), lambda: None)

    send = bench.deadline.transport(StreamingTransport(opened), A)
    assert list(open_answer(send, "GET", A, {}, 20.0, Limits(seconds=40.0)).pieces) == [b"a", b"b"]
    assert send("GET", A, {}, None, 20.0).body == b"ab"
    bench.clock.advance(10)
    with pytest.raises(Retryable) as late:
        open_answer(send, "GET", A, {}, 20.0, Limits(seconds=40.0))
    assert (late.value.code, bench.sent) == ("OUT_OF_TIME", [A, A])
