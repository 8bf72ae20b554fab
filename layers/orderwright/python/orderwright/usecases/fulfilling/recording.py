"""Doing something with an order in its store once (R13, R29). The store's call is not idempotent: P1's protocol.

NEW -> INTENT committed -> read what the store has -> create -> DONE
An INTENT found later: wait until it settled, read the store; it is there -> DONE, else once more, else parked
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from orderwright.domain.order import OrderRecord, Reason
from orderwright.domain.shipment import MAX_SENDS, FulfillmentState, Shipment, StoreFulfillment, StoreRecord
from orderwright.domain.timing import Timing
from orderwright.errors import Misconfigured, OutcomeUnknown, Retryable, VendorError
from orderwright.ports.connection import Clock
from orderwright.ports.store import FulfillmentRequest, FulfillmentView, OrderCancelling, StoreOrders, TrackingUpdate
from orderwright.records import OrderFile
from orderwright.storage import Storage
from orderwright.usecases.fulfilling import bundles
from orderwright.usecases.fulfilling.bundles import Units
from orderwright.usecases.health import note_failure
from orderwright.usecases.once import Once
from orderwright.usecases.order_commit import OrderCommit

FUNCTION = "publish_fulfillment"


class Ways(NamedTuple):
    """The ways to a store: for its orders, and to end one there (None where that is done by hand)."""

    store: Callable[[str], StoreOrders]
    cancelling: Callable[[str], OrderCancelling | None]


GIVE_UP_AFTER = timedelta(days=2)


@dataclass
class StoreWork(Once):
    """One worker on one thing that its store is asked to do. `owner` is its token; `file` was read right before."""

    pk: str
    sk: str
    correlation: str
    owner: str
    storage: Storage
    ways: Ways
    timing: Timing
    clock: Clock
    file: OrderFile
    is_read: bool = True
    creates: bool = False

    what = "work in the store"

    # --- what differs -------------------------------------------------------------------------------------------------

    @property
    @abstractmethod
    def held(self) -> StoreRecord:
        """As it was read, or written by us since."""

    @abstractmethod
    def _is_there(self) -> bool:
        """Is it in the order that was read?"""

    @abstractmethod
    def _since(self) -> datetime:
        """Since when there is something to record."""

    @abstractmethod
    def _save(self, held: StoreRecord, what: str, why: str = "") -> None:
        """The record alone. It wakes when its call has settled."""

    @abstractmethod
    def _stop(self, code: str, message: str) -> bool:
        """In front of the operator, with an alarm."""

    # --- the protocol -------------------------------------------------------------------------------------------------

    @property
    def record(self) -> OrderRecord:
        """The order."""
        assert self.file.record is not None
        return self.file.record.model

    def _read(self) -> bool:
        if not self.is_read:
            self.file = self.storage.load_order(self.pk)
        self.is_read = False
        return self.file.record is not None and self._is_there()

    def _act(self) -> bool:
        self.creates, held = False, self.held
        if held.recording is FulfillmentState.PARKED or held.unsettled(self.clock.now()):
            return False  # the operator's turn; or another worker's call has not settled: it wakes automatically
        return self._recorded() if held.recording is FulfillmentState.DONE else self._do()

    @abstractmethod
    def _do(self) -> bool:
        """Nothing is under way, and it is not done."""

    def _recorded(self) -> bool:
        """It is in the store: is there more to tell?"""
        return False

    def _settles(self) -> datetime:
        return self.clock.now() + self.timing.windows.lease + self.timing.windows.lateness

    def _claim(self, what: str) -> bool:
        """Say that it is tried now, before it is. False: it is not, after two tries without a clear answer."""
        if self.held.sends >= MAX_SENDS:
            return self._stop("OUTCOME_UNCLEAR", f"Two tries of {self.what} ended without a clear answer.")
        self._save(self.held.intended(self.owner, self._settles(), create=True), what)
        self.creates = True
        return True

    def _is_ours(self) -> bool:
        return self.held.owner == self.owner and self.held.recording is FulfillmentState.INTENT

    def _too_late(self) -> bool:
        return self.clock.now() - self._since() > GIVE_UP_AFTER

    def _unclear(self, error: OutcomeUnknown, *, sent: bool) -> bool:
        """Looked at again when it has settled: due_at is set. Numbers that stay unclear are given up after two days."""
        if not sent:
            return self._later(error, sent=False)
        return not self.creates and self._too_late() and self._stop("OUTCOME_UNCLEAR", error.message)

    def _later(self, error: VendorError, *, sent: bool) -> bool:
        if self._too_late():
            return self._stop(error.code, error.message)
        now = self.clock.now()
        after = error.after if isinstance(error, Retryable) and error.after else None
        wait = after or min(max(self.timing.retry_first, (now - self._since()) / 4), self.timing.retry_max)
        self._save(self.held.postponed(now + wait, uncounted=sent and self.creates), "postponed", error.message)
        if isinstance(error, Misconfigured):
            note_failure(self.storage, self.record.connection, FUNCTION, error, now)
        return False

    def _refused(self, error: VendorError, *, sent: bool) -> bool:
        return self._stop(error.code, error.message)

    def _commit(self) -> OrderCommit:
        return OrderCommit(self.file, FUNCTION, self.clock.now(), self.correlation)

    def _write(self, commit: OrderCommit) -> None:
        self.file = commit.write(self.storage)


class Recording(StoreWork):
    """A parcel, or an accepted purchase order, that the store is to show."""

    what = "recording in the store"

    @property
    def store(self) -> StoreOrders:
        """Its store."""
        return self.ways.store(self.record.connection)

    @abstractmethod
    def _looked(self, view: FulfillmentView) -> bool:
        """What is done with what the store has."""

    @abstractmethod
    def _done(self, fulfillment_id: str, what: str) -> bool:
        """The store has it."""

    @property
    @abstractmethod
    def held(self) -> Shipment | StoreFulfillment:
        """As it was read, or written by us since."""

    @abstractmethod
    def _save(self, held: StoreRecord, what: str, why: str = "", *, counted: bool = False) -> None:
        """As before; `counted` together with the order, so that no two count the same bundle."""

    def _do(self) -> bool:
        return self._count() or self._call(
            lambda: self.store.read_fulfillment(self.record.order_id), self._looked, sent=False
        )

    def _count(self) -> bool:
        """Which bundles it completes, before anything is sent. False: it is counted, or holds no components."""
        names = bundles.names_of(self.file, self.held) if self.held.in_store is None else ""
        if not names:
            return False
        counted = bundles.counted(self.file).get(self.sk)
        units = counted.units if counted else ()
        what = "its bundles are counted" if units else f"part of {names}: the store is told when the rest is sent"
        self._save(self.held.counted_as(units), what, counted=True)
        return True

    def _create(self, view: FulfillmentView, units: Units, number: str, carrier: str, url: str) -> bool:
        if not self._claim("recording it in the store"):
            return False
        request = FulfillmentRequest(self.record.order_id, units, number, carrier, url)
        return self._call(
            lambda: self.store.create_fulfillment(request, view),
            lambda made: self._keep(lambda: self._made_now(made), self._is_ours),
            sent=True,
        )

    def _made_now(self, fulfillment_id: str) -> bool:
        """It was just created."""
        return self._done(fulfillment_id, "recorded in the store")

    def _update(self, update: TrackingUpdate, then: Callable[[], bool]) -> bool:
        """Other numbers for a record that is there. A repeat is harmless: it is not counted."""
        return self._call(lambda: self.store.update_fulfillment_tracking(update), lambda _: then(), sent=True)


def tracking_update(fulfillment_id: str, parcels: Sequence[Shipment]) -> TrackingUpdate:
    """All numbers of these parcels. The store takes one carrier for all."""
    carriers = {parcel.carrier_name for parcel in parcels}
    return TrackingUpdate(
        fulfillment_id=fulfillment_id,
        numbers=tuple(parcel.tracking_number for parcel in parcels),
        carrier_name=carriers.pop() if len(carriers) == 1 else "",
        urls=tuple(parcel.tracking_url for parcel in parcels),
    )


def stopped(code: str, message: str) -> Reason:
    """Why something is not in the store, for the operator."""
    return Reason(
        code=f"FULFILLMENT_{code}",
        message=message,
        fix="Record it in the store by hand, or correct the order there and retry.",
    )
