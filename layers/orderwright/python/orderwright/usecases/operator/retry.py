"""Move a parked or refused purchase order on, never past promise P1: what was ever sent is looked up before it is sent again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from orderwright.domain.order import OrderRecord
from orderwright.domain.purchase_order import MAX_SENDS, UNCLEAR_CODES, PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import FulfillmentState, Shipment, StoreFulfillment
from orderwright.domain.timing import Timing
from orderwright.records import OrderFile, Stored, order_part_key
from orderwright.storage import Change, Due, Fact, Put
from orderwright.usecases.fulfilling.opening import WAKE
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.fixes import command
from orderwright.usecases.operator.order_edit import Edit, commit, load
from orderwright.usecases.placing.requests import free_spend
from orderwright.usecases.reservations import give_back, held_back, without

_REPLACED_WHEN_NOT_ORDERED = frozenset({"LOOK_UP_LOST", "ID_LOST", "ANOTHER_ORDER", "ORDER_DIFFERS"})


class Retried(NamedTuple):
    """What a retry did: one line per purchase order or parcel, and the order as it is now."""

    lines: tuple[str, ...]
    record: OrderRecord


def retry_order(desk: Desk, pk: str, timing: Timing, *, not_ordered: bool = False) -> Retried:
    """Retry all that is parked or refused of one order.

    `not_ordered`: the operator has looked at the supplier and says that nothing is ordered there under our reference.
    Raises Refused when nothing waits for a retry.
    """
    return decided(lambda: _retry(desk, pk, timing, not_ordered=not_ordered))


def _retry(desk: Desk, pk: str, timing: Timing, *, not_ordered: bool) -> Retried:
    file, stored = load(desk, pk)
    orders: dict[str, PurchaseOrder] = {}
    lines: list[str] = []
    for sk, held in sorted(file.purchase_orders.items()):
        if held.model.state in (PurchaseOrderState.PARKED, PurchaseOrderState.REJECTED):
            orders[sk], what = retried(held.model, desk, timing, not_ordered=not_ordered)
            lines.append(f"{held.model.reference}: {what}")
    parcels: dict[str, Shipment] = {}
    for sk, parcel in sorted(file.shipments.items()):
        if parcel.model.fulfillment is FulfillmentState.PARKED:
            parcels[sk] = resumed_parcel(parcel.model, desk, not_recorded=not_ordered)
            lines.append(f"parcel {parcel.model.tracking_number}: recorded in the store once more, after a look there")
    shown: list[Change] = []
    for sk, accepted in sorted(file.fulfillments.items()):
        if accepted.model.state is FulfillmentState.PARKED:
            shown.append(_shown(desk, pk, stored.model.connection, sk, accepted, not_recorded=not_ordered))
            orders |= _relieved(file, orders, accepted.model.reference)
            lines.append(f"{accepted.model.reference}: shown as fulfilled in the store, after a look there")
    if not lines and stored.model.problems:
        lines.append("planned anew: what stood against it is checked again")
        return Retried(tuple(lines), commit(desk, file, Edit("retry: plan anew", replan=True)))
    if not lines:
        raise Refused(
            "NOTHING_TO_RETRY",
            f"no purchase order or parcel of {stored.model.name} is parked or refused",
            command("orders", "show", stored.model.name),
        )
    replaced = {sk: po for sk, po in orders.items() if po.state is PurchaseOrderState.CANCELLED}
    ended = {sk: file.purchase_orders[sk].model for sk in replaced}
    updates, extra = given_back(pk, stored.model, ended, desk.now())
    edit = Edit("retry", orders, parcels, updates=updates, extra=[*extra, *shown], replan=bool(replaced))
    return Retried(tuple(lines), commit(desk, file, edit))


def _shown(
    desk: Desk, pk: str, connection: str, sk: str, accepted: Stored[StoreFulfillment], *, not_recorded: bool
) -> Put:
    again = accepted.model.resumed(not_recorded=not_recorded)
    logged = again.model_copy(update={"log": (*again.log, desk.entry("retry"))})
    fact = Fact(WAKE, connection=connection, pk=pk, sk=sk)
    return Put(order_part_key(pk, sk), logged, accepted.version, facts=(fact,), due=Due(desk.now(), WAKE))


def _relieved(file: OrderFile, orders: Mapping[str, PurchaseOrder], reference: str) -> dict[str, PurchaseOrder]:
    """The purchase order whose fulfillment is tried again, without its problem."""
    found = {sk: orders.get(sk, held.model) for sk, held in file.purchase_orders.items()}
    return {sk: po.model_copy(update={"store_problem": None}) for sk, po in found.items() if po.reference == reference}


def retried(po: PurchaseOrder, desk: Desk, timing: Timing, *, not_ordered: bool) -> tuple[PurchaseOrder, str]:
    """What becomes of one parked or refused purchase order, and in words.

    A step that was sent is looked up first, whatever was said of it: an operator's retry never repeats a call blindly.
    """
    codes = {reason.code for reason in po.reasons}
    if po.state is PurchaseOrderState.REJECTED or (not_ordered and codes & _REPLACED_WHEN_NOT_ORDERED):
        return _ended(po), "given up; a new one follows under the next number"
    if codes & UNCLEAR_CODES:
        if not not_ordered:
            what = (
                "nothing is sent a third time" if po.sends >= MAX_SENDS else "where that cannot be, it stays with you"
            )
            return _looked_up(po, desk, po.sends), f"looked up at the supplier once more; {what}"
        # Two sends were unclear: one more, after one more look-up. Fewer means that there is no look-up to be had.
        sends = MAX_SENDS - 1 if po.sends >= MAX_SENDS else 0
        return _looked_up(po, desk, sends), "sent at most once more, since you found nothing at the supplier"
    if not po.resume_step and not po.step:
        again = po.model_copy(update={"state": PurchaseOrderState.NEW, "reasons": (), "refusals": 0, "sends": 0})
        return _fresh_day(again), "starts again"
    if po.sends and po.resume_step in ("", po.step):
        # Given up after too many tries may mean that look-ups failed: then the sends that count go on counting.
        known = po.refusals < timing.give_up_after or not_ordered
        sends = min(po.sends, MAX_SENDS - 1) if known else po.sends
        return _looked_up(po, desk, sends), f"looked up, then goes on with step {po.step}"
    resumed = _looked_up(po.model_copy(update={"step": po.resume_step or po.step}), desk, 0)
    return resumed, f"goes on with step {resumed.step}"


def _looked_up(po: PurchaseOrder, desk: Desk, sends: int) -> PurchaseOrder:
    return po.retried(desk.now(), sends=sends)


def _fresh_day(po: PurchaseOrder) -> PurchaseOrder:
    """Spend that was given back is counted anew, against the day on which it is reserved again (promise P10)."""
    return po if po.reserved_spend is not None else po.model_copy(update={"spend_day": ""})


def _ended(po: PurchaseOrder) -> PurchaseOrder:
    return po.nothing_ordered("REPLACED", *po.reasons)


def given_back(
    pk: str, record: OrderRecord, ended: Mapping[str, PurchaseOrder], now: datetime
) -> tuple[dict[str, object], list[Change]]:
    """Stock and spend of purchase orders that end with nothing ordered: updates of the record, and the changes.

    A new purchase order reserves anew, under a new name: kept reservations would count twice.
    """
    names = {line.reservation for po in ended.values() for line in po.lines if line.reservation in record.reserved}
    closed = held_back(ended.values())
    held = {name: record.reserved[name] for name in sorted(names) if name not in closed}
    later, back = give_back(pk, record, held, now)
    spends = [spend for po in ended.values() for spend in free_spend(po)]
    updates: dict[str, object] = {"reserved": without(record.reserved, names)} if names else {}
    updates.update(later)
    return updates, [*back, *spends]


def resumed_parcel(parcel: Shipment, desk: Desk, *, not_recorded: bool) -> Shipment:
    """A parked record of a parcel in the store: publish_fulfillment reads the store before it sends anything.

    Two unclear sends stay two, so that it only looks, unless the operator has seen that the store does not have it.
    """
    unclear = any(reason.code == "FULFILLMENT_OUTCOME_UNCLEAR" for reason in parcel.reasons)
    sends = parcel.sends if unclear and not not_recorded else min(parcel.sends, MAX_SENDS - 1)
    state = FulfillmentState.INTENT if sends else FulfillmentState.NEW
    update = {"fulfillment": state, "owner": "", "reasons": (), "settle_until": desk.now(), "sends": sends}
    return parcel.model_copy(update=update)
