"""When a parcel arrives: the shortest time in which 9 of 10 did, in days where it is delivered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwright.domain.forecast import EVIDENCE, Basis, Forecast, agreed, measured
from orderwright.domain.scoring.counting import hours_up

SHIPPED = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("spread", "first", "last", "within"),
    [
        ({24: 20}, date(2026, 12, 2), date(2026, 12, 2), 20),
        ({72: 19, 480: 1}, date(2026, 12, 3), date(2026, 12, 4), 19),
        ({24: 1, 72: 9, 96: 9, 480: 1}, date(2026, 12, 3), date(2026, 12, 5), 18),
        ({24: 10, 240: 10}, date(2026, 12, 2), date(2026, 12, 11), 20),
    ],
)
def test_the_shortest_time_that_holds_nine_of_ten_is_named(
    spread: dict[int, int], first: date, last: date, within: int
) -> None:
    parcels = sum(spread.values())
    expected = Forecast(basis=Basis.MEASURED, first=first, last=last, parcels=parcels, within=within)
    assert measured(spread, SHIPPED, UTC) == expected


def test_fewer_parcels_than_the_evidence_say_nothing() -> None:
    assert measured({72: EVIDENCE - 1}, SHIPPED, UTC) is None


def test_days_are_those_of_the_place_of_delivery() -> None:
    found = measured({24: 20}, datetime(2026, 12, 1, 13, tzinfo=UTC), ZoneInfo("Pacific/Auckland"))
    assert found is not None
    assert found.last == date(2026, 12, 3)
    assert agreed(SHIPPED, 7, UTC).last == date(2026, 12, 8)


@given(st.lists(st.integers(1, 60 * 24), min_size=EVIDENCE, max_size=80))
def test_nine_of_ten_of_the_same_parcels_really_arrive_within_it(minutes: list[int]) -> None:
    spans = [timedelta(minutes=20 * one) for one in minutes]
    spread: dict[int, int] = {}
    for span in spans:
        spread[hours_up(span)] = spread.get(hours_up(span), 0) + 1
    found = measured(spread, SHIPPED, UTC)
    assert found is not None
    inside = sum(found.first <= (SHIPPED + span).date() <= found.last for span in spans)
    assert inside >= found.within >= -(-9 * len(spans) // 10)
