"""What the operator sees beside orders: news that was kept because it could not be read, connections, breakers."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.identity import Identity
from orderwright.domain.order import Reason
from orderwright.domain.time_line import Logged

FAILS_AFTER = 3
"""A vendor that does not answer once is nothing to tell anybody; so many times, with nothing that worked between, is."""


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


class ConnectionState(Logged):
    """How a connection is (Control CONNECTION): closed by the vendor, refused credentials, last success and failure."""

    connection: str
    open: bool = True
    reasons: tuple[Reason, ...] = ()
    last_ok_at: Instant | None = None
    last_failure_at: Instant | None = None
    last_failure: str = ""
    failing_since: Instant | None = Field(default=None, description="of a `last_failure`: the first after a success")
    failures: int = Field(default=0, description="noted since then, a minute apart; counted up to FAILS_AFTER")
    refused: bool = Field(default=False, description="one of them was a refusal of its keys or settings")
    subscriptions_checked_at: Instant | None = None
    reconciled_until: Instant | None = None
    seen: dict[str, Instant] = Field(default_factory=dict, description="of a way to customers: when each cause was met")

    @property
    def fails_since(self) -> datetime | None:
        """Since when it fails: its keys or settings are refused, or it failed FAILS_AFTER times since it last worked."""
        if not self.last_failure or self.failing_since is None:
            return self.last_failure_at if self.last_failure else None  # written by an older version
        return self.failing_since if self.refused or self.failures >= FAILS_AFTER else None


class Watch(Model):
    """What must not fall silent (Control WATCH): when schedules ran, what is watched since when, what is wrong now."""

    ran: dict[str, Instant] = Field(default_factory=dict)
    known: dict[str, Instant] = Field(default_factory=dict)
    causes: dict[str, Reason] = Field(default_factory=dict, description='by "<connection or nothing>|<what>"')


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


class WaitingMessage(Model):
    """A message that could not be worked on yet, as it was sent: ids only (Control WAIT). `tries` so far, since `since`."""

    body: str
    since: Instant
    again_at: Instant
    tries: int = 0


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

    def priced(self) -> Self:
        """Every SKU has been asked for."""
        return changed(self, unpriced=False)
