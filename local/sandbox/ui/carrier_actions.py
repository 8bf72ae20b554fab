"""What the carrier's scanners see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from local.sandbox.sandbox import Sandbox
from local.sandbox.ui.actions import Action, Arguments, Result, refuse_unknown
from local.sandbox.ui.parcels import tracking_numbers


@dataclass(frozen=True)
class Kind:
    """One kind of scan in EasyPost's words. `age` is how long ago it happened; `due` when the parcel is expected from now; `code`
    is the carrier's own."""

    status: str
    message: str
    age: timedelta = timedelta(0)
    due: timedelta | None = None
    is_return: bool = False
    code: str | None = None


KINDS = {
    "in_transit": Kind("in_transit", "Departed shipping partner facility", due=timedelta(days=3)),
    "customs": Kind("in_transit", "Held by customs", code="EME"),
    "out_for_delivery": Kind("out_for_delivery", "Out for delivery", due=timedelta(hours=6)),
    "delivered": Kind("delivered", "Delivered, left with the recipient"),
    "delayed": Kind("in_transit", "Delayed: the parcel will arrive later than planned", due=timedelta(days=8)),
    "exception": Kind("failure", "Delivery failed: the address could not be reached"),
    "ready_for_pickup": Kind("available_for_pickup", "Ready for pick-up at the service point"),
    "returned": Kind("return_to_sender", "Returned to the sender"),
    "back_at_sender": Kind("delivered", "Delivered to the sender", is_return=True),
    "old_scan": Kind("in_transit", "Arrived at sorting centre", age=timedelta(days=2)),
}


class Scan(Arguments):
    """One scan of one parcel. `old_scan` arrives late: it is two days old, whatever came in between."""

    tracking_number: Annotated[str, Field(min_length=4, max_length=60)]
    scan: Literal[tuple(KINDS)]  # type: ignore[valid-type]
    message: Annotated[str | None, Field(max_length=200, description="other words than the usual")] = None


class Lose(Arguments):
    """One parcel that no scanner sees from now on, until `lost` is false."""

    tracking_number: Annotated[str, Field(min_length=4, max_length=60)]
    lost: bool = True


def _carriers(sandbox: Sandbox, number: str) -> list[Any]:
    if number not in tracking_numbers(sandbox):
        raise refuse_unknown("tracking_number", number, "use a parcel of the carrier's list")
    carriers = sandbox.of_role("carrier").values()
    tracking = [each for each in carriers if any(tracker.tracking_code == number for tracker in each.trackers)]
    return tracking or [sandbox.carrier]


def _scan(sandbox: Sandbox, given: Scan) -> Result:
    kind, now, number = KINDS[given.scan], sandbox.world.clock(), given.tracking_number
    due = None if kind.due is None else now + kind.due
    for carrier in _carriers(sandbox, number):
        message = given.message or kind.message
        carrier.scan(number, kind.status, message, now - kind.age, due, is_return=kind.is_return, code=kind.code)
    return {"tracking_number": number, "status": kind.status}


def _lose(sandbox: Sandbox, given: Lose) -> Result:
    for carrier in _carriers(sandbox, given.tracking_number):
        carrier.lose(given.tracking_number, lost=given.lost)
    return {"tracking_number": given.tracking_number, "lost": given.lost}


CARRIER_ACTIONS: tuple[Action[Any], ...] = (
    Action("scan", "Carrier", "The carrier scans a parcel.", Scan, _scan),
    Action("lose", "Carrier", "No scanner sees a parcel, until it is found again.", Lose, _lose),
)
