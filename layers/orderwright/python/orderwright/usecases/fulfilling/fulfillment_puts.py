"""Writing down how the store's fulfillment of a purchase order stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from orderwright.domain.order import Reason
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.shipment import FulfillmentState, Shipment, StoreFulfillment
from orderwright.domain.time_line import log_entry
from orderwright.domain.timing import Timing
from orderwright.ports.connection import Clock
from orderwright.records import OrderFile, Stored, order_part_key, reference_ref, tracking_ref
from orderwright.storage import (
    Change,
    Due,
    Put,
    Storage,
)
from orderwright.usecases.fulfilling.opening import WAKE
from orderwright.usecases.order_summary import order_put, summarise

FUNCTION = "publish_fulfillment"
# Far below what one transaction takes.
PARCELS_AT_ONCE = 30


def parcels_of(file: OrderFile, reference: str) -> list[Shipment]:
    """The parcels of a purchase order, oldest first."""
    found = [held.model for held in file.shipments.values() if held.model.reference == reference]
    return sorted(found, key=lambda parcel: (parcel.created_at, parcel.tracking_number))


@dataclass(frozen=True)
class Writing:
    """Commits under the versions of one read. Each raises Conflict."""

    file: OrderFile
    sk: str
    storage: Storage
    timing: Timing
    clock: Clock
    correlation: str

    def saved(self, held: StoreFulfillment, what: str, why: str = "", *, wake_now: bool = False) -> OrderFile:
        """The fulfillment alone; gives the file as it is then. It wakes when its call has settled."""
        put, logged = self._put(held, what, why, wake_now=wake_now)
        self.storage.commit([put], correlation=self.correlation)
        stored = Stored(logged, put.version + 1)
        return replace(self.file, fulfillments={**self.file.fulfillments, self.sk: stored})

    def recorded(self, held: StoreFulfillment, what: str) -> None:
        """The store's id, together with the order's record: whoever writes an id has seen all the others."""
        put, _ = self._put(held, what, "", wake_now=bool(parcels_of(self.file, held.reference)))
        self.storage.commit([put, self._order(f"{held.reference}: {what}", {})], correlation=self.correlation)

    def parked(self, held: StoreFulfillment, reason: Reason) -> None:
        """In front of the operator, with an alarm."""
        put, _ = self._put(held, "parked", reason.message)
        changes: list[Change] = [put]
        orders: dict[str, PurchaseOrder] = {}
        for sk, stored in self.file.purchase_orders.items():
            if stored.model.reference == held.reference:
                orders[sk] = stored.model.model_copy(update={"store_problem": reason})
                changes.append(self._purchase_order(sk, orders[sk], stored.version))
        changes.append(self._order("a purchase order could not be shown as fulfilled in the store", orders))
        self.storage.commit(changes, correlation=self.correlation)

    def parcels_done(self, held: StoreFulfillment) -> bool:
        """The parcels whose numbers the store has; True when any was still open."""
        changes: list[Put] = []
        for parcel in parcels_of(self.file, held.reference):
            if parcel.fulfillment is not FulfillmentState.DONE and parcel.tracking_number in held.told:
                changes.append(self._parcel(parcel, held))
        if changes:
            self.storage.commit(changes[:PARCELS_AT_ONCE], correlation=self.correlation)
        else:
            self._rest(held)
        return bool(changes)

    def _rest(self, held: StoreFulfillment) -> None:
        """All is told: nothing to wake up for. A fulfillment that was woken keeps no due time in the past."""
        stored = self.file.fulfillments[self.sk]
        found = self.storage.get_raw(order_part_key(self.file.pk, self.sk))
        if found is not None and found[1] == stored.version and found[0].get("due_at"):
            self.storage.commit([Put(order_part_key(self.file.pk, self.sk), held, stored.version)])

    def _put(
        self, held: StoreFulfillment, what: str, why: str, *, wake_now: bool = False
    ) -> tuple[Put, StoreFulfillment]:
        now = self.clock.now()
        entry = log_entry(now, FUNCTION, f"{held.reference}: {what}", why, self.correlation)
        logged = held.model_copy(update={"log": (*held.log, entry)})
        at = held.settle_until or (now if wake_now else None)
        due = Due(at, WAKE) if at else None
        return Put(
            order_part_key(self.file.pk, self.sk), logged, self.file.fulfillments[self.sk].version, due=due
        ), logged

    def _parcel(self, parcel: Shipment, held: StoreFulfillment) -> Put:
        now = self.clock.now()
        sk, stored = next((sk, held) for sk, held in self.file.shipments.items() if held.model is parcel)
        what = f"parcel {parcel.tracking_number}: the store's fulfillment has its number"
        done = parcel.model_copy(
            update={
                "fulfillment": FulfillmentState.DONE,
                "fulfillment_id": held.fulfillment_id,
                "owner": "",
                "settle_until": None,
                "reasons": (),
                "log": (*parcel.log, log_entry(now, FUNCTION, what, "", self.correlation)),
            }
        )
        due = Due(done.asked_at(now + self.timing.parcel_poll), "tracking.due")
        ref = tracking_ref(parcel.tracking_number)
        return Put(order_part_key(self.file.pk, sk), done, stored.version, due=due, ref=ref)

    def _purchase_order(self, sk: str, po: PurchaseOrder, version: int) -> Put:
        due = Due(po.tracking_due, "tracking.due") if po.tracking_due else None
        if po.cancel_requested and not po.cancel_outcome:
            due = Due(self.clock.now(), "purchase_order.due")
        return Put(order_part_key(self.file.pk, sk), po, version, due=due, ref=reference_ref(po.reference))

    def _order(self, why: str, changed: dict[str, PurchaseOrder]) -> Put:
        assert self.file.record is not None
        stored = self.file.record
        lines = self.file.details.model.lines if self.file.details else ()
        orders = {sk: held.model for sk, held in self.file.purchase_orders.items()} | changed
        shipments: Sequence[Shipment] = [held.model for held in self.file.shipments.values()]
        record = summarise(stored.model, lines, orders.values(), shipments)
        return order_put(
            self.file.pk, stored.model, record, stored.version, self.clock.now(), FUNCTION, why, self.correlation
        )
