"""One poll of a stock file (R23, R24, F7):

download if changed -> read into shards -> difference to the last good feed -> judge all of it
    -> lease with a fence -> changed rows to offers, shard by shard -> new parts and manifest

Killed anywhere, the manifest still names the old parts, and the same difference is found and applied again.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from orderwright.domain.catalogue import Offer, OfferReport
from orderwright.domain.connection_settings import FeedSettings
from orderwright.domain.operations import FeedState
from orderwright.domain.order import Reason
from orderwright.domain.sku_matching import normal_form, unclear
from orderwright.domain.sources import Sources
from orderwright.domain.stock_diff import (
    Diff,
    FeedStats,
    decode_shard,
    diff_shard,
    encode_shard,
    judge_feed,
    rows_alike,
    shard_of,
)
from orderwright.domain.timing import Timing
from orderwright.errors import Rejected, VendorError
from orderwright.ports.connection import Clock
from orderwright.ports.feed import FeedAnswer, FeedContent, Snapshots, SupplierFeed
from orderwright.records import feed_key, offer_key
from orderwright.storage import Fact, Storage, held_or
from orderwright.usecases.stock import feed_problems, feeds
from orderwright.usecases.stock.feed_matching import AlikeSkus
from orderwright.usecases.stock.feed_rows import RowCounts, RowWriter, report_of, sold_out
from orderwright.usecases.stock.offers import park_note

# Work done so far is made to count this often, so that a first feed of any size gets done over several polls.
CHECKPOINT_ROWS = 1000
SHOWN_BAD_ROWS = 3


@dataclass
class FeedPoll:
    """One worker's poll of one feed."""

    connection: str
    settings: FeedSettings
    storage: Storage
    feed: SupplierFeed
    snapshots: Snapshots
    clock: Clock
    timing: Timing
    new_token: Callable[[], str]
    correlation: str
    sources: Sources
    mark: str
    state: FeedState = field(init=False)
    version: int = field(init=False)

    def run(self) -> None:
        """Poll once. A feed that cannot be read or believed is recorded, with an alert; nothing is raised for it."""
        held = held_or(self.storage, feed_key(self.connection), FeedState(connection=self.connection))
        self.state, self.version = feeds.at_address(held.model, self.settings), held.version
        if feeds.is_leased(self.state, self.clock.now()):
            return
        self.state = feeds.for_list(self.state, self.mark, self.settings.shards)
        known = feeds.generations(self.state, self.settings.shards)
        try:
            answer = self.feed.open_feed(self.state.etag if any(known) else "")
            if answer.lines is None:
                self._save_if_new(feeds.confirmed(self.state, self.settings, self.clock.now(), self.correlation))
                return
            content = self.feed.read_feed(answer.lines, self.state.signs)
        except Rejected as error:
            self._break(error.code, error.message)
            return
        except VendorError as error:
            reason = Reason(code=error.code, message=error.message, fix="look at the address and its credentials")
            after, facts = feeds.unreachable(self.state, reason, self.clock.now(), self.correlation)
            self._save_if_new(after, facts)
            return
        self._compare(answer, content, known)

    def _compare(self, answer: FeedAnswer, content: FeedContent, known: list[int]) -> None:
        rows = content.shards.rows
        diffs, news = differences(self.connection, content, self.snapshots, known)
        news = sorted({*news, *(shard for shard in self.state.uncompared if shard < len(diffs))})
        stats = FeedStats(rows, content.bad_rows, [diff.counts for diff in diffs])
        verdict = judge_feed(stats, self.settings)
        if not verdict.ok:
            self._break(verdict.code, verdict.message)
            return
        signs = {**self.state.signs, **content.signs}
        state = feed_problems.with_bad_rows(self.state, content, self.clock.now())
        state = state.model_copy(update={"rows": rows, "signs": signs})
        if not news:
            after = feeds.confirmed(state, self.settings, self.clock.now(), self.correlation)
            if after is state and state.model_copy(update={"rows": self.state.rows}) == self.state:
                after = self.state
            else:
                after = after.model_copy(update={"etag": answer.etag, "snapshot_at": answer.observed_at})
            self._save_if_new(after)
            return
        counts = self._apply(answer, diffs, news, known) if self._take_lease(state) else None
        if counts is not None:
            done = self.state.model_copy(
                update={
                    "etag": answer.etag,
                    "snapshot": feeds.manifest(known),
                    "snapshot_at": answer.observed_at,
                    "unmapped": counts.unmapped,
                }
            )
            what = _told(rows, counts, content)
            self._save_if_new(feeds.good(done, self.clock.now(), what, self.correlation))

    def _take_lease(self, state: FeedState) -> bool:
        self.state = feeds.leased(state, self.new_token(), self.clock.now(), self.timing.windows.lease)
        return self._save(self.state)

    def _apply(self, answer: FeedAnswer, diffs: list[Diff], news: list[int], known: list[int]) -> RowCounts | None:
        """Offers first, then the part that makes them history. None: another worker took the feed over."""
        alike = AlikeSkus(self.settings.offers_of, self.storage, [diff.snapshot for diff in diffs])
        writer = replace(self._writer(), ours=alike.ours)
        total, since = RowCounts(), 0
        for shard, diff in enumerate(diffs):
            if shard not in news:
                continue
            known_gone = {normal_form(sku): sku for sku in feed_problems.gone_skus(self.state)}
            came, gone = set[str](), list[str]()
            for reports, left in (
                (_rows(diff, answer, known_gone, came, whole=shard in self.state.uncompared), None),
                (_vanished(diff, answer, alike), gone),
            ):
                counts = writer.apply(reports, left)
                total.rows += counts.rows
                total.written += counts.written
                total.unmapped += counts.unmapped
                total.refused += counts.refused
                since += counts.rows
            self.state = feed_problems.with_gone(self.state, came, gone, self.clock.now())
            generation = feeds.next_generation(known[shard], self.state.fence)
            self.snapshots.put(self.connection, shard, generation, diff.snapshot)
            known[shard] = generation
            rest = tuple(one for one in self.state.uncompared if one != shard)
            self.state = self.state.model_copy(update={"uncompared": rest})
            if since >= CHECKPOINT_ROWS:
                since = 0
                # No etag yet: it would answer 304 and hide the shards that are still to come.
                lease = self.clock.now() + self.timing.windows.lease
                update = {"snapshot": feeds.manifest(known), "lease_until": lease, "etag": ""}
                self.state = self.state.model_copy(update=update)
                if not self._save(self.state):
                    return None
        self._park_unclear(alike)
        return total

    def _park_unclear(self, alike: AlikeSkus) -> None:
        for sku, others in alike.unclear.items():
            park_note(self.storage, self.connection, "stock", sku, unclear("the file", others), self.clock.now())

    def _writer(self) -> RowWriter:
        return RowWriter(
            self.connection, self.settings.offers_of, self.storage, self.clock, self.correlation,
            self.sources,
        )  # fmt: skip

    # --- keeping the state --------------------------------------------------------------------------------------------

    def _break(self, code: str, message: str) -> None:
        reason = Reason(
            code=code,
            message=message,
            fix="mend the file, or raise the limit that the message names; the next good file goes through by itself",
            field=f"connections.{self.connection}",
        )
        after, facts = feeds.broken(self.state, reason, self.clock.now(), self.correlation)
        self._save_if_new(after, facts)

    def _save_if_new(self, state: FeedState, facts: Sequence[Fact] = ()) -> None:
        """With what has stayed wrong for a day by now, whatever became of this poll."""
        after, late = feed_problems.overdue(state, self.clock.now())
        if any(fact.topic == feed_problems.SKUS_GONE for fact in late):
            # Before it is told: an article that its supplier does not offer any more is missed by nobody.
            keys = {offer_key(sku, self.settings.offers_of): sku for sku in feed_problems.gone_skus(state)}
            ended = {keys[key] for key, held in self.storage.get_many(list(keys), Offer).items() if held.model.retired}
            state = feed_problems.with_gone(state, ended, (), self.clock.now())
            after, late = feed_problems.overdue(state, self.clock.now())
        if after != self.state:
            self._save(after, (*facts, *late))

    def _save(self, state: FeedState, facts: Sequence[Fact] = ()) -> bool:
        saved = feeds.save_feed(self.storage, state, self.version, facts, self.correlation)
        self.version += saved
        return saved

    # --- one SKU ------------------------------------------------------------------------------------------------------

    def read_one(self, sku: str) -> None:
        """What the last good feed says of one of our SKUs: an offer that is newer than its row never saw the row."""
        held = self.storage.get(feed_key(self.connection), FeedState)
        offer = self.storage.get(offer_key(sku, self.settings.offers_of), Offer)
        if held is None or held.model.snapshot_at is None or offer is None:
            return
        known = feeds.generations(held.model, self.settings.shards)
        for name in dict.fromkeys((sku, offer.model.supplier_ref, offer.model.supplier_sku)):
            shard = shard_of(name, len(known))
            part = self.snapshots.get(self.connection, shard, known[shard]) if name and known[shard] else None
            for row in decode_shard(part) if part else ():
                if row[0] == name:
                    self._writer().apply([report_of((sku, *row[1:]), held.model.snapshot_at)])
                    return
        parts = (self.snapshots.get(self.connection, shard, one) for shard, one in enumerate(known) if one)
        rows = [row for part in parts if part for row in rows_alike(part, normal_form(sku))]
        alike = AlikeSkus(self.settings.offers_of, self.storage, [encode_shard(rows)])
        for row in rows:
            if alike.ours(row[0]) == sku:
                self._writer().apply([report_of((sku, *row[1:]), held.model.snapshot_at)])
        self._park_unclear(alike)


