"""The end of a worker's time: a call that may not end before it is not begun, and who kept silent is not asked again.

One invocation works on a batch. A vendor that takes a call and never answers costs one time-out of it: the other messages of
the batch that need this vendor wait by their due times, and those that need nobody are done. So no message of a batch is
killed, or comes to the dead letters, for what stood beside it (promises P9, P14).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from orderwright.connectors.http import HttpAnswer, Limits, NoAnswer, NotSent, OpenAnswer, StreamingTransport, Transport
from orderwright.errors import OUT_OF_TIME, OutcomeUnknown, Retryable

SOON = timedelta(seconds=5)
SILENT_SHARE = 0.25
"""A call that fails only after this share of its time-out (a connect time-out is the shortest such) was met with silence."""
Answer = TypeVar("Answer")


class Deadline:
    """What is left of one invocation's time. `reserve`: seconds kept for writing down what a call came to.

    Outside of an invocation (the command line, tests of a use case) there is no end.
    """

    def __init__(self, reserve: float) -> None:
        self._reserve = reserve
        self._millis: Callable[[], int] | None = None
        self._took: dict[str, list[float]] = {}
        self._silent: set[str] = set()

    def begin(self, context: object) -> None:
        """A new invocation with Lambda's context: its own time, and nobody has kept silent yet."""
        self._millis = getattr(context, "get_remaining_time_in_millis", None)
        self._took.clear()
        self._silent.clear()

    def remaining(self) -> float:
        """Seconds."""
        return math.inf if self._millis is None else self._millis() / 1000

    def in_time(self) -> bool:
        """May work on one more message begin? It reads and writes; a vendor is asked only as `call` allows."""
        return self.remaining() >= self._reserve

    def call(self, whom: str, seconds: float, make: Callable[[], Answer]) -> Answer:
        """Make a call that takes at most so many seconds. Raises what it raises; Retryable where it was certainly not made.

        OUT_OF_TIME: others, or many quick calls, have used up the time. UNAVAILABLE: this vendor is slow, or was silent.
        """
        if whom in self._silent:
            raise Retryable(f"{whom} gave no answer a moment ago; not asked again at once", code="UNAVAILABLE")
        before = self.remaining()
        if before < seconds + self._reserve:
            took = self._took.get(whom, [])
            if sum(took) >= max(seconds, len(took) * seconds * SILENT_SHARE):
                text = f"{whom} answers too slowly: {len(took)} calls have taken {sum(took):.0f} s"
                raise Retryable(text, code="UNAVAILABLE")
            raise Retryable("no time was left for the call, it was not made", after=SOON, code=OUT_OF_TIME)
        try:
            answer = make()
        except (NotSent, NoAnswer, Retryable, OutcomeUnknown):
            self._note(whom, before, seconds, silent=True)
            raise
        self._note(whom, before, seconds, silent=isinstance(answer, HttpAnswer) and answer.status >= 500)
        return answer

    def _note(self, whom: str, before: float, seconds: float, *, silent: bool) -> None:
        took = before - self.remaining() if before < math.inf else 0.0
        self._took.setdefault(whom, []).append(took)
        if silent and took >= seconds * SILENT_SHARE:
            self._silent.add(whom)

    def transport(self, inner: Transport, whom: str) -> Transport:
        """The same transport within this deadline, for one connection: two vendors may share a host, as they do locally."""

        def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float) -> HttpAnswer:
            return self.call(whom, timeout, lambda: inner(method, url, headers, body, timeout))

        if not isinstance(inner, StreamingTransport):
            return send
        opened = inner.open

        def open_answer(
            method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float, limits: Limits
        ) -> OpenAnswer:
            seconds = limits.seconds or timeout
            return self.call(whom, seconds, lambda: opened(method, url, headers, body, timeout, limits))

        return StreamingTransport(open_answer, send)


class InTime:
    """Whatever sends by its methods (mails, text messages, alerts), within a deadline. `seconds`: what one send may take."""

    def __init__(self, inner: Any, deadline: Deadline, seconds: float) -> None:
        self._inner, self._deadline, self._seconds = inner, deadline, seconds

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *given: self._deadline.call(name, self._seconds, lambda: getattr(self._inner, name)(*given))
