"""Which addresses at a vendor are ours: those under the same API, whatever stands behind /webhooks/."""

from __future__ import annotations

_PATH = "/webhooks/"


def is_ours(address: str, callback_url: str) -> bool:
    """True when `address` leads to the API that `callback_url` leads to."""
    return _base(address) == _base(callback_url)


def _base(address: str) -> str:
    base, found, _ = address.partition(_PATH)
    return base.rstrip("/").lower() if found else address
