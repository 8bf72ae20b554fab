"""A parcel and what was said of it: states, ranks, milestones (promise P5)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import Field, field_validator

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.forecast import Forecast, day_everywhere, promise
from orderwright.domain.order import Reason
from orderwright.domain.outside_texts import safe_url
from orderwright.domain.time_line import Claimable


class ShipmentState(StrEnum):
    """Our canonical parcel states, which every carrier's codes are mapped to. An unlisted code is UNKNOWN, never a guess."""

    PENDING = "PENDING"
    PICKED_UP = "PICKED_UP"
    IN_TRANSIT = "IN_TRANSIT"
    IN_CUSTOMS = "IN_CUSTOMS"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    READY_FOR_PICKUP = "READY_FOR_PICKUP"
    DELIVERED = "DELIVERED"
    DELIVERY_FAILED = "DELIVERY_FAILED"
    DELIVERY_DELAYED = "DELIVERY_DELAYED"
    ON_HOLD = "ON_HOLD"
    RETURN_TO_SENDER = "RETURN_TO_SENDER"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


FINAL = frozenset({ShipmentState.DELIVERED, ShipmentState.CANCELLED, ShipmentState.RETURN_TO_SENDER})
"""After these a carrier's word changes nothing any more: "delivered" after a return is delivered to the sender."""

SILENT = frozenset({ShipmentState.UNKNOWN, ShipmentState.PENDING})
"""These say nothing of where a parcel is."""

IS_NEWS = timedelta(days=30)
"""Who was not told of a delay for so long is not told any more: their parcel came, and nobody scanned it."""
SLIP = timedelta(days=1)
"""A promised day that moves by this much is told as a delay."""


class Milestone(StrEnum):
    """What a customer is told, each at most once a channel."""

    CONFIRMED = "CONFIRMED"
    SHIPPED = "SHIPPED"
    RENUMBERED = "RENUMBERED"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    DELAYED = "DELAYED"
    EXCEPTION = "EXCEPTION"
    DELIVERED = "DELIVERED"
    DIGITAL = "DIGITAL"
    WITHDRAWAL = "WITHDRAWAL"
    RETURN = "RETURN"


# RENUMBERED comes once for each new number, however far the parcel is, and takes nothing back: it never lowers a rank.
RANK = {
    Milestone.CONFIRMED: 10,
    Milestone.SHIPPED: 20,
    Milestone.RENUMBERED: 25,
    Milestone.DELAYED: 30,
    Milestone.OUT_FOR_DELIVERY: 40,
    Milestone.EXCEPTION: 50,
    Milestone.DELIVERED: 60,
    Milestone.DIGITAL: 70,
    Milestone.WITHDRAWAL: 80,
    Milestone.RETURN: 81,
}
_BY_RANK = {rank: milestone for milestone, rank in RANK.items()}

MILESTONE_OF = {
    ShipmentState.OUT_FOR_DELIVERY: Milestone.OUT_FOR_DELIVERY,
    ShipmentState.READY_FOR_PICKUP: Milestone.OUT_FOR_DELIVERY,
    ShipmentState.DELIVERED: Milestone.DELIVERED,
    ShipmentState.DELIVERY_DELAYED: Milestone.DELAYED,
    ShipmentState.DELIVERY_FAILED: Milestone.EXCEPTION,
    ShipmentState.ON_HOLD: Milestone.EXCEPTION,
    ShipmentState.RETURN_TO_SENDER: Milestone.EXCEPTION,
}


class ShipmentLine(Model):
    """How many units of an order line are in this parcel."""

    line_id: str
    sku: str
    title: str
    quantity: int = Field(gt=0)


class Carriage(NamedTuple):
    """Who carries a parcel and where to follow it; "" for what is not known."""

    carrier: str
    carrier_name: str
    tracking_url: str


class FulfillmentState(StrEnum):
    """P1's protocol for the store's fulfillment record, which a store may make twice."""

    NEW = "NEW"
    INTENT = "INTENT"
    DONE = "DONE"
    PARKED = "PARKED"


MAX_SENDS = 2


