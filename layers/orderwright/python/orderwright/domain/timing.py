"""How long things wait, per profile: `aws` for selling, `local` so that a laptop shows recovery within seconds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from pydantic import model_validator

from orderwright.domain.base import Model, changed

MAX_SETTLE = timedelta(minutes=10)


class Windows(Model):
    """How long each wait lasts. HTTP timeout < function timeout < lease; lease + lateness <= 10 minutes."""

    http_timeout: timedelta
    lease: timedelta
    lateness: timedelta


class Timing(Model):
    """All waits. The validator holds promise P1's order: HTTP timeout < function timeout < lease, settle within 10 minutes.

    `confirm_hour`: how long each hour of a supplier's `confirm_within_hours` lasts.
    """

    windows: Windows
    function_timeout: timedelta
    reserve: timedelta
    retry_first: timedelta
    retry_max: timedelta
    give_up_after: int
    kill_recheck: timedelta
    tracking_poll: timedelta
    tracking_poll_max: timedelta
    parcel_poll: timedelta
    notice_settle: timedelta
    backorder_check: timedelta
    price_check_after: timedelta
    push_retry: timedelta
    config_cache: timedelta
    confirm_hour: timedelta = timedelta(hours=1)
    reservation_lag_percent: int = 100

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        windows = self.windows
        if not windows.http_timeout < self.function_timeout < windows.lease:
            raise ValueError(
                "windows: http_timeout < function_timeout < lease must hold (a live call must not outlive its lease)"
            )
        if self.last_call <= timedelta(0):
            raise ValueError("http_timeout + reserve < function_timeout must hold (a worker makes one call at least)")
        if windows.lease + windows.lateness > MAX_SETTLE:
            raise ValueError("windows: lease + lateness must be at most 10 minutes")
        return self

    @property
    def last_call(self) -> timedelta:
        """How long after its start a worker may begin a call: it ends in time, and `reserve` is left to write it down."""
        return self.function_timeout - self.windows.http_timeout - self.reserve

    def windows_for(self, lateness_seconds: int | None) -> Windows:
        """The waits of a supplier's orders: with its own settle window, None: with this profile's."""
        own = self.windows.lateness if lateness_seconds is None else timedelta(seconds=lateness_seconds)
        return changed(self.windows, lateness=own)

    def patience(self, well_at: datetime | None, now: datetime) -> timedelta:
        """The wait after a failure where tries are not counted: an eighth of the time since it last went well, bounded.

        A glitch is tried again within a minute; a vendor that is away for a week costs four calls an hour.
        """
        longer = (now - well_at) / 8 if well_at is not None else self.push_retry
        return min(max(longer, self.push_retry), self.retry_max)

    def backoff(self, tries: int) -> timedelta:
        """The wait before the next try: doubled each time, bounded."""
        return min(self.retry_first * (1 << min(tries, 16)), self.retry_max)


AWS = Timing(
    windows=Windows(http_timeout=timedelta(seconds=20), lease=timedelta(seconds=90), lateness=timedelta(seconds=300)),
    function_timeout=timedelta(seconds=60),
    reserve=timedelta(seconds=15),
    retry_first=timedelta(seconds=30),
    retry_max=timedelta(minutes=15),
    give_up_after=96,
    kill_recheck=timedelta(minutes=5),
    tracking_poll=timedelta(hours=4),
    tracking_poll_max=timedelta(hours=12),
    parcel_poll=timedelta(hours=12),
    notice_settle=timedelta(minutes=5),
    backorder_check=timedelta(minutes=15),
    price_check_after=timedelta(minutes=10),
    push_retry=timedelta(minutes=1),
    config_cache=timedelta(seconds=30),
)

LOCAL = Timing(
    windows=Windows(http_timeout=timedelta(seconds=3), lease=timedelta(seconds=10), lateness=timedelta(seconds=4)),
    function_timeout=timedelta(seconds=8),
    reserve=timedelta(seconds=1),
    retry_first=timedelta(seconds=2),
    retry_max=timedelta(seconds=15),
    give_up_after=40,
    kill_recheck=timedelta(seconds=5),
    tracking_poll=timedelta(seconds=10),
    tracking_poll_max=timedelta(seconds=30),
    parcel_poll=timedelta(seconds=60),
    notice_settle=timedelta(seconds=10),
    backorder_check=timedelta(seconds=10),
    price_check_after=timedelta(seconds=20),
    push_retry=timedelta(seconds=3),
    config_cache=timedelta(seconds=2),
    confirm_hour=timedelta(seconds=10),
    reservation_lag_percent=2,
)


def timing_of(profile: str) -> Timing:
    """The waits of a profile: "local" or, for anything else, "aws"."""
    return LOCAL if profile == "local" else AWS
