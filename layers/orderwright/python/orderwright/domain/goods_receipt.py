"""Goods that came to the merchant's own warehouse: counted, then looked at, then booked once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.time_line import Logged
from orderwright.domain.unit_cost import UnitCost


class ReceiptState(StrEnum):
    """COUNTED -> INSPECTED -> CONFIRMED: booked, or being booked."""

    COUNTED = "COUNTED"
    INSPECTED = "INSPECTED"
    CONFIRMED = "CONFIRMED"


class ReceiptLine(Model):
    """One SKU: how many came, how many of them are damaged, and what one piece cost. `title`: the SKU is made with it."""

    sku: str
    counted: int = Field(gt=0)
    damaged: int = Field(default=0, ge=0)
    cost: UnitCost
    title: str = ""
    booked: bool = False

    @property
    def accepted(self) -> int:
        """What may be sold."""
        return self.counted - self.damaged


class GoodsReceipt(Logged):
    """One delivery (item RECEIPT). `number` is the day and a count, such as 20261130-1. `came_at`: when it was counted."""

    supplier: str
    number: str
    state: ReceiptState = ReceiptState.COUNTED
    lines: tuple[ReceiptLine, ...]
    why_damaged: str = ""
    came_at: Instant
    confirmed_at: Instant | None = None

    @property
    def unbooked(self) -> tuple[ReceiptLine, ...]:
        """Lines that are not on the shelf yet."""
        return tuple(line for line in self.lines if not line.booked)

    def inspected(self, damaged: Mapping[str, int], why: str) -> GoodsReceipt:
        """Somebody looked at all of it; by SKU so many pieces are damaged. A later look replaces an earlier one."""
        lines = tuple(changed(line, damaged=damaged.get(line.sku, 0)) for line in self.lines)
        return changed(self, state=ReceiptState.INSPECTED, lines=lines, why_damaged=why[:200])

    def booked(self, skus: Collection[str], now: datetime) -> GoodsReceipt:
        """These are on the shelf."""
        lines = tuple(changed(line, booked=line.booked or line.sku in skus) for line in self.lines)
        return changed(self, state=ReceiptState.CONFIRMED, lines=lines, confirmed_at=self.confirmed_at or now)
