"""A supplier's news of a purchase order that was given up: what is paid there must not stay unseen (promises P1, P11)."""

from __future__ import annotations

from datetime import datetime

from orderwright.domain.purchase_order import GIVEN_UP
from orderwright.records import ORDERS, Key, OrderFile, reference_ref
from orderwright.storage import Due, Fact, Put, Storage, log_entry

FUNCTION = "update_tracking"
WAKE = "purchase_order.due"


def hear(file: OrderFile, sk: str, storage: Storage, now: datetime, correlation: str) -> bool:
    """Hand it to the placing function, which looks it up. True where it was given up. Raises Conflict."""
    held = file.purchase_orders.get(sk)
    if held is None or held.model.state not in GIVEN_UP:
        return False
    po = held.model
    # Also where earlier news still waits: whoever wrote it meanwhile may have let go of its due time.
    entry = log_entry(now, FUNCTION, "the supplier has news of it: looked up", "", correlation)
    heard = po.model_copy(update={"heard_at": now, "log": (*po.log, entry)})
    fact = Fact(WAKE, connection=po.supplier, pk=file.pk, sk=sk)
    key, ref = Key(ORDERS, file.pk, sk), reference_ref(po.reference)
    storage.commit([Put(key, heard, held.version, facts=(fact,), due=Due(now, WAKE), ref=ref)], correlation=correlation)
    return True
