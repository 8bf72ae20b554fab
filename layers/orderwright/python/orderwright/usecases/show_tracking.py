"""The page of an order, for the customer who has its link (R31, promise P8): it only shows.

A view is one read: all parts of the page stand in one partition, and the function may read those partitions and nothing else.
A wrong link, one that has ended and one of an erased order are answered with the same bytes.
"""

from __future__ import annotations

from typing import NamedTuple

from orderwright.customer_page import language_of, order_page, plain_page
from orderwright.domain.tracking_page import ShopFace
from orderwright.ports.connection import Clock
from orderwright.storage import Storage
from orderwright.usecases.opened_pages import Faces, open_page


class ShownPage(NamedTuple):
    """What is answered. `face`: whose page it is. `note` and `connection` are for the log; link and mark are secrets."""

    status: int
    html: str
    face: ShopFace | None = None
    note: str = ""
    connection: str = ""


def show_tracking(token: str, language: str, *, storage: Storage, faces: Faces, clock: Clock) -> ShownPage:
    """Show it. `token`: the link's end, as it came; `language`: what the reader chose, "" or anything else: the order's."""
    now = clock.now()
    opened = open_page(token, storage, faces, now)
    if opened is None:
        return ShownPage(404, plain_page("lost"), note="no such link")
    page, face = opened
    html = order_page(page, face, now, language_of(language, page, face))
    return ShownPage(200, html, face, "shown", page.order.store)
