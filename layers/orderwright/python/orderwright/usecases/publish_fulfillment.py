"""A parcel, or an accepted purchase order, is shown in the store once (R13, R29); an order that was given up ends there once.

A parcel of a purchase order that the store shows as fulfilled since its acceptance is added to that fulfillment instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orderwright.domain.timing import Timing
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.records import CANCELLATION, fulfillment_key
from orderwright.storage import Storage
from orderwright.usecases.fulfilling import bundles
from orderwright.usecases.fulfilling.acceptance import AcceptedOrder
from orderwright.usecases.fulfilling.cancellation import Cancelling
from orderwright.usecases.fulfilling.digital import DigitalRecord
from orderwright.usecases.fulfilling.parcel import ParcelRecord
from orderwright.usecases.fulfilling.recording import Recording, Ways


def publish_fulfillment(
    message: Message,
    *,
    storage: Storage,
    ways: Ways,
    timing: Timing,
    clock: Clock,
    new_token: Callable[[], str],
) -> None:
    """What `sk` names, in its store. Safe to run any number of times."""
    file = storage.load_order(message.pk)
    correlation = message.correlation or message.id
    worker = (correlation, new_token(), storage, ways, timing, clock, file)
    if message.sk == CANCELLATION:
        Cancelling(message.pk, message.sk, *worker).run()
        return
    held = file.shipments.get(message.sk)
    accepted = fulfillment_key(message.pk, held.model.reference).sk if held else message.sk
    kind: type[Recording]
    kind, sk = (AcceptedOrder, accepted) if accepted in file.fulfillments else (ParcelRecord, message.sk)
    if accepted in file.fulfillments and file.fulfillments[accepted].model.digital:
        kind = DigitalRecord
    kind(message.pk, sk, *worker).run()
    if kind is AcceptedOrder and bundles.names_of(file, file.fulfillments[sk].model):
        _numbers_of_bundles(message.pk, sk, worker[:-1], storage)


def _numbers_of_bundles(pk: str, sk: str, worker: tuple[Any, ...], storage: Storage) -> None:
    """Its parcels' numbers stand in the record of the bundle that it is a part of, as well."""
    file = storage.load_order(pk)
    for whole in bundles.carriers(file, sk):
        AcceptedOrder(pk, whole, *(*worker, file)).run()
