"""One fulfillment for one accepted purchase order, its parcels added as they come; never a second for the same units (R13).

DONE and parcels came -> hold committed -> all numbers at once, replacing what was there -> told; the parcels are DONE

Found again by its lines, since it has no number yet. Fulfillments of two purchase orders may have the same lines, so each
write of an id is a write of the order's record as well: two workers can never keep the same one.
"""

from __future__ import annotations

from datetime import datetime

from orderwright.domain.order import units_of
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.shipment import FulfillmentState, Shipment, StoreFulfillment, StoreRecord
from orderwright.ports.store import FulfillmentView
from orderwright.records import OrderFile, order_part_key
from orderwright.storage import Due, Put
from orderwright.usecases.fulfilling import bundles
from orderwright.usecases.fulfilling.bundles import units_in_store
from orderwright.usecases.fulfilling.recording import Recording, stopped, tracking_update
from orderwright.usecases.order_commit import FULFILL, TRACK
from orderwright.usecases.tracking.matching import all_numbers

# Far below what one transaction takes.
PARCELS_AT_ONCE = 30


def parcels_of(file: OrderFile, *references: str) -> list[Shipment]:
    """The parcels of purchase orders, oldest first."""
    found = [held.model for held in file.shipments.values() if held.model.reference in references]
    return sorted(found, key=lambda parcel: (parcel.created_at, parcel.tracking_number))


class AcceptedOrder(Recording):
    """The store's one fulfillment of one purchase order."""

    @property
    def held(self) -> StoreFulfillment:
        """As it was read, or written by us since."""
        return self.file.fulfillments[self.sk].model

    @property
    def parcels(self) -> list[Shipment]:
        """What left of the purchase order, and of those whose goods are a part of its bundles, oldest first."""
        counted = bundles.counted(self.file).get(self.sk)
        parts = [self.file.fulfillments[sk].model.reference for sk in counted.carries] if counted else []
        return parcels_of(self.file, self.held.reference, *parts)

    def _is_there(self) -> bool:
        return self.sk in self.file.fulfillments

    def _since(self) -> datetime:
        return max([self.held.created_at, *(parcel.renumbered_at or parcel.created_at for parcel in self.parcels)])

    # --- recording that it was accepted -------------------------------------------------------------------------------

    def _looked(self, view: FulfillmentView) -> bool:
        found = self._found(view)
        return (
            self._done(found, "found in the store")
            if found
            else self._create(view, units_in_store(self.held), "", "", "")
        )

    def _found(self, view: FulfillmentView) -> str:
        """Ours by its lines: not another living purchase order's, and with no parcel that we do not know."""
        wanted = dict(units_in_store(self.held))
        known = all_numbers(parcel.model for parcel in self.file.shipments.values())
        taken = self._taken()
        for made in view.made:
            if (
                units_of(made.lines) == wanted
                and made.fulfillment_id not in taken
                and known.issuperset(made.tracking_numbers)
            ):
                return made.fulfillment_id
        return ""

    def _taken(self) -> set[str]:
        """Fulfillments that belong to others. One of a purchase order that ended is free for the one that replaces it."""
        living = {
            po.model.reference
            for po in self.file.purchase_orders.values()
            if po.model.state in (PurchaseOrderState.PLACED, PurchaseOrderState.INTENT)
        }
        others = {sk: other.model for sk, other in self.file.fulfillments.items() if sk != self.sk}
        accepted = {other.fulfillment_id for other in others.values() if other.digital or other.reference in living}
        references = {other.model.reference for other in self.file.fulfillments.values()}
        parcels = {
            parcel.model.fulfillment_id
            for parcel in self.file.shipments.values()
            if parcel.model.reference not in references
        }
        return (accepted | parcels) - {""}

    def _done(self, fulfillment_id: str, what: str) -> bool:
        """The store's id, together with the order's record: who writes one id has read all other ids."""
        if fulfillment_id in self._taken():
            return True
        commit, held = self._commit(), self.held.recorded(fulfillment_id)
        due = Due(commit.now, FULFILL) if self.parcels else None
        commit.fulfillment(self.sk, held, f"{held.reference}: {what}", due=due)
        commit.order(f"{held.reference}: {what}")
        self._write(commit)
        return True

    # --- the parcels --------------------------------------------------------------------------------------------------

    def _recorded(self) -> bool:
        held, parcels = self.held, self.parcels
        numbers = tuple(parcel.tracking_number for parcel in parcels)
        if not (parcels and held.fulfillment_id) or (numbers == held.told and held.settle_until is None):
            return self._parcels_done() if parcels else False
        self._save(held.claimed(self.owner, self._settles()), f"giving the store {len(numbers)} tracking numbers")
        return self._update(tracking_update(held.fulfillment_id, parcels), lambda: self._told(numbers))

    def _told(self, numbers: tuple[str, ...]) -> bool:
        now = self.clock.now()
        self._save(self.held.with_numbers(numbers), "the store has the tracking numbers", due=Due(now, FULFILL))
        return True

    def _parcels_done(self) -> bool:
        """The parcels whose numbers the store has; True when any was still open."""
        commit, held = self._commit(), self.held
        for sk, parcel in commit.parcels.items():
            # Of what the store is not told before the rest is sent, no number can be there.
            told = not held.fulfillment_id or parcel.tracking_number in held.told
            told = told and parcel.reference == held.reference
            if told and parcel.recording is not FulfillmentState.DONE and len(commit.changes) < PARCELS_AT_ONCE:
                due = Due(parcel.asked_at(commit.now + self.timing.parcel_poll), TRACK)
                what = f"parcel {parcel.tracking_number}: the store's fulfillment has its number"
                commit.parcel(sk, parcel.recorded(held.fulfillment_id), what, due=due)
        if not commit.changes:
            self._rest()
        self._write(commit)
        return bool(commit.changes)

    def _rest(self) -> None:
        """All is told: nothing to wake up for. A fulfillment that was woken keeps no due time in the past."""
        stored, key = self.file.fulfillments[self.sk], order_part_key(self.pk, self.sk)
        found = self.storage.get_raw(key)
        if found is not None and found[1] == stored.version and found[0].get("due_at"):
            self.storage.commit([Put(key, stored.model, stored.version)])

    # --- writing ------------------------------------------------------------------------------------------------------

    def _save(
        self, held: StoreRecord, what: str, why: str = "", *, counted: bool = False, due: Due | None = None
    ) -> None:
        assert isinstance(held, StoreFulfillment)
        commit = self._commit()
        if counted:
            commit.order(f"{held.reference}: {what}")
            due = Due(commit.now, FULFILL)
        due = Due(held.settle_until, FULFILL) if held.settle_until else due
        commit.fulfillment(self.sk, held, f"{held.reference}: {what}", why, due=due)
        self._write(commit)

    def _stop(self, code: str, message: str) -> bool:
        reference = self.held.reference
        reason = stopped(code, f"{reference} could not be shown as fulfilled in the store: {message}")
        commit = self._commit()
        commit.fulfillment(self.sk, self.held.parked(reason), f"{reference}: parked", reason.message, due=None)
        for sk, po in list(commit.orders.items()):
            if po.reference == reference:
                commit.purchase_order(sk, po.not_shown_in_store(reason))
        commit.order("a purchase order could not be shown as fulfilled in the store")
        self._write(commit)
        return False
