"""How long a failure that nobody counts waits: seconds after a glitch, minutes in an outage, never longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orderwright.domain.timing import AWS

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("well_ago", "wait"),
    [
        (timedelta(0), AWS.push_retry),
        (timedelta(minutes=4), AWS.push_retry),
        (timedelta(minutes=40), timedelta(minutes=5)),
        (timedelta(hours=2), AWS.retry_max),
        (timedelta(days=7), AWS.retry_max),
        (None, AWS.push_retry),
    ],
)
def test_the_wait_grows_with_the_outage_and_is_bounded(well_ago: timedelta | None, wait: timedelta) -> None:
    assert AWS.patience(None if well_ago is None else NOW - well_ago, NOW) == wait
