"""What planning passes from hand to hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from orderwright.domain.config import Config
from orderwright.domain.order import Address, OrderDetails, OrderRecord, Reason
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.shipment import StoreFulfillment
from orderwright.domain.timing import Timing
from orderwright.ports.supplier import PurchaseLine
from orderwright.records import SkuFile

if TYPE_CHECKING:
    from orderwright.domain.scoring.scorecard import Scorecard

FUNCTION = "ingest_order"
Lacks = Callable[[str, Address, Sequence[PurchaseLine]], Sequence[Reason]]
"""Supplier, destination, lines -> what the supplier would refuse of them."""


@dataclass(frozen=True)
class Setting:
    """What planning needs beside the order: rules, waits, time, for the time line who asked and why, and what suppliers need.

    `skus` is what is known of its goods. `switched_off` and `scores` are asked only where there is a choice of suppliers;
    with `measure` also where the rules do not use them, to be shown. `link_mark`: of the customer's page of an order, by its key.
    """

    config: Config
    timing: Timing
    now: datetime
    why: str
    correlation: str
    lacks: Lacks = lambda supplier, destination, lines: ()
    skus: Mapping[str, SkuFile] = field(default_factory=dict)
    switched_off: Callable[[Sequence[str]], frozenset[str]] = lambda suppliers: frozenset()
    scores: Callable[[Sequence[str]], Mapping[str, Scorecard]] = lambda suppliers: {}
    measure: bool = False
    link_mark: Callable[[str], str] = lambda pk: ""


@dataclass(frozen=True)
class Work:
    """The order's parts while they are being decided."""

    pk: str
    record: OrderRecord
    details: OrderDetails
    orders: dict[str, PurchaseOrder]
    touched: frozenset[str] = frozenset()
    digital: StoreFulfillment | None = None

    def with_orders(self, orders: Mapping[str, PurchaseOrder]) -> Work:
        """With these purchase orders; those that are new or differ are to be written."""
        touched = frozenset(sk for sk, po in orders.items() if po != self.orders.get(sk))
        return replace(self, orders=dict(orders), touched=self.touched | touched)