class StoreRecord(Claimable):
    """What is to be recorded in the store once: a parcel, or an accepted purchase order."""

    fulfillment_id: str = ""
    sends: int = 0
    reasons: tuple[Reason, ...] = ()
    in_store: tuple[tuple[str, int], ...] | None = Field(
        default=None, description="with components of bundles: units of the store's lines, once that is counted"
    )

    @property
    @abstractmethod
    def recording(self) -> FulfillmentState:
        """How far that has come."""

    @abstractmethod
    def _in(self, state: FulfillmentState) -> Self:
        """The same with `recording` at that state."""

    def _freed(self, state: FulfillmentState, *reasons: Reason) -> Self:
        return changed(self._in(state), owner="", settle_until=None, reasons=reasons)

    def intended(self, owner: str, until: datetime, *, create: bool) -> Self:
        """To be committed before the call; only one that creates something counts as a send."""
        return changed(self._in(FulfillmentState.INTENT).claimed(owner, until), sends=self.sends + create)

    def postponed(self, at: datetime, *, uncounted: bool) -> Self:
        """Certainly not done: the same again at `at`. `uncounted`: it was sent, and does not count as a send."""
        return changed(self, owner="", settle_until=at, sends=self.sends - uncounted)

    def recorded(self, fulfillment_id: str) -> Self:
        """The store has it, under this id."""
        return changed(self._freed(FulfillmentState.DONE), fulfillment_id=fulfillment_id)

    def counted_as(self, units: tuple[tuple[str, int], ...]) -> Self:
        """What of the store's lines it is recorded with; of nothing it is done, and the store is not told."""
        counted = changed(self, in_store=units)
        return counted if units else counted.recorded("")

    def parked(self, reason: Reason) -> Self:
        """In front of the operator."""
        return self._freed(FulfillmentState.PARKED, reason)

    def resumed(self, *, not_recorded: bool) -> Self:
        """The operator tries it again: the store is read before anything is sent.

        Two unclear sends stay two, so that it only looks, unless the operator has seen that the store does not have it.
        """
        unclear = any(reason.code == "FULFILLMENT_OUTCOME_UNCLEAR" for reason in self.reasons)
        sends = self.sends if unclear and not not_recorded else min(self.sends, MAX_SENDS - 1)
        return changed(self._freed(FulfillmentState.INTENT if sends else FulfillmentState.NEW), sends=sends)


