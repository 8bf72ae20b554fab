"""The supplier's warehouse: one live stock that its API and its CSV feed both report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from local.sandbox.goods import ACCESSORIES, GOODS


@dataclass
class Position:
    """One article in the warehouse: cost in USD per unit, stock in whole units, and when either last changed (UTC)."""

    sku: str
    cost: Decimal
    stock: int
    updated_at: datetime


class Inventory:
    """Live stock and cost by SKU. Unknown SKUs raise KeyError, impossible values ValueError."""

    def __init__(self, now: datetime) -> None:
        rows = [(good.sku, good.cost, good.stock) for good in GOODS]
        rows += [(row.sku, row.cost, row.stock) for row in ACCESSORIES]
        self.stock_changes = 0
        self.positions = {sku: Position(sku, cost, stock, now) for sku, cost, stock in rows}

    def __getitem__(self, sku: str) -> Position:
        return self.positions[sku]

    def set_stock(self, sku: str, stock: int, at: datetime) -> None:
        """Say how many units lie in the warehouse now."""
        if stock < 0:
            raise ValueError(f"stock of {sku} must be 0 or more, not {stock}")
        self.stock_changes += 1
        position = self.positions[sku]
        position.stock, position.updated_at = stock, at

    def set_cost(self, sku: str, cost: Decimal, at: datetime) -> None:
        """Say what one unit costs now, in USD."""
        if cost < 0:
            raise ValueError(f"cost of {sku} must be 0 or more, not {cost}")
        position = self.positions[sku]
        position.cost, position.updated_at = cost, at
