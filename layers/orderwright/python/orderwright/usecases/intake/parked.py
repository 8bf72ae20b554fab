"""News that came from the vendor and could not be read is kept for the operator (promise P2). Its ids, never its body (P8)."""

from __future__ import annotations

from contextlib import suppress

from orderwright.domain.operations import ParkedNote
from orderwright.errors import Conflict
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.records import parked_key
from orderwright.storage import Fact, Put, Storage

OPEN, DONE = "PARKED", "PARKED_DONE"
"""A note's state in the index."""


def park_unreadable(pk: str, connection: str, order_id: str, why: str, *, storage: Storage, clock: Clock) -> None:
    """An order that the store shows and we cannot read: kept for the operator once, tried again with its next news."""
    note = ParkedNote(
        connection=connection,
        topic="order",
        delivery_id=f"unreadable-{order_id}",
        reason="ORDER_UNREADABLE",
        resource=order_id,
        detail={"problem": why[:300]},
        at=clock.now(),
    )
    _keep(note, {"order": order_id[:60]}, pk, storage)


def park_webhook(message: Message, *, storage: Storage, clock: Clock) -> None:
    """Keep the note once, with an alert. A second delivery of the same news changes nothing."""
    detail = dict(message.detail)
    note = ParkedNote(
        connection=message.connection,
        topic=message.topic,
        reason=detail.pop("reason", "NOT_UNDERSTOOD"),
        delivery_id=detail.pop("delivery_id", "") or message.id,
        resource=message.resource,
        detail=detail,
        at=clock.now(),
    )
    _keep(note, {"topic": message.topic[:100]}, "", storage, message.id)


def _keep(note: ParkedNote, told: dict[str, str], pk: str, storage: Storage, correlation: str = "") -> None:
    told = {"codes": note.reason[:100], **told}
    fact = Fact("alert.raised", connection=note.connection, pk=pk, topic="WEBHOOK_PARKED", detail=told)
    key = parked_key(f"{note.connection}#{note.delivery_id}")
    with suppress(Conflict):  # it is kept already
        storage.commit([Put(key, note, 0, facts=(fact,), state=OPEN)], correlation=correlation)
