"""One fulfillment for one accepted purchase order, its parcels added as they come; never a second for the same units (R13).

NEW -> INTENT committed -> read what the store has -> create without parcel -> DONE
DONE and parcels came -> hold committed -> all numbers at once, replacing what was there -> told; the parcels are DONE

Found again by its lines, since it has no number yet. Fulfillments of two purchase orders may have the same lines, so each
write of an id is a write of the order's record as well: two workers can never keep the same one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from orderwright.domain.order import Reason, units_of
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.shipment import FulfillmentState, Shipment, StoreFulfillment
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict, Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable, VendorError
from orderwright.ports.connection import Clock
from orderwright.ports.store import FulfillmentRequest, FulfillmentView, StoreOrders, TrackingUpdate
from orderwright.records import OrderFile
from orderwright.storage import Storage
from orderwright.usecases.fulfilling.fulfillment_puts import Writing, parcels_of
from orderwright.usecases.health import note_failure
from orderwright.usecases.tracking.matching import all_numbers

FUNCTION = "publish_fulfillment"
MAX_SENDS = 2
GIVE_UP_AFTER = timedelta(days=2)
TRIES = 8


@dataclass
class Acceptance:
    """One step of one worker on one read of the order. `owner` is its token."""

    file: OrderFile
    sk: str
    correlation: str
    owner: str
    storage: Storage
    timing: Timing
    clock: Clock

    def run(self, store: StoreOrders) -> bool:
        """One step; True: it was written, read the order again, there may be more to do. Raises Conflict."""
        stored = self.file.fulfillments[self.sk]
        held, now = stored.model, self.clock.now()
        if held.state is FulfillmentState.PARKED or (held.settle_until is not None and now < held.settle_until):
            return False  # the operator's turn; or another worker's call has not settled: it wakes by itself
        if held.state is FulfillmentState.DONE:
            return self._tell(held, store)
        return self._record(held, store)

    def _writing(self) -> Writing:
        return Writing(self.file, self.sk, self.storage, self.timing, self.clock, self.correlation)

    # --- recording that it was accepted -------------------------------------------------------------------------------

    def _record(self, held: StoreFulfillment, store: StoreOrders) -> bool:
        assert self.file.record is not None
        try:
            view = store.read_fulfillment(self.file.record.model.order_id)
        except (Retryable, OutcomeUnknown, Misconfigured) as error:
            return self._later(held, error)
        except (NotFound, Rejected) as error:
            return self._park(held, error.code, error.message)
        found = self._found(held, view)
        if found:
            self._writing().recorded(_done(held, found), "found in the store")
            return True
        if held.sends >= MAX_SENDS:
            return self._park(held, "OUTCOME_UNCLEAR", "Two tries to record it ended without a clear answer.")
        return self._create(held, store, view)

    def _found(self, held: StoreFulfillment, view: FulfillmentView) -> str:
        """Ours by its lines: not another living purchase order's, and with no parcel that we do not know."""
        wanted = {line.line_id: line.quantity for line in held.lines}
        known = all_numbers({sk: parcel.model for sk, parcel in self.file.shipments.items()})
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
        accepted = {other.fulfillment_id for other in others.values() if other.reference in living}
        references = {other.model.reference for other in self.file.fulfillments.values()}
        parcels = {
            parcel.model.fulfillment_id
            for parcel in self.file.shipments.values()
            if parcel.model.reference not in references
        }
        return (accepted | parcels) - {""}

    def _create(self, held: StoreFulfillment, store: StoreOrders, view: FulfillmentView) -> bool:
        assert self.file.record is not None
        windows = self.timing.windows
        claimed = held.model_copy(
            update={
                "state": FulfillmentState.INTENT,
                "owner": self.owner,
                "settle_until": self.clock.now() + windows.lease + windows.lateness,
                "sends": held.sends + 1,
            }
        )
        self._reload(self._writing().saved(claimed, "recording it in the store"))
        request = FulfillmentRequest(
            order_id=self.file.record.model.order_id,
            lines=tuple((line.line_id, line.quantity) for line in held.lines),
            tracking_number="",
            carrier_name="",
            tracking_url="",
        )
        try:
            created = store.create_fulfillment(request, view)
        except OutcomeUnknown:
            return False  # looked for after it has settled: due_at is set
        except (Retryable, Misconfigured) as error:
            return self._later(self._now_held().model_copy(update={"sends": held.sends}), error)
        except (Rejected, NotFound) as error:
            return self._park(self._now_held(), error.code, error.message)
        return self._keep(created)

    def _keep(self, created: str) -> bool:
        """Write down what the store gave, also when the order was written meanwhile."""
        for _ in range(TRIES):
            held = self._now_held()
            if held.owner != self.owner or held.state is not FulfillmentState.INTENT or created in self._taken():
                return True
            try:
                self._writing().recorded(_done(held, created), "recorded in the store")
                return True
            except Conflict:
                self._reload(self.storage.load_order(self.file.pk))
        raise Conflict("the order changes faster than its fulfillment can be written")

    # --- the parcels --------------------------------------------------------------------------------------------------

    def _tell(self, held: StoreFulfillment, store: StoreOrders) -> bool:
        parcels = parcels_of(self.file, held.reference)
        numbers = tuple(parcel.tracking_number for parcel in parcels)
        if not parcels or (numbers == held.told and held.settle_until is None):
            return self._writing().parcels_done(held) if parcels else False
        windows = self.timing.windows
        claimed = held.model_copy(
            update={"owner": self.owner, "settle_until": self.clock.now() + windows.lease + windows.lateness}
        )
        self._reload(self._writing().saved(claimed, f"giving the store {len(numbers)} tracking numbers"))
        try:
            store.update_fulfillment_tracking(_update(held.fulfillment_id, parcels))
        except OutcomeUnknown as error:
            # It may still come late, so the next update is sent when this one has settled; for two days.
            held = self._now_held()
            return self._park(held, "OUTCOME_UNCLEAR", error.message) if self._too_late(held) else False
        except (Retryable, Misconfigured) as error:
            return self._later(self._now_held(), error)
        except (Rejected, NotFound) as error:
            return self._park(self._now_held(), error.code, error.message)
        told = self._now_held().model_copy(update={"told": numbers, "owner": "", "settle_until": None, "reasons": ()})
        self._writing().saved(told, "the store has the tracking numbers", wake_now=True)
        return True

    # --- what stands in the way ---------------------------------------------------------------------------------------

    def _now_held(self) -> StoreFulfillment:
        return self.file.fulfillments[self.sk].model

    def _reload(self, file: OrderFile) -> None:
        self.file = file

    def _since(self, held: StoreFulfillment) -> datetime:
        return max([held.created_at, *(p.renumbered_at or p.created_at for p in parcels_of(self.file, held.reference))])

    def _too_late(self, held: StoreFulfillment) -> bool:
        return self.clock.now() - self._since(held) > GIVE_UP_AFTER

    def _later(self, held: StoreFulfillment, error: VendorError) -> bool:
        assert self.file.record is not None
        if self._too_late(held):
            return self._park(held, error.code, error.message)
        now, since = self.clock.now(), self._since(held)
        after = error.after if isinstance(error, Retryable) and error.after else None
        at = now + (after or min(max(self.timing.retry_first, (now - since) / 4), self.timing.retry_max))
        waiting = held.model_copy(update={"owner": "", "settle_until": at})
        self._writing().saved(waiting, "postponed", error.message)
        if isinstance(error, Misconfigured):
            note_failure(self.storage, self.file.record.model.connection, FUNCTION, error, now)
        return False

    def _park(self, held: StoreFulfillment, code: str, message: str) -> bool:
        reason = Reason(
            code=f"FULFILLMENT_{code}",
            message=f"{held.reference} could not be shown as fulfilled in the store: {message}",
            fix="Record it in the store by hand, or correct the order there and retry.",
        )
        update = {"state": FulfillmentState.PARKED, "owner": "", "settle_until": None, "reasons": (reason,)}
        self._writing().parked(held.model_copy(update=update), reason)
        return False


