"""What a release holds for, as the operator reads it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from orderwright.domain.order import Release
from orderwright.usecases.operator.views.releases import holds_for

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "terms", "words"),
    [
        ("MARGIN_TOO_LOW", {"measure": 320, "unit": "EUR", "seen": "L1x2"},
         "holds down to a margin of -3.20 EUR for L1x2; a worse figure is asked again"),
        ("LOW_MARGIN", {"measure": -320, "unit": "EUR", "seen": "L1x2"},
         "holds down to a margin of 3.20 EUR for L1x2; a worse figure is asked again"),
        ("CAP_PER_PURCHASE_ORDER", {"measure": 1030, "unit": "USD", "allowed": 900, "seen": "c1 L1x2"},
         "holds up to 10.30 USD for L1x2 from C1, against a limit of 9.00 USD; anything worse is asked again"),
        ("HIGH_VALUE", {"measure": 60000, "unit": "SEK", "allowed": 500, "seen": "the limit is in EUR"},
         "holds up to 600.00 SEK (the limit is in EUR); anything worse is asked again"),
        ("PERSONALISED", {"measure": 2, "unit": "pieces", "line_id": "L1"},
         "holds up to 2 pieces of line L1; anything worse is asked again"),
        ("RISK", {"seen": "cancel it"}, "holds for this verdict: cancel it; anything else is asked again"),
        ("POSTCODE_INVALID", {"seen": "0a1b2c3d"},
         "holds for what the order has now (mark 0a1b2c3d); anything else is asked again"),
        ("UPSELL_WINDOW", {}, ""),
    ],
)  # fmt: skip
def test_the_terms_are_said_in_words(code: str, terms: dict[str, Any], words: str) -> None:
    release = Release.model_validate({"code": code, "at": NOW, "by": "operator mika", **terms})
    assert holds_for(release, str.upper) == words
