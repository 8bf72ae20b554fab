"""What the forms and the receipt of a withdrawal or a return show."""

from __future__ import annotations

from datetime import datetime

from orderwright.customer_page.view import Tried
from orderwright.customer_page.words import Reader
from orderwright.domain.customer_request import SentRequest
from orderwright.domain.tracking_page import Page, ShopFace


def form_of(page: Page, face: ShopFace, now: datetime, reader: Reader, tried: Tried | None) -> dict[str, object]:
    """`f` of templates/request.html.j2."""
    return {}


def receipt_of(page: Page, face: ShopFace, sent: SentRequest, reader: Reader) -> dict[str, object]:
    """`f` of templates/receipt.html.j2."""
    return {}
