"""What a release holds for (promise P13): the same thing, as it was shown or better."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from orderwright.domain.money import Money
from orderwright.domain.order import OrderRecord, OrderState, PaymentState, Reason, Release
from orderwright.domain.releases import covers, release_of, widened

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SHOWN: dict[str, Any] = {"measure": 930, "unit": "USD", "allowed": 900, "seen": "cj L1x2"}


def reason(**terms: Any) -> Reason:
    return Reason(code="CAP_PER_PURCHASE_ORDER", message="why", **terms)


def released(*releases: Release, codes: tuple[str, ...] = ()) -> OrderRecord:
    nothing = Money.zero("USD")
    return OrderRecord(
        connection="shop", order_id="1001", name="#1001", state=OrderState.PLACING, payment=PaymentState.PAID,
        total=nothing, refunded=nothing, created_at=NOW, store_updated_at=NOW, seen_at=NOW, released=codes, releases=releases,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "covered"),
    [
        ({}, True),
        ({"measure": 929}, True),
        ({"measure": 931}, False),
        ({"allowed": 901}, True),
        ({"allowed": 899}, False),
        ({"allowed": None}, False),
        ({"measure": None}, False),
        ({"unit": "EUR"}, False),
        ({"seen": "cj L1x3"}, False),
        ({"line_id": "L1"}, False),
    ],
    ids=str,
)
def test_a_release_holds_up_to_what_was_shown(now: dict[str, Any], covered: bool) -> None:
    record = released(release_of(reason(**SHOWN), NOW, "mika"), codes=("CAP_PER_PURCHASE_ORDER",))
    assert covers(record, reason(**{**SHOWN, **now})) is covered


def test_a_reason_without_terms_is_covered_by_its_code() -> None:
    assert covers(released(codes=("CAP_PER_PURCHASE_ORDER",)), reason())
    assert not covers(released(), reason())


def test_a_code_of_an_older_version_does_not_cover_a_reason_with_terms() -> None:
    assert not covers(released(codes=("CAP_PER_PURCHASE_ORDER",)), reason(**SHOWN))


def test_no_text_is_another_thing_than_the_text_that_was_shown() -> None:
    shown = release_of(reason(seen="INVESTIGATE"), NOW, "mika")
    assert not covers(released(shown, codes=(shown.code,)), reason())
    assert covers(released(release_of(reason(), NOW, "mika")), reason())


def test_a_new_release_replaces_the_narrower_one_and_keeps_those_of_other_things() -> None:
    narrow, other = release_of(reason(**SHOWN), NOW, "mika"), release_of(reason(seen="cj L2x1"), NOW, "mika")
    wide = release_of(reason(**{**SHOWN, "measure": 10930}), NOW, "mika")
    assert widened((narrow, other), (wide,)) == (other, wide)
