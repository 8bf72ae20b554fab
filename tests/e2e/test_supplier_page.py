"""A supplier's clerk on the page of a purchase order, in a real browser: the function behind a small HTTP server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from local.chromium import Browser
from local.demo.clerk import page_of
from local.sandbox.factory import Mailed
from orderwright.pages.words import LANGUAGES
from tests.e2e.axe import findings
from tests.scripted.registering import scripted_suppliers
from tests.unit.usecases.scripted_shop import ScriptedShop
from tests.unit.usecases.supplier_page import BUCKET, Clerk, clerk_of, files_bucket

__all__ = ["scripted_suppliers"]

NUMBER = "1Z999AA10123456784"


class Desk:
    """The clerk with a browser, at the page's address."""

    def __init__(self, browser: Browser, clerk: Clerk) -> None:
        self.browser, self.clerk, self.seen = browser, clerk, list[str]()
        self._lock = threading.Lock()
        desk = self

        class Gateway(BaseHTTPRequestHandler):
            """Gives each request to the function, as API Gateway does."""

            def answer(self) -> None:
                """One request."""
                body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
                with desk._lock:
                    token = self.path.partition("?")[0].rpartition("/")[2]
                    said = {"rawPath": self.path, "headers": dict(self.headers)}
                    page = desk.clerk.ask(self.command, body, token=token, **said)
                desk.seen.append(f"{self.command} {page.status}")
                self.send_response(page.status)
                for name, value in page.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(page.html.encode())

            do_GET = do_POST = answer

            def log_message(self, *_: object) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/purchase-orders/{clerk.token}"

    def type(self, form: str, **fields: str) -> None:
        """Type into a form that is shown."""
        for name, text in fields.items():
            field = f"#{form}-{name.replace('__', '-')}"
            self.browser.evaluate(f"document.querySelector({json.dumps(field)}).value = {json.dumps(text)}; true")

    def send(self, form: str) -> None:
        """Press its button, and wait for the answer's page."""
        before = len(self.seen)
        self.browser.evaluate(f"document.querySelector('#{form}-code').form.querySelector('button').click(); true")
        while len(self.seen) == before:
            self.browser.wait_for("true")
        self.browser.wait_for("document.readyState === 'complete' && !!document.querySelector('footer')")

    def text(self) -> str:
        """What is shown."""
        return str(self.browser.evaluate("document.body.innerText"))

    def close(self) -> None:
        """No more requests."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def open_desk(browser: Browser, scripted_suppliers: None) -> Iterator[list[Desk]]:
    opened: list[Desk] = []
    yield opened
    for desk in opened:
        desk.close()
        desk.clerk.shop.close()


def desk_of(opened: list[Desk], browser: Browser, *lines: tuple[str, int], language: str = "en") -> Desk:
    """A clerk before the page of a new purchase order."""
    opened.append(Desk(browser, clerk_of(ScriptedShop("mail", None, language=language), *lines)))
    browser.open(opened[-1].url)
    return opened[-1]


def test_a_clerk_confirms_twice_and_enters_a_number(browser: Browser, open_desk: list[Desk]) -> None:
    desk = desk_of(open_desk, browser, ("HL-MS-400", 2))
    desk.send("confirm")
    assert "Enter the code" in desk.text()
    assert browser.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert findings(browser) == []
    desk.type("confirm", code=desk.clerk.code, ships_on="2026-12-01", their_number="A-77")
    desk.send("confirm")
    assert "1 December 2026" in desk.text()
    confirmed = desk.clerk.po
    assert confirmed.answers.confirmed_by == "supplier"
    desk.send("confirm")
    assert "Nothing was changed" in desk.text()
    assert desk.clerk.po == confirmed
    desk.type("parcel", tracking_number="QQQQQ", code=desk.clerk.code)
    desk.send("parcel")
    assert browser.evaluate("document.querySelector('#parcel-tracking_number').value") == "QQQQQ"
    desk.type("parcel", tracking_number=NUMBER)
    desk.send("parcel")
    assert NUMBER in desk.text()
    assert desk.clerk.po.answers.numbers == {NUMBER}
    assert findings(browser) == []
    assert desk.seen[0] == "GET 200"


def bucket_server(shop: ScriptedShop) -> ThreadingHTTPServer:
    """The emulator's S3 at a port of its own."""

    class Door(BaseHTTPRequestHandler):
        """Hands each form to the emulator."""

        def do_POST(self) -> None:
            """One form."""
            body = self.rfile.read(int(self.headers["content-length"]))
            asked = SimpleNamespace(
                method="POST", url=f"{shop.aws.endpoint}{self.path}", headers=dict(self.headers), body=body
            )
            status, headers, answer = shop.aws._run(shop.aws._ask(asked))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shop.aws.endpoint = f"http://127.0.0.1:{server.server_port}"
    return server


