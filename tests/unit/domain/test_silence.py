"""When a parcel counts as silent, as held by customs, or as late, and when it is looked at for that (R32, R34)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from orderwright.domain.forecast import Basis, Forecast
from orderwright.domain.shipment import RANK, Milestone, Shipment, ShipmentState
from tests.unit.domain.order_kit import NOW
from tests.unit.domain.test_parcel_transitions import a_parcel

S, DAY, QUIET = ShipmentState, timedelta(days=1), timedelta(days=5)
AGREED = Forecast(basis=Basis.AGREED, first=date(2026, 12, 5), last=date(2026, 12, 5))
MEASURED = Forecast(basis=Basis.MEASURED, first=date(2026, 12, 2), last=date(2026, 12, 5), parcels=20, within=18)
CARRIERS = datetime(2026, 12, 7, tzinfo=UTC)


def sent(*scans: tuple[ShipmentState, float], **more: object) -> Shipment:
    """Told as sent; (state, days after NOW) of each scan."""
    found = a_parcel(state=S.PENDING, state_at=None, milestone_rank=RANK[Milestone.SHIPPED], **more)
    for state, days in scans:
        found = found.followed("t", state, NOW + days * DAY, None)
    return found


@pytest.mark.parametrize(
    ("scans", "days", "since"),
    [
        ([], 4.9, None),
        ([], 5, 0),
        ([(S.IN_TRANSIT, -3)], 4.9, None),  # nobody is told of a silence before the parcel itself
        ([(S.IN_TRANSIT, 2)], 6.9, None),
        ([(S.IN_TRANSIT, 2)], 7, 2),
        ([(S.READY_FOR_PICKUP, 2)], 30, None),
        ([(S.RETURN_TO_SENDER, 2)], 30, None),
        ([(S.IN_CUSTOMS, 1)], 6, 1),
        ([(S.IN_CUSTOMS, 1), (S.IN_CUSTOMS, 5)], 6, 1),  # scanned, and still there
        ([(S.IN_CUSTOMS, 1), (S.IN_CUSTOMS, 5)], 5.9, None),
        ([(S.IN_CUSTOMS, 1), (S.IN_TRANSIT, 5)], 6, None),
        ([(S.IN_CUSTOMS, 1), (S.IN_TRANSIT, 3), (S.IN_CUSTOMS, 5)], 7, None),  # of another country
    ],
)
def test_silence_and_a_long_stay_at_customs_are_told(
    scans: list[tuple[ShipmentState, float]], days: float, since: float | None
) -> None:
    parcel = sent(*scans)
    heard = parcel.heard(NOW + days * DAY, QUIET)
    assert heard.quiet_since == (None if since is None else NOW + since * DAY)
    told = Milestone.SHIPPED if parcel.milestone is Milestone.SHIPPED else parcel.milestone
    assert heard.milestone is (told if since is None else Milestone.DELAYED)
    assert heard.unscanned == (since is not None and len(scans) < 2)
    if since is not None and len(scans) < 2:
        moved = heard.followed("t", S.IN_TRANSIT, NOW + days * DAY, None).heard(NOW + days * DAY, QUIET)
        assert (moved.quiet_since, moved.customs_since, moved.milestone) == (None, None, Milestone.DELAYED)


@pytest.mark.parametrize(
    ("forecast", "expected_at", "at", "overdue"),
    [
        (None, None, "2026-12-30T00:00Z", False),
        (AGREED, None, "2026-12-06T11:59Z", False),  # it is still the 5th west of Hawaii
        (AGREED, None, "2026-12-06T12:00Z", True),
        (AGREED, CARRIERS, "2026-12-08T11:59Z", False),  # the carrier's day counts for more
        (AGREED, CARRIERS - 4 * DAY, "2026-12-04T12:00Z", True),
        (MEASURED, CARRIERS - 4 * DAY, "2026-12-04T12:00Z", False),
        (MEASURED, CARRIERS, "2026-12-06T12:00Z", False),  # has passed, and the carrier names a later one
        (MEASURED, CARRIERS, "2026-12-08T12:00Z", True),
    ],
)
def test_a_day_has_passed_when_it_is_over_everywhere(
    forecast: Forecast | None, expected_at: datetime | None, at: str, overdue: bool
) -> None:
    now = datetime.fromisoformat(at)
    heard = sent((S.IN_TRANSIT, 1), forecast=forecast, expected_at=expected_at).heard(now, 99 * DAY)
    assert (heard.overdue, heard.milestone) == (overdue, Milestone.DELAYED if overdue else Milestone.SHIPPED)
    later = heard.followed("t", S.IN_TRANSIT, now, now + 3 * DAY).heard(now, 99 * DAY)
    assert not later.overdue, "the carrier names another day"


def test_what_is_long_past_is_no_news_for_the_customer() -> None:
    for days, told in ((34, Milestone.DELAYED), (36, Milestone.SHIPPED)):
        heard = sent().heard(NOW + days * DAY, QUIET)
        assert (heard.quiet_since, heard.milestone) == (NOW, told)
    for at, told in (("2027-01-03T13:00Z", Milestone.DELAYED), ("2027-01-06T13:00Z", Milestone.SHIPPED)):
        late = sent((S.IN_TRANSIT, 1), forecast=AGREED).heard(datetime.fromisoformat(at), 99 * DAY)
        assert (late.overdue, late.milestone) == (True, told)


@pytest.mark.parametrize(
    ("scans", "days", "after"),
    [
        ([(S.IN_TRANSIT, 1)], 1, 1.5),
        ([(S.IN_TRANSIT, 1)], 5.8, 6),
        ([(S.IN_TRANSIT, 1)], 6, 6.5),
        ([(S.IN_CUSTOMS, 1), (S.IN_CUSTOMS, 4)], 5.8, 6),
    ],
)
def test_it_is_looked_at_as_soon_as_the_silence_is_complete(
    scans: list[tuple[ShipmentState, float]], days: float, after: float
) -> None:
    now = NOW + days * DAY
    assert sent(*scans).look_by(QUIET, now, now + DAY / 2) == NOW + after * DAY