def differences(
    connection: str, content: FeedContent, snapshots: Snapshots, known: Sequence[int]
) -> tuple[list[Diff], list[int]]:
    """Each shard's difference to the part of its generation in `known`, and the numbers of those where something is new."""
    diffs, news = [], []
    for shard, generation in enumerate(known):
        packed, kept = content.shards.take(shard)
        old = snapshots.get(connection, shard, generation) if generation else None
        try:
            diff = diff_shard(old, packed, kept)
        except (OSError, EOFError, zlib.error):
            # A damaged part is as good as none: every row of this shard is compared with its offer instead.
            old, diff = None, diff_shard(None, packed, kept)
        if diff.snapshot is not old:
            news.append(shard)
        diffs.append(diff)
    return diffs, news


def _rows(
    diff: Diff, answer: FeedAnswer, gone: Mapping[str, str], came: set[str], *, whole: bool
) -> Iterator[OfferReport]:
    """What changed, or all. Those of `gone` (by normal form: it may come back in another spelling) among them go to `came`."""
    for row in decode_shard(diff.snapshot) if whole else diff.changed():
        if gone and (form := normal_form(row[0])) in gone:
            came.add(gone[form])
        yield report_of(row, answer.observed_at)


def _vanished(diff: Diff, answer: FeedAnswer, alike: AlikeSkus) -> Iterator[OfferReport]:
    return (sold_out(sku, answer.observed_at) for sku in diff.vanished() if not alike.still_there(sku))


def _told(rows: int, counts: RowCounts, content: FeedContent) -> str:
    words = [f"{rows} rows, {counts.rows} changed, {counts.written} offers written"]
    if counts.unmapped:
        words.append(f"{counts.unmapped} of SKUs that are not ours")
    if content.bad_rows:
        shown = "; ".join(f"line {bad.line}, {bad.field}: {bad.why}" for bad in content.examples[:SHOWN_BAD_ROWS])
        words.append(f"{content.bad_rows} unreadable ({shown})")
    return ", ".join(words)
