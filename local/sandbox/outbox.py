"""The way out for webhooks: posts what the vendors want delivered, from threads of its own, with each vendor's manners."""

from __future__ import annotations

import heapq
import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from local.sandbox.wire import Delivery

LOCAL_HOST = "127.0.0.1"
_WORKERS = 4
_SUBJECT_KEYS = (
    "id",
    "order_id",
    "orderNumber",
    "cjOrderId",
    "orderId",
    "originalOrderId",
    "trackingNumber",
    "tracking_code",
)
_NESTED = ("params", "result", "order_edit", "data")


@dataclass(frozen=True)
class Manners:
    """How one vendor delivers: seconds for the whole exchange, and which answers count as received."""

    total_seconds: float
    accepted: range = range(200, 300)


# Shopify gives five seconds in all; CJ wants exactly 200 within three. EasyPost names no limit: seven is this stand-in's choice.
# A vendor that is not here has `manners` of its own.
MANNERS = {"shopify": Manners(5.0), "cj": Manners(3.0, range(200, 201)), "easypost": Manners(7.0)}
_DEFAULT = Manners(5.0)

Record = Callable[..., None]
Report = Callable[[Delivery, bool], None]


@dataclass(order=True)
class _Try:
    """One attempt that waits for its time (`due` as time.monotonic); `number` counts from 1."""

    due: float
    tie: int
    number: int = field(compare=False)
    delivery: Delivery = field(compare=False)


class Outbox:
    """`submit` returns at once; worker threads do the rest between `start` and `stop`.

    Every attempt ends in one ledger line of the delivery's vendor: "webhook_delivered", "webhook_failed" (another try follows),
    "webhook_gave_up" (the last one) or "webhook_refused" (not on this machine, never tried). `time_scale` shortens the vendors'
    retry gaps. `report` hears of every attempt.
    """

    def __init__(
        self, record: Record, report: Report, time_scale: float = 1 / 60, manners: dict[str, Manners] | None = None
    ) -> None:
        self.time_scale = time_scale
        self._record = record
        self._report = report
        self._manners = MANNERS | (manners or {})
        self._waiting: list[_Try] = []
        self._ties = itertools.count()
        self._wake = threading.Condition()
        self._busy = 0
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to deliver; what was submitted before goes out now."""
        self._stopping = False
        for number in range(_WORKERS):
            thread = threading.Thread(target=self._work, name=f"sandbox-outbox-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End after the attempts under way; what still waits is dropped."""
        with self._wake:
            self._stopping = True
            self._waiting.clear()
            self._wake.notify_all()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def submit(self, delivery: Delivery) -> None:
        """Take one delivery over; never waits for the network."""
        if problem := refusal(delivery.url):
            topic, subjects = describe(delivery)
            self._record(delivery.vendor, "webhook_refused", _reference(topic, subjects), topic=topic, problem=problem)
            self._report(delivery, False)
            return
        self._plan(0.0, 1, delivery)

    @property
    def pending(self) -> int:
        """Attempts that wait or are under way."""
        with self._wake:
            return len(self._waiting) + self._busy

    def wait_until_idle(self, seconds: float) -> bool:
        """True as soon as nothing is left to do, False when that takes longer."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._waiting and not self._busy, seconds)

    def _plan(self, after: float, number: int, delivery: Delivery) -> None:
        with self._wake:
            heapq.heappush(self._waiting, _Try(time.monotonic() + after, next(self._ties), number, delivery))
            self._wake.notify_all()

    def _work(self) -> None:
        while (attempt := self._next()) is not None:
            try:
                self._attempt(attempt)
            finally:
                with self._wake:
                    self._busy -= 1
                    self._wake.notify_all()

    def _next(self) -> _Try | None:
        with self._wake:
            while not self._stopping:
                wait = self._waiting[0].due - time.monotonic() if self._waiting else None
                if wait is not None and wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._waiting)
                self._wake.wait(wait)
        return None

    def _attempt(self, attempt: _Try) -> None:
        delivery = attempt.delivery
        manners = self._manners.get(delivery.vendor, _DEFAULT)
        began = time.monotonic()
        status, problem = post(delivery, manners)
        facts: dict[str, Any] = {
            "attempt": attempt.number,
            "status": status,
            "milliseconds": round((time.monotonic() - began) * 1000),
        }
        topic, subjects = describe(delivery)
        facts |= {"topic": topic, "subjects": subjects, "path": urlsplit(delivery.url).path}
        delivered = problem is None
        again = not delivered and attempt.number <= len(delivery.retry_after)
        if not delivered:
            facts["problem"] = problem
        if again:
            gap = delivery.retry_after[attempt.number - 1]
            facts["next_try_seconds"] = gap
            self._plan(gap * self.time_scale, attempt.number + 1, delivery)
        kind = "webhook_delivered" if delivered else "webhook_failed" if again else "webhook_gave_up"
        self._record(delivery.vendor, kind, _reference(topic, subjects), **facts)
        self._report(delivery, delivered)


def refusal(url: str) -> str | None:
    """Why this address is not delivered to, or None. Only plain HTTP on this machine is."""
    try:
        parts = urlsplit(url)
        here = parts.scheme == "http" and parts.hostname == LOCAL_HOST and parts.port != 0
    except ValueError:
        return f"the address cannot be read; use http://{LOCAL_HOST}:<port>/<path>"
    if not here:
        return (
            f"{parts.scheme or 'no scheme'}://{parts.netloc} is not this machine; use http://{LOCAL_HOST}:<port>/<path>"
        )
    return None


def post(delivery: Delivery, manners: Manners) -> tuple[int | None, str | None]:
    """(HTTP status or None, what went wrong or None) of one attempt; redirects are not followed."""
    parts = urlsplit(delivery.url)
    connection = http.client.HTTPConnection(LOCAL_HOST, parts.port or 80, timeout=manners.total_seconds)
    timed_out = threading.Event()

    def cut() -> None:
        timed_out.set()
        if (open_socket := connection.sock) is not None:
            # The worker may have closed it in the same moment.
            with suppress(OSError):
                open_socket.shutdown(2)

    # A socket's own time-out begins anew with every byte; the vendors count the whole exchange.
    watch = threading.Timer(manners.total_seconds, cut)
    watch.daemon = True
    watch.start()
    try:
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request(delivery.method, target, delivery.body, dict(delivery.headers))
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = timed_out.is_set() or isinstance(error, TimeoutError)
        return None, f"no answer within {manners.total_seconds:g} s" if late else type(error).__name__
    finally:
        watch.cancel()
        connection.close()
    if timed_out.is_set():
        # Headers that were cut off in the middle look complete to the parser.
        return None, f"no answer within {manners.total_seconds:g} s"
    return status, None if status in manners.accepted else f"answered {status}"


def describe(delivery: Delivery) -> tuple[str, list[str]]:
    """(topic, identifiers of what it is about) of a delivery, without anything of a person."""
    names = {name.lower(): value for name, value in delivery.headers.items()}
    try:
        body = json.loads(delivery.body)
    except ValueError:
        body = None
    body = body if isinstance(body, dict) else {}
    topic = delivery.topic or names.get("x-shopify-topic") or body.get("type") or body.get("description") or "message"
    subjects: list[str] = []
    for part in (body, *(body.get(name) for name in _NESTED)):
        if isinstance(part, dict):
            subjects += [str(part[key]) for key in _SUBJECT_KEYS if isinstance(part.get(key), str | int)]
    return str(topic), subjects


def _reference(topic: str, subjects: list[str]) -> str:
    return subjects[0] if subjects else topic
