"""What a carrier says of one parcel: accepted when it is newer, told when it is a step forward (promise P5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from orderwright.domain.shipment import MILESTONE_OF, RANK, Milestone, Shipment, ShipmentState
from orderwright.domain.timing import Timing
from orderwright.errors import Misconfigured, NotFound, Rejected, VendorError
from orderwright.ports import CarrierTracking, Clock, TrackerView
from orderwright.records import ORDERS, Key, OrderFile, tracking_ref
from orderwright.storage import Change, Due, Fact, Put, Storage, log_entry
from orderwright.usecases.order_summary import order_put, summarise

FUNCTION = "update_tracking"
FINAL = frozenset({ShipmentState.DELIVERED, ShipmentState.CANCELLED})
SILENT = frozenset({ShipmentState.UNKNOWN, ShipmentState.PENDING})
WORRYING = frozenset({ShipmentState.ON_HOLD, ShipmentState.RETURN_TO_SENDER, ShipmentState.DELIVERY_FAILED})
SLIP = timedelta(days=1)


def follow_parcel(
    file: OrderFile,
    sk: str,
    correlation: str,
    *,
    storage: Storage,
    carrier: CarrierTracking,
    timing: Timing,
    clock: Clock,
) -> None:
    """Start or read the tracker of a parcel and write down what is new. Raises Conflict, and Retryable from the carrier."""
    held = file.shipments.get(sk)
    if held is None or file.record is None:
        return
    shipment, now = held.model, clock.now()
    if shipment.state in FINAL:
        return
    try:
        view = _read(shipment, carrier)
    except (Rejected, NotFound, Misconfigured) as error:
        _give_up_until(file, sk, shipment, held.version, error, storage, timing, now, correlation)
        return
    heard, milestone = apply_news(shipment, view)
    due_at = None if heard.state in FINAL else now + timing.parcel_poll
    if heard == shipment and due_at is not None and not _is_overdue(shipment, timing, now):
        return
    _commit(file, sk, shipment, heard, held.version, milestone, due_at, storage, now, correlation)


def _read(shipment: Shipment, carrier: CarrierTracking) -> TrackerView:
    if shipment.tracker_id:
        return carrier.read_tracker(shipment.tracker_id)
    return carrier.watch(shipment.tracking_number, "")


def apply_news(shipment: Shipment, view: TrackerView) -> tuple[Shipment, Milestone | None]:
    """The parcel after this news, and the milestone to tell. Pure.

    Older than what we know by the carrier's own event time: ignored. After delivery: ignored. A code that nobody knows:
    ignored. A milestone is told only when its rank is above every one before.
    """
    heard = shipment.model_copy(update={"tracker_id": view.tracker_id or shipment.tracker_id})
    if view.state in SILENT or shipment.state in FINAL:
        return heard.model_copy(update={"expected_at": view.expected_at or shipment.expected_at}), None
    if shipment.state_at is not None and view.state_at is not None and view.state_at < shipment.state_at:
        return heard, None
    milestone = MILESTONE_OF.get(view.state)
    slipped = (
        shipment.expected_at is not None
        and view.expected_at is not None
        and view.expected_at - shipment.expected_at >= SLIP
    )
    if milestone is None and slipped:
        milestone = Milestone.DELAYED
    if milestone is not None and RANK[milestone] <= shipment.milestone_rank:
        milestone = None
    heard = heard.model_copy(
        update={
            "state": view.state,
            "state_at": view.state_at or shipment.state_at,
            "expected_at": view.expected_at or shipment.expected_at,
            "milestone_rank": RANK[milestone] if milestone else shipment.milestone_rank,
        }
    )
    return heard, milestone


def _is_overdue(shipment: Shipment, timing: Timing, now: datetime) -> bool:
    last = shipment.log[-1].at if shipment.log else shipment.created_at
    return now - last >= timing.parcel_poll


def _commit(
    file: OrderFile,
    sk: str,
    before: Shipment,
    heard: Shipment,
    version: int,
    milestone: Milestone | None,
    due_at: datetime | None,
    storage: Storage,
    now: datetime,
    correlation: str,
) -> None:
    assert file.record is not None
    record = file.record.model
    what = f"parcel {heard.tracking_number}: {heard.state.value.lower()}"
    entry = log_entry(now, FUNCTION, what, f"tells {milestone.value}" if milestone else "", correlation)
    logged = heard.model_copy(update={"log": (*heard.log, entry)})
    facts: list[Fact] = []
    if milestone is not None:
        detail = {"milestone": milestone.value}
        facts.append(Fact("notice.due", connection=record.connection, pk=file.pk, sk=sk, detail=detail))
    if heard.state in WORRYING and heard.state is not before.state:
        worry = {"codes": heard.state.value, "order": record.name[:60]}
        facts.append(
            Fact("alert.raised", connection=record.connection, pk=file.pk, topic="PARCEL_IN_TROUBLE", detail=worry)
        )
    due = Due(due_at, "tracking.due") if due_at else None
    key = Key(ORDERS, file.pk, sk)
    changes: list[Change] = [
        Put(key, logged, version, facts=tuple(facts), due=due, ref=tracking_ref(heard.tracking_number))
    ]
    lines = file.details.model.lines if file.details else ()
    shipments = [logged if other == sk else held.model for other, held in file.shipments.items()]
    orders = [held.model for held in file.purchase_orders.values()]
    summed = summarise(record, lines, orders, shipments)
    if summed.state is not record.state:
        changes.append(order_put(file.pk, record, summed, file.record.version, now, FUNCTION, what, correlation))
    storage.commit(changes, correlation=correlation)


def _give_up_until(
    file: OrderFile,
    sk: str,
    shipment: Shipment,
    version: int,
    error: VendorError,
    storage: Storage,
    timing: Timing,
    now: datetime,
    correlation: str,
) -> None:
    """The carrier service cannot follow this parcel (yet): written down, tried again later."""
    entry = log_entry(now, FUNCTION, "the carrier service cannot follow it yet", error.message, correlation)
    noted = shipment.model_copy(update={"log": (*shipment.log, entry)})
    due = Due(now + timing.parcel_poll, "tracking.due")
    ref = tracking_ref(shipment.tracking_number)
    storage.commit([Put(Key(ORDERS, file.pk, sk), noted, version, due=due, ref=ref)], correlation=correlation)
