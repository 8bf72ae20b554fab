"""The sandbox's way out for webhooks: each vendor's patience, its retries, and what is written down about them."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from local.sandbox.outbox import MANNERS, Manners, Outbox, describe, refusal
from local.sandbox.sandbox import Sandbox, SandboxSettings
from local.sandbox.wire import Delivery
from tests.support.eventually import eventually

# A minute for what is answered at once, on any machine; what is to run out of patience says so itself.
PATIENT = {"shopify": Manners(60.0), "cj": Manners(60.0, range(200, 201))}
IMPATIENT = {"shopify": Manners(0.3)}
IDLE_SECONDS = 120.0


@dataclass
class Receiver:
    """A web server that answers with the queued statuses, then with 200; it remembers what came."""

    statuses: list[int] = field(default_factory=list)
    free: threading.Event = field(default_factory=threading.Event)
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    def url(self, path: str = "/webhooks/shop") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    found.free.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            found.free.wait()
            self.send_response(found.statuses.pop(0) if found.statuses else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Desk:
    """An outbox with everything that it says."""

    entries: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)
    reports: list[bool] = field(default_factory=list)
    manners: dict[str, Manners] = field(default_factory=lambda: PATIENT)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self._record, lambda _, ok: self.reports.append(ok), 1 / 1000, self.manners)

    def _record(self, vendor: str, kind: str, reference: str, **data: Any) -> None:
        self.entries.append((vendor, kind, reference, data))

    def kinds(self) -> list[str]:
        return [kind for _, kind, _, _ in self.entries]


@pytest.fixture
def desk() -> Iterator[Desk]:
    found = Desk()
    found.outbox.start()
    yield found
    found.outbox.stop()


def from_shopify(url: str, *gaps: float) -> Delivery:
    headers = {"Content-Type": "application/json", "X-Shopify-Topic": "orders/paid", "X-Shopify-Hmac-SHA256": "abc="}
    return Delivery("shopify", url, headers, b'{"id":9007199254741120,"email":"aino@example.com"}', gaps)


def test_a_delivery_arrives_byte_for_byte_and_is_written_down_without_personal_data(
    desk: Desk, receiver: Receiver
) -> None:
    sent = from_shopify(receiver.url("/_aws/execute-api/a1/$default/webhooks/shop?x=1"))
    desk.outbox.submit(sent)
    assert desk.outbox.wait_until_idle(IDLE_SECONDS)
    ((path, headers, body),) = receiver.seen
    assert (path, body) == ("/_aws/execute-api/a1/$default/webhooks/shop?x=1", sent.body)
    assert headers["x-shopify-hmac-sha256"] == "abc="
    ((vendor, kind, reference, data),) = desk.entries
    assert (vendor, kind, reference) == ("shopify", "webhook_delivered", "9007199254741120")
    assert (data["topic"], data["attempt"], data["status"]) == ("orders/paid", 1, 200)
    assert "aino" not in json.dumps(data)
    assert desk.reports == [True]


def test_a_failure_is_repeated_after_the_vendors_gaps_and_each_try_is_reported(desk: Desk, receiver: Receiver) -> None:
    receiver.statuses = [500, 302]
    desk.outbox.submit(from_shopify(receiver.url(), 10.0, 50.0))
    assert desk.outbox.wait_until_idle(IDLE_SECONDS)
    assert desk.kinds() == ["webhook_failed", "webhook_failed", "webhook_delivered"]
    assert [data.get("next_try_seconds") for *_, data in desk.entries] == [10.0, 50.0, None]
    assert [data.get("problem") for *_, data in desk.entries] == ["answered 500", "answered 302", None]
    assert desk.reports == [False, False, True]


def test_the_last_failure_gives_up(desk: Desk, receiver: Receiver) -> None:
    receiver.statuses = [500, 500, 500]
    desk.outbox.submit(from_shopify(receiver.url(), 1.0))
    assert desk.outbox.wait_until_idle(IDLE_SECONDS)
    assert desk.kinds() == ["webhook_failed", "webhook_gave_up"]
    assert len(receiver.seen) == 2


def test_a_vendor_that_wants_exactly_200_takes_nothing_else(desk: Desk, receiver: Receiver) -> None:
    receiver.statuses = [202, 202]
    desk.outbox.submit(Delivery("cj", receiver.url(), {}, b"{}"))
    desk.outbox.submit(from_shopify(receiver.url()))
    assert desk.outbox.wait_until_idle(IDLE_SECONDS)
    assert {(vendor, kind) for vendor, kind, _, _ in desk.entries} == {
        ("cj", "webhook_gave_up"),
        ("shopify", "webhook_delivered"),
    }


def test_nobody_listening_is_a_failure(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    desk.outbox.submit(from_shopify(f"http://127.0.0.1:{port}/"))
    assert desk.outbox.wait_until_idle(IDLE_SECONDS)
    assert desk.entries[0][3]["problem"] == "ConnectionRefusedError"


def test_the_whole_exchange_is_limited_not_each_byte() -> None:
    desk = Desk(manners=IMPATIENT)
    desk.outbox.start()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def trickle() -> None:
            connection, _ = listening.accept()
            with connection:
                for byte in b"HTTP/1.1 200 OK\r\nx-long: " + b"x" * 200:
                    try:
                        connection.send(bytes([byte]))
                    except OSError:
                        return
                    time.sleep(0.02)

        thread = threading.Thread(target=trickle)
        thread.start()
        desk.outbox.submit(from_shopify(f"http://127.0.0.1:{listening.getsockname()[1]}/"))
        assert desk.outbox.wait_until_idle(IDLE_SECONDS)
        thread.join()
    desk.outbox.stop()
    assert desk.entries[0][3]["problem"] == "no answer within 0.3 s"


def test_submitting_never_waits_for_a_slow_receiver(desk: Desk, receiver: Receiver) -> None:
    receiver.free.clear()
    for _ in range(8):
        desk.outbox.submit(from_shopify(receiver.url()))
    assert desk.outbox.pending == 8, "all were submitted while the receiver answered none of them"
    assert desk.entries == []
    receiver.free.set()
    assert desk.outbox.wait_until_idle(IDLE_SECONDS)
    assert desk.kinds() == ["webhook_delivered"] * 8


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "http://localhost:80/",
        "http://shop.example.com/",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.1@example.com/",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "ftp://127.0.0.1/",
        "",
    ],
)
def test_an_address_off_this_machine_is_refused_and_never_tried(desk: Desk, url: str) -> None:
    assert refusal(url)
    desk.outbox.submit(from_shopify(url, 1.0))
    assert desk.outbox.pending == 0
    assert desk.kinds() == ["webhook_refused"]
    assert "127.0.0.1:<port>" in desk.entries[0][3]["problem"]
    assert desk.reports == [False]


def test_the_vendors_patience_is_theirs() -> None:
    assert (MANNERS["shopify"].total_seconds, MANNERS["cj"].total_seconds) == (5.0, 3.0)


@pytest.mark.parametrize(
    ("vendor", "body", "expected"),
    [
        ("cj", {"type": "ORDER", "params": {"orderNumber": "OW-1", "cjOrderId": "SD1"}}, ("ORDER", ["OW-1", "SD1"])),
        (
            "easypost",
            {"description": "tracker.updated", "result": {"tracking_code": "YT1"}},
            ("tracker.updated", ["YT1"]),
        ),
        ("cj", [], ("message", [])),
    ],
)
def test_a_delivery_is_named_by_topic_and_identifiers(vendor: str, body: Any, expected: tuple[str, list[str]]) -> None:
    assert describe(Delivery(vendor, "", {}, json.dumps(body).encode())) == expected


def test_eight_failures_in_a_row_cost_the_store_its_subscriptions(receiver: Receiver) -> None:
    sandbox = Sandbox(SandboxSettings(time_scale=1 / 1_000_000))
    sandbox.store.hooks.subscribe("orders/create", receiver.url(), {})
    receiver.statuses = [503] * 8
    sandbox.outbox.start()
    try:
        sandbox.store.buy([("HL-COB-350", 1)])
        eventually(lambda: not sandbox.store.hooks.subscriptions)
    finally:
        sandbox.outbox.stop()


def test_a_sandbox_without_delivery_only_collects() -> None:
    sandbox = Sandbox(SandboxSettings(deliver=False))
    sandbox.store.hooks.subscribe("orders/create", "https://hooks.example.com/shop", {})
    sandbox.store.buy([("HL-COB-350", 1)])
    assert [delivery.url for delivery in sandbox.collected] == ["https://hooks.example.com/shop"]
    assert sandbox.outbox.pending == 0
