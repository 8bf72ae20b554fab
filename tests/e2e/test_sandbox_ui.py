"""The sandbox's pages in a real browser, without Orderwright: what a visitor presses really happens at the vendors."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import select
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.sandbox.sandbox import Sandbox
from local.sandbox.server import SandboxServer
from local.sandbox.ui.mailbox import Message
from tests.contracts.test_sandbox_pages import pay_one

ANSWER_SECONDS = 20.0
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)


class Browser:
    """One Chromium with one page, driven over the DevTools protocol through a pair of pipes (its file descriptors 3 and 4)."""

    def __init__(self, program: str, profile: Path) -> None:
        to_browser, self._to = os.pipe()
        self._from, from_browser = os.pipe()
        # High numbers, so that moving one end to 3 or 4 cannot overwrite the other.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (to_browser, from_browser)]
        silence = os.open(os.devnull, os.O_WRONLY)
        moves = [(os.POSIX_SPAWN_DUP2, ends[0], 3), (os.POSIX_SPAWN_DUP2, ends[1], 4)]
        moves += [(os.POSIX_SPAWN_DUP2, silence, 2)]
        arguments = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._pid = os.posix_spawn(program, arguments, os.environ, file_actions=moves, setpgroup=0)
        for end in (to_browser, from_browser, silence, *ends):
            os.close(end)
        self._ids = itertools.count(1)
        self._unread = b""
        self._session: str | None = None
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its result; raises AssertionError for the browser's refusal."""
        number = next(self._ids)
        command = {"id": number, "method": method, "params": params}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._to, json.dumps(command).encode() + b"\0")
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            message = self._read(deadline)
            if message.get("id") == number:
                assert "error" not in message, message["error"]
                result: dict[str, Any] = message["result"]
                return result

    def _read(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._from], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, "the browser does not answer"
            part = os.read(self._from, 1 << 20)
            assert part, "the browser has ended"
            self._unread += part
        head, _, self._unread = self._unread.partition(b"\0")
        message: dict[str, Any] = json.loads(head)
        return message

    def evaluate(self, expression: str) -> Any:
        """The value of one JavaScript expression on the page."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """The value of an expression as soon as it is true."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while not (value := self.evaluate(expression)):
            assert time.monotonic() < deadline, f"never true: {expression}"
            time.sleep(0.05)
        return value

    def open(self, url: str) -> None:
        """Show a page and wait for its first refresh."""
        self.send("Page.navigate", url=url)
        self.wait_for("document.body && document.body.dataset.ready === 'yes'")

    def close(self) -> None:
        """End the browser and everything that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._to)
        os.close(self._from)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium here; install one (apt-get install chromium) to try the sandbox's pages")
    opened = Browser(program, tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


MAILS = [
    Message(
        "mail-1",
        "mail",
        "aino@example.com",
        "orders@shop.example",
        "Order #1001 is on its way",
        "On its way",
        "<p>Hello<script>parent.document.title = 'broken'</script></p>",
        datetime(2026, 11, 2, 9, 5, tzinfo=UTC),
    ),
    Message("sms-1", "sms", "+358412345678", "", "", "#1001 delivered", "", datetime(2026, 11, 2, 9, 6, tzinfo=UTC)),
]


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    started = SandboxServer(Sandbox(), 0, mail_source=lambda: MAILS)
    started.start()
    yield started
    started.stop()


def press(browser: Browser, selector: str) -> None:
    """Press a button as soon as it is there."""
    browser.wait_for(f"!!document.querySelector({json.dumps(selector)})")
    browser.evaluate(f"document.querySelector({json.dumps(selector)}).click()")


def test_a_visitor_buys_a_lamp_and_sees_it_in_the_time_line(browser: Browser, server: SandboxServer) -> None:
    browser.open(f"{server.url}/#shop")
    browser.evaluate("document.getElementById('opt-buyer').value = 'berlin'")
    browser.evaluate("document.getElementById('opt-sms').checked = true")
    press(browser, "button.buy[data-sku='HL-COB-350']")
    browser.wait_for("document.querySelector('#orders .order-name')?.textContent === '#1001'")
    order = server.sandbox.store.order("#1001")
    assert order.buyer is not None
    assert (order.buyer.first_name, order.locale, order.financial_status) == ("Jonas", "de", "PAID")
    assert order.attributes == (("sms_updates", "yes"),)
    browser.open(f"{server.url}/#timeline/1001")
    shown = browser.wait_for("document.querySelector('#order-1001')?.innerText")
    assert "Order placed" in shown
    assert "HL-COB-350" in shown
    assert "Order #1001 is on its way" in shown
    assert "#1001 delivered" in shown


def test_a_refresh_keeps_what_somebody_is_typing(browser: Browser, server: SandboxServer) -> None:
    browser.open(f"{server.url}/#supplier")
    field = "document.querySelector(\"#articles [data-key='HL-MS-400'] input[name='stock']\")"
    browser.wait_for(f"!!{field}")
    browser.evaluate(
        f"{field}.focus(); {field}.value = '77'; {field}.dispatchEvent(new Event('input', {{bubbles: true}}))"
    )
    with server.sandbox.locked():
        server.sandbox.supplier.inventory["HL-MS-400"].cost += 1
    browser.wait_for("document.querySelector(\"#articles [data-key='HL-MS-400'] input[name='cost']\").value === '7.40'")
    assert browser.evaluate(f"{field}.value") == "77"
    assert browser.evaluate(f"document.activeElement === {field}") is True
    browser.evaluate(f"{field}.form.requestSubmit()")
    browser.wait_for("document.querySelector('.toast.good')?.textContent.includes('stock is 77')")
    assert server.sandbox.supplier.inventory["HL-MS-400"].stock == 77


def test_a_parcel_is_shipped_and_scanned_by_buttons(browser: Browser, server: SandboxServer) -> None:
    sandbox = server.sandbox
    pay_one(server.sandbox, "OW-1")
    browser.open(f"{server.url}/#supplier")
    press(browser, "#purchases button:not(.quiet)")
    browser.open(f"{server.url}/#carrier")
    press(browser, "#parcels button[data-scan='out_for_delivery']")
    browser.wait_for("document.querySelector('#parcels .badge')?.textContent === 'out for delivery'")
    (scan,) = sandbox.world.ledger.of_kind("easypost", "scan")
    assert scan.data["status"] == "out_for_delivery"


def test_a_mail_is_shown_but_its_scripts_never_run(browser: Browser, server: SandboxServer) -> None:
    browser.open(f"{server.url}/#mailbox/mail-1")
    browser.wait_for("document.getElementById('letter').src.endsWith('/mail/mail-1')")
    assert "Order #1001 is on its way" in browser.evaluate("document.getElementById('letterhead').innerText")
    assert browser.evaluate("document.title") == "Nordlight sandbox"


@pytest.mark.parametrize("width", [390, 1280])
def test_no_panel_is_wider_than_the_screen(browser: Browser, server: SandboxServer, width: int) -> None:
    browser.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    pay_one(server.sandbox, "OW-1")
    server.sandbox.supplier.ship("OW-1")
    for tab in ("shop", "supplier", "carrier", "mailbox", "timeline"):
        browser.open(f"{server.url}/#{tab}")
        assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), tab
    browser.send("Emulation.clearDeviceMetricsOverride")
