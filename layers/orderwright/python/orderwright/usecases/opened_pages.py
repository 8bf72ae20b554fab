"""The page behind a link, for those who have nothing else (R31, P8): one read, and how the shop looks once in a minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from orderwright.domain.tracking_page import Page, ShopFace, ends_at, page_of
from orderwright.records import ORDERS, SHOP_FACE, track_pk
from orderwright.storage import Storage
from orderwright.tracking_links import is_token, mark_of

LOOKS_SO = timedelta(minutes=1)


class OpenedPage(NamedTuple):
    """What a good link opens."""

    page: Page
    face: ShopFace


class Faces:
    """How the shop looks, as one process knows it."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._held: tuple[datetime, ShopFace] | None = None

    def face(self, now: datetime) -> ShopFace:
        """As it was at most a minute ago."""
        if self._held is None or now - self._held[0] >= LOOKS_SO:
            found = dict(self._storage.list_raw(ORDERS, SHOP_FACE.pk))
            self._held = now, ShopFace.model_validate(found[SHOP_FACE]["body"]) if found else ShopFace(name="")
        return self._held[1]


def open_page(token: str, storage: Storage, faces: Faces, now: datetime) -> OpenedPage | None:
    """None: no such link, or not any more. A text that has not the form of one is looked up nowhere."""
    if not is_token(token):
        return None
    mark = mark_of(token)
    items = {key.sk: item["body"] for key, item in storage.list_raw(ORDERS, track_pk(mark))}
    page = page_of(mark, items)
    if page is None:
        return None
    face = faces.face(now)
    end = ends_at(page, face.rules)
    return OpenedPage(page, face) if end is None or now < end else None
