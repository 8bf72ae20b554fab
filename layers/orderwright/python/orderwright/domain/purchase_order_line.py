"""What a purchase order buys of one SKU, and what customs ask of it."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from orderwright.domain.base import Model, changed
from orderwright.domain.money import Money
from orderwright.domain.unit_cost import UnitCost


class Customs(NamedTuple):
    """What customs ask of a SKU: code, country of origin, and the maker's number; "" for what is not known."""

    hs6: str
    origin: str
    mpn: str


class PurchaseOrderLine(Model):
    """One supplier's SKU for one order line. `unit_cost` without freight, in the supplier's currency."""

    line_id: str
    sku: str
    supplier_sku: str
    supplier_ref: str = ""
    title: str
    quantity: int = Field(gt=0)
    reservation: str = ""
    unit_cost: UnitCost
    revenue: Money | None = Field(default=None, description="written by older versions; OrderMoney says it now")
    hs6: str = Field(
        default="", description="customs code, origin and maker's number: as they were when it was planned"
    )
    origin: str = ""
    mpn: str = ""

    def declared(self, known: Customs | None) -> PurchaseOrderLine:
        """With what customs ask, where it is known."""
        return changed(self, **known._asdict()) if known else self
