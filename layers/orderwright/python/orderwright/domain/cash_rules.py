"""When a payment gateway or marketplace pays out what it took, as the merchant's contract says it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orderwright.domain.base import Model
from orderwright.domain.config_values import Percent

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class PayoutRule(Model):
    """`days` after the payment, on the next of `on` (every day without it), less `keeps_percent` that comes later or never."""

    days: int = Field(ge=0, le=180)
    on: tuple[Weekday, ...] = ()
    keeps_percent: Percent | None = Field(default=None, description="a reserve that the gateway keeps back")
