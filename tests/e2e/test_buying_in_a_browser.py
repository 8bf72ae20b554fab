"""A newcomer: opens the page of the running shop, presses Buy, reads the mail in the Mailbox tab."""

from __future__ import annotations

import time

import pytest

from local.chromium import Browser, press
from local.running.shop import LocalShop
from tests.e2e.outsider import Outsider

pytestmark = pytest.mark.xdist_group("local_shop")


def test_a_newcomer_buys_a_lamp_by_clicking_and_reads_the_mail(
    browser: Browser, shop: LocalShop, outsider: Outsider
) -> None:
    known = {order["order"] for order in outsider.state()["shop"]["orders"]}
    browser.open(f"{shop.url}/#shop")
    began = time.monotonic()
    browser.evaluate("document.getElementById('opt-buyer').value = 'portland'")
    press(browser, "button.buy[data-sku='HL-KID-120']")
    (order,) = shop.until(
        "the order is there", lambda: {o["order"] for o in outsider.state()["shop"]["orders"]} - known
    )
    (letter, *_) = shop.until("the mail is there", lambda: outsider.letters(order))
    browser.evaluate("document.getElementById('tab-mailbox').click()")
    shown = f"[...document.querySelectorAll('#messages .message')].find((row) => row.innerText.includes({order!r}))"
    browser.wait_for(f"!!{shown}")
    browser.evaluate(f"{shown}.click()")
    assert letter["subject"] in browser.wait_for("document.getElementById('letterhead').innerText")
    browser.wait_for("document.getElementById('letter').src.includes('/mail/')")
    print(f"mail read {time.monotonic() - began:.1f} s after Buy")
