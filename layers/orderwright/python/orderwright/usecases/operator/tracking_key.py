"""The key that signs links to customers' pages, and where these pages are (tracking_links.py)."""

from __future__ import annotations

from secrets import token_hex

from orderwright.domain.tracking_page import ShopFace
from orderwright.errors import Conflict
from orderwright.ports.operator import Secrets
from orderwright.records import SHOP_FACE
from orderwright.storage import Copy, Storage
from orderwright.tracking_links import PARAMETER, TrackingLinks
from orderwright.usecases.operator.desk import Refused

KEY_BYTES = 32
MOST_KEYS = 5


def pages_url(address: str) -> str:
    """What links begin with, where pages are served at this address."""
    return f"{address.rstrip('/')}/track"


def open_pages(secrets: Secrets, address: str) -> bool:
    """See that there is a key, and that links begin with <address>/track. True: something was written."""
    held = secrets.read(*PARAMETER, fresh=True)
    links = TrackingLinks.of(held)
    wanted = {"url": pages_url(address), "keys": list(links.keys) or [token_hex(KEY_BYTES)]}
    if held == wanted:
        return False
    secrets.write(*PARAMETER, wanted)
    return True


def show_face(storage: Storage, face: ShopFace, number: int) -> None:
    """Write how the shop looks on all pages, where a version of before this one was applied without it."""
    if storage.get(SHOP_FACE, ShopFace) is None:
        try:
            storage.commit([Copy(SHOP_FACE, face, number)])
        except Conflict:
            return  # somebody wrote it meanwhile, for this version or a newer one


def new_key(secrets: Secrets) -> TrackingLinks:
    """Sign links of new orders with a new key; the ones before stay, as many as are kept. Raises Refused without pages."""
    links = TrackingLinks.of(secrets.read(*PARAMETER, fresh=True))
    if not links.keys:
        raise Refused(
            "NO_TRACKING_KEY", "there is no key yet, so that no order has a link", "orderwright apply orderwright.yaml"
        )
    links = links._replace(keys=(token_hex(KEY_BYTES), *links.keys)[:MOST_KEYS])
    secrets.write(*PARAMETER, {"url": links.url, "keys": list(links.keys)})
    return links
