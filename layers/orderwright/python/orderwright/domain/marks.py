"""Short marks by which a change of something personal is noticed, without keeping it (promise P8)."""

from __future__ import annotations

import hashlib

from orderwright.domain.order import Address


def destination_mark(destination: Address | None, reference: str) -> str:
    """A short mark by which a changed destination is noticed; too short to lead back to an address. "" without one."""
    return short_mark(destination.model_dump_json(), reference) if destination else ""


def short_mark(text: str, reference: str) -> str:
    """8 hexadecimal characters: enough to notice that a text changed, too short to lead back to it."""
    return hashlib.sha256(f"{reference}|{text}".encode()).hexdigest()[:8]
