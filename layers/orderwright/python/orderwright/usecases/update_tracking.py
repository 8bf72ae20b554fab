"""News of parcels, pushed or polled, becomes shipments and milestones (R29, R34, promise P5).

supplier news / due purchase order -> read its parcels -> new shipments, each told to store, carrier and customer
carrier news / due shipment        -> read the tracker -> state, never backwards -> milestone
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from orderwright.domain.config import Config
from orderwright.domain.timing import Timing
from orderwright.messages import Message
from orderwright.ports.carrier import CarrierTracking
from orderwright.ports.connection import Clock
from orderwright.ports.supplier import SupplierTracking
from orderwright.records import Key, OrderFile, order_part_key, parcel_sk, reference_ref, tracking_ref
from orderwright.storage import Storage, retry_on_conflict
from orderwright.usecases.tracking.forecasts import Scores
from orderwright.usecases.tracking.late_news import took_late_news
from orderwright.usecases.tracking.parcels import take_parcels
from orderwright.usecases.tracking.trackers import follow_parcel

CloseReservations = Callable[[OrderFile, str], bool]


def update_tracking(
    message: Message,
    *,
    storage: Storage,
    config: Config,
    tracking_for: Callable[[str], SupplierTracking | None],
    carriers: Mapping[str, CarrierTracking],
    close_reservations: CloseReservations,
    timing: Timing,
    clock: Clock,
    scores: Scores = lambda suppliers: {},
) -> None:
    """One message about parcels. `carriers` by id: the first follows them, the next where one cannot; none: only suppliers do."""
    correlation = message.correlation or message.id
    take = partial(
        take_parcels,
        storage=storage,
        config=config,
        tracking_for=tracking_for,
        timing=timing,
        clock=clock,
        scores=scores,
    )
    quiet = 24 * config.rules.tracking.quiet_days * timing.confirm_hour
    told_by = message.connection if message.type == "carrier.tracker_news" else ""
    follow = partial(
        follow_parcel, storage=storage, carriers=carriers, timing=timing, clock=clock, names=config.name_of, told_by=told_by,
        quiet=quiet,
    )  # fmt: skip

    def look_at(pk: str, sk: str) -> None:
        file = storage.load_order(pk)
        if not sk.startswith("PO#"):
            follow(file, sk, correlation, woken=message.type == "tracking.due")
            return
        if message.type == "supplier.order_news" and took_late_news(
            file, sk, storage, clock.now(), correlation, confirmed=message.detail.get("confirmed") == "yes"
        ):
            return
        if _still_reserved(file, sk) and close_reservations(file, sk):
            look_at(pk, sk)  # which was written: read again
            return
        news = take(file, sk, correlation)
        fresh = storage.load_order(pk) if news and carriers else file
        for parcel in _unwatched(fresh, sk) if carriers else ():
            follow(fresh, parcel, correlation, woken=False)

    for key in _subjects(message, storage):
        retry_on_conflict(partial(look_at, key.pk, key.sk), "the parcels of an order")


def _still_reserved(file: OrderFile, sk: str) -> bool:
    held = file.purchase_orders.get(sk)
    return held is not None and not held.model.reservation_closed


def _unwatched(file: OrderFile, sk: str) -> list[str]:
    """The parcels of a purchase order that the carrier service does not follow yet."""
    po = file.purchase_orders.get(sk)
    return [
        name
        for name, held in file.shipments.items()
        if po is not None and held.model.reference == po.model.reference and not held.model.tracker_id
    ]


def _subjects(message: Message, storage: Storage) -> list[Key]:
    """The purchase orders or shipments that a message is about. Unknown ones are none of ours: nothing to do."""
    if message.type == "supplier.order_news":
        return [key for key in storage.find("orders", reference_ref(message.resource)) if key.sk.startswith("PO#")]
    if message.type == "carrier.tracker_news":
        number = message.detail.get("tracking_number", "")
        found = storage.find("orders", tracking_ref(number))
        return list(dict.fromkeys(order_part_key(key.pk, sk) for key in found if (sk := parcel_sk(key.sk))))
    return [order_part_key(message.pk, message.sk)]
