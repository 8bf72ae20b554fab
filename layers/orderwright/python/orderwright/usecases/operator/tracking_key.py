"""The key that signs links to customers' pages, and where these pages are (tracking_links.py)."""

from __future__ import annotations

from secrets import token_hex

from orderwright.ports.operator import Secrets
from orderwright.tracking_links import PARAMETER, TrackingLinks

KEY_BYTES = 32


def open_pages(secrets: Secrets, address: str) -> bool:
    """See that there is a key, and that links begin with <address>/track. True: something was written."""
    held = secrets.read(*PARAMETER, fresh=True)
    links = TrackingLinks.of(held)
    wanted = {"url": f"{address.rstrip('/')}/track", "keys": list(links.keys) or [token_hex(KEY_BYTES)]}
    if held == wanted:
        return False
    secrets.write(*PARAMETER, wanted)
    return True
