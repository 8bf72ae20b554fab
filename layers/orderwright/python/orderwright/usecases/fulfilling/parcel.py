"""A parcel is recorded in the store once, with the right lines (R29).

A parcel that got another number is found by its fulfillment's id or its former number, and the new number is set there.
"""

from __future__ import annotations

from datetime import datetime

from orderwright.domain.shipment import Shipment, StoreRecord
from orderwright.ports.store import FulfillmentView, TrackingUpdate
from orderwright.storage import Due
from orderwright.usecases.fulfilling.recording import Recording, stopped
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
        if ours is not None:
            former = ours.fulfillment_id
            made = former if held.tracking_number in ours.tracking_numbers else ""
        else:
            made, former = self._made(view, {held.tracking_number}), self._made(view, set(held.former_numbers))
        if made:
            return self._done(made, "found in the store")
        if former:
            return self._renumber(former)
        return self._create(view, held.lines, held.tracking_number, held.carrier_name, held.tracking_url)

    def _made(self, view: FulfillmentView, numbers: set[str]) -> str:
        # Two purchase orders may leave in one parcel: the number alone does not say that these lines are recorded.
        for made in view.made:
            units = dict(made.lines)
            if numbers.intersection(made.tracking_numbers) and all(
                units.get(line.line_id, 0) >= line.quantity for line in self.held.lines
            ):
                return made.fulfillment_id
        return ""

    def _is_ours(self) -> bool:
        """Not with another number by now: the store has the former one, and is read again when the call has settled."""
        return super()._is_ours() and self.held.tracking_number == self.told

    def _renumber(self, fulfillment_id: str) -> bool:
        """A repeat is harmless, so it is not counted; what is unclear is read again when it has settled, for two days."""
        held = self.held
        self._save(held.intended(self.owner, self._settles(), create=False), "giving the store its new number")
        update = TrackingUpdate(fulfillment_id, (held.tracking_number,), held.carrier_name, (held.tracking_url,))
        return self._update(
            update,
            lambda: self._keep(lambda: self._done(fulfillment_id, "the store has its new number"), self._is_ours),
        )

    def _save(self, held: StoreRecord, what: str, why: str = "") -> None:
        assert isinstance(held, Shipment)
        due = Due(held.settle_until, FULFILL) if held.settle_until else self._asked_next(held)
        commit = self._commit()
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
