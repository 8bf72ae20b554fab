"""A repricing: all SKUs are priced again in pieces, then stores get what differs, line after line, at their pace (R27, R28)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.connection_settings import StoreSettings
from orderwright.domain.listing import Listing
from orderwright.registry import declaration

LINES = ("fewer", "rise", "rest")
"""What waits for a store, most urgent first: lower stock, a higher price, anything else. Zero stock does not wait."""
NOW = "zero"
AT_ONCE = 3
"""So many pieces are in work at once: an order's own recalculations do not stand behind a whole repricing."""
A_MINUTE = timedelta(minutes=1)
AGAIN = timedelta(seconds=50)
"""After a release. A sweep may come early or late: how much is released goes by the time that has passed."""
_NET = timedelta(days=1)


def pace_of(settings: StoreSettings) -> int:
    """How many listings a store takes a minute, by its file or by its kind."""
    return settings.listings_a_minute or declaration(settings.kind).listings_a_minute


def line_of(listing: Listing) -> str:
    """In which line a change waits; "": in none, since it is sent at once (promise P3: what may not be sold, or is not known)."""
    if listing.published_quantity is None or listing.urgency == NOW or listing.desired_quantity == 0:
        return ""
    if listing.desired_quantity < listing.published_quantity:
        return "fewer"
    return "rise" if listing.urgency == "price_rise" else "rest"


class Piece(Model):
    """Some SKUs that one worker prices: behind `place` in the list of all, up to `end` ("": not looked up yet, or the last)."""

    place: str
    until: Instant = Field(description="then the worker is taken for lost, and the piece is handed out again")
    end: str = ""