def test_a_clerk_sends_a_bill_whose_file_goes_straight_to_the_bucket_and_comes_back(
    browser: Browser, open_desk: list[Desk]
) -> None:
    shop = ScriptedShop("mail", None)
    server = bucket_server(shop)
    with files_bucket(shop) as s3:
        open_desk.append(desk := Desk(browser, clerk_of(shop, ("HL-MS-400", 2))))
        browser.open(desk.url)
        browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        cost = desk.clerk.po.expected_cost
        desk.type("bill", number="R-7", date="2026-11-22", currency=cost.currency, total=f"{cost.decimal}")
        desk.type("bill", code=desk.clerk.code)
        browser.evaluate("document.querySelector('#bill-kind [value=pdf]').click()")
        desk.send("bill")
        assert findings(browser) == []
        browser.evaluate(
            "const all = new DataTransfer(); all.items.add(new File(['%PDF-1.7 a bill'], 'bill.pdf', "
            "{type: 'application/pdf'})); document.querySelector('#bill-file').files = all.files; true"
        )
        before = len(desk.seen)
        browser.evaluate("document.querySelector('#bill-file').form.querySelector('button').click(); true")
        browser.wait_for("!document.querySelector('#bill-file') && !!document.querySelector('footer')")
        assert desk.seen[before:] == ["GET 200"], "S3 sent the browser back to the page"
        (kept,) = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
        assert s3.get_object(Bucket=BUCKET, Key=kept["Key"])["Body"].read() == b"%PDF-1.7 a bill"
        assert findings(browser) == []
        shop.pass_time(1500)
        browser.open(desk.url)
        assert "Received." in desk.text()
    server.shutdown()
    server.server_close()


def test_a_clerk_refuses_a_line_and_then_everything(browser: Browser, open_desk: list[Desk]) -> None:
    desk = desk_of(open_desk, browser, ("HL-MS-400", 1), ("HL-KID-120", 1))
    first = desk.clerk.po.lines[0].line_id
    browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert findings(browser) == []
    browser.evaluate(f"document.querySelector('[name=\"refused-{first}\"]').click()")
    desk.type("refuse", **{f"why__{first}": "sold out", "code": desk.clerk.code})
    desk.send("refuse")
    assert [line.line_id for line in desk.clerk.po.answers.refused] == [first]
    assert "refused" in desk.text()
    other = desk_of(open_desk, browser, ("HL-MS-400", 1))
    line = other.clerk.po.lines[0].line_id
    browser.evaluate(f"document.querySelector('[name=\"refused-{line}\"]').click()")
    other.type("refuse", **{f"why__{line}": "sold out", "code": other.clerk.code})
    other.send("refuse")
    assert "Withdrawn. Do not ship." in other.text()
    assert browser.evaluate("document.forms.length") == 0
    assert findings(browser) == []


def test_the_story_posts_the_same_forms_where_there_is_no_browser(browser: Browser, open_desk: list[Desk]) -> None:
    desk = desk_of(open_desk, browser, ("HL-MS-400", 2))
    mail = Mailed("ORDER", desk.clerk.po.reference, desk.url, desk.clerk.code, "m-1")
    with page_of(mail, find=lambda: None) as page:
        assert "without a browser" in page.how
        assert "Enter the code" in page.send("confirm", code="")
        assert desk.clerk.po.confirmed_at is None
        page.send("confirm", code=mail.code, their_number="A-77")
        confirmed = desk.clerk.po
        assert confirmed.answers.their_number == "A-77"
        assert "Nothing was changed" in page.send("confirm", code=mail.code)
        assert desk.clerk.po == confirmed
        page.send("parcel", tracking_number=NUMBER, code=mail.code)
        assert NUMBER in page.text()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_kept_out_on_a_phone_or_at_a_desk(
    browser: Browser, open_desk: list[Desk], language: str, width: int
) -> None:
    browser.send("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=width < 500)
    desk_of(open_desk, browser, ("HL-MS-400", 2), ("HL-KID-120", 1), language=language)
    browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert findings(browser) == []
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off"
    browser.send("Emulation.clearDeviceMetricsOverride")
