"""The customer's page in a real browser, in many states: nobody is kept out, on a phone or at a desk, by day or by night."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from local.chromium import Browser
from orderwright.customer_page import Tried, answer_page, headers, order_page, plain_page, receipt_page
from orderwright.customer_page.words import LANGUAGES
from orderwright.domain.customer_request import RequestedLine, RequestKind, SentRequest
from orderwright.domain.order import OrderState
from tests.e2e.axe import findings
from tests.support.tracked import FACE, NOW, gallery, order, page

SENT = SentRequest(
    kind=RequestKind.WITHDRAWAL, number=0, order="o", at=NOW,
    lines=(RequestedLine(line_id="1", title="Mushroom table lamp", quantity=1),),
)  # fmt: skip
WRONG = Tried(RequestKind.WITHDRAWAL, {"pieces-1": "At most 2."}, {"pieces-1": "9"})
SMALL, WIDE = 320, 1280
EVIL = (
    "<script>window.ran = 1</script><style>main { display: none }</style>"
    '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=" onerror="window.ran = 1">'
    '<img src="/en/x.png" onerror="window.ran = 1"></main>'
)
"""As if somebody's text had got past all that makes it harmless."""


def html_of(name: str, language: str = "en") -> str:
    """One page by name."""
    own = {
        "answer": lambda: answer_page(gallery()["several"], FACE, NOW, language),
        "receipt": lambda: receipt_page(page(), FACE, SENT, NOW, language),
        "wrong": lambda: order_page(page(order(OrderState.PLACED)), FACE, NOW, language, WRONG),
        "lost": lambda: plain_page("lost"),
        "evil": lambda: (
            order_page(page(), FACE, NOW, language)
            .replace("<body>", '<body data-ready="yes">')
            .replace("</main>", EVIL)
        ),
    }
    return own[name]() if name in own else order_page(gallery()[name], FACE, NOW, language)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the pages are, with the headers that go with them."""

    class Gateway(BaseHTTPRequestHandler):
        """/<language>/<name>."""

        def do_GET(self) -> None:
            """One page."""
            language, _, name = self.path.strip("/").partition("/")
            self.send_response(200 if name else 404)
            for header, value in headers(FACE if name != "lost" else None).items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(html_of(name, language).encode() if name else b"")

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(
    params=[(SMALL, "light"), (WIDE, "light"), (SMALL, "dark"), (WIDE, "dark")], ids=lambda one: f"{one[0]}-{one[1]}"
)
def looking(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Browser]:
    """A browser of that width, by day or by night."""
    width, scheme = request.param
    browser.send("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=width < 500)
    browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    yield browser
    browser.send("Emulation.setEmulatedMedia", features=[])
    browser.send("Emulation.clearDeviceMetricsOverride")


def show(browser: Browser, url: str) -> None:
    """Open a page, and all that can be opened on it."""
    browser.open(url)
    browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


NAMES = [*gallery(), "answer", "receipt", "wrong", "lost"]


def test_nobody_is_kept_out_and_nothing_is_cut_off(looking: Browser, address: str) -> None:
    for name in NAMES:
        show(looking, f"{address}/en/{name}")
        assert findings(looking) == [], name
        assert looking.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name}: something is cut off"
        assert looking.evaluate("getComputedStyle(document.body).margin") == "0px", "the style is allowed"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_fits_on_a_phone(browser: Browser, address: str, language: str) -> None:
    browser.send("Emulation.setDeviceMetricsOverride", width=SMALL, height=844, deviceScaleFactor=1, mobile=True)
    for name in ("several", "customs", "receipt"):
        show(browser, f"{address}/{language}/{name}")
        assert findings(browser) == [], name
        assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name}: something is cut off"
    browser.send("Emulation.clearDeviceMetricsOverride")


def test_what_is_pressed_is_large_enough_and_shows_where_the_keyboard_is(browser: Browser, address: str) -> None:
    show(browser, f"{address}/en/several")
    low = browser.evaluate(
        "[...document.querySelectorAll('a.button, button, summary, nav a, input:not([type=hidden]), select, header a')]"
        ".filter((one) => one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"
    )
    assert low == []
    outlines = set()
    for _ in range(
        browser.evaluate("document.querySelectorAll('a, button, summary, input:not([type=hidden]), select').length")
    ):
        browser.send("Input.dispatchKeyEvent", type="keyDown", key="Tab", windowsVirtualKeyCode=9)
        browser.send("Input.dispatchKeyEvent", type="keyUp", key="Tab", windowsVirtualKeyCode=9)
        outlines.add(browser.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
    assert outlines == {"solid"}
    browser.open(f"{address}/en/wrong")
    assert browser.evaluate(
        "document.querySelector('details').open && document.activeElement.getAttribute('aria-invalid')"
    )


def test_the_policy_runs_no_script_and_loads_nothing_from_elsewhere(browser: Browser, address: str) -> None:
    browser.open(f"{address}/en/evil")
    assert browser.evaluate("document.querySelectorAll('main img, main script').length") == 3, "it came through"
    assert browser.evaluate("[window.ran, document.querySelector('main img').naturalWidth]") == [None, 0]
    assert browser.evaluate("getComputedStyle(document.querySelector('main')).display") != "none"
