"""Personal data goes when a platform says so, and does not come back (promise P8)."""

from __future__ import annotations

from orderwright.domain.operations import ConnectionState
from orderwright.domain.order import OrderDetails, Reason
from orderwright.errors import Conflict
from orderwright.messages import Message
from orderwright.ports import Clock
from orderwright.records import CONTROL, Key, details_key, order_key, order_pk
from orderwright.storage import Change, Fact, Put, Storage, log_entry

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
        if file.record is None or file.record.model.erased_at is not None:
            return
        now = clock.now()
        entry = log_entry(now, "ingest_order", "personal data erased", why)
        record = file.record.model.model_copy(update={"erased_at": now, "log": (*file.record.model.log, entry)})
        changes: list[Change] = [Put(order_key(pk), record, file.record.version, state=record.state.value)]
        if file.details is not None:
            changes.append(Put(details_key(pk), OrderDetails(lines=file.details.model.lines), file.details.version))
        try:
            storage.commit(changes)
            return
        except Conflict:
            continue
    raise Conflict("the order changes faster than it can be erased")


def close_connection(message: Message, *, storage: Storage, clock: Clock) -> None:
    """The store took the app away, or asks for everything of its customers to be erased."""
    reason = message.detail.get("reason", "UNINSTALLED")
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
