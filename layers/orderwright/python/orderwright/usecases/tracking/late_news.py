"""A supplier's news of a purchase order that was given up: what is paid there must not stay unseen (promises P1, P11)."""

from __future__ import annotations

from datetime import datetime

from orderwright.domain.purchase_order import GIVEN_UP, PurchaseOrder, PurchaseOrderState
from orderwright.domain.time_line import log_entry
from orderwright.records import OrderFile, order_part_key, reference_ref
from orderwright.storage import (
    Due,
    Fact,
    Put,
    Storage,
)

FUNCTION = "update_tracking"
WAKE = "purchase_order.due"
OPEN = (PurchaseOrderState.NEW, PurchaseOrderState.INTENT)


def hear(
    file: OrderFile, sk: str, storage: Storage, now: datetime, correlation: str, *, confirmed: bool = False
) -> bool:
    """Hand it to the placing function, which looks it up. True where it was given up. Raises Conflict.

    `confirmed`: the supplier says by itself that it has the order. That is written down once, also of one that goes its way.
    """
    held = file.purchase_orders.get(sk)
    if held is None:
        return False
    po, due, facts = held.model, None, list[Fact]()
    if confirmed and po.confirmed_at is None:
        po = _logged(po, now, "confirmed by the supplier", correlation).model_copy(update={"confirmed_at": now})
        due = Due(po.tracking_due, "tracking.due") if po.tracking_due else None
        due = Due(po.settle_until or now, WAKE) if po.state in OPEN else due
    if po.state in GIVEN_UP:
        # Also where earlier news still waits: whoever wrote it meanwhile may have let go of its due time.
        po = _logged(po, now, "the supplier has news of it: looked up", correlation).model_copy(
            update={"heard_at": now}
        )
        due, facts = Due(now, WAKE), [Fact(WAKE, connection=po.supplier, pk=file.pk, sk=sk)]
    if po is not held.model:
        put = Put(
            order_part_key(file.pk, sk), po, held.version, facts=tuple(facts), due=due, ref=reference_ref(po.reference)
        )
        storage.commit([put], correlation=correlation)
    return po is not held.model


def _logged(po: PurchaseOrder, now: datetime, what: str, correlation: str) -> PurchaseOrder:
    return po.model_copy(update={"log": (*po.log, log_entry(now, FUNCTION, what, "", correlation))})
