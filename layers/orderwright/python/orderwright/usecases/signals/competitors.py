"""One poll of a file of competitors' prices:

download if changed -> rows to our SKUs -> difference to the last good file -> judge all of it
    -> lease with a fence -> SKUs whose prices differ, shard by shard -> new parts and manifest -> heard

Killed anywhere, the manifest still names the old parts, and the same difference is found again. What is written says when the
file said so: nothing older replaces something newer (promise P4).
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice

from orderwright.config_store import note_heard
from orderwright.domain.connection_settings import SignalSettings
from orderwright.domain.feed_state import MOST_KEPT, REFRESH, FeedProblem, FeedState
from orderwright.domain.repricing.competitor_file import (
    Difference,
    Lines,
    QuoteLines,
    TooManyQuotes,
    difference,
    judge,
    quotes_of,
    read_back,
    same_offers,
    written,
)
from orderwright.domain.repricing.signals import CompetitorPrices
from orderwright.domain.stock_diff import shard_of
from orderwright.errors import Conflict
from orderwright.ports.feed import BadRow, FeedAnswer, FileForm, Snapshots
from orderwright.ports.signals import CompetitorFile, PriceRow
from orderwright.records import Key, Stored, competitors_key, feed_key
from orderwright.storage import Put, held_or, retry_on_conflict
from orderwright.usecases.signals.matching import Ambiguous, SkuIds, Unmatched, ids_of, sku_ids
from orderwright.usecases.stock.feed_rows import READ_AT_ONCE, WRITE_AT_ONCE
from orderwright.usecases.stock.offers import changed_fact
from orderwright.usecases.stock.polled_file import PolledFile

SHARDS = 16
CHECKPOINT_SKUS = 1000
SHOWN_UNMATCHED = 10
UNMATCHED = "none of your SKUs has it"


@dataclass
class ReadPrices:
    """A whole file beside our SKUs. `refused`: rows, the first of them in `examples`, those of no SKU of ours behind them."""

    quotes: QuoteLines = field(default_factory=QuoteLines)
    rows: int = 0
    refused: int = 0
    unmatched: int = 0
    examples: list[BadRow] = field(default_factory=list)
    strange: list[BadRow] = field(default_factory=list)
    form: FileForm | None = None

    def tell(self, form: FileForm) -> None:
        """See CompetitorFile.read_prices."""
        self.form = form

    def take(self, rows: Iterable[PriceRow | BadRow], ids: SkuIds) -> None:
        """All rows of a file. Raises Rejected as read_prices."""
        for row in rows:
            if isinstance(row, BadRow):
                self._refuse(row)
                continue
            self.rows += 1
            try:
                sku, by = ids.match(row)
                self.quotes.add(sku, row.quote.matched(by))
            except Unmatched:
                self.unmatched += 1
                if len(self.strange) < SHOWN_UNMATCHED:
                    name = next(one for one in ("gtin", "mpn", "sku") if getattr(row, one))
                    self.strange.append(BadRow(row.line, name, f"{getattr(row, name)}: {UNMATCHED}", row.sku))
            except Ambiguous as error:
                self.rows -= 1
                self._refuse(BadRow(row.line, error.field, str(error), row.sku))
            except TooManyQuotes as error:
                self.rows -= 1
                self._refuse(BadRow(row.line, "row", str(error), row.sku))

    def _refuse(self, row: BadRow) -> None:
        self.refused += 1
        if len(self.examples) < MOST_KEPT:
            self.examples.append(row)

    @property
    def problems(self) -> list[BadRow]:
        """The first rows that do not count, with the reason."""
        return [*self.examples[: MOST_KEPT - len(self.strange)], *self.strange]


def judged(read: ReadPrices, found: Difference, settings: SignalSettings) -> tuple[str, str]:
    """See competitor_file.judge."""
    missing = getattr(settings, "max_missing_percent", 50)
    return judge(found, read.rows, read.refused, missing, settings.max_change_percent)


@dataclass(kw_only=True)
class CompetitorPoll(PolledFile):
    """One worker's poll of one file. `often`: so much later a time alone is written, a quarter of what makes a price old."""

    settings: SignalSettings
    often: timedelta
    file: CompetitorFile
    snapshots: Snapshots
    new_token: Callable[[], str]
    _same_meaning: bool = field(default=True, init=False)
    _mark: str = field(default="", init=False)

    def run(self) -> None:
        """Poll once. A file that cannot be read or believed is recorded, with an alert; nothing is raised for it."""
        held = held_or(self.storage, feed_key(self.connection), FeedState(connection=self.connection))
        self.state, self.version = held.model.at_address(self.settings.url), held.version
        if self.state.is_leased(self.clock.now()):
            return
        # The whole file is read, changed or not, against SKUs that are new, at least once a day; and after a change of settings.
        # The mark is noted only with a file that is taken: what fails before hides nothing.
        meaning, read = self._meaning, ReadPrices()
        self._same_meaning = self.state.mark.partition(" ")[0] in ("", meaning)
        generation = ids_of(self.storage, self._ids_read, self.clock.now())
        self._mark = f"{meaning} {generation}"
        with self.told():
            known = bool(self.state.snapshot) and not self.state.owner and self.state.mark == self._mark
            answer = self.opened(self.file.open_feed, known=known)
            if answer is None:
                return
            if answer.lines is not None:
                rows = self.file.read_prices(answer.lines, self.state.signs, read.tell)
                first = list(islice(rows, 1))  # with it the whole file came: nobody lets a download wait
        if self.failed or answer is None:
            return
        if answer.lines is None:
            self._heard(answer)
            self.save_if_new(self.state.confirmed(self.settings, self.stamp))
            return
        ids = sku_ids(self.storage, self.snapshots, self.connection, generation)
        with self.told():
            read.take(chain(first, rows), ids)
        if not self.failed:
            self._compare(answer, read)

    @property
    def _ids_read(self) -> int:
        """When the SKUs' ids were read against which the last file was read; 0: never."""
        said = self.state.mark.partition(" ")[2]
        return int(said) if said.isdecimal() else 0

    @property
    def _meaning(self) -> str:
        limits = {"max_change_percent", "max_missing_percent", "stale_after_hours", "url"}
        return hashlib.sha256(self.settings.model_dump_json(exclude=limits).encode()).hexdigest()[:16]

    def _compare(self, answer: FeedAnswer, read: ReadPrices) -> None:
        known = self.state.generations(SHARDS)
        old, new = last_prices(self.connection, self.snapshots, known), read.quotes.lines()
        found = difference(old, new, self.settings.max_change_percent, self.often)
        # After other settings the same figures mean other prices: nothing can be said of how far they moved.
        code, message = judged(
            read, found if self._same_meaning else found._replace(jumped=0, missing=0), self.settings
        )
        if code:
            self.stop(code, message)
            return
        self._mend(found.changed, old, new, known)
        now = self.clock.now()
        bad = [
            FeedProblem(line=row.line, field=row.field, why=row.why[:200], sku=row.sku, since=now)
            for row in read.problems
        ]
        signs = read.form.decimal_signs if read.form else {}
        state = self.state.read(read.refused, bad, signs, now).matched(read.unmatched)
        news = sorted({shard_of(sku, SHARDS) for sku in found.changed} | {n for n, one in enumerate(known) if not one})
        if not news:
            self._heard(answer)
            after = self._whole(state).confirmed(self.settings, self.stamp)
            is_new = after != self.state
            self.save_if_new(after.counted(read.rows).dated(answer.etag, answer.observed_at) if is_new else after)
            return
        self.state = state.counted(read.rows).leased(self.new_token(), self.lease_end())
        count = self._apply(answer, found.changed, new, news, known) if self.save(self.state) else None
        if count is None:
            return
        self._heard(answer)
        done = self._whole(self.state.applied(known, read.unmatched)).dated(answer.etag, answer.observed_at)
        words = f"{read.rows} rows, prices of {len(found.changed)} SKUs differ, {count} written"
        words += f", {read.unmatched} of no SKU of yours" if read.unmatched else ""
        words += f", {read.refused} refused" if read.refused else ""
        self.save_if_new(done.worked(self.stamp, words))

    def _whole(self, state: FeedState) -> FeedState:
        return state.for_list(self._mark, 0)

    def _mend(self, changed: Lines, old: Lines, new: Lines, known: list[int]) -> None:
        """Where a worker was killed among its writes, all that it may have written is compared with what is kept."""
        if not self.state.owner:
            return
        begun = last_prices(self.connection, self.snapshots, [self.state.next_generation(one) for one in known])
        for sku, line in begun.items():
            if old.get(sku) != line:
                changed[sku] = new.get(sku, "")

    def _apply(self, answer: FeedAnswer, changed: Lines, new: Lines, news: list[int], known: list[int]) -> int | None:
        """SKUs first, then the part that makes them history. None: another worker took the file over."""
        by_shard: dict[int, list[str]] = {shard: [] for shard in news}
        parts: dict[int, Lines] = {shard: {} for shard in news}
        for sku in changed:
            by_shard[shard_of(sku, SHARDS)].append(sku)
        for sku, line in new.items():
            if (shard := shard_of(sku, SHARDS)) in parts:
                parts[shard][sku] = line
        count = since = 0
        for shard in news:
            generation = self.state.next_generation(known[shard])
            # Before the SKUs: who is killed among them leaves behind what it may have written.
            self.snapshots.put(self.connection, shard, generation, gzip.compress(written(parts[shard]), 5))
            skus = iter(by_shard[shard])
            while chunk := list(islice(skus, READ_AT_ONCE)):
                count += self._write({sku: changed[sku] for sku in chunk}, answer.observed_at)
                since += len(chunk)
            known[shard] = generation
            if since >= CHECKPOINT_SKUS:
                since = 0
                self.state = self.state.applied_so_far(known, self.lease_end())
                if not self.save(self.state):
                    return None
        return count

    def _write(self, lines: Lines, at: datetime) -> int:
        """What differs from what is kept. Gives how many SKUs were written."""
        keys = {competitors_key(sku, self.connection): sku for sku in lines}
        held = self.storage.get_many(list(keys), CompetitorPrices)
        puts = [put for key, sku in keys.items() if (put := self._put(sku, lines[sku], at, held.get(key)))]
        for start in range(0, len(puts), WRITE_AT_ONCE):
            group = puts[start : start + WRITE_AT_ONCE]
            try:
                self.storage.commit(group, correlation=self.correlation)
            except Conflict:
                for put in group:
                    self._write_alone(put.key, keys[put.key], lines, at)
        return len(puts)

    def _put(self, sku: str, line: str, at: datetime, held: Stored[CompetitorPrices] | None) -> Put | None:
        """None: it is kept already, or something newer is."""
        quotes = quotes_of(line)
        before = held.model if held else CompetitorPrices(sku=sku, feed=self.connection, at=at)
        if before.quotes == quotes or before.at > at:
            return None
        facts = () if same_offers(before.quotes, quotes) else (changed_fact(sku),)
        prices = CompetitorPrices(sku=sku, feed=self.connection, at=at, quotes=quotes)
        return Put(competitors_key(sku, self.connection), prices, held.version if held else 0, facts=facts)

    def _write_alone(self, key: Key, sku: str, lines: Lines, at: datetime) -> None:
        """Somebody else wrote meanwhile: read again."""

        def write() -> None:
            put = self._put(sku, lines[sku], at, self.storage.get(key, CompetitorPrices))
            if put is not None:
                self.storage.commit([put], correlation=self.correlation)

        retry_on_conflict(write, "competitors' prices")

    def _heard(self, answer: FeedAnswer) -> None:
        note_heard(self.storage, self.connection, answer.observed_at, min(REFRESH, self.often))


def last_prices(connection: str, snapshots: Snapshots, known: Iterable[int]) -> Lines:
    """The last good file. A part that is not there, or damaged, says nothing: its SKUs are compared with what is kept."""
    found: Lines = {}
    for shard, generation in enumerate(known):
        part = snapshots.get(connection, shard, generation) if generation else None
        try:
            found.update(read_back(gzip.decompress(part)) if part else {})
        except (OSError, EOFError, ValueError):
            continue  # see above
    return found
