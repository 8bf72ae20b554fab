"""What a carrier says of one parcel: accepted when it is newer, told when it is a step forward (promise P5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from orderwright.domain.shipment import SILENT, Shipment, ShipmentState
from orderwright.domain.timing import Timing
from orderwright.errors import Misconfigured, OutcomeUnknown, VendorError
from orderwright.ports.carrier import CarrierTracking, TrackerView
from orderwright.ports.connection import Clock
from orderwright.records import ORDERS, OrderFile, parcel_sk, tracking_ref
from orderwright.storage import Storage
from orderwright.usecases.health import note_failure, note_success
from orderwright.usecases.order_commit import OrderCommit
from orderwright.usecases.tracking.visit import FUNCTION, NOT_FOLLOWED, Visit

CLOCK_SKEW = timedelta(minutes=10)
"""Between our clock and a vendor's."""
USED_AGAIN = timedelta(days=30)
"""Two orders with one number: closer together they share a parcel, further apart a carrier has used the number again."""
IGNORED = "what is said of its number belongs to another parcel, before or after this one: ignored"


def follow_parcel(
    file: OrderFile,
    sk: str,
    correlation: str,
    *,
    woken: bool,
    storage: Storage,
    carrier: CarrierTracking | None,
    timing: Timing,
    clock: Clock,
    connection: str = "",
) -> None:
    """Start or read the tracker of a parcel and write down what is new. Raises Conflict.

    `connection` is the carrier's: a refused key is noted there, once, and that it works again.

    `woken`: its due time came. Then the next one is always set, and facts that were lost on their way are sent again.
    """
    held = file.shipments.get(sk)
    if held is None or file.record is None:
        return
    shipment = held.model
    commit = OrderCommit(file, FUNCTION, clock.now(), correlation)
    visit = Visit(commit, sk, storage, timing, woken)
    if shipment.ended or carrier is None:
        if woken:
            visit.move_on()
        return
    try:
        view = _read(shipment, carrier)
    except VendorError as error:
        visit.note(error)
        if connection and isinstance(error, Misconfigured):
            note_failure(storage, connection, FUNCTION, error, commit.now)
        return
    if connection and any(entry.what == NOT_FOLLOWED for entry in shipment.log):
        note_success(storage, connection, FUNCTION, commit.now)
    ours, foreign = of_this_parcel(view, *_its_time(file, shipment, view, storage))
    followed = shipment.followed(ours.tracker_id, ours.state, ours.state_at, ours.expected_at)
    if foreign and not any(entry.why == IGNORED for entry in shipment.log):
        followed = followed.noted(commit.entry(f"parcel {shipment.tracking_number}: used before", IGNORED))
    if followed != shipment or woken:
        visit.write(followed)


def _its_time(
    file: OrderFile, shipment: Shipment, view: TrackerView, storage: Storage
) -> tuple[datetime | None, datetime | None]:
    """From when to when a number was this parcel's: from its purchase order to a much later one with the same number.

    The order's creation, since an operator may have adopted it after the parcel had left.
    """
    made = [po.model.created_at for po in file.purchase_orders.values() if po.model.reference == shipment.reference]
    if not made:
        return None, None
    start, end = made[0], None
    if view.state not in SILENT and view.state is not shipment.state:
        for key in storage.find(ORDERS, tracking_ref(shipment.tracking_number)):
            held = storage.load_order(key.pk).shipments.get(parcel_sk(key.sk)) if key.pk != file.pk else None
            if held is not None and held.model.created_at - shipment.created_at > USED_AGAIN:
                end = min(end or held.model.created_at, held.model.created_at)
    return start - CLOCK_SKEW, end


def of_this_parcel(view: TrackerView, start: datetime | None, end: datetime | None) -> tuple[TrackerView, bool]:
    """The news with what is of this parcel only, and whether its number was used before it or after it. Pure.

    A parcel that was ever on its way back is returned, whatever is scanned on that way and at its end.
    """
    known = view.events or (((view.state, view.state_at),) if view.state_at else ())
    mine = [(state, at) for state, at in known if (start is None or start <= at) and (end is None or at < end)]
    foreign = len(mine) < len(known)
    if foreign:
        said = [event for event in mine if event[0] not in SILENT]
        if (view.state, view.state_at) not in mine:
            state, at = max(said, key=lambda event: event[1], default=(ShipmentState.UNKNOWN, None))
            view = view._replace(state=state, state_at=at)
        late = view.expected_at is not None and start is not None and view.expected_at < start
        view = view._replace(events=tuple(mine), is_return=False, expected_at=None if late else view.expected_at)
    back = [at for state, at in mine if state is ShipmentState.RETURN_TO_SENDER]
    if back or (view.is_return and view.state not in SILENT):
        view = view._replace(state=ShipmentState.RETURN_TO_SENDER, state_at=max(back, default=view.state_at))
    return view, foreign


def _read(shipment: Shipment, carrier: CarrierTracking) -> TrackerView:
    known = shipment.tracker_id
    view = carrier.read_tracker(known) if known else carrier.watch(shipment.tracking_number, shipment.carrier_name)
    if view.tracking_number and _plain(view.tracking_number) != _plain(shipment.tracking_number):
        raise OutcomeUnknown("the carrier service answered about another parcel", code="ANOTHER_PARCEL")
    return view


def _plain(number: str) -> str:
    return "".join(filter(str.isalnum, number)).upper()
