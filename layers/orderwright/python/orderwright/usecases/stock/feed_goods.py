"""A supplier's catalogue out of the stock file of one of its feeds (R1), as pages of goods for GoodsImport.

Only new offers get their first cost from here, as old as can be: stock and cost are the poll's, by the order of the feeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from orderwright.domain.catalogue import NEVER, SupplierGoods
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.feed_state import FeedProblem, FeedState
from orderwright.domain.stock_diff import cost_in, diff_shard
from orderwright.domain.unit_cost import UnitCost
from orderwright.errors import Rejected, Retryable
from orderwright.ports.connection import Clock
from orderwright.ports.feed import BadRow, SupplierFeed
from orderwright.records import feed_key
from orderwright.storage import Put, Storage, held_or, retry_on_conflict
from orderwright.usecases.alerts import alert

PAGE = 100
MOST_PROBLEMS = 50


@dataclass
class FeedGoods:
    """SupplierCatalogue. `kept`: SKUs of ours whose rows cannot be taken now; they are still in the catalogue."""

    feed: str
    supplier: SupplierSettings
    config: Config
    feed_for: Callable[[str], SupplierFeed]
    storage: Storage
    clock: Clock
    kept: set[str] = field(default_factory=set)
    problems: list[FeedProblem] = field(default_factory=list)
    bad: int = 0
    _rows: Iterator[SupplierGoods] = field(default_factory=lambda: iter(()))

    def list_goods(self, cursor: str) -> tuple[list[SupplierGoods], str]:
        """A page. Raises Retryable, also for a file that is refused as a whole: the next one may be good."""
        if not cursor:
            self._rows = self._all()
        try:
            page = list(islice(self._rows, PAGE))
        except Rejected as error:
            raise Retryable(error.message, code=error.code) from None
        return page, "more" if len(page) == PAGE else ""

    def _all(self) -> Iterator[SupplierGoods]:
        state = self._state(self.feed)
        costs = self._costs_elsewhere()
        for row in self.feed_for(self.feed).read_goods(state.signs, state.seen):
            sku = row.sku if isinstance(row, BadRow) else row.record.sku
            if sku and self.supplier.goods and sku not in self.supplier.goods:
                continue
            own = self.supplier.own_goods(sku)
            cost = None if isinstance(row, BadRow) else row.cost or costs.get(sku)
            if isinstance(row, BadRow) or cost is None:
                self.kept.add(own.sku)
                why = "its cost is in no file: not taken before it is"
                self._note(row if isinstance(row, BadRow) else BadRow(row.line, "cost", why, sku))
                continue
            for one in row.bad:
                self._note(one)
            record = row.record.named(own.sku, own.hs6 or "", own.origin or "", own.mpn)
            yield SupplierGoods(
                supplier_sku=sku, supplier_ref="", sku=record, cost=cost, freight=row.freight, observed_at=NEVER
            )  # fmt: skip

    def _note(self, bad: BadRow) -> None:
        self.bad += 1
        if len(self.problems) < MOST_PROBLEMS:
            problem = FeedProblem(
                line=bad.line, field=bad.field, why=bad.why[:200], sku=bad.sku, since=self.clock.now()
            )
            self.problems.append(problem)

    def _state(self, feed: str) -> FeedState:
        """What is known of the file at its address of now."""
        state = held_or(self.storage, feed_key(feed), FeedState(connection=feed)).model
        return state.at_address(self.config.feeds[feed].address)

    def _costs_elsewhere(self) -> Mapping[str, UnitCost]:
        """By the file's SKU, where this file tells no costs: those of the first feed that does."""
        settings = self.config.feeds[self.feed]
        feeds = self.config.feeds_of(settings.offers_of)
        others = [] if settings.tells_cost else [name for name, one in feeds.items() if one.tells_cost]
        found: dict[str, UnitCost] = {}
        for name in others[:1]:
            feed, state = self.feed_for(name), self._state(name)
            answer = feed.open_feed("", state.seen)
            if answer.lines is None:
                raise Retryable(f"feed {name}: no finished file is there now", code="FEED_NO_FILE")
            content = feed.read_feed(answer.lines, state.signs, newer=answer.newer)
            for shard in range(feeds[name].shards):
                for row in diff_shard(None, *content.shards.take(shard)).changed():
                    cost = cost_in(row)
                    if cost is not None:
                        found[row[0]] = cost
        return found

    def tell(self) -> None:
        """Keep what is wrong with single rows, with one alert when it begins."""

        def kept() -> None:
            key = feed_key(self.feed)
            held = held_or(self.storage, key, FeedState(connection=self.feed))
            after = held.model.goods_read(self.bad, self.problems)
            if after == held.model:
                return
            told = f"{self.bad} cells or rows of the catalogue cannot be taken: `orderwright feed problems` lists them"
            facts = () if held.model.goods_bad or not self.bad else (alert("FEED_GOODS_BAD", self.feed, message=told),)
            self.storage.commit([Put(key, after, held.version, facts=facts)])

        retry_on_conflict(kept, "the state of a feed")
