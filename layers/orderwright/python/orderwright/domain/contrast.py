"""Which text can be read on a colour: the contrast of WCAG 2.2 (relative luminance of sRGB), without floats. Pure."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

USUAL_COLOUR = "#0f6b52"
"""Of buttons and bars where the shop names no colour of its own."""
_WEIGHTS = (Decimal("0.2126"), Decimal("0.7152"), Decimal("0.0722"))


@cache
def luminance(colour: str) -> Decimal:
    """From 0 (black) to 1 (white) of a colour such as #1b6e53."""
    shares = (Decimal(int(colour[at : at + 2], 16)) / 255 for at in (1, 3, 5))
    return sum((weight * _linear(share) for weight, share in zip(_WEIGHTS, shares, strict=True)), Decimal(0))


def _linear(share: Decimal) -> Decimal:
    if share <= Decimal("0.04045"):
        return share / Decimal("12.92")
    return ((share + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")


def contrast(one: str, other: str) -> Decimal:
    """From 1 (the same) to 21 (black and white). Text needs 4.5, a large text or a sign 3."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + Decimal("0.05")) / (dark + Decimal("0.05"))


def ink_on(colour: str) -> str:
    """Black or white, whichever can be read better on it: at least 4.5 on any colour."""
    return max("#000000", "#ffffff", key=lambda ink: contrast(ink, colour))


def readable(colour: str, ground: str) -> str:
    """The colour itself where a text in it can be read on `ground`, else a darker or a lighter one."""
    ink, parts = ink_on(ground), [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    end = int(ink[1:3], 16)
    mixed = (
        "#" + "".join(f"{(part * (10 - tenths) + end * tenths) // 10:02x}" for part in parts) for tenths in range(11)
    )
    return next(one for one in mixed if contrast(one, ground) >= Decimal("4.5"))
