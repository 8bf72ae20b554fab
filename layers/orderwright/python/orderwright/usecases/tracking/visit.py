"""One visit to a parcel: what is new is written down, and what got lost on its way is sent again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from orderwright.domain.shipment import FulfillmentState, Milestone, Shipment, ShipmentState
from orderwright.domain.timing import Timing
from orderwright.errors import OutcomeUnknown, Retryable, VendorError
from orderwright.storage import Due, Fact, Storage
from orderwright.usecases.alerts import alert
from orderwright.usecases.order_commit import FULFILL, TRACK, OrderCommit

FUNCTION = "update_tracking"
WORRYING = frozenset({ShipmentState.ON_HOLD, ShipmentState.RETURN_TO_SENDER, ShipmentState.DELIVERY_FAILED})
NOT_FOLLOWED = "the carrier service cannot follow it yet"
LOOKED_AFTER = timedelta(days=3)
"""How long after its last news a finished parcel is still looked after for facts that got lost."""


def next_due(shipment: Shipment, tracking_at: datetime | None) -> Due | None:
    """An item has one due time: recording the parcel in the store goes before asking the carrier again."""
    if shipment.settle_until is not None:
        return Due(shipment.settle_until, FULFILL)
    return Due(tracking_at, TRACK) if tracking_at else None


@dataclass(frozen=True)
class Visit:
    """One parcel as it was read, and what is written after asking its carrier. `woken`: its own due time came. `quiet`: how long
    it may be without a scan."""

    commit: OrderCommit
    sk: str
    storage: Storage
    timing: Timing
    woken: bool
    quiet: timedelta | None = None

    @property
    def _parcel(self) -> Shipment:
        return self.commit.file.shipments[self.sk].model

    def write(self, followed: Shipment) -> None:
        """The news, what it makes of the order, and who is told of it. Raises Conflict."""
        commit, before = self.commit, self._parcel
        assert commit.file.record is not None
        record = commit.file.record.model
        what = f"parcel {followed.tracking_number}: {followed.state.value.lower()}"
        milestone = followed.milestone if followed.milestone_rank > before.milestone_rank else None
        facts = self._lost() if self.woken else []
        if milestone is not None:
            facts.append(self._fact("notice.due", milestone))
        if followed.state in WORRYING and followed.state is not before.state:
            detail, topic = {"codes": followed.state.value, "order": record.name[:60]}, "PARCEL_IN_TROUBLE"
            pk = commit.file.pk
            facts.append(Fact("alert.raised", connection=record.connection, pk=pk, topic=topic, detail=detail))
        news, why = what if followed.tells_more(before) else "", f"tells {milestone.value}" if milestone else ""
        if followed.quiet_since is not None and followed.quiet_since != before.quiet_since:
            held = followed.state is ShipmentState.IN_CUSTOMS
            topic, how = ("PARCEL_IN_CUSTOMS", "at customs") if held else ("PARCEL_SILENT", "no scan")
            news = f"parcel {followed.tracking_number}: {how} since {followed.quiet_since:%Y-%m-%d}"
            facts.append(alert(topic, record.connection, pk=commit.file.pk, message=f"{record.name}: {news}"))
        poll = commit.now + self.timing.parcel_poll
        again = poll if self.quiet is None else followed.look_by(self.quiet, commit.now, poll)
        self._put(followed, facts, again, news, why)
        # The end of a parcel is always a change of its order, so that the day's counting finds it.
        if commit.summary().state is not record.state or (followed.ended and not before.ended):
            commit.order(what)
        commit.write(self.storage)

    def move_on(self) -> None:
        """Nobody to ask: what got lost is sent again and looked at once more; else there is nothing to wake up for."""
        parcel, facts, now = self._parcel, self._lost(), self.commit.now
        recent = now - (parcel.state_at or parcel.created_at) < LOOKED_AFTER
        self._put(parcel.unread(None), facts, now + self.timing.parcel_poll if facts and recent else None)
        self.commit.write(self.storage)

    def note(self, error: VendorError) -> None:
        """The carrier service cannot follow this parcel (yet): written down, tried again later."""
        passing = isinstance(error, Retryable | OutcomeUnknown)
        again = self.commit.now + (self.timing.retry_max if passing else self.timing.parcel_poll)
        known = any(entry.why == error.message[:300] for entry in self._parcel.log)
        # Also in the parcel itself: its one due time may be taken by the store's record of it, or be set again by that.
        asked = self._parcel.unread(again if passing else None, self.commit.now)
        self._put(asked, self._lost() if self.woken else [], again, "" if known else NOT_FOLLOWED, error.message)
        self.commit.write(self.storage)

    def hand_over(self, parcel: Shipment, name: str, error: VendorError) -> None:
        """The carrier service cannot follow this parcel: the next one does, and is asked at once."""
        facts = [*(self._lost() if self.woken else []), self._fact(TRACK)]
        self._put(
            parcel, facts, self.commit.now + self.timing.parcel_poll, f"{name} follows it from now on", error.message
        )
        self.commit.write(self.storage)

    def _lost(self) -> list[Fact]:
        """Facts of this parcel that had no effect: the relay gave them up, or a worker died over them too often."""
        found, shipment = [], self._parcel
        settled = shipment.settle_until is None or self.commit.now >= shipment.settle_until
        if shipment.fulfillment in (FulfillmentState.NEW, FulfillmentState.INTENT) and settled:
            found.append(self._fact(FULFILL))
        told = [held.model for held in self.commit.file.notices.values() if held.model.subject == self.sk]
        behind = all(
            notice.rank < shipment.milestone_rank and shipment.milestone not in notice.waiting for notice in told
        )
        if behind and (told or self._reachable()):
            found.append(self._fact("notice.due", shipment.milestone))
        unnamed = any(notice.names_another(shipment.tracking_number) for notice in told)
        if shipment.renumbered_at and unnamed and shipment.state is not ShipmentState.DELIVERED:
            found.append(self._fact("notice.due", Milestone.RENUMBERED))
        return found

    def _reachable(self) -> bool:
        held = self.commit.file.details
        return held is not None and bool(held.model.email or held.model.sms_consent)

    def _fact(self, kind: str, milestone: Milestone | None = None) -> Fact:
        file, detail = self.commit.file, {"milestone": milestone.value} if milestone else {}
        assert file.record is not None
        return Fact(kind, connection=file.record.model.connection, pk=file.pk, sk=self.sk, detail=detail)

    def _put(self, parcel: Shipment, facts: list[Fact], at: datetime | None, what: str = "", why: str = "") -> None:
        self.commit.parcel(self.sk, parcel, what, why, facts=facts, due=next_due(parcel, at))
