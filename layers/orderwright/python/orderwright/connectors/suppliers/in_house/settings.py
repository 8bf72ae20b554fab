"""What orderwright.yaml says of the merchant's own warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from pydantic import Field

from orderwright.declarations import First
from orderwright.domain.connection_settings import MOST_LATENESS, ConfigFault, SupplierSettings
from orderwright.domain.unit_cost import UnitCost


class InHouseSettings(SupplierSettings):
    """Goods of one's own. `sender` and `sender_address` stand on packing slips."""

    kind: Literal["in_house"]
    charges: Literal["ON_ACCOUNT"] = "ON_ACCOUNT"
    poll_stock: Literal[False] = Field(default=False, description="its stock is counted here, and nobody is asked")
    lateness_seconds: int | None = Field(default=0, ge=0, le=MOST_LATENESS, description="nothing is ever late here")
    parcel_cost: Decimal = Field(
        default=Decimal(0), ge=0, description="what sending one piece costs, in `currency`: its freight"
    )
    language: Literal["en", "de", "zh-Hans"] = Field(default="en", description="of pick lists and packing slips")
    sender: str = Field(default="", description="the name on packing slips; empty: the merchant's")
    sender_address: tuple[str, ...] = Field(default=(), max_length=6, description="the lines below that name")

    @property
    def piece_freight(self) -> UnitCost:
        """See SupplierSettings."""
        return UnitCost.parse(self.parcel_cost, self.currency)

    @property
    def slip_head(self) -> tuple[str, ...]:
        """See SupplierSettings."""
        return (self.sender, *self.sender_address)

    @property
    def papers_language(self) -> str:
        """See SupplierSettings."""
        return self.language

    def faults(self) -> Iterator[ConfigFault]:
        """See ConnectionSettings."""
        yield from super().faults()
        try:
            _ = self.piece_freight
        except ValueError:
            yield ConfigFault(("parcel_cost",), "has more than six digits after the point", "round it")
        if self.goods:
            yield ConfigFault(("goods",), "is for another supplier's SKUs; these goods are yours", "take it out")


FIRST = First(
    "  warehouse:\n    kind: in_house              # currency: that of your costs; without it USD\n"
    '    parcel_cost: "0.00"         # what sending one piece costs\n'
)
