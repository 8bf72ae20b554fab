"""What purchase orders that end with nothing ordered give back: stock (P3) and promised money (P10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from orderwright.domain.order import OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.records import OrderFile
from orderwright.storage import Change
from orderwright.usecases.placing.requests import free_spend
from orderwright.usecases.reservations import give_back, held_back


def given_back(
    file: OrderFile, record: OrderRecord, orders: Mapping[str, PurchaseOrder], now: datetime
) -> tuple[OrderRecord, list[Change]]:
    """Stock and spend of those of `orders` that end with nothing ordered: the record, and the changes.

    A new purchase order reserves again, under a new name: kept reservations would count twice.
    """
    ends = PurchaseOrderState.CANCELLED
    were = {sk: file.purchase_orders[sk].model for sk, po in orders.items() if po.state is ends}
    ended = [po for po in were.values() if po.state is not ends]  # of the others all is given back already
    names = {line.reservation for po in ended for line in po.lines if line.reservation in record.reserved}
    held = {name: record.reserved[name] for name in sorted(names - held_back(ended))}
    record, back = give_back(file.pk, record.stock_freed(names), held, now)
    return record, [*back, *(spend for po in ended for spend in free_spend(po))]