class StoreLines(Model):
    """One store in a repricing. `found`: listings that changed, by line; `sent`: how many were released."""

    most: int = Field(description="listings a minute that the store takes")
    pace: int = Field(description="and so many a minute now")
    next_at: Instant
    released_at: Instant | None = None
    found: dict[str, int] = Field(default_factory=dict)
    sent: int = 0
    slowed_at: Instant | None = None
    slowed: str = Field(default="", description="why it is slower than it could be")
    done_at: Instant | None = None

    @property
    def waiting(self) -> int:
        """How many ever stood in a line."""
        return sum(self.found.get(line, 0) for line in LINES)

    def room(self, now: datetime) -> int:
        """How many may be sent now, by the time since the last release; never more than for two minutes."""
        since = A_MINUTE if self.released_at is None else min(now - self.released_at, 2 * A_MINUTE)
        return max(1, self.pace * int(since.total_seconds()) // 60)

    def released(self, count: int, now: datetime) -> Self:
        """So many went out. A store that took all of them gets a tenth more the next time, up to what it takes."""
        pace = min(self.most, self.pace + max(1, self.most // 10))
        well = self.slowed_at is None or now - self.slowed_at > 2 * A_MINUTE
        faster = changed(self, pace=pace, slowed="" if pace == self.most else self.slowed) if well else self
        return changed(faster, sent=self.sent + count, released_at=now, next_at=now + AGAIN)

    def emptied(self, now: datetime) -> Self:
        """Nothing waits for it any more."""
        return changed(self, done_at=now)

    def throttled(self, until: datetime, why: str, now: datetime) -> Self:
        """It asked to be left alone until then: half as many a minute. Several answers of one minute count once."""
        if self.done_at or (self.slowed_at is not None and now - self.slowed_at < A_MINUTE):
            return changed(self, next_at=max(self.next_at, until))
        half = max(1, self.pace // 2)
        return changed(self, pace=half, next_at=max(self.next_at, until), slowed_at=now, slowed=why[:200])


class Repricing(Model):
    """One repricing of everything (Control REPRICING): why, how far, and what each store still has to get.

    `newest`: the place of the last piece that was handed out; `ready`: where the next one begins, None: not known yet.
    """

    id: str
    why: str
    begun_at: Instant
    total: int = Field(description="SKUs, as counted when it began")
    priced: int = 0
    newest: str = ""
    ready: str | None = None
    listed: bool = Field(default=False, description="the end of the list was reached")
    pieces: tuple[Piece, ...] = ()
    stores: dict[str, StoreLines] = Field(default_factory=dict)
    priced_at: Instant | None = Field(default=None, description="since when all SKUs are decided")

    @classmethod
    def begun(cls, run: str, why: str, total: int, paces: Mapping[str, int], until: datetime, now: datetime) -> Self:
        """From the first SKU on."""
        stores = {name: StoreLines(most=pace, pace=pace, next_at=now) for name, pace in paces.items()}
        return cls(
            id=run, why=why[:200], begun_at=now, total=total, pieces=(Piece(place="", until=until),), stores=stores
        )

    @property
    def ended_at(self) -> datetime | None:
        """When the last store had everything; None: not yet."""
        ends = [one.done_at for one in self.stores.values()]
        known = [end for end in ends if end is not None]
        return max([self.priced_at, *known]) if self.priced_at and len(known) == len(ends) else None

    @property
    def due_at(self) -> datetime | None:
        """When somebody has to look at it again: a piece was lost, or a store may get more (promise P11)."""
        open_stores = [one.next_at for one in self.stores.values() if one.done_at is None]
        return min([*(piece.until for piece in self.pieces), *open_stores], default=None)

    def piece(self, place: str) -> Piece | None:
        """The piece that begins there, while it is in work."""
        return next((one for one in self.pieces if one.place == place), None)

    def looked_up(self, place: str, end: str, until: datetime) -> Self:
        """Where a piece ends is known, so the next one may begin; `end` "": there is none behind it."""
        pieces = tuple(changed(one, end=end, until=until) if one.place == place else one for one in self.pieces)
        known = changed(self, pieces=pieces)
        if place != self.newest or self.ready is not None or self.listed:
            return known
        return changed(known, ready=end)._handed_out(until) if end else changed(known, listed=True)

    def _handed_out(self, until: datetime) -> Self:
        if self.ready is None or len(self.pieces) >= AT_ONCE:
            return self
        return changed(self, pieces=(*self.pieces, Piece(place=self.ready, until=until)), newest=self.ready, ready=None)

    def worked(
        self, place: str, rest: str, skus: int, found: Mapping[str, Mapping[str, int]], until: datetime, now: datetime
    ) -> Self:
        """A piece is priced, or its first `skus` are, up to `rest`. A piece that is not in work counts nothing."""
        piece = self.piece(place)
        if piece is None:
            return self
        left = tuple(one for one in self.pieces if one is not piece)
        left += (Piece(place=rest, until=until, end=piece.end),) if rest else ()
        stores = {
            name: changed(
                one, found={line: one.found.get(line, 0) + found[name].get(line, 0) for line in (NOW, *LINES)}
            )
            if name in found
            else one
            for name, one in self.stores.items()
        }
        after = changed(self, pieces=left, stores=stores, priced=self.priced + skus)._handed_out(until)
        over = after.listed and not after.pieces
        return changed(after, priced_at=now, total=after.priced) if over else after

    def recovered(self, until: datetime, now: datetime) -> Self:
        """Pieces whose worker was lost are handed out again."""
        return changed(
            self, pieces=tuple(changed(one, until=until) if one.until <= now else one for one in self.pieces)
        )

    def with_lines(self, store: str, lines: StoreLines) -> Self:
        """What became of one store."""
        return changed(self, stores={**self.stores, store: lines})

    def without(self, store: str) -> Self:
        """A store that was taken out."""
        return changed(self, stores={name: one for name, one in self.stores.items() if name != store})

    def net(self, store: str, now: datetime) -> datetime:
        """When a listing in a line is due by itself, whatever becomes of the repricing (promise P11)."""
        minutes = 2 * self.total // self.stores[store].most
        return now + _NET + timedelta(minutes=minutes)

    def ready_at(self, left: Mapping[str, int], now: datetime) -> Forecast:
        """When all will be decided, and when each store will have everything; `left`: how many listings wait for it."""
        priced_at = self.priced_at
        if priced_at is None and self.priced:
            a_sku = (now - self.begun_at) / self.priced
            priced_at = now + a_sku * max(0, self.total - self.priced)
        stores = {}
        for name, lines in self.stores.items():
            begin = max([now, lines.next_at] if left.get(name) else [now])
            waits = timedelta(minutes=-(-left.get(name, 0) // lines.pace))
            stores[name] = lines.done_at or (max(begin + waits, priced_at) if priced_at else None)
        return Forecast(priced_at, stores)


class Forecast(NamedTuple):
    """Estimates; None where nothing is known to estimate by."""

    priced_at: datetime | None
    stores: dict[str, datetime | None]
