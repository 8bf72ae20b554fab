"""A feed's last good file, its lease with a fence, its breaker, and what is wrong in a file that is good as a whole.

The breaker never sees rows that cannot be read, and SKUs that left the file: they are kept until they end, and told once
when they stay for a day (P14).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Self

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.connection_settings import FeedSettings, SignalSettings
from orderwright.domain.order import Reason
from orderwright.domain.repricing.rates import RatesNoted
from orderwright.domain.time_line import Logged, Stamp

# While nothing changes, the time of the last good poll is written this often and no more.
REFRESH = timedelta(hours=1)
BREAKER, UNREADABLE = "breaker open", "cannot be read"
TOLD_AFTER = timedelta(days=1)
MOST_KEPT = 50
ROWS_BAD, SKUS_GONE, INCREMENTAL = "FEED_ROWS_BAD", "FEED_SKUS_GONE", "FEED_INCREMENTAL"
_GONE = "is sold, and not in the file any more: nothing of it is sold"
_COST_GONE = "is sold, and not in the file any more: its last cost stays"


class FeedProblem(Model):
    """A row of a stock file that cannot be read (`line` from 1), or a SKU that we sell and that left the file (line 0)."""

    sku: str = ""
    line: int = 0
    field: str
    why: str
    since: Instant


class FeedState(Logged):
    """A feed's last good snapshot and its breaker (Control FEED). `fence` grows with each lease holder."""

    LOG_LINES = 12

    connection: str
    etag: str = ""
    seen: str = Field(default="", description="what the last listing of its folder showed, by which a file is finished")
    snapshot: str = ""
    snapshot_at: Instant | None = None
    rows: int = 0
    fence: int = 0
    owner: str = ""
    lease_until: Instant | None = None
    broken: bool = False
    reasons: tuple[Reason, ...] = ()
    unmapped: int = 0
    bad_rows: int = 0
    bad_since: Instant | None = None
    problems: tuple[FeedProblem, ...] = Field(default=(), description="the first ones; bad_rows and gone_more count")
    gone_more: int = 0
    goods_problems: tuple[FeedProblem, ...] = Field(
        default=(), description="what the import of the file's goods could not take; the first ones, goods_bad counts"
    )
    goods_bad: int = 0
    told: tuple[str, ...] = Field(default=(), description="codes of problems that were told and have not ended")
    signs: dict[str, str] = Field(default_factory=dict, description="decimal signs that the last good files showed")
    address: str = Field(default="", description="a hash of the address that all this is of")
    mark: str = Field(default="", description="a hash of the list of feeds for which `uncompared` is")
    uncompared: tuple[int, ...] = Field(default=(), description="shards that are still to be compared as a whole")
    checked_at: Instant | None = None
    rates: RatesNoted = Field(default=RatesNoted(), description="of a file of exchange rates")

    # --- whose file it is, and who reads it ---------------------------------------------------------------------------

    def at_address(self, url: str) -> Self:
        """For this address. Of a file at another one, its ETag and the signs of its numbers say nothing."""
        address = hashlib.sha256(url.encode()).hexdigest()[:16]  # it may hold a password
        known = self if self.address in ("", address) else changed(self, etag="", seen="", signs={})
        return changed(known, address=address)

    def saw(self, seen: str) -> Self:
        """With what a listing of its folder showed."""
        return changed(self, seen=seen)

    def for_list(self, mark: str, shards: int) -> Self:
        """For this list of feeds. Under another one each figure may be another's by now: the whole file counts again."""
        return self if self.mark == mark else changed(self, mark=mark, uncompared=tuple(range(shards)), etag="")

    def generations(self, shards: int) -> list[int]:
        """The generation of each shard in the manifest, 0 for none. Another number of shards: all start again."""
        texts = self.snapshot.split(",") if self.snapshot else []
        return [int(text) for text in texts] if len(texts) == shards else [0] * shards

    def next_generation(self, current: int) -> int:
        """Unique by the lease's fence, and in the other slot than the part in use."""
        return self.fence * 2 + (1 - (current & 1))

    def is_leased(self, now: datetime) -> bool:
        """Whether another worker applies this feed now."""
        return bool(self.owner) and self.lease_until is not None and now < self.lease_until

    def leased(self, owner: str, until: datetime) -> Self:
        """With a new holder. Each write names the version it read, so an overtaken holder writes nothing more."""
        return changed(self, owner=owner, fence=self.fence + 1, lease_until=until)

    # --- what a file makes of it --------------------------------------------------------------------------------------

    def read(self, bad_rows: int, first: Sequence[FeedProblem], signs: Mapping[str, str], now: datetime) -> Self:
        """With the rows of this file that cannot be read, in place of the last one's: of those a known one keeps its time."""
        known = {(old.sku or old.line, old.field): old.since for old in self.problems if old.line}
        bad = [changed(row, since=known.get((row.sku or row.line, row.field), now)) for row in first[:MOST_KEPT]]
        since = (self.bad_since or now) if bad_rows else None
        problems = (*bad, *self.gone)
        return changed(self, bad_rows=bad_rows, bad_since=since, problems=problems, signs={**self.signs, **signs})

    def goods_read(self, bad: int, first: Sequence[FeedProblem]) -> Self:
        """After an import of its goods: what could not be taken, in place of the last one's; what is known keeps its time."""
        known = {(old.sku or old.line, old.field): old.since for old in self.goods_problems}
        problems = [changed(one, since=known.get((one.sku or one.line, one.field), one.since)) for one in first]
        return changed(self, goods_bad=bad, goods_problems=tuple(problems))

    def counted(self, rows: int) -> Self:
        """With the number of its rows, which alone is not worth a write."""
        return changed(self, rows=rows)

    @property
    def gone(self) -> list[FeedProblem]:
        """The SKUs that left the file, those that are kept."""
        return [problem for problem in self.problems if not problem.line]

    def gone_noted(self, came: Collection[str], gone: Iterable[str], now: datetime, *, stock: bool = True) -> Self:
        """With SKUs that left the file, less those that are in it again. `stock`: it tells how many there are."""
        why = _GONE if stock else _COST_GONE
        bad = [old for old in self.problems if old.line]
        kept = {old.sku: old for old in self.gone if old.sku not in came}
        more = self.gone_more if kept else 0
        for sku in gone:
            if sku not in kept and len(kept) < MOST_KEPT:
                kept[sku] = FeedProblem(sku=sku, field="sku", why=why, since=now)
            elif sku not in kept:
                more += 1
        return changed(self, problems=(*bad, *kept.values()), gone_more=more)

    def compared(self, shard: int) -> Self:
        """This shard was compared as a whole."""
        return changed(self, uncompared=tuple(one for one in self.uncompared if one != shard))

    def applied_so_far(self, generations: Sequence[int], until: datetime) -> Self:
        """These parts count, and the lease goes on. No ETag yet: it would answer 304 and hide what is still to come."""
        return changed(self, snapshot=manifest(generations), lease_until=until, etag="")

    def applied(self, generations: Sequence[int], unmapped: int) -> Self:
        """All parts count, and so many SKUs of them are not ours."""
        return changed(self, snapshot=manifest(generations), unmapped=unmapped)

    def dated(self, etag: str, at: datetime) -> Self:
        """It is as this download says."""
        return changed(self, etag=etag, snapshot_at=at)

    # --- what a poll makes of it --------------------------------------------------------------------------------------

    def worked(self, stamp: Stamp, what: str = "", but: Reason | None = None) -> Self:
        """After a good answer: no reasons, no breaker, no owner. `but`: what is wrong beside it."""
        reasons = () if but is None else (but,)
        words = ["the feed is good again"] if self.broken or (self.reasons and not but) else []
        words += [f"{but.code}: {but.message}"] if but and not self.has(but) else []
        words += [what] if what else []
        after = changed(self, broken=False, reasons=reasons, checked_at=stamp.now, owner="", lease_until=None)
        return after.noted(stamp.line("; ".join(words))) if words else after

    def matched(self, unmapped: int) -> Self:
        """So many of its rows are of no SKU of ours."""
        return changed(self, unmapped=unmapped)

    def confirmed(self, settings: FeedSettings | SignalSettings, stamp: Stamp, but: Reason | None = None) -> Self:
        """After a good answer without news: the breaker closes; else the same state, so that nothing is written (F7)."""
        often = min(REFRESH, timedelta(hours=settings.stale_after_hours) / 4)
        as_before = (self.has(but) and len(self.reasons) == 1) if but else not self.reasons
        if not self.broken and as_before and self.checked_at is not None and stamp.now - self.checked_at < often:
            return self
        return self.worked(stamp, but=but)

    def stopped(self, reason: Reason, stamp: Stamp) -> Self:
        """The breaker opens (R24): nothing is applied, nothing zeroed. The same state where it is open for this reason."""
        if self.broken and self.has(reason):
            return self
        line = stamp.line(f"{BREAKER}: {reason.code}", reason.message)
        return changed(self, broken=True, reasons=(reason,)).noted(line)

    def rates_wait(self, noted: RatesNoted, reason: Reason, stamp: Stamp) -> Self:
        """Rates moved too far: the breaker opens until a person accepts them, or the next file is good."""
        if self.broken and self.rates == noted and self.has(reason):
            return self
        line = stamp.line(f"{BREAKER}: {reason.code}", reason.message)
        return changed(self, broken=True, reasons=(reason,), rates=noted).noted(line)

    def rates_taken(self, noted: RatesNoted) -> Self:
        """Its rates are in force, or those that are count on."""
        return changed(self, rates=noted)

    def missed(self, reason: Reason, stamp: Stamp) -> Self:
        """The file cannot be had: the last good one stays valid. The same state where this reason is known."""
        if self.has(reason):
            return self
        line = stamp.line(f"{UNREADABLE}: {reason.code}", reason.message)
        return changed(self, reasons=(*self.reasons, reason)).noted(line)

    def has(self, reason: Reason) -> bool:
        """Is this reason known already?"""
        return any(known.code == reason.code for known in self.reasons)

    def told_at(self, now: datetime) -> tuple[Self, dict[str, str]]:
        """By code, what is to be told of each kind that has stayed for a day; a kind that ended may be told again."""
        begun = {ROWS_BAD: self.bad_since, SKUS_GONE: min((problem.since for problem in self.gone), default=None)}
        late = [code for code, since in begun.items() if since is not None and now - since >= TOLD_AFTER]
        what = {
            ROWS_BAD: f"{self.bad_rows} rows of the file cannot be read; nothing new is taken from them",
            SKUS_GONE: f"{len(self.gone) + self.gone_more} SKUs that are sold left the stock file",
        }
        told = tuple(code for code in begun if begun[code] is not None and (code in late or code in self.told))
        return changed(self, told=told), {code: what[code] for code in late if code not in self.told}


def manifest(generations: Sequence[int]) -> str:
    """The text of a manifest."""
    return ",".join(map(str, generations))
