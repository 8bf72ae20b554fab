"""Personal data goes when a platform says so, and does not come back (promise P8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from orderwright.domain.operations import ConnectionState
from orderwright.domain.order import OrderDetails, Reason
from orderwright.errors import Conflict, Misconfigured, NotFound, Rejected
from orderwright.messages import Message
from orderwright.ports import Clock, StoreOrders
from orderwright.records import CONTROL, Key, OrderFile, details_key, order_key, order_pk
from orderwright.storage import Change, Fact, Put, Storage, log_entry
from orderwright.usecases.intake.parked import park_webhook
from orderwright.usecases.order_summary import recheck

TRIES = 8


def connection_key(connection: str) -> Key:
    """How a connection is."""
    return Key(CONTROL, f"CONNECTION#{connection}", "STATE")


def erase_orders(message: Message, *, storage: Storage, clock: Clock) -> None:
    """Erase the personal half of the orders named in `detail.orders`; a tombstone stops their re-import."""
    for order_id in filter(None, message.detail.get("orders", "").split(",")):
        erase_order(order_pk(message.connection, order_id), message.topic, storage=storage, clock=clock)


def erase_order(pk: str, why: str, *, storage: Storage, clock: Clock) -> None:
    """One order. Lines stay (what was sold is the merchant's record), everything about the person goes."""
    for _ in range(TRIES):
        file = storage.load_order(pk)
        changes = _erasing(file, why, clock)
        if not changes:
            return
        try:
            storage.commit(changes)
            return
        except Conflict:
            continue
    raise Conflict("the order changes faster than it can be erased")


def _erasing(file: OrderFile, why: str, clock: Clock) -> list[Change]:
    if file.record is None:
        # An order that never arrived: its details without a record are the tombstone (usecases/intake/plan.py).
        return [] if file.details else [Put(details_key(file.pk), OrderDetails(lines=()), 0)]
    if file.record.model.erased_at is not None:
        return []
    now = clock.now()
    entry = log_entry(now, "ingest_order", "personal data erased", why)
    record = file.record.model.model_copy(update={"erased_at": now, "log": (*file.record.model.log, entry)})
    put = Put(order_key(file.pk), record, file.record.version, due=recheck(record), state=record.state.value)
    if file.details is None:
        return [put]
    bare = OrderDetails(lines=file.details.model.lines, money=file.details.model.money)
    return [put, Put(details_key(file.pk), bare, file.details.version)]


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
    key = connection_key(message.connection)
    for _ in range(TRIES):
        held = storage.get(key, ConnectionState)
        state = held.model if held else ConnectionState(connection=message.connection)
        entry = log_entry(clock.now(), "ingest_order", f"connection closed: {reason}", "", message.id)
        told = Reason(
            code=reason,
            message="the store removed the app, so it can neither be read nor written",
            fix=f"install the app again, then `orderwright connect {message.connection}`",
        )
        closed = state.model_copy(update={"open": False, "reasons": (told,), "log": (*state.log, entry)})
        fact = Fact(
            "alert.raised", connection=message.connection, topic="CONNECTION_CLOSED", detail={"codes": reason[:60]}
        )
        try:
            storage.commit([Put(key, closed, held.version if held else 0, facts=(fact,))])
            break
        except Conflict:
            continue
    if reason == "SHOP_REDACT":
        for pk in storage.order_pks(message.connection):
            erase_order(pk, "shop/redact", storage=storage, clock=clock)
