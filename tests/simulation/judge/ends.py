"""Promises P2 and P6: no order unheard of, each cancellation with exactly one end, each payment right after a look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from local.sandbox.wire import LedgerEntry
from orderwright.domain.order import OrderState
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.routing.decision import replayed
from orderwright.domain.shipment import FulfillmentState
from tests.simulation.judge.case import Case, store_order
from tests.simulation.judge.evidence import Dealing, Moment
from tests.simulation.judge.tables import Tables
from tests.support.shop import STORE

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

ENDS = ("NOTHING_ORDERED", "CANCELLATION_REQUESTED", "ORDERED_TOO_LATE")
ONE_INVOCATION = timedelta(minutes=2)
"""Where an invocation runs in one piece, what it did is seen when it ends: times within it cannot be told apart."""


def judge_last_look(sim: Sim, entry: LedgerEntry, dealing: Dealing) -> Iterator[str]:
    """A payment follows a look at the order in the store, and none is made that the look had forbidden.

    Judged where the world keeps `memory["reads"]`: order number -> when a placing worker was last answered about it, as
    a time, or exactly: as the number of lines that the ledger had then.
    """
    reads: dict[str, datetime | int] | None = sim.memory.get("reads")
    # A worker that stood still may pay on what it read long ago, while another has read the order again since.
    if reads is None or sim.memory.get("duplicates_possible"):
        return
    read, made = reads.get(dealing.number), dealing.made.get(entry.reference)
    if read is None or (made is not None and _before(read, made)):
        yield f"P6: {entry.reference} was paid without reading the order again"
    elif dealing.cancelled is not None and _after(read, dealing.cancelled):
        yield f"P6: {entry.reference} was paid although the store had said cancelled before the last read"


def _before(read: datetime | int, moment: Moment) -> bool:
    return read < moment.line if isinstance(read, int) else read < moment.at - ONE_INVOCATION


def _after(read: datetime | int, moment: Moment) -> bool:
    return read >= moment.line if isinstance(read, int) else read > moment.at


def judge_known(sim: Sim, case: Case) -> Iterator[str]:
    """Promise P2: what the store has is known here, and so is what it has said of money and cancellation."""
    name, record = case.sold.name, case.record
    if name in sim.memory.get("unheard", ()) or case.asked_for():
        return
    if record is None:
        yield f"P2: the store has the order {name} that we never heard of"
        return
    if case.store is None:
        return
    if case.cancelled and not record.cancelled:
        yield f"P2: {name} was cancelled in the store, and we never heard of it ({case.outcome})"
    waits_for_money = record.state is OrderState.AWAITING_PAYMENT
    if waits_for_money and not case.cancelled and case.store.financial_status == "PAID":
        yield f"P2: {name} was paid in the store, and we never heard of it"


def judge_strangers(sim: Sim, tables: Tables) -> Iterator[str]:
    """Promise P7: we hold no order that its store never had."""
    for pk in sorted(tables.files):
        connection, _, number = pk.removeprefix("ROUTING#").partition("#")
        if connection != STORE or store_order(sim, number) is None:
            yield f"P7: we hold the order {pk}, which no store has"


def judge_decisions(tables: Tables) -> Iterator[str]:
    """R40: each decision on who ships what belongs to an order, and comes out the same when it is made again."""
    for pk, decision in tables.decisions:
        file = tables.files.get(pk)
        if file is None or file.record is None or file.record.model.routed < decision.number:
            yield f"R40: decision {decision.number} of {pk} is kept, and its order does not know it"
        if replayed(decision) != decision.answer:
            yield f"R40: decision {decision.number} of {pk} comes out otherwise when it is made again"


def judge_cancellation(case: Case) -> Iterator[str]:
    """Promise P6: one of three ends, the one that the supplier's ledger shows."""
    record = case.record
    if record is None or not case.cancelled or record.test:
        return
    name, end, paid = case.sold.name, record.cancel_outcome, bool(case.dealing.payments)
    parked = any(
        po.state is PurchaseOrderState.PARKED
        or po.answers.contradiction
        or (po.state is PurchaseOrderState.REJECTED and po.placed_at is not None)
        for po in case.orders
    )
    if end not in ENDS and not (parked and case.visible) and not case.held() and not case.asked_for():
        yield f"P6: {name} was cancelled, and its end is {end or 'open'} ({case.outcome})"
    if end == "NOTHING_ORDERED" and paid:
        yield f"P6: our side says that nothing was ordered for {name}, the supplier was paid"
    if end in ENDS[1:] and not paid and not case.in_doubt:
        yield f"P6: our side says {end} of {name}, the supplier was never paid"
    if end in ENDS[1:] and not case.told:
        yield f"P6: {end} of {name}, and the merchant was not told"


def judge_given_back(case: Case) -> Iterator[str]:
    """Promise P6, on the way out: what the operator had the store do was done once, or stands in front of them."""
    asked, order = case.file.cancellation, case.store
    if asked is None or order is None:
        return
    name, state = case.sold.name, asked.model.state
    if order.refunded > order.received:
        yield f"P6: the store gave {order.refunded} back for {name}, and had received {order.received}"
    given_back = order.refunded >= order.received
    if state is FulfillmentState.DONE and not (given_back if asked.model.refund else order.cancelled_at):
        yield f"P6: our side says that the store has ended {name}, and it has not"
    if state is FulfillmentState.PARKED and not case.visible:
        yield f"P14: what the store was asked to do with {name} was given up, and nobody sees it"
    if state in (FulfillmentState.NEW, FulfillmentState.INTENT):
        yield f"P11: what the store was asked to do with {name} is neither done nor given up"
