"""What orderwright.yaml says of an account at CJdropshipping."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from orderwright.declarations import First
from orderwright.domain.config_values import Url
from orderwright.domain.connection_settings import Goods, SupplierSettings


class CjSettings(SupplierSettings):
    """CJdropshipping API v2."""

    kind: Literal["cj"]
    base_url: Url = "https://developers.cjdropshipping.com"
    currency: Literal["USD"] = "USD"
    from_country: str = "CN"
    charges: Literal["NOW"] = "NOW"
    shipping_method: str = "CJPacket Ordinary"
    goods: dict[str, str | Goods] = Field(
        default_factory=dict,
        description="CJ's variant SKU -> yours, alone or with what customs ask; only these are imported; empty: all",
    )
    points_per_day: int = Field(default=50_000, ge=100)
    points_reserve: int = Field(default=5_000, ge=0, description="points kept back for orders and look-ups")
    ioss_type: Literal["none", "own", "cj"] | None = Field(
        default=None,
        description="for parcels to the EU: none (the customer pays VAT), own (ioss_number), cj (its number, VAT in its bill)",
    )
    ioss_number: str = Field(default="", pattern=r"^(IM\d{10})?$", description="your IOSS number, for ioss_type: own")
    sandbox_orders: bool = False

    @model_validator(mode="after")
    def _ioss_is_whole(self) -> Self:
        if (self.ioss_type == "own") != bool(self.ioss_number):
            raise ValueError("ioss_number: belongs to ioss_type: own, and is needed there: give both or neither")
        return self

    @property
    def import_tax_elsewhere(self) -> bool:
        """See SupplierSettings."""
        return self.ioss_type in ("none", "own")


FIRST = First("  cj:\n    kind: cj\n    buffer: 1                   # pieces that are never promised\n")
