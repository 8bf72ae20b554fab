"""Promises P11 and P9 at the end: nothing flies, nothing is overdue, everything that waits will wake, no message died."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from orderwright.domain.notice import NoticeState
from orderwright.domain.order import OrderState
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import FINAL, FulfillmentState
from tests.simulation.judge.case import OVERDUE, UNFINISHED, Case
from tests.simulation.judge.tables import Tables

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

DEAD = "_dead_letter"
SLEEPS_AT_MOST = {
    "purchase_order.due": timedelta(minutes=20),
    "shipment.fulfillment_due": timedelta(minutes=20),
    "notice.due": timedelta(minutes=20),
    "message.due": timedelta(minutes=20),
    "erasure.due": timedelta(minutes=20),
    "bill.due": timedelta(minutes=20),
    "customer.request_due": timedelta(minutes=20),
    "listing.push_due": timedelta(minutes=20),
    "listing.publication_due": timedelta(minutes=20),
    "tracking.due": timedelta(hours=13),
}
"""The longest wait that is legitimate when nothing goes wrong any more: retries double up to 15 minutes, polls up to 12 h."""
CONFIRMED_WITHIN = timedelta(minutes=61)
"""Where people take the orders, the next step waits for their word."""
POLLED_ANYWAY = ("stock.poll_due", "stock.news", "catalogue.import_due")
"""Their queues hide a message for half an hour after a worker died over it; by then the schedule has polled the same again."""
OPEN_RECORD = (FulfillmentState.NEW, FulfillmentState.INTENT)


def judge_queues(sim: Sim) -> Iterator[str]:
    """What flies must be young: a message that is still there after minutes fails, or nobody takes it."""
    planted = sim.memory.get("poison", ())
    for letter in sim.memory.get("buried", ()) if sim.memory.get("nobody_dies") else ():
        yield f"P9: a message died while a vendor was silent: {letter}"
    for name, queue in sorted(sim.queues.items()):
        for held in queue.messages:
            if held.body in planted:
                continue
            if name.endswith(DEAD):
                yield f"P9: a message died in {name}: {kind_of(held.body)}"
            elif sim.clock.at - held.sent_at > OVERDUE and kind_of(held.body) not in POLLED_ANYWAY:
                yield f"P11: a message is still flying: {name}: {kind_of(held.body)}"


def kind_of(body: str) -> str:
    """The type of a message, for people."""
    try:
        data = json.loads(body)
    except ValueError:
        return "no JSON"
    return str(data.get("type", "record")) if isinstance(data, dict) else "no message"


def judge_due(sim: Sim, tables: Tables) -> Iterator[str]:
    """Nothing is overdue, and nothing sleeps for longer than its kind may."""
    now, most = sim.clock.at, dict(SLEEPS_AT_MOST)
    if sim.words.desk:
        most["purchase_order.due"] = CONFIRMED_WITHIN
    for (pk, sk), due in sorted(tables.due.items()):
        if due.at <= now - OVERDUE:
            yield f"P11: overdue since {due.at:%d %H:%M:%S}: {due.kind} of {pk} {sk}"
        elif due.at - now > most.get(due.kind, timedelta.max):
            yield f"P11: {due.kind} of {pk} {sk} sleeps until {due.at:%d %H:%M:%S}"


def judge_waiting(case: Case) -> Iterator[str]:
    """One order: whatever is not final or parked has a due time."""
    if case.record is None:
        return
    for sk in sorted(_waits(case)):
        if case.tables.waits(case.pk, sk) is None:
            yield f"P11: {sk} of {case.sold.name} waits and nothing will wake it"
    if case.record.state in (OrderState.PLACING, OrderState.RESERVING) and not any(
        pk == case.pk for pk, _ in case.tables.due
    ):
        yield f"P11: {case.sold.name} is PLACING and nothing will wake it"
    if case.record.recheck_at is not None and case.tables.waits(case.pk, "ORDER") is None:
        yield f"P11: {case.sold.name} is to be looked at again, and nothing will wake it"


def _waits(case: Case) -> Iterator[str]:
    for sk, order in case.file.purchase_orders.items():
        if order.model.state in UNFINISHED or _is_followed(case, order.model):
            yield sk
    for sk, parcel in case.file.shipments.items():
        accepted = f"FULFILLMENT#{parcel.model.reference}" in case.file.fulfillments
        if parcel.model.state not in FINAL or (parcel.model.fulfillment in OPEN_RECORD and not accepted):
            yield sk
    for sk, fulfillment in case.file.fulfillments.items():
        numbers = {
            parcel.model.tracking_number
            for parcel in case.file.shipments.values()
            if parcel.model.reference == fulfillment.model.reference
        }
        untold = numbers - set(fulfillment.model.told)
        if fulfillment.model.state in OPEN_RECORD or (fulfillment.model.state is FulfillmentState.DONE and untold):
            yield sk
    for sk, notice in case.file.notices.items():
        if notice.model.state in (NoticeState.SENDING, NoticeState.WAITING) or notice.model.waiting:
            yield sk


def _is_followed(case: Case, po: PurchaseOrder) -> bool:
    """A paid purchase order is asked for until all its units are in parcels and its reservations are closed."""
    if po.state is not PurchaseOrderState.PLACED:
        return False
    left = sum(line.quantity for line in po.lines)
    for parcel in case.file.shipments.values():
        if parcel.model.reference == po.reference:
            left -= sum(line.quantity for line in parcel.model.lines)
    asks_end = po.cancel_requested and not po.cancel_outcome
    return left > 0 or not po.reservation_closed or asks_end
