"""Late news: the supplier has news of a purchase order that was given up. What is paid there is never missed (P1, P11)."""

from __future__ import annotations

from datetime import datetime

from orderwright.domain.purchase_order_state import GIVEN_UP
from orderwright.records import OrderFile
from orderwright.storage import Fact, Storage
from orderwright.usecases.order_commit import PLACE, OrderCommit


def took_late_news(
    file: OrderFile, sk: str, storage: Storage, now: datetime, correlation: str, *, confirmed: bool = False
) -> bool:
    """Hand late news to the placing function, which looks the purchase order up. Raises Conflict.

    `confirmed`: the supplier says on its own that it has the order. That is written down once, whatever its state.
    True where anything was written: then nothing more is to be done with this news.
    """
    held = file.purchase_orders.get(sk)
    if held is None:
        return False
    commit, po, facts = OrderCommit(file, "update_tracking", now, correlation), held.model, list[Fact]()
    if confirmed and po.confirmed_at is None:
        po = po.confirmed(now).noted(commit.entry("confirmed by the supplier"))
    if po.state in GIVEN_UP:
        # Also where earlier news still waits: a write since then may have dropped its due time.
        po = po.heard_of(now).noted(commit.entry("the supplier has news of it: looked up"))
        facts = [Fact(PLACE, connection=po.supplier, pk=file.pk, sk=sk)]
    if po is held.model:
        return False
    commit.purchase_order(sk, po, facts=facts)
    if po.reasons != held.model.reasons:  # it was missed, and the order waited for a person
        commit.order("confirmed by the supplier")
    commit.write(storage)
    return True
