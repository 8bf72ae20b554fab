"""Personal data goes when a platform says so, and does not come back (promise P8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from orderwright.domain.operations import ShopErasure
from orderwright.domain.order import OrderDetails, Reason
from orderwright.domain.time_line import log_entry
from orderwright.errors import Misconfigured, NotFound, Rejected
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.ports.out import Files
from orderwright.ports.store import StoreOrders
from orderwright.records import OrderFile, connection_key, erasure_key, order_pk
from orderwright.storage import Due, Fact, Put, Storage, retry_on_conflict
from orderwright.usecases.alerts import alert
from orderwright.usecases.bill_uploads import uploads_of
from orderwright.usecases.health import held_connection
from orderwright.usecases.intake.parked import park_webhook
from orderwright.usecases.order_commit import OrderCommit, files_ending
from orderwright.usecases.order_summary import quiet_put

ERASE = "erasure.due"


def going_on(work: ShopErasure, version: int, now: datetime) -> Put:
    """Written down so that the next worker goes on at once."""
    key = erasure_key(work.connection)
    fact = Fact(ERASE, connection=work.connection, pk=key.pk, sk=key.sk)
    return Put(key, work, version, facts=(fact,), due=Due(now, ERASE))


BillFiles = Callable[[str], Files]
"""The files of bills that a supplier sent: there may be a name on them."""


def erase_orders(message: Message, *, storage: Storage, clock: Clock, files: BillFiles) -> None:
    """Erase the personal half of the orders named in `detail.orders`; an unknown one leaves a mark, and is not imported."""
    for order_id in filter(None, message.detail.get("orders", "").split(",")):
        erase_order(order_pk(message.connection, order_id), message.topic, storage=storage, clock=clock, files=files)


def erase_order(pk: str, why: str, *, storage: Storage, clock: Clock, files: BillFiles) -> bool:
    """One order; False: there was nothing to erase. Files of its bills go too: who reads one that comes later sees the mark."""

    def erased() -> bool:
        commit = _erasing(storage.load_order(pk), why, clock)
        commit.write(storage)
        return bool(commit.changes)

    try:
        return retry_on_conflict(erased, "the order")
    finally:
        for upload in uploads_of(storage, pk):
            files(upload.supplier).delete(upload.name)


def _erasing(file: OrderFile, why: str, clock: Clock) -> OrderCommit:
    commit = OrderCommit(file, "ingest_order", clock.now())
    if file.record is None:
        # An order that never arrived: its details without a record are that mark (usecases/intake/plan.py).
        if file.details is None:
            commit.details(OrderDetails(lines=()))
        return commit
    if file.record.model.erased_at is not None:
        return commit
    record = file.record.model.erased(log_entry(clock.now(), "ingest_order", "personal data erased", why))
    put = quiet_put(file.pk, record, file.record.version)
    for sk, held in file.purchase_orders.items():
        if held.model.files_until is not None:
            commit.purchase_order(sk, files_ending(held.model, commit.now), "its files are to be deleted", why)
    commit.beside(put)
    if file.details is not None:
        commit.details(file.details.model.erased())
    return commit


def _answers(message: Message, store_for: Callable[[str], StoreOrders], clock: Clock) -> bool:
    """Does the store still let us in? Raises Retryable or OutcomeUnknown when it cannot be asked now."""
    try:
        store_for(message.connection).list_changed_orders(clock.now(), "")
    except (Misconfigured, NotFound, Rejected):
        return False
    return True


def close_connection(
    message: Message, *, storage: Storage, store_for: Callable[[str], StoreOrders], clock: Clock
) -> None:
    """The store took the app away, or asks for everything of its customers to be erased.

    The delivery is a hint (promise P7: its topic is not signed, and an old one can be sent again): while the store still
    answers us, nothing is closed or erased, and the operator finds a note.
    """
    reason = message.detail.get("reason", "UNINSTALLED")
    if _answers(message, store_for, clock):
        detail = {**message.detail, "reason": f"{reason}: but the store still lets us in, so nothing was closed"}
        park_webhook(replace(message, detail=detail), storage=storage, clock=clock)
        return
    told = Reason(
        code=reason,
        message="the store removed the app, so it can neither be read nor written",
        fix=f"install the app again, then `orderwright connect {message.connection}`",
    )
    fact = alert("CONNECTION_CLOSED", message.connection, codes=reason[:60])

    def closed() -> None:
        held = held_connection(storage, message.connection)
        entry = log_entry(clock.now(), "ingest_order", f"connection closed: {reason}", "", message.id)
        put = Put(connection_key(message.connection), held.model.closed(told, entry), held.version, (fact,))
        storage.commit([put, *_erasure(message.connection, reason, storage, clock)])

    retry_on_conflict(closed, "the state of the connection")


def _erasure(connection: str, reason: str, storage: Storage, clock: Clock) -> list[Put]:
    """The begin of erasing all orders, in the commit that closes the connection; none where it is under way."""
    if reason != "SHOP_REDACT" or storage.get(erasure_key(connection), ShopErasure) is not None:
        return []
    now = clock.now()
    return [going_on(ShopErasure(connection=connection, since=now, claimed_until=now), 0, now)]
