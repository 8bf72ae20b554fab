"""One purchase order to its supplier, exactly once (promise P1), within limits (P10), against cancellation (P6).

load -> NEW: gates -> INTENT (spend reserved, kill switch checked) -> call -> close this step and open the next ...
     -> before the step that pays: read the order again from the store, margin and limits with the real amount
     -> PLACED
An INTENT that its owner did not finish is looked up after it has settled: adopted, sent once more, or parked.
PLACED, where people have it: what they refused leaves it and is planned again, and they are written to (domain/desk_work.py).
"""

from __future__ import annotations

from collections.abc import Callable

from orderwright.domain.config import Config
from orderwright.domain.timing import Timing
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.ports.freight import SupplierFreight
from orderwright.ports.store import StoreOrders
from orderwright.ports.supplier import SupplierDesk, SupplierOrders
from orderwright.records import OrderFile
from orderwright.storage import Storage
from orderwright.usecases.placing.job import Job
from orderwright.usecases.placing.placement import Placement


def place_purchase_order(
    message: Message,
    *,
    storage: Storage,
    config: Config,
    supplier_for: Callable[[str], SupplierOrders],
    freight_for: Callable[[str], SupplierFreight | None],
    desk_for: Callable[[str], SupplierDesk | None],
    store_for: Callable[[str], StoreOrders],
    timing: Timing,
    clock: Clock,
    new_token: Callable[[], str],
) -> None:
    """Move one purchase order as far as it goes now. Safe to run any number of times, by several workers at once."""
    job = Job(
        pk=message.pk,
        sk=message.sk,
        correlation=message.correlation or message.id,
        storage=storage,
        config=config,
        supplier_for=supplier_for,
        freight_for=freight_for,
        desk_for=desk_for,
        store_for=store_for,
        timing=timing,
        clock=clock,
        owner=new_token(),
        file=OrderFile(message.pk),
    )
    Placement(job, stop_at=clock.now() + timing.last_call).run()
