"""When a parcel arrives, and how that is known (R32)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from orderwright.domain.base import Model


class Basis(StrEnum):
    """How a forecast is known; the page says which."""

    MEASURED = "MEASURED"
    CARRIER = "CARRIER"
    AGREED = "AGREED"


class Forecast(Model):
    """It arrives on one of the days from `first` to `last`, both included (calendar days where it is delivered).

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
