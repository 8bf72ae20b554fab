"""What a carrier says of one parcel: accepted when it is newer, told when it is a step forward (promise P5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from orderwright.domain.shipment import SILENT, Shipment, ShipmentState
from orderwright.domain.timing import Timing
from orderwright.errors import Misconfigured, OutcomeUnknown, Retryable, VendorError
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
SILENT_HOURS = 6
"""How long a service that follows a parcel may fail to tell, before the next service follows it."""
IGNORED = "what is said of its number belongs to another parcel, before or after this one: ignored"


def follow_parcel(
    file: OrderFile,
    sk: str,
    correlation: str,
    *,
    woken: bool,
    storage: Storage,
    carriers: Mapping[str, CarrierTracking],
    timing: Timing,
    clock: Clock,
    names: Callable[[str], str] = str,
    told_by: str = "",
    quiet: timedelta | None = None,
) -> None:
    """Start or read the tracker of a parcel and write down what is new. Raises Conflict.

    `carriers`: the services by id, the one that follows parcels first; the next one where one cannot. A refused key is noted at
    the service's connection, once, and that it works again. `told_by`: the service that has news of it; one that followed the
    parcel before is read too, and changes nothing but its state.

    `quiet`: how long it may be without a scan until merchant and customer are told (R34).

    `woken`: its due time came. Then the next one is always set, and facts that were lost on their way are sent again.
    """
    held = file.shipments.get(sk)
    if held is None or file.record is None:
        return
    first, shipment = next(iter(carriers), ""), held.model
    shipment = shipment.watched(shipment.watched_by if shipment.watched_by in carriers else first)
    service = shipment.watched_by
    aside = told_by if told_by in carriers and told_by != service else ""
    commit = OrderCommit(file, FUNCTION, clock.now(), correlation)
    visit = Visit(commit, sk, storage, timing, woken, quiet)
    if shipment.ended or not carriers:
        if woken:
            visit.move_on()
        return
    try:
        view = _read(shipment, carriers[aside or service], again=bool(aside))
    except VendorError as error:
        if aside:
            return
        if isinstance(error, Misconfigured):
            note_failure(storage, service, FUNCTION, error, commit.now)
        following = _next_service(shipment, error, list(carriers), commit.now, timing)
        if following:
            visit.hand_over(shipment.watched(following), names(following), error)
        else:
            visit.note(error)
        return
    # With services behind it nothing stays that could not be followed: the next new parcel tells.
    begun = len(carriers) > 1 and not shipment.tracker_id
    if begun or any(entry.what == NOT_FOLLOWED for entry in shipment.log):
        note_success(storage, aside or service, FUNCTION, commit.now)
    ours, foreign = of_this_parcel(view, *_its_time(file, shipment, view, storage))
    if aside:
        ours = ours._replace(tracker_id="", expected_at=None)
    followed = shipment.followed(ours.tracker_id, ours.state, ours.state_at, ours.expected_at)
    if quiet is not None and not aside:
        followed = followed.heard(commit.now, quiet)
    if foreign and not any(entry.why == IGNORED for entry in shipment.log):
        followed = followed.noted(commit.entry(f"parcel {shipment.tracking_number}: used before", IGNORED))
    if followed != held.model or woken:
        visit.write(followed)


def _next_service(
    shipment: Shipment, error: VendorError, services: Sequence[str], now: datetime, timing: Timing
) -> str:
    """Who follows it in place of a service that cannot; "" for nobody. Each is tried once at most.

    Refused or unknown there, or never followed for want of keys: at once. What it follows already, or may follow a moment later,
    is left to it for some hours.
    """
    following = services[services.index(shipment.watched_by) + 1 :]
    passing = isinstance(error, Retryable | OutcomeUnknown) or (
        isinstance(error, Misconfigured) and bool(shipment.tracker_id)
    )
    patient = passing and now - (shipment.unread_since or now) < timing.confirm_hour * SILENT_HOURS
    return following[0] if following and not patient else ""


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


def _read(shipment: Shipment, carrier: CarrierTracking, *, again: bool = False) -> TrackerView:
    """`again`: by its number, whatever tracker it has now."""
    known = "" if again else shipment.tracker_id
    view = carrier.read_tracker(known) if known else carrier.watch(shipment.tracking_number, shipment.carrier_name)
    if view.tracking_number and _plain(view.tracking_number) != _plain(shipment.tracking_number):
        raise OutcomeUnknown("the carrier service answered about another parcel", code="ANOTHER_PARCEL")
    return view


def _plain(number: str) -> str:
    return "".join(filter(str.isalnum, number)).upper()
