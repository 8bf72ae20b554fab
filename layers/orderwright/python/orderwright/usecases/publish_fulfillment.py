"""A parcel is recorded in the store once, with the right lines (R29). The store's call is not idempotent: P1's protocol.

NEW -> INTENT committed -> read what the store has -> create -> DONE
A parcel of a purchase order that the store shows as fulfilled since its acceptance is added to that fulfillment instead.
A parcel that got another number is found by its fulfillment's id or its former number, and the new number is set there.
An INTENT found later: wait until it settled, read the store; the parcel is there -> DONE, else once more, else parked
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from orderwright.domain.order import OrderRecord, Reason
from orderwright.domain.shipment import FulfillmentState, Shipment
from orderwright.domain.time_line import log_entry
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict, Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable, VendorError
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.ports.store import FulfillmentRequest, FulfillmentView, StoreOrders, TrackingUpdate
from orderwright.records import OrderFile, Stored, fulfillment_key, order_part_key, tracking_ref
from orderwright.storage import (
    Change,
    Due,
    Fact,
    Put,
    Storage,
)
from orderwright.usecases.fulfilling.acceptance import Acceptance
from orderwright.usecases.health import note_failure
from orderwright.usecases.order_summary import order_put, summarise

FUNCTION = "publish_fulfillment"
MAX_SENDS = 2
GIVE_UP_AFTER = timedelta(days=2)
TRIES = 8
WAKE = "shipment.fulfillment_due"


def publish_fulfillment(
    message: Message,
    *,
    storage: Storage,
    store_for: Callable[[str], StoreOrders],
    timing: Timing,
    clock: Clock,
    new_token: Callable[[], str],
) -> None:
    """Record one parcel, or one accepted purchase order, in its store. Safe to run any number of times."""
    owner = new_token()
    for _ in range(TRIES):
        file = storage.load_order(message.pk)
        held = file.shipments.get(message.sk)
        accepted = fulfillment_key(message.pk, held.model.reference).sk if held else message.sk
        if file.record is not None and accepted in file.fulfillments:
            step = Acceptance(file, accepted, message.correlation or message.id, owner, storage, timing, clock)
            try:
                if not step.run(store_for(file.record.model.connection)):
                    return
            except Conflict:
                pass  # read again below
            continue
        if held is None or file.record is None:
            return
        correlation = message.correlation or message.id
        work = _Work(file, file.record, message.sk, held.version, owner, storage, timing, clock, correlation)
        try:
            work.run(held.model, store_for(file.record.model.connection))
            return
        except Conflict:
            continue
    raise Conflict("the shipment changes faster than it can be written")


def _since(shipment: Shipment) -> datetime:
    """When there was something new to record of it."""
    return shipment.renumbered_at or shipment.created_at


@dataclass
class _Work:
    """One attempt on one read of the order."""

    file: OrderFile
    record: Stored[OrderRecord]
    sk: str
    version: int
    owner: str
    storage: Storage
    timing: Timing
    clock: Clock
    correlation: str

    def run(self, shipment: Shipment, store: StoreOrders) -> None:
        """Claim, look, create or adopt."""
        now = self.clock.now()
        if shipment.fulfillment in (FulfillmentState.DONE, FulfillmentState.PARKED):
            return
        if shipment.fulfillment is FulfillmentState.INTENT and shipment.settle_until and now < shipment.settle_until:
            return
        try:
            view = store.read_fulfillment(self.record.model.order_id)
        except (Retryable, OutcomeUnknown, Misconfigured) as error:
            self._later(shipment, error)
            return
        except (NotFound, Rejected) as error:
            self._park(shipment, error.code, error.message)
            return
        ours = next((one for one in view.made if one.fulfillment_id == shipment.fulfillment_id), None)
        if ours is not None:
            former = ours.fulfillment_id
            made = former if shipment.tracking_number in ours.tracking_numbers else ""
        else:
            made = self._made(shipment, view, {shipment.tracking_number})
            former = self._made(shipment, view, set(shipment.former_numbers))
        if made:
            self._done(shipment, made, "found in the store")
        elif former:
            self._renumber(shipment, store, former)
        elif shipment.sends >= MAX_SENDS:
            self._park(shipment, "OUTCOME_UNCLEAR", "Two tries to record the parcel ended without a clear answer.")
        else:
            self._create(shipment, store, view)

    def _made(self, shipment: Shipment, view: FulfillmentView, numbers: set[str]) -> str:
        # Two purchase orders may leave in one parcel: the number alone does not say that these lines are recorded.
        for made in view.made:
            units = dict(made.lines)
            if numbers.intersection(made.tracking_numbers) and all(
                units.get(line.line_id, 0) >= line.quantity for line in shipment.lines
            ):
                return made.fulfillment_id
        return ""

    def _claimed(self, shipment: Shipment, what: str, sends: int) -> Shipment:
        windows = self.timing.windows
        settle = self.clock.now() + windows.lease + windows.lateness
        intent = {"fulfillment": FulfillmentState.INTENT, "owner": self.owner, "settle_until": settle, "sends": sends}
        return self._save(shipment.model_copy(update=intent), what, due=Due(settle, WAKE))

    def _renumber(self, shipment: Shipment, store: StoreOrders, fulfillment_id: str) -> None:
        """A repeat is harmless, so it is not counted; what is unclear is read again when it has settled, for two days."""
        claimed = self._claimed(shipment, "giving the store its new number", shipment.sends)
        numbers, urls = (shipment.tracking_number,), (shipment.tracking_url,)
        try:
            store.update_fulfillment_tracking(TrackingUpdate(fulfillment_id, numbers, shipment.carrier_name, urls))
        except OutcomeUnknown as error:
            if self.clock.now() - _since(shipment) > GIVE_UP_AFTER:
                self._park(claimed, "OUTCOME_UNCLEAR", error.message)
        except (Retryable, Misconfigured) as error:
            self._later(claimed, error)
        except (Rejected, NotFound) as error:
            self._park(claimed, error.code, error.message)
        else:
            self._done(claimed, fulfillment_id, "the store has its new number")

    def _create(self, shipment: Shipment, store: StoreOrders, view: FulfillmentView) -> None:
        claimed = self._claimed(shipment, "recording it in the store", shipment.sends + 1)
        request = FulfillmentRequest(
            order_id=self.record.model.order_id,
            lines=tuple((line.line_id, line.quantity) for line in shipment.lines),
            tracking_number=shipment.tracking_number,
            carrier_name=shipment.carrier_name,
            tracking_url=shipment.tracking_url,
        )
        try:
            fulfillment_id = store.create_fulfillment(request, view)
        except OutcomeUnknown:
            return  # looked up after it has settled: due_at is set
        except (Retryable, Misconfigured) as error:
            self._later(claimed.model_copy(update={"sends": shipment.sends}), error)
        except (Rejected, NotFound) as error:
            self._park(claimed, error.code, error.message)
        else:
            self._done(claimed, fulfillment_id, "recorded in the store")

    def _done(self, shipment: Shipment, fulfillment_id: str, what: str) -> None:
        done = shipment.model_copy(
            update={
                "fulfillment": FulfillmentState.DONE,
                "fulfillment_id": fulfillment_id,
                "owner": "",
                "settle_until": None,
                "reasons": (),
            }
        )
        self._save(done, what, due=self._parcel_due(done))

    def _parcel_due(self, shipment: Shipment) -> Due:
        return Due(shipment.asked_at(self.clock.now() + self.timing.parcel_poll), "tracking.due")

    def _later(self, shipment: Shipment, error: VendorError) -> None:
        now = self.clock.now()
        age = now - _since(shipment)
        if age > GIVE_UP_AFTER:
            self._park(shipment, error.code, error.message)
            return
        after = error.after if isinstance(error, Retryable) and error.after else None
        at = now + (after or min(max(self.timing.retry_first, age / 4), self.timing.retry_max))
        waiting = shipment.model_copy(update={"owner": "", "settle_until": at})
        self._save(waiting, "postponed", error.message, due=Due(at, WAKE))
        if isinstance(error, Misconfigured):
            note_failure(self.storage, self.record.model.connection, FUNCTION, error, now)

    def _park(self, shipment: Shipment, code: str, message: str) -> None:
        reason = Reason(
            code=f"FULFILLMENT_{code}",
            message=f"Parcel {shipment.tracking_number} could not be recorded in the store: {message}",
            fix="Record it in the store by hand, or correct the order there and retry.",
        )
        parked = shipment.model_copy(
            update={"fulfillment": FulfillmentState.PARKED, "owner": "", "settle_until": None, "reasons": (reason,)}
        )
        logged, put = self._put(parked, "parked", reason.message, self._parcel_due(parked))
        lines = self.file.details.model.lines if self.file.details else ()
        orders = [held.model for held in self.file.purchase_orders.values()]
        shipments = [logged if sk == self.sk else held.model for sk, held in self.file.shipments.items()]
        summed = summarise(self.record.model, lines, orders, shipments)
        order = order_put(
            self.file.pk, self.record.model, summed, self.record.version, self.clock.now(), FUNCTION,
            "a parcel could not be recorded in the store", self.correlation,
        )  # fmt: skip
        changes: list[Change] = [put, order]
        self.storage.commit(changes, correlation=self.correlation)

    def _put(
        self, shipment: Shipment, what: str, why: str, due: Due | None, facts: tuple[Fact, ...] = ()
    ) -> tuple[Shipment, Put]:
        entry = log_entry(
            self.clock.now(), FUNCTION, f"parcel {shipment.tracking_number}: {what}", why, self.correlation
        )
        logged = shipment.model_copy(update={"log": (*shipment.log, entry)})
        key = order_part_key(self.file.pk, self.sk)
        ref = tracking_ref(shipment.tracking_number)
        return logged, Put(key, logged, self.version, facts=facts, due=due, ref=ref)

    def _save(self, shipment: Shipment, what: str, why: str = "", *, due: Due | None) -> Shipment:
        logged, put = self._put(shipment, what, why, due)
        self.storage.commit([put], correlation=self.correlation)
        self.version += 1
        return logged
