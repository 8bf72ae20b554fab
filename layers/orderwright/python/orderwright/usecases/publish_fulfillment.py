"""A parcel, or an accepted purchase order, is shown in the store once (R13, R29).

A parcel of a purchase order that the store shows as fulfilled since its acceptance is added to that fulfillment instead.
"""

from __future__ import annotations

from collections.abc import Callable

from orderwright.domain.timing import Timing
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.ports.store import StoreOrders
from orderwright.records import fulfillment_key
from orderwright.storage import Storage
from orderwright.usecases.fulfilling.acceptance import AcceptedOrder
from orderwright.usecases.fulfilling.parcel import ParcelRecord


def publish_fulfillment(
    message: Message,
    *,
    storage: Storage,
    store_for: Callable[[str], StoreOrders],
    timing: Timing,
    clock: Clock,
    new_token: Callable[[], str],
) -> None:
    """Record one parcel, or one accepted purchase order, in its store. Safe to run any number of times."""
    file = storage.load_order(message.pk)
    held = file.shipments.get(message.sk)
    accepted = fulfillment_key(message.pk, held.model.reference).sk if held else message.sk
    kind, sk = (AcceptedOrder, accepted) if accepted in file.fulfillments else (ParcelRecord, message.sk)
    correlation = message.correlation or message.id
    kind(message.pk, sk, correlation, new_token(), storage, store_for, timing, clock, file).run()