def _done(held: StoreFulfillment, fulfillment_id: str) -> StoreFulfillment:
    return held.model_copy(
        update={
            "state": FulfillmentState.DONE,
            "fulfillment_id": fulfillment_id,
            "owner": "",
            "settle_until": None,
            "reasons": (),
        }
    )


def _update(fulfillment_id: str, parcels: list[Shipment]) -> TrackingUpdate:
    carriers = {parcel.carrier_name for parcel in parcels}
    return TrackingUpdate(
        fulfillment_id=fulfillment_id,
        numbers=tuple(parcel.tracking_number for parcel in parcels),
        # The store takes one carrier for all.
        carrier_name=carriers.pop() if len(carriers) == 1 else "",
        urls=tuple(parcel.tracking_url for parcel in parcels),
    )


def resumed(held: StoreFulfillment, *, not_recorded: bool) -> StoreFulfillment:
    """A parked one after the operator's `orders retry`: the store is read before anything is sent.

    Two unclear sends stay two, so that it only looks, unless the operator has seen that the store does not have it.
    """
    unclear = any(reason.code == "FULFILLMENT_OUTCOME_UNCLEAR" for reason in held.reasons)
    sends = held.sends if unclear and not not_recorded else min(held.sends, MAX_SENDS - 1)
    state = FulfillmentState.INTENT if sends else FulfillmentState.NEW
    return held.model_copy(update={"state": state, "owner": "", "reasons": (), "settle_until": None, "sends": sends})