class Shipment(StoreRecord):
    """One parcel of one purchase order (item SHIP#reference#its first tracking number). No personal data.

    `former_numbers`: those that it had before, or has beside the present one. `parcel_ref`: what the supplier calls it.

    `tracking_url` is "" unless it is safe to follow: a bad link never stops a parcel, whose number stays.
    `ask_at`: the carrier's last answer could not be read, and it is asked again then. `watched_by`: the service that follows it,
    whose tracker `tracker_id` is; `unread_since`: that service has not told since then.
    """

    supplier: str
    reference: str
    tracking_number: str
    former_numbers: tuple[str, ...] = ()
    parcel_ref: str = ""
    renumbered_at: Instant | None = None
    carrier: str = ""
    carrier_name: str = ""
    tracking_url: str = ""
    lines: tuple[ShipmentLine, ...]
    state: ShipmentState = ShipmentState.PENDING
    state_at: Instant | None = None
    milestone_rank: int = RANK[Milestone.SHIPPED]
    expected_at: Instant | None = None
    tracker_id: str = ""
    watched_by: str = ""
    ask_at: Instant | None = None
    unread_since: Instant | None = None
    passed: dict[str, Instant] = Field(
        default_factory=dict, description="when each state was first reached, by the carrier's time"
    )
    forecast: Forecast | None = None
    customs_since: Instant | None = Field(default=None, description="at customs since then, by the carrier's time")
    quiet_since: Instant | None = Field(
        default=None,
        description="no scan since then, or at customs since then, for so long that merchant and customer are told",
    )
    overdue: bool = Field(default=False, description="the day has passed by which it should have come")
    fulfillment: FulfillmentState = FulfillmentState.NEW
    created_at: Instant

    # Here, so that no way out can forget it, also for a parcel that was kept before: store, mail, text message, operator.
    @field_validator("tracking_url")
    @classmethod
    def _is_safe(cls, value: str) -> str:
        return safe_url(value)

    @property
    def recording(self) -> FulfillmentState:
        """In the store."""
        return self.fulfillment

    def _in(self, state: FulfillmentState) -> Shipment:
        return changed(self, fulfillment=state)

    def asked_at(self, poll_at: datetime) -> datetime:
        """When the carrier is asked next: at the next poll, or sooner."""
        return poll_at if self.ask_at is None else min(poll_at, self.ask_at)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Those that it had, and the one that it has now."""
        return (*self.former_numbers, self.tracking_number)

    @property
    def ended(self) -> bool:
        """Does a carrier's word change nothing any more?"""
        return self.state in FINAL

    @property
    def unscanned(self) -> bool:
        """Is the silence that was told one without any scan? At customs there may have been some."""
        return self.quiet_since is not None and not (self.state_at and self.quiet_since < self.state_at)

    @property
    def milestone(self) -> Milestone:
        """The highest that its customer is told."""
        return _BY_RANK[self.milestone_rank]

    # --- what its supplier says ---------------------------------------------------------------------------------------

    def sourced(self, parcel_ref: str) -> Shipment:
        """What the supplier calls it is known."""
        return changed(self, parcel_ref=parcel_ref)

    def joined(self, lines: Iterable[ShipmentLine]) -> Shipment:
        """With the lines of another part that leaves under the same number: for store and customer it is one parcel."""
        units = {line.line_id: line for line in self.lines}
        for line in lines:
            more = units[line.line_id].quantity if line.line_id in units else 0
            units[line.line_id] = changed(line, quantity=line.quantity + more)
        return changed(self, lines=tuple(units.values()))

    def expected_by(self, forecast: Forecast | None) -> Shipment:
        """When it arrives, as far as that is known when it leaves."""
        return changed(self, forecast=forecast)

    def renumbered(
        self, number: str, others: Iterable[str], parcel_ref: str, carriage: Carriage, now: datetime
    ) -> Shipment:
        """The same parcel under its new number: followed from the start, and its number is to be set in the store.

        `others` come with the new number: they are known from now on, so that none of them counts as a replacement later.
        What the customer was told stays told. A record that is being made in the store is looked for under both numbers.
        """
        done = self.fulfillment is FulfillmentState.DONE
        return changed(
            self,
            tracking_number=number,
            former_numbers=tuple(dict.fromkeys((*self.numbers, *others))),
            parcel_ref=parcel_ref or self.parcel_ref,
            renumbered_at=now,
            **carriage._asdict(),
            state=ShipmentState.PENDING,
            state_at=None,
            expected_at=None,
            tracker_id="",
            watched_by="",
            ask_at=None,
            unread_since=None,
            passed={},
            forecast=None,
            customs_since=None,
            quiet_since=None,
            overdue=False,
            fulfillment=FulfillmentState.NEW if done else self.fulfillment,
            sends=0 if done else self.sends,
        )

    # --- what its carrier says ----------------------------------------------------------------------------------------

    def followed(
        self, tracker_id: str, state: ShipmentState, at: datetime | None, expected_at: datetime | None
    ) -> Shipment:
        """A carrier service says this of it; `at`: the time of the event.

        Ignored: what is older than what we know by the carrier's own time, what comes after the end, and a code that nobody
        knows. A milestone counts only when its rank is above every one before.
        """
        read = changed(self, tracker_id=tracker_id or self.tracker_id, ask_at=None, unread_since=None)
        if self.ended:
            return read
        if state in SILENT:
            state, at = self.state, self.state_at
        elif self.state_at and at and at < self.state_at:
            return read
        slipped = self.expected_at and expected_at and expected_at - self.expected_at >= SLIP
        milestone = MILESTONE_OF.get(state, Milestone.DELAYED if slipped else Milestone.SHIPPED)
        entered = self.customs_since if self.state is ShipmentState.IN_CUSTOMS else at
        return changed(
            read,
            state=state,
            state_at=at or self.state_at,
            passed={state.value: at, **self.passed} if at else self.passed,
            customs_since=entered if state is ShipmentState.IN_CUSTOMS else None,
            expected_at=expected_at or self.expected_at,
            milestone_rank=max(self.milestone_rank, RANK[milestone]),
        )

    def unread(self, ask_at: datetime | None, since: datetime | None = None) -> Shipment:
        """The carrier service did not tell, or was not asked; `ask_at`: asked again then, whatever else is due.

        `since`: it was asked then, and did not tell.
        """
        return changed(self, ask_at=ask_at, unread_since=self.unread_since or since)

    def heard(self, now: datetime, quiet: timedelta) -> Shipment:
        """No scan for as long as `quiet`, at customs for as long, or the day has passed by which it should have come: its
        customer is told in time.

        A scan ends the silence; a parcel that waits for its buyer, or has ended, needs none. What is long past, as of parcels of
        before there was this look, is no news for a customer.
        """
        if self.ended or self.state is ShipmentState.READY_FOR_PICKUP:
            return changed(self, quiet_since=None, overdue=False)
        last, held = self._last_news, self.customs_since
        since = held if held and now - held >= quiet else last if now - last >= quiet else None
        told = self.promise(now)
        overdue = told is not None and told.has_passed(now)
        late = since is not None and now - since < quiet + IS_NEWS
        late = late or (told is not None and overdue and day_everywhere(now) - told.last < IS_NEWS)
        rank = max(self.milestone_rank, RANK[Milestone.DELAYED]) if late else self.milestone_rank
        return changed(self, quiet_since=since, overdue=overdue, milestone_rank=rank)

    def promise(self, now: datetime) -> Forecast | None:
        """When it arrives, and how that is known; None where nobody knows."""
        return promise(self.forecast, self.expected_at.date() if self.expected_at else None, day_everywhere(now))

    def look_by(self, quiet: timedelta, now: datetime, poll: datetime) -> datetime:
        """When it is looked at next: at `poll`, or as soon as it will have been silent, or at customs, for `quiet`."""
        ends = (since + quiet for since in (self._last_news, self.customs_since) if since is not None)
        return min((end for end in ends if now < end < poll), default=poll)

    @property
    def _last_news(self) -> datetime:
        return max(at for at in (self.state_at, self.renumbered_at, self.created_at) if at is not None)

    def watched(self, service: str) -> Shipment:
        """This service follows it from now on. Another one counts its days anew; what the customer was told stays told."""
        if service == self.watched_by:
            return self
        if not self.watched_by:
            return changed(self, watched_by=service)
        return changed(self, watched_by=service, tracker_id="", expected_at=None, ask_at=None, unread_since=None)

    def tells_more(self, before: Shipment) -> bool:
        """Is there more news than which tracker follows it?"""
        names = ("tracker_id", "ask_at", "watched_by", "unread_since")
        return changed(self, **{name: getattr(before, name) for name in names}) != before


class FormerNumber(Model):
    """A number that a parcel had, so that it is found by it (item NUMBER#number#sk of the parcel)."""

    parcel: str


DIGITAL = "DIGITAL-"
"""How the reference of what is delivered without a supplier begins."""


class StoreFulfillment(StoreRecord):
    """The store's one fulfillment of a purchase order, made when it was accepted (item FULFILLMENT#reference; R13).

    Or of digital lines, which no supplier has: DIGITAL-1 (R9).

    `told` are the tracking numbers that the store was given, oldest parcel first. No personal data.
    """

    supplier: str
    reference: str
    lines: tuple[ShipmentLine, ...]
    state: FulfillmentState = FulfillmentState.NEW
    told: tuple[str, ...] = ()
    created_at: Instant

    @property
    def digital(self) -> bool:
        """Are these digital lines?"""
        return self.reference.startswith(DIGITAL)

    @property
    def recording(self) -> FulfillmentState:
        """In the store."""
        return self.state

    def _in(self, state: FulfillmentState) -> StoreFulfillment:
        return changed(self, state=state)

    def with_numbers(self, numbers: tuple[str, ...]) -> StoreFulfillment:
        """The store was given these tracking numbers."""
        return changed(self._freed(self.state), told=numbers)
