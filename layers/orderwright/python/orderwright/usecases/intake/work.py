"""What planning passes from hand to hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orderwright.domain.config import Config
from orderwright.domain.order import OrderDetails, OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.timing import Timing

FUNCTION = "ingest_order"


@dataclass(frozen=True)
class Setting:
    """What planning needs beside the order: rules, waits, time, and for the time line who asked and why."""

    config: Config
    timing: Timing
    now: datetime
    why: str
    correlation: str


@dataclass(frozen=True)
class Work:
    """The order's parts while they are being decided."""

    pk: str
    record: OrderRecord
    details: OrderDetails
    orders: dict[str, PurchaseOrder]
    touched: frozenset[str] = frozenset()
