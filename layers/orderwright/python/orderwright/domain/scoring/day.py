"""What happened at one supplier on one UTC day, counted from the time stamps of its purchase orders and parcels.

A day can be counted again, and comes out the same: nothing is added up while things happen.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field

from orderwright.domain.base import Model


class SkuDay(Model):
    """Pieces of one SKU. Counted on the day of the event, so that the sums of many days are right."""

    sold: int = Field(default=0, description="in purchase orders that were made for it on that day")
    accepted: int = 0
    refused: int = Field(default=0, description="refused, for whatever reason")
    out_of_stock: int = Field(default=0, description="of these: the supplier had none, though its last report said so")
    shipped: int = 0
    returned: int = 0


class Breach(Model):
    """An agreed term that was broken on that day. `term`: its field in `terms`. `hours`: how late it was then."""

    reference: str
    term: str
    hours: int


class SupplierDay(Model):
    """All of a supplier. `counts` and `hours` are named in domain/scoring/events.py; `hours` are sums, with their number."""

    supplier: str
    day: date
    counts: dict[str, int] = Field(default_factory=dict)
    hours: dict[str, tuple[int, int]] = Field(
        default_factory=dict, description="by name, such as to_accept or to_deliver DE: (sum of hours, events)"
    )
    skus: dict[str, SkuDay] = Field(default_factory=dict)
    breaches: tuple[Breach, ...] = ()
