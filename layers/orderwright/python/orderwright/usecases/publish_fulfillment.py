"""A parcel, or an accepted purchase order, is shown in the store once (R13, R29); an order that was given up ends there once.

A parcel of a purchase order that the store shows as fulfilled since its acceptance is added to that fulfillment instead.
"""

from __future__ import annotations

from collections.abc import Callable

from orderwright.domain.timing import Timing
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.records import CANCELLATION, OrderFile, fulfillment_key
from orderwright.storage import Storage
from orderwright.usecases.fulfilling import bundles
from orderwright.usecases.fulfilling.acceptance import AcceptedOrder
from orderwright.usecases.fulfilling.cancellation import Cancelling
from orderwright.usecases.fulfilling.digital import DigitalRecord
from orderwright.usecases.fulfilling.parcel import ParcelRecord
from orderwright.usecases.fulfilling.recording import StoreWork, Ways


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

    def run(kind: type[StoreWork], sk: str, file: OrderFile) -> None:
        kind(message.pk, sk, correlation, new_token(), storage, ways, timing, clock, file).run()

    if message.sk == CANCELLATION:
        run(Cancelling, message.sk, file)
        return
    held = file.shipments.get(message.sk)
    accepted = fulfillment_key(message.pk, held.model.reference).sk if held else message.sk
    if accepted not in file.fulfillments:
        run(ParcelRecord, message.sk, file)
    elif file.fulfillments[accepted].model.digital:
        run(DigitalRecord, accepted, file)
    else:
        run(AcceptedOrder, accepted, file)
        if bundles.names_of(file, file.fulfillments[accepted].model):
            # Its parcels' numbers stand in the record of the bundle that it is a part of, as well.
            file = storage.load_order(message.pk)
            for whole in bundles.carriers(file, accepted):
                run(AcceptedOrder, whole, file)
