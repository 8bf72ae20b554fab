"""An order that came before there were pages for customers gets its page with the next news of it from its store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from orderwright.records import OrderFile
from orderwright.storage import Storage
from orderwright.usecases.intake.work import FUNCTION
from orderwright.usecases.order_commit import OrderCommit
from orderwright.usecases.order_summary import quiet_put

MOST_PARCELS = 30
"""In one commit: each is its item, its part of the page, and old lines of its time line. Who has more gets no page."""


def linked_now(
    file: OrderFile, link_mark: Callable[[str], str], storage: Storage, now: datetime, correlation: str
) -> bool:
    """True: it has a page from now on; read it again. Raises Conflict.

    Its parcels are written again in the same commit, so that nobody who does not know of the page yet writes one past it. They
    wake up at once, since a write takes the place of the due time.
    """
    record = file.record
    if record is None or record.model.link_mark or record.model.erased_at or len(file.shipments) > MOST_PARCELS:
        return False
    after = record.model.linked(link_mark(file.pk), now)
    if not after.link_mark:
        return False
    from orderwright.usecases.tracking.visit import next_due

    commit = OrderCommit(file, FUNCTION, now, correlation)
    for sk, held in file.shipments.items():
        commit.parcel(sk, held.model, due=next_due(held.model, now))
    commit.beside(quiet_put(file.pk, after, record.version)).write(storage)
    return True
