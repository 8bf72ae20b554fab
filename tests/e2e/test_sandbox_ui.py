"""The sandbox's pages in a real browser, without Orderwright: what a visitor presses really happens at the vendors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from local.chromium import Browser, press
from local.sandbox.sandbox import Sandbox
from local.sandbox.server import SandboxServer
from local.sandbox.ui.mailbox import Message
from tests.contracts.sandbox_kit import order_body
from tests.contracts.test_sandbox_pages import pay_one
from tests.e2e.axe import findings
from tests.support.eventually import eventually

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


def test_two_stores_sell_under_one_order_name_and_each_shows_its_own(browser: Browser, server: SandboxServer) -> None:
    browser.open(f"{server.url}/#shop")
    for store, place in (("shopify", "1001"), ("woocommerce", "woocommerce-1001")):
        press(browser, f"#stores a[href='#shop/{store}']")
        press(browser, "button.buy[data-sku='HL-COB-350']")
        browser.wait_for(f"document.querySelector('#orders .order-name')?.hash === '#timeline/{place}'")
        assert server.sandbox.vendors[store].order("#1001").lines[0].sku == "HL-COB-350"
    press(browser, "button[data-act='drop_webhooks']")
    eventually(lambda: server.sandbox.vendors["woocommerce"].hooks.to_drop == 1, "the store's dropped webhook")
    press(browser, "#orders button[aria-label='Refund #1001']")
    browser.wait_for("!!document.querySelector('#orders .badge.bad')")
    stores = server.sandbox.of_role("store")
    assert [stores[kind].order("#1001").refunded > 0 for kind in ("shopify", "woocommerce")] == [False, True]
    browser.open(f"{server.url}/#timeline/woocommerce-1001")
    assert "WooCommerce" in browser.wait_for("document.querySelector('#order-woocommerce-1001')?.innerText")


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
    eventually(lambda: server.sandbox.supplier.inventory["HL-MS-400"].stock == 77, "the typed stock")


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
    press(browser, "#parcels button[data-lose='true']")
    browser.wait_for("document.querySelector('#parcels button[data-lose]')?.textContent === 'Found again'")
    press(browser, "#parcels button[data-scan='customs']")
    eventually(lambda: len(sandbox.world.ledger.of_kind("easypost", "scan_missed")) == 1, "the scan that nobody made")


def test_a_mail_is_shown_but_its_scripts_never_run(browser: Browser, server: SandboxServer) -> None:
    browser.open(f"{server.url}/#mailbox/mail-1")
    browser.wait_for("document.getElementById('letter').src.endsWith('/mail/mail-1')")
    assert "Order #1001 is on its way" in browser.evaluate("document.getElementById('letterhead').innerText")
    assert browser.evaluate("document.title") == "Nordlight sandbox"


def test_buttons_say_what_they_are_about_and_a_link_skips_the_tabs(browser: Browser, server: SandboxServer) -> None:
    browser.open(f"{server.url}/#supplier")
    names = "[...document.querySelectorAll('button')].map((button) => button.ariaLabel || button.textContent)"
    assert {"Buy HL-COB-350", "Set stock of HL-MS-400", "Set cost of ACC-001"} <= {*browser.evaluate(names)}
    press(browser, ".skip")
    assert browser.evaluate("document.activeElement.id") == "main"
    assert browser.evaluate("document.getElementById('panel-supplier').hidden") is False


def test_the_pages_say_the_real_delay_and_the_real_address(browser: Browser, server: SandboxServer) -> None:
    server.sandbox.supplier.config.auto_ship_after = 7
    browser.open(f"{server.url}/#supplier")
    assert browser.evaluate("document.getElementById('auto-ship-when').textContent") == (
        "Ship automatically, 7 s after payment"
    )
    browser.open(f"{server.url}/api")
    assert f"{server.url}/api/actions/buy" in browser.evaluate("document.body.textContent")


@pytest.mark.parametrize("width", [390, 1280])
def test_no_panel_is_wider_than_the_screen(browser: Browser, server: SandboxServer, width: int) -> None:
    browser.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    pay_one(server.sandbox, "OW-1")
    server.sandbox.supplier.ship("OW-1")
    for tab in ("shop", "supplier", "carrier", "mailbox", "timeline"):
        browser.open(f"{server.url}/#{tab}")
        assert browser.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), tab
    browser.send("Emulation.clearDeviceMetricsOverride")


@pytest.fixture(params=[390, 1280])
def wide(browser: Browser, request: pytest.FixtureRequest) -> Iterator[int]:
    """As wide as a telephone or a small laptop; so high that nothing scrolls below the bars, which axe would call covered."""
    browser.send(
        "Emulation.setDeviceMetricsOverride", width=request.param, height=6000, deviceScaleFactor=1, mobile=False
    )
    yield request.param
    browser.send("Emulation.clearDeviceMetricsOverride")


@pytest.mark.usefixtures("wide")
def test_axe_finds_nothing_on_pages_where_nothing_has_happened(browser: Browser) -> None:
    server = SandboxServer(Sandbox(), 0)
    server.start()
    try:
        for page in ("#shop", "#supplier", "#carrier", "#mailbox", "#timeline", "api"):
            browser.open(f"{server.url}/{page}")
            assert findings(browser) == [], page
    finally:
        server.stop()


@pytest.mark.usefixtures("wide")
def test_axe_finds_nothing_while_somebody_works_with_the_pages(browser: Browser, server: SandboxServer) -> None:
    browser.open(f"{server.url}/#shop")
    press(browser, "button.buy[data-sku='HL-COB-350']")
    browser.wait_for("!!document.querySelector('#orders summary')")
    browser.evaluate("document.querySelector('#orders summary').click()")
    assert findings(browser) == [], "bought, its lines open"
    (line,) = server.sandbox.store.order("#1001").lines
    body = order_body("OW-1", HL_COB_350=1)
    body["products"][0]["storeLineItemId"] = f"gid://shopify/LineItem/{line.number}"
    pay_one(server.sandbox, "OW-1", products=body["products"])
    browser.open(f"{server.url}/#supplier")
    press(browser, "#purchases button:not(.quiet)")
    browser.evaluate("document.querySelector('details.more').open = true")
    press(browser, "button[data-answer='refuse']")
    for shown in ("#purchases .badge.good", "[aria-pressed=true][data-answer=refuse]"):
        browser.wait_for(f"!!document.querySelector('{shown}')")
    assert findings(browser) == [], "shipped, spare parts open"
    browser.open(f"{server.url}/#carrier")
    for scan, shown in (("exception", "failure"), ("out_for_delivery", "out for delivery")):
        press(browser, f"#parcels button[data-scan='{scan}']")
        browser.wait_for(f"document.querySelector('#parcels .line')?.textContent.includes('{shown}')")
    assert findings(browser) == [], "scanned"
    for message in ("mail-1", "sms-1"):
        browser.open(f"{server.url}/#mailbox/{message}")
        browser.wait_for("!document.getElementById('reader').hidden")
        assert findings(browser) == [], message
    browser.open(f"{server.url}/#timeline/1001")
    press(browser, "#show-hooks")
    browser.wait_for("!!document.querySelector('#order-1001 .carrier')")
    assert findings(browser) == [], "everything that happened"
