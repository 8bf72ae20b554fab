"""What a carrier says of one parcel: accepted when it is newer, told when it is a step forward (promise P5)."""

from __future__ import annotations

from datetime import timedelta

from orderwright.domain.shipment import FINAL, MILESTONE_OF, RANK, Milestone, Shipment, ShipmentState
from orderwright.domain.timing import Timing
from orderwright.errors import OutcomeUnknown, VendorError
from orderwright.ports import CarrierTracking, Clock, TrackerView
from orderwright.records import OrderFile
from orderwright.storage import Storage
from orderwright.usecases.tracking.visit import Visit

SILENT = frozenset({ShipmentState.UNKNOWN, ShipmentState.PENDING})
SLIP = timedelta(days=1)


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
) -> None:
    """Start or read the tracker of a parcel and write down what is new. Raises Conflict.

    `woken`: its due time came. Then the next one is always set, and facts that were lost on their way are sent again.
    """
    held = file.shipments.get(sk)
    if held is None or file.record is None:
        return
    shipment = held.model
    visit = Visit(file, sk, held.version, storage, timing, clock.now(), correlation, woken)
    if shipment.state in FINAL or carrier is None:
        if woken:
            visit.move_on(shipment)
        return
    try:
        view = _read(shipment, carrier)
    except VendorError as error:
        visit.note(shipment, error)
        return
    heard, milestone = apply_news(shipment, view)
    if heard != shipment or woken:
        visit.commit(shipment, heard, milestone)


def _read(shipment: Shipment, carrier: CarrierTracking) -> TrackerView:
    known = shipment.tracker_id
    view = carrier.read_tracker(known) if known else carrier.watch(shipment.tracking_number, "")
    if view.tracking_number and _plain(view.tracking_number) != _plain(shipment.tracking_number):
        raise OutcomeUnknown("the carrier service answered about another parcel", code="ANOTHER_PARCEL")
    return view


def _plain(number: str) -> str:
    return "".join(filter(str.isalnum, number)).upper()


def apply_news(shipment: Shipment, view: TrackerView) -> tuple[Shipment, Milestone | None]:
    """The parcel after this news, and the milestone to tell. Pure.

    Older than what we know by the carrier's own event time: ignored. After delivery: ignored. A code that nobody knows:
    ignored. A milestone is told only when its rank is above every one before.
    """
    heard = shipment.model_copy(update={"tracker_id": view.tracker_id or shipment.tracker_id, "ask_at": None})
    if shipment.state in FINAL:
        return heard, None
    slipped = (
        shipment.expected_at is not None
        and view.expected_at is not None
        and view.expected_at - shipment.expected_at >= SLIP
    )
    if view.state not in SILENT:
        if shipment.state_at is not None and view.state_at is not None and view.state_at < shipment.state_at:
            return heard, None
        heard = heard.model_copy(update={"state": view.state, "state_at": view.state_at or shipment.state_at})
    milestone = MILESTONE_OF.get(heard.state)
    if milestone is None and slipped:
        milestone = Milestone.DELAYED
    if milestone is not None and RANK[milestone] <= shipment.milestone_rank:
        milestone = None
    heard = heard.model_copy(
        update={
            "expected_at": view.expected_at or shipment.expected_at,
            "milestone_rank": RANK[milestone] if milestone else shipment.milestone_rank,
        }
    )
    return heard, milestone
