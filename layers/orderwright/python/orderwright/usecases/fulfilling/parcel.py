"""A parcel is recorded in the store once, with the right lines (R29).

A parcel that got another number is found by its fulfillment's id or its former number, and the new number is set there.
"""

from __future__ import annotations

from datetime import datetime

from orderwright.domain.shipment import FulfillmentState, Shipment, StoreRecord
from orderwright.ports.store import FulfillmentView, MadeFulfillment
from orderwright.storage import Due
from orderwright.usecases.fulfilling import bundles
from orderwright.usecases.fulfilling.bundles import units_in_store
from orderwright.usecases.fulfilling.recording import Recording, stopped, tracking_update
from orderwright.usecases.order_commit import FULFILL, TRACK


class ParcelRecord(Recording):
    """One parcel of one order."""

    told = ""
    """The number that the store is given."""

    @property
    def held(self) -> Shipment:
        """As it was read, or written by us since."""
        return self.file.shipments[self.sk].model

    def _is_there(self) -> bool:
        return self.sk in self.file.shipments

    def _since(self) -> datetime:
        return self.held.renumbered_at or self.held.created_at

    def _looked(self, view: FulfillmentView) -> bool:
        held = self.held
        self.told = held.tracking_number
        ours = next((one for one in view.made if one.fulfillment_id == held.fulfillment_id), None)
        there = ours or self._made(view, {held.tracking_number}) or self._made(view, set(held.former_numbers))
        if there is not None and self._numbers.issubset(there.tracking_numbers):
            return self._done(there.fulfillment_id, "found in the store")
        if there is not None:
            return self._renumber(there.fulfillment_id, self._parcels)
        return self._create(view, units_in_store(held), held.tracking_number, held.carrier_name, held.tracking_url)

    def _made(self, view: FulfillmentView, numbers: set[str]) -> MadeFulfillment | None:
        # Two purchase orders may leave in one parcel: the number alone does not say that these lines are recorded.
        for made in view.made:
            units = dict(made.lines)
            if numbers.intersection(made.tracking_numbers) and all(
                units.get(name, 0) >= many for name, many in units_in_store(self.held)
            ):
                return made
        return None

    # --- bundles ------------------------------------------------------------------------------------------------------

    @property
    def _parcels(self) -> list[Shipment]:
        """This one, and the earlier ones with parts of the bundles that it completes: the store's record names them all."""
        return [self.held, *self._carried(self.sk)]

    @property
    def _numbers(self) -> set[str]:
        return {parcel.tracking_number for parcel in self._parcels}

    def _carried(self, sk: str) -> list[Shipment]:
        if self.file.shipments[sk].model.in_store is None:
            return []
        return [self.file.shipments[one].model for one in bundles.counted(self.file)[sk].carries]

    def _do(self) -> bool:
        """One that completes nothing has its new number set where the bundle was recorded, if it was."""
        if self.held.in_store != ():
            return super()._do()
        self.told = self.held.tracking_number
        for sk in bundles.carriers(self.file, self.sk):
            whole = self.file.shipments[sk].model
            if whole.fulfillment_id:
                return self._renumber(whole.fulfillment_id, [whole, *self._carried(sk)], done_as="")
        return self._done("", "the store is told when the rest is sent")

    def _made_now(self, fulfillment_id: str) -> bool:
        if self._numbers == {self.told}:
            return super()._made_now(fulfillment_id)
        return self._renumber(fulfillment_id, self._parcels)

    def _is_ours(self) -> bool:
        """Not with another number by now: the store has the former one, and is read again when the call has settled."""
        return super()._is_ours() and self.held.tracking_number == self.told

    def _renumber(self, fulfillment_id: str, parcels: list[Shipment], done_as: str | None = None) -> bool:
        """A repeat is harmless, so it is not counted; what is unclear is read again when it has settled, for two days."""
        held, done = self.held, fulfillment_id if done_as is None else done_as
        self.creates = False
        what = "giving the store its new number" if len(parcels) == 1 else f"giving the store {len(parcels)} numbers"
        self._save(held.intended(self.owner, self._settles(), create=False), what)
        return self._update(
            tracking_update(fulfillment_id, parcels),
            lambda: self._keep(lambda: self._done(done, "the store has its new number"), self._is_ours),
        )

    def _save(self, held: StoreRecord, what: str, why: str = "", *, counted: bool = False) -> None:
        assert isinstance(held, Shipment)
        due = Due(held.settle_until, FULFILL) if held.settle_until else self._asked_next(held)
        commit = self._commit()
        if counted:
            commit.order(f"parcel {held.tracking_number}: {what}")
            due = due if held.recording is FulfillmentState.DONE else Due(commit.now, FULFILL)
        commit.parcel(self.sk, held, f"parcel {held.tracking_number}: {what}", why, due=due)
        self._write(commit)

    def _asked_next(self, held: Shipment) -> Due:
        return Due(held.asked_at(self.clock.now() + self.timing.parcel_poll), TRACK)

    def _done(self, fulfillment_id: str, what: str) -> bool:
        self._save(self.held.recorded(fulfillment_id), what)
        return False

    def _stop(self, code: str, message: str) -> bool:
        number = self.held.tracking_number
        reason = stopped(code, f"Parcel {number} could not be recorded in the store: {message}")
        commit, held = self._commit(), self.held.parked(reason)
        commit.parcel(self.sk, held, f"parcel {number}: parked", reason.message, due=self._asked_next(held))
        commit.order("a parcel could not be recorded in the store")
        self._write(commit)
        return False
