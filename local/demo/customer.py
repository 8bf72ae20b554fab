"""A customer with the mail: opens the link to the page of the order, reads it, fills its forms in. No browser, no script."""

from __future__ import annotations

import html
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlencode

from local.demo.desk import Desk

ANSWER_SECONDS = 120
_TAGS = re.compile(r"<style.*?</style>|<[^>]+>", re.DOTALL)
_LINK = re.compile(r"https?://\S+/track/[a-z2-7]{32}(?![a-z2-7])")


class Seen(NamedTuple):
    """What is answered."""

    status: int
    html: str

    @property
    def text(self) -> str:
        """What a person reads."""
        return " ".join(html.unescape(_TAGS.sub(" ", self.html)).split())

    @property
    def form(self) -> dict[str, str]:
        """The form to withdraw as it is offered: hidden fields, and all pieces of each article."""
        found = next((one for one in re.findall(r"<form.*?</form>", self.html, re.DOTALL) if 'name="n"' in one), "")
        rows = [dict(re.findall(r'(name|value)="([^"]*)"', one)) for one in re.findall(r"<input[^>]*>", found)]
        return {html.unescape(row["name"]): html.unescape(row["value"]) for row in rows}


def asked(url: str, form: dict[str, str] | None = None) -> Seen:
    """One request, as a browser sends it."""
    body = urlencode(form).encode() if form is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body), timeout=ANSWER_SECONDS) as answer:
            return Seen(answer.status, answer.read().decode())
    except urllib.error.HTTPError as error:
        return Seen(error.code, error.read().decode())


def link_in_mails(desk: Desk, name: str) -> str:
    """The link to the page that the buyer's mails carry: one and the same in all of them; "" before the first mail."""
    links = {link for mail in desk.mails(name) for link in _LINK.findall(mail.text)}
    assert len(links) < 2, f"{len(links)} different links in the mails of {name}"
    return links.pop() if links else ""


class Customer:
    """Of one order. `link` is that of the mail; pages are asked for in English."""

    def __init__(self, desk: Desk, name: str) -> None:
        self.desk, self.name = desk, name
        self.link = str(desk.until(f"the mail of {name} with a link", lambda: link_in_mails(desk, name)))

    def look(self) -> Seen:
        """The page as it is now."""
        return asked(f"{self.link}?lang=en")

    def send(self, form: dict[str, str]) -> Seen:
        """Press a form's button; gives the page that is shown then."""
        return asked(f"{self.link}?lang=en", form)

    def until(self, what: str, found: Callable[[Seen], bool] | None = None) -> Seen:
        """The page as soon as it says so."""

        def there() -> Seen | None:
            seen = self.look()
            return seen if (found(seen) if found else what in seen.text) else None

        seen = self.desk.until(f"{what!r} on the page of {self.name}", there)
        assert isinstance(seen, Seen)
        return seen

    def receipts(self) -> int:
        """Mails that confirm a withdrawal, in English or German."""
        subjects = [mail.subject for mail in self.desk.mails(self.name) if mail.channel == "mail"]
        return sum("withdrawal" in subject or "Widerruf" in subject for subject in subjects)
