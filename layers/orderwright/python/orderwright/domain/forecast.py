"""When a parcel arrives, and how that is known (R32)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from orderwright.domain.base import Model

EVIDENCE = 20
"""Parcels of a lane from which on they are believed."""
EXACT_HOURS = 48
"""Counted hours up to these are exact; beyond, they are whole days, rounded up (domain/scoring/counting.py)."""
_DAY = 24


class Basis(StrEnum):
    """How a forecast is known; the page says which."""

    MEASURED = "MEASURED"
    CARRIER = "CARRIER"
    AGREED = "AGREED"


class Forecast(Model):
    """It arrives on one of the days from `first` to `last` (calendar days where it is delivered). AGREED: by `last`.

    MEASURED: `within` of the last `parcels` of this supplier, carrier and country took no longer and no less.
    """

    basis: Basis
    first: date
    last: date
    parcels: int = Field(default=0, ge=0)
    within: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last < self.first:
            raise ValueError("last: is before first")
        return self

    def has_passed(self, now: datetime) -> bool:
        """Is its last day over, wherever that is?"""
        return self.last < day_everywhere(now)


def day_everywhere(now: datetime) -> date:
    """The day that has begun everywhere: where a parcel goes no day before it is still going on."""
    return (now - timedelta(hours=12)).date()


def measured(spread: Mapping[int, int], shipped_at: datetime, zone: tzinfo) -> Forecast | None:
    """The shortest time in which 9 of 10 of these parcels arrived, from when this one was shipped; the earlier one of two.

    `spread`: hours -> how many took at most so many. None below EVIDENCE parcels.
    """
    total = sum(spread.values())
    if total < EVIDENCE:
        return None
    hours, best = sorted(spread), (-1, 0, 0)
    for place, low in enumerate(hours):
        within, high = 0, place
        while high < len(hours) and within * 10 < total * 9:
            within += spread[hours[high]]
            high += 1
        if within * 10 < total * 9:
            break
        length = hours[high - 1] - low
        if best[0] < 0 or length < best[0]:
            best = (length, low, hours[high - 1])
    _, low, high_hours = best
    lowest = low - (1 if low <= EXACT_HOURS else _DAY)
    within = sum(count for one, count in spread.items() if low <= one <= high_hours)
    return Forecast(
        basis=Basis.MEASURED,
        first=(shipped_at + timedelta(hours=max(lowest, 0))).astimezone(zone).date(),
        last=(shipped_at + timedelta(hours=high_hours)).astimezone(zone).date(),
        parcels=total,
        within=within,
    )


def promise(own: Forecast | None, carriers_day: date | None, today: date) -> Forecast | None:
    """Which is told: what was measured, else the carrier's day, else what was agreed; once it has passed, a later day of the
    carrier's. `today`: where the parcel goes.
    """
    carrier = Forecast(basis=Basis.CARRIER, first=carriers_day, last=carriers_day) if carriers_day else None
    held = own if own and own.basis is Basis.MEASURED else carrier or own
    return carrier if held and carrier and held.last < today <= carrier.last else held


def agreed(ordered_at: datetime, days: int, zone: tzinfo) -> Forecast:
    """It arrives by the day that was agreed with the supplier."""
    last = (ordered_at + timedelta(days=days)).astimezone(zone).date()
    return Forecast(basis=Basis.AGREED, first=last, last=last)
