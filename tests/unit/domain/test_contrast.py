from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest

from orderwright.domain.contrast import contrast, ink_on


@pytest.mark.parametrize(
    ("colour", "ink"),
    [("#000000", "#ffffff"), ("#ffffff", "#000000"), ("#1b6e53", "#ffffff"), ("#FFD400", "#000000"), ("#777777", "#000000")],
)  # fmt: skip
def test_text_is_black_or_white(colour: str, ink: str) -> None:
    assert ink_on(colour) == ink


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert round(contrast("#767676", "#ffffff"), 2) == Decimal("4.54"), "the lightest grey that passes on white"


def test_text_can_be_read_on_any_colour() -> None:
    colours = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in product(range(0, 256, 51), repeat=3)]
    assert min(contrast(ink_on(colour), colour) for colour in colours) >= Decimal("4.5")
