"""Code 128, for references and SKUs: what a hand scanner reads without being set up."""

from __future__ import annotations

from typing import Any

_HEIGHT = 24
# Points a bar: 0.33 mm is read from every printer; below 0.19 mm cheap scanners fail.
_WIDEST, _NARROWEST = 0.95, 0.54
_MOST = 48


def bars(value: str, most: Any) -> Any | None:
    """The bars of a text, at most `most` points wide; None where it has other signs than ASCII, or they would be too thin."""
    from reportlab.graphics.barcode.code128 import Code128

    if not value or len(value) > _MOST or not (value.isascii() and value.isprintable()):
        return None
    # The quiet zone (10 bars on each side) is part of the code: without it nothing is read.
    made = Code128(value, barWidth=_WIDEST, barHeight=_HEIGHT, quiet=1)
    if made.width > most:
        thin = _WIDEST * most / made.width
        if thin < _NARROWEST:
            return None
        made = Code128(value, barWidth=thin, barHeight=_HEIGHT, quiet=1)
    made.hAlign = "LEFT"
    return made
