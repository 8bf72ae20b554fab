"""The maker's clerk: reads the mail of an order, opens its link, and answers on the page, in a browser where there is one."""

from __future__ import annotations

import html
import json
import re
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import urlencode

from local.chromium import Browser, program
from local.sandbox.factory import Mailed

ANSWER_SECONDS = 120
_TAGS = re.compile(r"<style.*?</style>|<[^>]+>", re.DOTALL)


class Page(Protocol):
    """The page of one purchase order. `how` is what it is opened with."""

    @property
    def how(self) -> str:
        """In which way."""

    def text(self) -> str:
        """What it shows now."""

    def send(self, form: str, **fields: str) -> str:
        """Fill in a form and press its button; gives what is shown then."""


class Posted(NamedTuple):
    """The page without a browser: the same forms, posted."""

    link: str
    how: str = "posted without a browser, since there is no Chromium here"

    def text(self) -> str:
        """See Page."""
        return _asked(urllib.request.Request(self.link))

    def send(self, form: str, **fields: str) -> str:
        """See Page."""
        body = urlencode({"act": form, **fields}).encode()
        return _asked(urllib.request.Request(self.link, body, method="POST"))


def _asked(request: urllib.request.Request) -> str:
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
            page = answer.read().decode()
    except urllib.error.HTTPError as error:
        # What is wrong with a form is said on a page too.
        page = error.read().decode()
    return " ".join(html.unescape(_TAGS.sub(" ", page)).split())


class Shown:
    """The page in headless Chromium."""

    how = "in headless Chromium"

    def __init__(self, browser: Browser, link: str) -> None:
        self._browser = browser
        browser.open(link)

    def text(self) -> str:
        """See Page."""
        return " ".join(str(self._browser.evaluate("document.body.innerText")).split())

    def send(self, form: str, **fields: str) -> str:
        """See Page."""
        for name, text in fields.items():
            field = f"document.getElementById({json.dumps(f'{form}-{name}')})"
            self._browser.evaluate(f"{field}.value = {json.dumps(text)}")
        button = f"document.getElementById({json.dumps(f'{form}-code')}).form.querySelector('button')"
        self._browser.evaluate(f"window.asked = true; {button}.click()")
        self._eventually("!window.asked && document.readyState === 'complete' && !!document.querySelector('footer')")
        return self.text()

    def _eventually(self, expression: str) -> None:
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                self._browser.wait_for(expression)
            except AssertionError:
                # Between two pages there is none to ask.
                if time.monotonic() >= deadline:
                    raise
            else:
                return


@contextmanager
def page_of(mail: Mailed, find: Callable[[], str | None] = program) -> Iterator[Page]:
    """The page that a mail's link leads to."""
    found = find()
    if found is None:
        yield Posted(mail.link)
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(found, Path(profile))
        try:
            yield Shown(browser, mail.link)
        finally:
            browser.close()
