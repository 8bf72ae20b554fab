"""One visit to a parcel: what was heard of it is written down, and what got lost on its way is sent again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from orderwright.domain.shipment import RANK, FulfillmentState, Milestone, Shipment, ShipmentState
from orderwright.domain.time_line import log_entry
from orderwright.domain.timing import Timing
from orderwright.errors import OutcomeUnknown, Retryable, VendorError
from orderwright.records import OrderFile, order_part_key, tracking_ref
from orderwright.storage import (
    Change,
    Due,
    Fact,
    Put,
    Storage,
)
from orderwright.usecases.order_summary import order_put, summarise

FUNCTION = "update_tracking"
WORRYING = frozenset({ShipmentState.ON_HOLD, ShipmentState.RETURN_TO_SENDER, ShipmentState.DELIVERY_FAILED})
NOT_FOLLOWED = "the carrier service cannot follow it yet"
LOOKED_AFTER = timedelta(days=3)
"""How long after its last news a finished parcel is still looked after for facts that got lost."""
_BY_RANK = {rank: milestone for milestone, rank in RANK.items()}


def next_due(shipment: Shipment, tracking_at: datetime | None) -> Due | None:
    """An item has one due time: recording the parcel in the store goes before asking the carrier again."""
    if shipment.settle_until is not None:
        return Due(shipment.settle_until, "shipment.fulfillment_due")
    return Due(tracking_at, "tracking.due") if tracking_at else None


@dataclass(frozen=True)
class Visit:
    """Reads of one parcel and what is written after them. `woken`: its own due time came."""

    file: OrderFile
    sk: str
    version: int
    storage: Storage
    timing: Timing
    now: datetime
    correlation: str
    woken: bool

    def commit(self, before: Shipment, heard: Shipment, milestone: Milestone | None) -> None:
        """The news, what it makes of the order, and who must hear of it. Raises Conflict."""
        assert self.file.record is not None
        record = self.file.record.model
        what = f"parcel {heard.tracking_number}: {heard.state.value.lower()}"
        news = heard.model_copy(update={"tracker_id": before.tracker_id, "ask_at": before.ask_at}) != before
        logged = self.logged(heard, what, f"tells {milestone.value}" if milestone else "") if news else heard
        facts = self._lost(before) if self.woken else []
        if milestone is not None:
            facts.append(self._fact("notice.due", milestone))
        if heard.state in WORRYING and heard.state is not before.state:
            detail = {"codes": heard.state.value, "order": record.name[:60]}
            topic = "PARCEL_IN_TROUBLE"
            facts.append(
                Fact("alert.raised", connection=record.connection, pk=self.file.pk, topic=topic, detail=detail)
            )
        changes: list[Change] = [self._put(logged, facts, self.now + self.timing.parcel_poll)]
        lines = self.file.details.model.lines if self.file.details else ()
        shipments = [logged if sk == self.sk else held.model for sk, held in self.file.shipments.items()]
        orders = [held.model for held in self.file.purchase_orders.values()]
        summed = summarise(record, lines, orders, shipments)
        if summed.state is not record.state:
            version = self.file.record.version
            changes.append(order_put(self.file.pk, record, summed, version, self.now, FUNCTION, what, self.correlation))
        self.storage.commit(changes, correlation=self.correlation)

    def move_on(self, shipment: Shipment) -> None:
        """Nobody to ask: what got lost is sent again and looked at once more; else there is nothing to wake up for."""
        facts = self._lost(shipment)
        recent = self.now - (shipment.state_at or shipment.created_at) < LOOKED_AFTER
        again = self.now + self.timing.parcel_poll if facts and recent else None
        done = shipment.model_copy(update={"ask_at": None})
        self.storage.commit([self._put(done, facts, again)], correlation=self.correlation)

    def note(self, shipment: Shipment, error: VendorError) -> None:
        """The carrier service cannot follow this parcel (yet): written down, tried again later."""
        passing = isinstance(error, Retryable | OutcomeUnknown)
        again = self.now + (self.timing.retry_max if passing else self.timing.parcel_poll)
        known = any(entry.why == error.message[:300] for entry in shipment.log)
        # Also in the parcel itself: its one due time may be taken by the store's record of it, or be set anew by that.
        asked = shipment.model_copy(update={"ask_at": again if passing else None})
        noted = asked if known else self.logged(asked, NOT_FOLLOWED, error.message)
        facts = self._lost(shipment) if self.woken else []
        self.storage.commit([self._put(noted, facts, again)], correlation=self.correlation)

    def _lost(self, shipment: Shipment) -> list[Fact]:
        """Facts of this parcel that had no effect: the relay gave them up, or a worker died over them too often."""
        found = []
        settled = shipment.settle_until is None or self.now >= shipment.settle_until
        if shipment.fulfillment in (FulfillmentState.NEW, FulfillmentState.INTENT) and settled:
            found.append(self._fact("shipment.fulfillment_due"))
        highest = _BY_RANK[shipment.milestone_rank]
        told = [held.model for held in self.file.notices.values() if held.model.subject == self.sk]
        behind = all(notice.rank < shipment.milestone_rank and highest not in notice.waiting for notice in told)
        if behind and (told or self._reachable()):
            found.append(self._fact("notice.due", highest))
        unnamed = any(notice.names_another(shipment.tracking_number) for notice in told)
        if shipment.renumbered_at and unnamed and shipment.state is not ShipmentState.DELIVERED:
            found.append(self._fact("notice.due", Milestone.RENUMBERED))
        return found

    def _reachable(self) -> bool:
        details = self.file.details.model if self.file.details else None
        return details is not None and bool(details.email or details.sms_consent)

    def _fact(self, kind: str, milestone: Milestone | None = None) -> Fact:
        assert self.file.record is not None
        detail = {"milestone": milestone.value} if milestone else {}
        return Fact(kind, connection=self.file.record.model.connection, pk=self.file.pk, sk=self.sk, detail=detail)

    def logged(self, shipment: Shipment, what: str, why: str) -> Shipment:
        """With one more line in its time line."""
        entry = log_entry(self.now, FUNCTION, what, why, self.correlation)
        return shipment.model_copy(update={"log": (*shipment.log, entry)})

    def _put(self, shipment: Shipment, facts: list[Fact], tracking_at: datetime | None) -> Put:
        key = order_part_key(self.file.pk, self.sk)
        due = next_due(shipment, tracking_at)
        return Put(key, shipment, self.version, facts=tuple(facts), due=due, ref=tracking_ref(shipment.tracking_number))
