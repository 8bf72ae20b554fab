"""One poll of a stock file (R23, R24, F7):

download if changed -> read into shards -> difference to the last good feed -> judge all of it
    -> lease with a fence -> changed rows to offers, shard by shard -> new parts and manifest

Killed anywhere, the manifest still names the old parts, and the same difference is found and applied again.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from orderwright.domain.catalogue import Offer, OfferReport
from orderwright.domain.connection_settings import FeedSettings
from orderwright.domain.feed_state import SKUS_GONE, FeedProblem, FeedState
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
from orderwright.ports.feed import FeedAnswer, FeedContent, Snapshots, SupplierFeed
from orderwright.records import feed_key, offer_key
from orderwright.storage import held_or
from orderwright.usecases.stock.feed_matching import AlikeSkus
from orderwright.usecases.stock.feed_rows import RowCounts, RowWriter, report_of, sold_out
from orderwright.usecases.stock.offers import park_note
from orderwright.usecases.stock.polled_file import PolledFile

# Work done so far is made to count this often, so that a first feed of any size gets done over several polls.
CHECKPOINT_ROWS = 1000
SHOWN_BAD_ROWS = 3


@dataclass(kw_only=True)
class FeedPoll(PolledFile):
    """One worker's poll of one feed."""

    settings: FeedSettings
    feed: SupplierFeed
    snapshots: Snapshots
    new_token: Callable[[], str]
    sources: Sources
    mark: str
    but: Reason | None = None

    def run(self) -> None:
        """Poll once. A feed that cannot be read or believed is recorded, with an alert; nothing is raised for it."""
        held = held_or(self.storage, feed_key(self.connection), FeedState(connection=self.connection))
        self.state, self.version = held.model.at_address(self.settings.address), held.version
        if self.state.is_leased(self.clock.now()):
            return
        self.state = self.state.for_list(self.mark, self.settings.shards)
        known = self.state.generations(self.settings.shards)
        content: FeedContent | None = None
        with self.told():
            answer = self.opened(self.feed.open_feed, known=any(known))
            if answer is None:
                return
            if answer.lines is None and answer.fault is None:
                self.save_if_new(self.state.confirmed(self.settings, self.stamp))
                return
            content = self.feed.read_feed(answer.lines, self.state.signs, newer=answer.newer) if answer.lines else None
        if self.failed or answer is None:
            return
        self.but = answer.fault or (content.fault if content else None)
        if self.but and (content is None or answer.same):
            self.save_if_new(self.state.missed(self.but, self.stamp))
        elif content is not None:
            self._compare(answer, content, known)

    def _compare(self, answer: FeedAnswer, content: FeedContent, known: list[int]) -> None:
        rows = content.shards.rows
        diffs, news = differences(self.connection, content, self.snapshots, known)
        news = sorted({*news, *(shard for shard in self.state.uncompared if shard < len(diffs))})
        stats = FeedStats(rows, content.bad_rows, [diff.counts for diff in diffs])
        verdict = judge_feed(stats, self.settings)
        if not verdict.ok:
            self.stop(verdict.code, verdict.message)
            return
        now = self.clock.now()
        bad = [
            FeedProblem(line=row.line, field=row.field, why=row.why[:200], sku=row.sku, since=now)
            for row in content.examples
        ]
        state = self.state.read(content.bad_rows, bad, content.signs, now)
        if not news:
            after = state.confirmed(self.settings, self.stamp, self.but)
            is_new = after != self.state
            self.save_if_new(after.counted(rows).dated(answer.etag, answer.observed_at) if is_new else after)
            return
        self.state = state.counted(rows).leased(self.new_token(), self.lease_end())
        counts = self._apply(answer, diffs, news, known) if self.save(self.state) else None
        if counts is not None:
            done = self.state.applied(known, counts.unmapped).dated(answer.etag, answer.observed_at)
            self.save_if_new(done.worked(self.stamp, _told(rows, counts, content), self.but))

    def _apply(self, answer: FeedAnswer, diffs: list[Diff], news: list[int], known: list[int]) -> RowCounts | None:
        """Offers first, then the part that makes them history. None: another worker took the feed over."""
        alike = AlikeSkus(self.settings.offers_of, self.storage, [diff.snapshot for diff in diffs])
        writer = replace(self._writer(), ours=alike.ours)
        total, since = RowCounts(), 0
        for shard, diff in enumerate(diffs):
            if shard not in news:
                continue
            known_gone = {normal_form(problem.sku): problem.sku for problem in self.state.gone}
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
            generation = self.state.next_generation(known[shard])
            self.snapshots.put(self.connection, shard, generation, diff.snapshot)
            known[shard] = generation
            left_out = self.state.gone_noted(came, gone, self.clock.now(), stock=self.settings.tells_stock)
            self.state = left_out.compared(shard)
            if since >= CHECKPOINT_ROWS:
                since = 0
                self.state = self.state.applied_so_far(known, self.lease_end())
                if not self.save(self.state):
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

    def late(self, state: FeedState) -> tuple[FeedState, Mapping[str, str]]:
        """See PolledFile."""
        after, late = super().late(state)
        if SKUS_GONE in late:
            # Before it is told: an article that its supplier does not offer any more is missed by nobody.
            keys = {offer_key(problem.sku, self.settings.offers_of): problem.sku for problem in state.gone}
            ended = {keys[key] for key, held in self.storage.get_many(list(keys), Offer).items() if held.model.retired}
            return super().late(state.gone_noted(ended, (), self.clock.now()))
        return after, late

    # --- one SKU ------------------------------------------------------------------------------------------------------

    def read_one(self, sku: str) -> None:
        """What the last good feed says of one of our SKUs: an offer that is newer than its row never saw the row."""
        held = self.storage.get(feed_key(self.connection), FeedState)
        offer = self.storage.get(offer_key(sku, self.settings.offers_of), Offer)
        if held is None or held.model.snapshot_at is None or offer is None:
            return
        known = held.model.generations(self.settings.shards)
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
