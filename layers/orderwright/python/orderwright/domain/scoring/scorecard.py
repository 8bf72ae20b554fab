"""A supplier's scorecard: what its last days come to, and one number that routing may use where there is enough evidence."""

from __future__ import annotations

from pydantic import Field

from orderwright.domain.base import Instant, Model


class Scorecard(Model):
    """As it stands. Days are whole, rounded up."""

    supplier: str
    at: Instant
    events: int = Field(description="purchase orders with an outcome in the time that is looked at")
    score: int | None = Field(default=None, description="0 to 100; none: too little evidence")
    making_days: int | None = Field(default=None, description="from the order until a parcel leaves, measured")
    transport_days: dict[str, int] = Field(default_factory=dict, description="by country, measured often enough")
    lies_ppm: int | None = Field(
        default=None, description="pieces refused for stock that it had reported, per million that were ordered"
    )
