"""The steps of a parcel, with their times: those that it has passed, where it is, and what is still to come."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from orderwright.customer_page.words import Reader
from orderwright.domain.order import OrderState
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.tracking_page import TrackedOrder, TrackedParcel

_STEP_OF = {
    ShipmentState.PICKED_UP: "transit",
    ShipmentState.IN_TRANSIT: "transit",
    ShipmentState.IN_CUSTOMS: "customs",
    ShipmentState.OUT_FOR_DELIVERY: "out",
    ShipmentState.READY_FOR_PICKUP: "pickup",
    ShipmentState.DELIVERED: "delivered",
}
_OPEN = {"shipped": ("transit", "out"), "transit": ("out",), "customs": ("out",)}
"""What a parcel still passes behind a step, before it is delivered."""
_CONFIRMED = frozenset({OrderState.PLACING, OrderState.PLACED, OrderState.NOTHING_TO_ORDER})


class Step(NamedTuple):
    """`at`: day and time, "" where nobody knows. `how`: done, now or open."""

    label: str
    at: str
    how: str


def steps_of(order: TrackedOrder, parcel: TrackedParcel | None, now: datetime, reader: Reader) -> list[Step]:
    """Of one parcel; without one, of an order of which nothing has left."""
    if parcel is None:
        goes = any(line.to_ship for line in order.lines)
        if order.state not in _CONFIRMED or not goes:
            return []
        passed, here, to_come = [("confirmed", order.ordered_at)], "confirmed", ["shipped", "delivered"]
    else:
        passed = _passed(order, parcel)
        here = passed[-1][0]
        ended = parcel.state in (ShipmentState.DELIVERED, ShipmentState.RETURN_TO_SENDER)
        to_come = [] if ended else [*_OPEN.get(here, ()), "delivered"]
        here = "" if ended else here
    known = [_step(name, at, "now" if name == here else "done", now, reader) for name, at in passed]
    return known + [_step(name, None, "open", now, reader) for name in to_come]


def _passed(order: TrackedOrder, parcel: TrackedParcel) -> list[tuple[str, datetime | None]]:
    """In the order of their times. A parcel that is in a state again, as behind customs, is there since its last news."""
    at: dict[str, datetime] = {}
    for state, instant in parcel.passed.items():
        step = _STEP_OF.get(ShipmentState(state))
        if step is not None:
            at[step] = min(instant, at.get(step, instant))
    here = _STEP_OF.get(parcel.state)
    behind = max((instant for step, instant in at.items() if step != here), default=parcel.shipped_at)
    if here is not None and parcel.state_at and parcel.state_at > behind >= at.get(here, behind):
        at[here] = parcel.state_at
    first = min([parcel.shipped_at, *at.values()])
    middle: list[tuple[str, datetime | None]] = [
        (step, at[step]) for step in sorted(at, key=lambda one: (one == here, at[one]))
    ]
    if here is not None and here not in at:
        middle.append((here, None))
    return [("confirmed", order.ordered_at), ("shipped", first), *middle]


def _step(name: str, at: datetime | None, how: str, now: datetime, reader: Reader) -> Step:
    return Step(reader.word(f"st_{name}"), reader.moment(at, now) if at else "", how)
