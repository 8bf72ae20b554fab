"""What the operator sees beside orders: news that was kept because it could not be read, connections, breakers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.config import Config
from orderwright.domain.identity import Identity
from orderwright.domain.order import Reason
from orderwright.domain.rules import FileRate
from orderwright.domain.time_line import Logged

MOST_ALERTS = 15


class ParkedNote(Model):
    """News that was authentic and not understood, or a task for a person (Control PARKED). Ids only, never a body."""

    connection: str
    topic: str
    delivery_id: str
    reason: str
    resource: str = ""
    detail: dict[str, str] = Field(default_factory=dict)
    at: Instant
    done: bool = False

    def done_by(self, name: str, why: str) -> ParkedNote:
        """Somebody saw to it, and says why it is off the list."""
        return changed(self, done=True, detail={**self.detail, "done_by": name[:80], "done_why": why[:300]})


class Watched(NamedTuple):
    """Something that must happen again within `limit`. `key` is "<connection or ''>|<what>"."""

    key: str
    last: datetime | None
    limit: timedelta
    reason: Reason


class Watch(Model):
    """What must not fall silent (Control WATCH): when schedules ran, what is watched since when, what is wrong now."""

    ran: dict[str, Instant] = Field(default_factory=dict)
    known: dict[str, Instant] = Field(default_factory=dict)
    causes: dict[str, Reason] = Field(default_factory=dict, description='by "<connection or nothing>|<what>"')

    def dispatched(self, schedule: str, now: datetime) -> Watch:
        """A schedule ran."""
        return changed(self, ran={**self.ran, schedule: now})

    def looked(self, every: Iterable[Watched], dead: Mapping[str, Reason], now: datetime) -> Watch:
        """After a look at all that is watched, and at what lies dead. New causes above MOST_ALERTS come with the next look."""
        known, causes = dict[str, Instant](), dict[str, Reason]()
        for one in every:
            known[one.key] = self.known.get(one.key, now)
            # A store that failed for hours is watched from the start when it answers again: it has its time to catch up.
            if now - max(one.last or known[one.key], known[one.key]) > one.limit:
                causes[one.key] = one.reason
        causes |= dead
        fresh = [key for key in causes if key not in self.causes][:MOST_ALERTS]
        kept = {key: self.causes.get(key, causes[key]) for key in causes if key in self.causes or key in fresh}
        return changed(self, known=known, causes=kept)


class Cursor(Model):
    """Where a rolling poll stands (Control CURSOR)."""

    name: str
    position: str = ""
    at: Instant | None = None
    points_day: str = ""
    points_used: int = 0
    quote_points: int = Field(default=0, description="how many of these were for quotes of freight")

    def on_day(self, day: str) -> Self:
        """As it stands on a day: of a new one nothing is used yet."""
        return self if self.points_day == day else changed(self, points_day=day, points_used=0, quote_points=0)

    def spent(self, points: int, *, on_quotes: bool = False) -> Self:
        """With so many points of its day used, which are counted before the calls."""
        quoted = self.quote_points + (points if on_quotes else 0)
        return changed(self, points_used=self.points_used + points, quote_points=quoted)

    def polled(self, now: datetime) -> Self:
        """The poll came round: news of one offer, or a quote, is no poll."""
        return changed(self, at=now)

    def told_on(self, day: str) -> Self:
        """The operator was told that news came without points left to follow it: `position` holds that day."""
        return changed(self, position=day)


class Lease(Model):
    """Who may do something alone, and until when (Control TOKEN)."""

    owner: str
    until: Instant


class ShopErasure(Model):
    """All orders of a shop on their way to be erased (Control ERASURE). `cursor`: the last one looked at in this round.

    `again`: this round erased something, so that another one follows.
    """

    connection: str
    since: Instant
    claimed_until: Instant
    cursor: str = ""
    again: bool = False
    erased: int = 0

    def claimed(self, until: datetime) -> ShopErasure:
        """One worker has it until then, and no other."""
        return changed(self, claimed_until=until)

    def looked_at(self, cursor: str, erased: bool | None) -> ShopErasure:
        """One order was erased, or had nothing left; None: it changed at the same moment, so it is looked at again."""
        again, count = self.again or erased is not False, self.erased + (erased is True)
        return changed(self, cursor=cursor, again=again, erased=count)

    def begun_again(self) -> ShopErasure:
        """The next round, from the first order on."""
        return changed(self, cursor="", again=False)


class WaitingMessage(Model):
    """A message that could not be worked on yet, as it was sent: ids only (Control WAIT). `tries` so far, since `since`."""

    body: str
    since: Instant
    again_at: Instant
    tries: int = 0

    def put_off(self, until: datetime, tries: int) -> WaitingMessage:
        """It could not be worked on again."""
        return changed(self, again_at=until, tries=tries)


class StoredConfig(Model):
    """A version of orderwright.yaml as applied (Control CONFIG). `document` is the validated configuration as JSON text.

    `identities` says who each connection is; only the version in force has them, since `connect` completes them.
    `unpriced`: it may change prices, and not every SKU has been asked for yet; the next `apply` does it.
    """

    number: int
    document: str
    applied_at: Instant
    applied_by: str
    identities: tuple[Identity, ...] = ()
    unpriced: bool = False
    rates: tuple[FileRate, ...] = Field(default=(), description="from files of exchange rates; they outlive versions")
    heard: dict[str, Instant] = Field(
        default_factory=dict, description="when each file of what prices follow was read well last, by its id"
    )

    def priced(self) -> Self:
        """Every SKU has been asked for."""
        return changed(self, unpriced=False)

    def rated(self, rates: Iterable[FileRate]) -> Self:
        """Files gave other exchange rates."""
        return changed(self, rates=tuple(rates))

    def in_work(self, config: Config) -> Config:
        """The configuration of its document as all work sees it: by permanent ids, with what files said since."""
        parsed = config.by_ids(self.identities)
        return parsed.with_signals(self.rates, self.heard) if self.rates or self.heard else parsed

    def heard_from(self, feed: str, at: datetime) -> Self:
        """A file of what prices follow was read well."""
        return changed(self, heard={**self.heard, feed: at})

    def identity(self, connection: str) -> Identity | None:
        """Who a connection is, by its id."""
        return next((one for one in self.identities if one.id == connection), None)

    def completed(self, identity: Identity) -> StoredConfig:
        """More is known of a connection, or it is known at all."""
        return changed(
            self, identities=tuple({**{one.id: one for one in self.identities}, identity.id: identity}.values())
        )


class KillSwitch(Model):
    """A switch that is on: for which supplier (ALL_SUPPLIERS for everybody), since when, by whom and why."""

    supplier: str
    at: Instant
    by: str
    why: str = ""


class KillHistory(Logged):
    """All that was done to a switch, newest last."""

    supplier: str
