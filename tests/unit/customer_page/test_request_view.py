"""The form to withdraw, or to send back, and its receipt, in each language (R49)."""

from __future__ import annotations

from typing import Any

import pytest

from orderwright.customer_page import order_page, reader_of, receipt_page
from orderwright.customer_page.request_view import form_of
from orderwright.customer_page.words import LANGUAGES, words_of
from orderwright.domain.customer_request import RequestedLine, RequestKind, SentRequest
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.tracking_page import Page
from orderwright.domain.tracking_rules import TrackingRules
from tests.support.tracked import BOOK, FACE, LAMP, NOW, SHADE, ago, asked, order, page, parcel

MADE = SHADE.model_copy(update={"line_id": "5", "title": "Name plate", "personalised": True})
THERE = parcel(ShipmentState.DELIVERED)
OLD = parcel(ShipmentState.DELIVERED, passed={"DELIVERED": ago(20)})
RETURNS = FACE.model_copy(update={"rules": TrackingRules(return_days=30)})
FIRST = RequestedLine(line_id="1", title="Mushroom table lamp", quantity=1, left=1)


def said(shown: Page, face: Any = FACE) -> tuple[str, dict[str, str]]:
    """What stands over the form, and its fields with their values."""
    form: dict[str, Any] = form_of(shown, face, NOW, reader_of(shown, face, "en"), None)
    return form["until"], {one["name"]: one["value"] for one in form["fields"] if one["most"]}


@pytest.mark.parametrize(
    ("shown", "face", "until", "fields"),
    [
        (page(), FACE, "until 14 days after", {"pieces-1": "2"}),
        (page(order(lines=(LAMP, SHADE, MADE, BOOK))), FACE, "until 14 days after", {"pieces-1": "2", "pieces-2": "1"}),
        (page(None, THERE), FACE, "until the end of 15 December 2026", {"pieces-1": "2"}),
        (page(None, OLD), FACE, "ended on 25 November 2026", {}),
        (page(requests=(asked(lines=(FIRST,)),)), FACE, "until 14 days after", {"pieces-1": "1"}),
        (page(requests=(asked(),)), FACE, "", {}),
        (page(order(lines=(MADE,))), FACE, "Made for you", {}),
        (page(order(lines=(BOOK,))), FACE, "", {}),
        (page(order(country_code="US")), FACE, "", {}),
        (page(order(country_code="US")), RETURNS, "until 30 days after", {}),
        (page(order(country_code="US"), THERE), RETURNS, "until the end of December 31, 2026", {"pieces-1": "2"}),
    ],
)
def test_what_stands_over_the_form_and_its_fields(shown: Page, face: Any, until: str, fields: dict[str, str]) -> None:
    text, found = said(shown, face)
    assert (until in text, bool(until) == bool(text), found) == (True, True, fields)


def test_a_mail_is_promised_only_where_there_is_an_address() -> None:
    sent = SentRequest(kind=RequestKind.WITHDRAWAL, number=0, order="o", at=NOW, lines=(FIRST,))
    for mailed in (True, False):
        shown = page(order(mailed=mailed))
        for html in (order_page(shown, FACE, NOW, "en"), receipt_page(shown, FACE, sent, NOW, "en")):
            assert ("e-mail" in html) is mailed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_receipt_is_in_the_readers_language(language: str) -> None:
    for kind, said_so in ((RequestKind.WITHDRAWAL, "withdrawal_received"), (RequestKind.RETURN, "return_received")):
        sent = SentRequest(kind=kind, number=0, order="s#1", lines=(FIRST,), at=NOW, reason="DAMAGED")
        receipt = receipt_page(page(), FACE, sent, NOW, language)
        for text in (
            words_of(language)[said_so],
            words_of(language)["r_DAMAGED"],
            "Mushroom table lamp",
            "#1042",
            "2026",
        ):
            assert str(text) in receipt
