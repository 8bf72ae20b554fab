"""The scenes on the customer's page, played in a real browser against the running shop; nobody is kept out at any step."""

from __future__ import annotations

import time
from typing import ClassVar

import pytest

from local.chromium import Browser
from local.demo import tracking_scenes
from local.demo.customer import Customer, Seen
from local.demo.desk import Desk
from local.running.shop import LocalShop
from tests.e2e.axe import findings
from tests.e2e.outsider import Outsider

pytestmark = pytest.mark.xdist_group("local_shop")
WIDTHS = (320, 1280)
KEYS = {"Tab": 9, "Enter": 13}
MOST_TABS = 60


class InBrowser(Customer):
    """Reads pages in the browser, at two widths, and presses buttons there."""

    browser: ClassVar[Browser]
    keyboard = False
    _judged: ClassVar[set[str]] = set()

    def look(self) -> Seen:
        """See Customer; what is new on the page is judged."""
        self.browser.open(f"{self.link}?lang=en")
        return self.shown()

    def shown(self) -> Seen:
        """The page as it is there."""
        seen = Seen(200, self.browser.evaluate("document.documentElement.outerHTML"))
        if seen.text not in self._judged:
            self._judged.add(seen.text)
            self.judge()
        return seen

    def judge(self) -> None:
        """Everything is open, and nothing keeps anybody out."""
        was_open = self.browser.evaluate("[...document.querySelectorAll('details')].map((one) => one.open)")
        self.browser.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        for width in WIDTHS:
            how = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500}
            self.browser.send("Emulation.setDeviceMetricsOverride", **how)
            assert findings(self.browser) == []
            assert self.browser.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"cut off at {width} px"
        self.browser.send("Emulation.clearDeviceMetricsOverride")
        for place, was in enumerate(was_open):
            self.browser.evaluate(
                f"document.querySelectorAll('details')[{place}].open = {str(bool(was)).lower()}; true"
            )

    def send(self, form: dict[str, str]) -> Seen:
        """See Customer; a form that is not on the page any more is posted once more, as by a second press."""
        self.look()
        here = f"[...document.forms].find((one) => one.kind.value === '{form['kind']}')"
        if not self.browser.evaluate(f"!!{here} && ({here}.n ? {here}.n.value === '{form.get('n')}' : true)"):
            return super().send(form)
        self.browser.evaluate("window.before = true")
        if self.keyboard:
            self.walk_to("document.activeElement.tagName === 'SUMMARY'")
            self.key("Enter")
            self.walk_to(f"document.activeElement === {here}.querySelector('button')")
            self.key("Enter")
        else:
            self.browser.evaluate(f"{here}.querySelector('button').click()")
        self.eventually("!window.before && document.readyState === 'complete' && !!document.querySelector('footer')")
        return self.shown()

    def walk_to(self, there: str) -> None:
        """By the Tab key alone."""
        for _ in range(MOST_TABS):
            if self.browser.evaluate(there):
                return
            self.key("Tab")
        raise AssertionError(f"not reached by keyboard: {there}")

    def key(self, name: str) -> None:
        """Press and let go."""
        text = {"text": "\r"} if name == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            more = text if kind == "keyDown" else {}
            self.browser.send(
                "Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=KEYS[name], **more
            )

    def eventually(self, expression: str) -> None:
        """True on the next page; between two pages there is none to ask."""
        deadline = time.monotonic() + 60
        while True:
            try:
                if self.browser.evaluate(expression):
                    return
            except AssertionError:
                pass
            assert time.monotonic() < deadline, f"never true: {expression}"
            time.sleep(0.05)


class ByKeyboard(InBrowser):
    """The same without a mouse."""

    keyboard = True


@pytest.fixture
def desk(shop: LocalShop, browser: Browser) -> Desk:
    """To look and act from."""
    InBrowser.browser = browser
    return Desk(shop)


def test_two_parcels_a_later_day_and_another_number_to_the_door(desk: Desk) -> None:
    print(tracking_scenes.page_to_the_door(desk, InBrowser))


def test_a_customer_withdraws_by_keyboard_before_anything_is_ordered(desk: Desk) -> None:
    print(tracking_scenes.withdrawn_before(desk, ByKeyboard))


def test_a_customer_asks_and_withdraws_after_it_was_ordered(desk: Desk) -> None:
    print(tracking_scenes.withdrawn_after(desk, InBrowser))


def test_a_foreign_link_shows_nothing_in_any_language(desk: Desk) -> None:
    nobody = InBrowser.__new__(InBrowser)
    nobody.link = f"{Outsider(desk.shop.run_file).run['api_url']}/track/{'a' * 32}"
    assert "There is no such page" in nobody.look().text
