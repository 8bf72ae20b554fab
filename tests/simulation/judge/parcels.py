"""Parcels: each recorded at most once in the store, each known to us, each accounted for (R13, R29)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from local.sandbox.wire import LedgerEntry
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.shipment import FINAL, FulfillmentState, Shipment, ShipmentState
from tests.simulation.judge.case import Case
from tests.simulation.judge.evidence import Book, Dealing, vendor_news_came

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

PROMPT = timedelta(minutes=15)
RETRIED = timedelta(minutes=65)
"""News that could not be read is asked for again within a quarter of an hour, or a sixteenth of the purchase order's age."""


@dataclass
class Recording:
    """Units recorded in the store, by order, tracking number and SKU."""

    units: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def on_fulfillment(self, entry: LedgerEntry, dealing: Dealing | None) -> Iterator[str]:
        """The store was told of a parcel: it may hold no more than the supplier put into it."""
        if dealing is None:
            return
        for number in entry.data["numbers"]:
            sent: Counter[str] = Counter()
            for parcel in dealing.parcels:
                if number in parcel.numbers:
                    sent.update(parcel.quantities)
            for line in entry.data["lines"]:
                place = (dealing.name, dealing.first_of(number), line["sku"] or "")
                self.units[place] += line["quantity"]
                if not sent:
                    yield f"fulfillment: {number} was recorded for {dealing.name}, and the supplier never sent it"
                elif self.units[place] > sent[place[2]]:
                    yield (
                        f"fulfillment: parcel {number} of {dealing.name} was recorded with {self.units[place]} of "
                        f"{place[2]}, {sent[place[2]]} are in it"
                    )


def judge_parcels(sim: Sim, case: Case, book: Book) -> Iterator[str]:
    """One order at the end: the supplier's parcels, our shipments, the store's record, the carrier's last word."""
    if case.record is None or case.store is None:
        return
    recorded = {number for sent in case.store.fulfillments for number, _, _ in sent.tracking if number}
    for sk, held in sorted(case.file.shipments.items()):
        yield from _in_store(case, sk, held.model, recorded)
        yield from _carried(sim, case, sk, held.model, book)
    yield from _unseen(sim, case)
    yield from _renumbered(sim, case, recorded, book)


def _in_store(case: Case, sk: str, parcel: Shipment, recorded: set[str]) -> Iterator[str]:
    number, state = parcel.tracking_number, parcel.fulfillment
    if state is FulfillmentState.PARKED:
        if not case.told:
            yield f"fulfillment: {number} is parked and nobody was told"
    elif number not in recorded:
        if state is FulfillmentState.DONE:
            yield f"fulfillment: {number} is DONE here, the store has none"
        elif not case.cancelled and not _is_being_recorded(case, sk, parcel):
            yield f"fulfillment: {number} never reached the store"


def _is_being_recorded(case: Case, sk: str, parcel: Shipment) -> bool:
    """It is new, or waits for just that; the carrier's poll hours later would mend it, but nobody should need it.

    Where the store counts from acceptance, the parcel's number waits with the purchase order's own fulfillment.
    """
    due = case.tables.waits(case.pk, sk)
    if due is not None and due.kind == "shipment.fulfillment_due" and case.wakes(sk):
        return True
    if case.now - parcel.created_at < PROMPT:
        return True
    whole = f"FULFILLMENT#{parcel.reference}"
    accepted = case.file.fulfillments.get(whole)
    if accepted is None:
        return False
    return case.wakes(whole) or (accepted.model.state is FulfillmentState.PARKED and case.told)


def _unseen(sim: Sim, case: Case) -> Iterator[str]:
    orders = sorted(case.file.purchase_orders.items())
    placed = {held.model.reference: sk for sk, held in orders if held.model.state is PurchaseOrderState.PLACED}
    known = {(held.model.reference, held.model.tracking_number) for held in case.file.shipments.values()}
    for sent in case.dealing.parcels:
        sk = placed.get(sent.reference)
        if sk is None or (sent.reference, sent.number) in known or case.now - sent.at < PROMPT:
            continue
        # Polls that go on for ever without taking the number are no excuse where the supplier has told it.
        overdue = sent.former and case.now - sent.at > RETRIED and vendor_news_came(sim, case.names)
        if overdue or not _comes_later(sim, case, sk):
            what = f"the number {sent.number} instead of {sent.former[-1]}" if sent.former else f"parcel {sent.number}"
            yield f"tracking: {what} of {case.sold.name} was never seen"


def _renumbered(sim: Sim, case: Case, recorded: set[str], book: Book) -> Iterator[str]:
    """Store and tracker have the number that the supplier shows now, and the store none that is dead."""
    ours = {(held.model.reference, held.model.tracking_number): held.model for held in case.file.shipments.values()}
    for sent in case.dealing.parcels:
        parcel = ours.get((sent.reference, sent.number))
        if not sent.former or parcel is None or case.now - sent.at < PROMPT:
            continue
        for old in sent.former:
            if old in recorded and parcel.fulfillment is FulfillmentState.DONE:
                yield f"fulfillment: {case.sold.name} still has {old} in the store, which is {sent.number} now"
            if (sent.reference, old) in ours:
                yield f"tracking: {old} and {sent.number} of {case.sold.name} are one parcel, and two here"
        if sent.number not in book.followed and parcel.state not in FINAL:
            yield f"tracking: nobody asked the carrier about {sent.number} of {case.sold.name}, {sent.former[-1]} before"


def _carried(sim: Sim, case: Case, sk: str, parcel: Shipment, book: Book) -> Iterator[str]:
    number = parcel.tracking_number
    arrived, followed = book.delivered.get(number), book.followed.get(number)
    if parcel.state is ShipmentState.DELIVERED and arrived is None:
        yield f"tracking: our side says that {number} of {case.sold.name} was delivered, the carrier never did that"
    if parcel.state is ShipmentState.RETURN_TO_SENDER and not case.told:
        yield f"tracking: {number} of {case.sold.name} went back to its sender, and the merchant was not told"
    if parcel.state in (ShipmentState.DELIVERED, ShipmentState.CANCELLED):
        return
    if followed is None:
        if case.now - parcel.created_at >= PROMPT and not _comes_later(sim, case, sk):
            yield f"tracking: nobody asked the carrier about {number} of {case.sold.name}"
        return
    back = book.returned.get(number) if parcel.state is not ShipmentState.RETURN_TO_SENDER else None
    if back is not None and case.now - max(back, followed) >= PROMPT and not _comes_later(sim, case, sk):
        yield f"tracking: {number} of {case.sold.name} went back, and our side says {parcel.state.value}"
    if arrived is None:
        return
    if case.now - max(arrived, followed) >= PROMPT and not _comes_later(sim, case, sk):
        yield f"tracking: {number} of {case.sold.name} was delivered, and our side says {parcel.state.value}"


def _comes_later(sim: Sim, case: Case, sk: str) -> bool:
    """A poll will find it: soon where its news was heard and could not be read, at its own pace where none ever came."""
    due = case.tables.waits(case.pk, sk)
    if due is None or not case.wakes(sk):
        return False
    return not vendor_news_came(sim, case.names) or due.at <= case.now + RETRIED
