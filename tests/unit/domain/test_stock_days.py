"""For how many days a stock lasts, when to order more, and how many (R25)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from orderwright.domain.connection_settings import SupplierSettings, settings_of
from orderwright.domain.scoring.scorecard import Scorecard
from orderwright.domain.stock_days import Outlook, StockWarning, outlook, refill_time

TODAY = date(2026, 11, 30)
NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stock", "a_day", "lead", "expected"),
    [
        # R25's own example: 40 days against 30. To be there in time it is ordered within 10 days; 25 pieces are for safety.
        (200, Fraction(5), 30, Outlook(40, 175, date(2026, 12, 10), 115, low=False)),
        (175, Fraction(5), 30, Outlook(35, 175, date(2026, 12, 5), 140, low=True)),
        (150, Fraction(5), 30, Outlook(30, 175, TODAY, 165, low=True)),
        (20, Fraction(5), 30, Outlook(4, 175, TODAY, 295, low=True)),
        (-3, Fraction(1, 2), 10, Outlook(0, 10, TODAY, 24, low=True)),
        (200, Fraction(5), None, Outlook(40)),
        (0, Fraction(0), 30, Outlook(None)),
    ],
)
def test_a_stock_against_its_lead_time(stock: int, a_day: Fraction, lead: int | None, expected: Outlook) -> None:
    assert outlook(stock, a_day, lead, TODAY) == expected


def _settings(kind: str = "cj", **more: object) -> SupplierSettings:
    found = settings_of(kind).model_validate({"kind": kind, **more})
    assert isinstance(found, SupplierSettings)
    return found


def test_the_lead_time_is_what_is_measured_else_what_the_settings_say() -> None:
    maker = _settings(making_days=12, transport_days={"DE": 18, "FI": 25})
    own = _settings("in_house", from_country="DE", making_days=1, transport_days={"DE": 2})
    suppliers = {"maker": maker, "own": own, "fixed": _settings(refill_days=7), "silent": _settings()}
    card = Scorecard(supplier="maker", at=NOW, events=50, making_days=10, transport_days={"DE": 16})

    def days(supplier: str, *offered_by: str, cards: dict[str, Scorecard] | None = None) -> tuple[int, str, str] | None:
        return refill_time(supplier, suppliers, cards or {}, offered_by)

    assert days("maker", "maker") == (37, "making 12 days + transport 25 days", "")
    assert days("maker", "maker", cards={"maker": card}) == (35, "making 10 days + transport 25 days", "")
    assert days("own", "own", "maker") == (30, "making 12 days + transport 18 days", "maker")
    assert days("own", "own", "maker", cards={"maker": card}) == (26, "making 10 days + transport 16 days", "maker")
    assert days("own", "own") == (3, "making 1 day + transport 2 days", "")
    assert days("fixed") == (7, "refill_days", "")
    assert days("silent") is None


def test_a_warning_keeps_its_time_until_its_cause_is_another_or_gone() -> None:
    first = StockWarning(supplier="own", sku="A", code="REORDER", since=NOW, message="3 left")
    later = first.model_copy(update={"since": NOW.replace(day=1), "message": "2 left"})
    assert (first.seen(later).since, first.seen(later).message) == (NOW, "2 left")
    assert not first.seen(None).open
    assert first.seen(None).seen(later).since == later.since
