"""What an operator does about one order that waits for them: reads, compares with the supplier, and takes the safe way.

The supplier's ledger stands for the supplier's own console, which an operator would open in another window.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from orderwright.domain.config import Config
from orderwright.domain.order_state import STOPPED
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import FulfillmentState
from orderwright.domain.timing import Timing
from orderwright.records import OrderFile
from orderwright.usecases.operator.adopt import adopt_purchase_order
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.release import APPROVAL_CODES, TOO_LATE_CODES, releasable, release_order
from orderwright.usecases.operator.retry import retry_order
from tests.simulation.people.scene import Scene

SAFE_CODES = APPROVAL_CODES | TOO_LATE_CODES
"""What an operator passes over here. Money gates and address faults stay shut: to pass them over is to take the risk."""
SETTLED = timedelta(minutes=20)
"""How long nothing must have happened to a purchase order before "it is not there" is believed: longer than any worker hangs."""
_WAITING = (PurchaseOrderState.PARKED, PurchaseOrderState.REJECTED)


def waiting_orders(file: OrderFile) -> list[PurchaseOrder]:
    """The purchase orders of an order that wait for the operator."""
    orders = [held.model for _, held in sorted(file.purchase_orders.items())]
    return [po for po in orders if po.state in _WAITING]


def paid_ids(sim: Scene, reference: str) -> list[str]:
    """The supplier's ids of what was paid there under our reference."""
    paid = (entry for entry in sim.world.ledger.entries if sim.words.is_committed(entry))
    return list(dict.fromkeys(str(entry.data["order_id"]) for entry in paid if entry.reference == reference))


def is_certainly_not_ordered(sim: Scene, file: OrderFile, orders: Iterable[PurchaseOrder]) -> bool:
    """The supplier has nothing under these references, and nothing can come any more.

    False where a parcel's record in the store waits as well: the same word would be said of it, unseen.
    """
    now = sim.clock.now()
    parcels = any(held.model.fulfillment is FulfillmentState.PARKED for held in file.shipments.values())
    shown = any(held.model.state is FulfillmentState.PARKED for held in file.fulfillments.values())
    if parcels or shown or sim.supplier.still_to_come:
        return False
    words, entries = sim.words, sim.world.ledger.entries
    there = {entry.reference for entry in entries if words.is_made(entry) or words.is_committed(entry)}
    return all(po.reference not in there and po.log and now - po.log[-1].at >= SETTLED for po in orders)


def look_after(sim: Scene, desk: Desk, pk: str, config: Config, timing: Timing, *, doubts: bool) -> str:
    """One order, one action; gives what was done. `doubts`: opens the supplier's console before saying that nothing is there.

    Raises Refused when the desk does not allow it.
    """
    file = sim.storage.load_order(pk)
    waiting = waiting_orders(file)
    for po in waiting:
        ids = paid_ids(sim, po.reference)
        if ids:
            adopt_purchase_order(desk, pk, ids[0], config, timing, reference=po.reference)
            return "adopted"
    codes = sorted(set(releasable(file)) & SAFE_CODES)
    if codes:
        release_order(desk, pk, timing, codes)
        return "released"
    not_ordered = doubts and bool(waiting) and is_certainly_not_ordered(sim, file, waiting)
    retry_order(desk, pk, timing, not_ordered=not_ordered)
    return "retried, not ordered" if not_ordered else "retried"


def lift_stop(desk: Desk, pk: str, timing: Timing) -> None:
    """Let a stopped order go on. Raises Refused when it is not stopped."""
    release_order(desk, pk, timing, (STOPPED,))
