"""What a night's sales mean for a supplier's stock (R23, R25): the buffer that its target asks for, and what runs low.

stock.advice_due {connection}    after its scorecard was written; by its due time, where a look took longer than a worker may

All its offers, and what a warning stands of, are looked at, a hundred at a time, and those that differ are written: one
conditional write an offer, with the fact that prices and quantities follow (promise P3). Done again, or after a worker was
killed, it comes out the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from math import ceil

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import FeedSettings, SupplierSettings
from orderwright.domain.scoring.scorecard import Scorecard
from orderwright.domain.source_gone import source_gone
from orderwright.domain.sources import connection_of
from orderwright.domain.stock_buffer import held_back
from orderwright.domain.stock_days import (
    REORDER,
    RUNS_OUT,
    AdviceWork,
    Lead,
    Outlook,
    StockWarning,
    outlook,
    refill_time,
)
from orderwright.domain.time_line import Stamp
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.records import CONTROL, Key, Stored, cursor_key, offer_key, sku_pk, stock_warning_key
from orderwright.storage import Due, Fact, Put, Storage, held_or
from orderwright.usecases.alerts import alert
from orderwright.usecases.scoring.read import scorecards
from orderwright.usecases.stock.offers import offer_busy, offer_put, offered_skus, rewrite_offer
from orderwright.usecases.stock.velocity import of_all, velocities

WAKE, ADVICE = "stock.advice_due", "ADVICE"
LOW = "STOCK_LOW"
"""The index text of warnings that are open."""
TOGETHER, MOST_TOLD, MOST_LOW = 100, 15, 10_000
POLL_MINUTES = 5
A_DAY = timedelta(days=1)


def report_age(offer: Offer, config: Config, offers: int, points: int) -> timedelta:
    """From one report of its stock to the next, at most. `offers`: how many the supplier has; `points`: what reading one costs.

    An own warehouse's and one that is always there: none. A feed's: as its stale_after_hours allows. One that is asked by API:
    the time of a round over all offers, by its pace and its points. One that only an import tells: a day.
    """
    settings = config.suppliers[offer.supplier]
    if offer.shelf is not None or settings.own_stock or (offer.stock_from and offer.said_at is None):
        return timedelta(0)
    feed = config.connections.get(connection_of(offer.stock_from))
    if isinstance(feed, FeedSettings):
        return timedelta(hours=feed.stale_after_hours)
    if not settings.asks_stock:
        return A_DAY
    minutes = POLL_MINUTES * ceil(Fraction(offers, settings.requests_per_second * 60))
    if settings.points_per_day is not None:
        of_day = settings.points_per_day - settings.points_reserve
        minutes = max(minutes, ceil(Fraction(24 * 60 * offers * points, of_day)))
    return timedelta(minutes=max(minutes, settings.lag_minutes))


def advise(message: Message, config: Config, storage: Storage, points: int, clock: Clock, timing: Timing) -> None:
    """One supplier, or the rest of it. `points`: what one read of its stock costs."""
    _Adviser(message.connection, config, storage, points, clock, timing, message.correlation or message.id).run(
        again=message.sk != ADVICE
    )


@dataclass(frozen=True)
class _Adviser:
    supplier: str
    config: Config
    storage: Storage
    points: int
    clock: Clock
    timing: Timing
    correlation: str

    @property
    def _settings(self) -> SupplierSettings:
        return self.config.suppliers[self.supplier]

    @property
    def _today(self) -> date:
        return self.clock.now().date()

    @cached_property
    def _sold(self) -> dict[str, dict[str, Fraction]]:
        return velocities(self.storage, self.config.suppliers, self._today)

    @cached_property
    def _cards(self) -> dict[str, Scorecard]:
        return scorecards(self.storage, self.config.suppliers)

    def run(self, *, again: bool) -> None:
        """From the beginning, or from where it stands."""
        begin, key = self.clock.now(), cursor_key(self.supplier, ADVICE)
        held = held_or(self.storage, key, AdviceWork(supplier=self.supplier))
        work = AdviceWork(supplier=self.supplier) if again else held.model
        offered, warned = offered_skus(self.storage, self.supplier), stock_warning_key(self.supplier, "").pk
        low = [key.sk for key in self.storage.in_state(CONTROL, LOW, MOST_LOW) if key.pk == warned]
        count, skus = len(offered), sorted(sku for sku in {*offered, *low} if sku > work.position)
        for start in range(0, len(skus), TOGETHER):
            if self.clock.now() - begin >= self.timing.function_timeout:
                self._put(key, work, held.version, due=Due(self.clock.now(), WAKE))
                return
            some = skus[start : start + TOGETHER]
            work = work.came_to(some[-1], self._look(some, count, work.new))
        more = work.new - MOST_TOLD
        what = f"{more} more SKUs run low; `orderwright stock list --low` lists all"
        facts = (alert(RUNS_OUT, self.supplier, message=what),) if more > 0 else ()
        if held.version or facts:  # else it was done in one go, and there is nothing to keep
            self._put(key, AdviceWork(supplier=self.supplier), held.version, *facts)

    def _put(self, key: Key, work: AdviceWork, version: int, *facts: Fact, due: Due | None = None) -> None:
        with suppress(Conflict):
            self.storage.commit([Put(key, work, version, facts, due)], correlation=self.correlation)

    def _look(self, skus: Sequence[str], count: int, new: int) -> int:
        """At some SKUs. Gives how many warnings have begun by now, `new` of them before."""
        warned = self.storage.get_many([stock_warning_key(self.supplier, sku) for sku in skus], StockWarning)
        sold = {sku for sku in skus if of_all(self._sold, sku)}
        others = [one for one in self.config.suppliers if one != self.supplier]
        keys = [offer_key(sku, self.supplier) for sku in skus]
        keys += [offer_key(sku, other) for sku in skus if sku in sold for other in others]
        offers = {key: held.model for key, held in self.storage.get_many(keys, Offer).items()}
        for sku in skus:
            mine = offers.get(offer_key(sku, self.supplier))
            known, low = warned.get(stock_warning_key(self.supplier, sku)), None
            if mine is not None and not mine.retired:
                mine = self._hold_back(mine, count)
                other = (found for name in others if (found := offers.get(offer_key(sku, name))) is not None)
                low = self._low(mine, other) if sku in sold else None
            new += self._warn(sku, known, low, tell=new < MOST_TOLD)
        return new

    # --- the buffer ---------------------------------------------------------------------------------------------------

    def _wanted(self, offer: Offer, count: int) -> int:
        percent = self._settings.oversold_at_most_percent
        if percent is None:
            return 0
        a_day = self._sold[self.supplier].get(offer.sku, Fraction())
        card = self._cards.get(self.supplier)
        age = report_age(offer, self.config, count, self.points)
        return held_back(offer.stock, a_day, age, percent, card.lies_ppm if card else None)

    def _hold_back(self, offer: Offer, count: int) -> Offer:
        """Gives it as it is then."""

        def held(stored: Stored[Offer]) -> Put | None:
            before, after = stored.model, self._held(stored.model, count)
            if after == before:
                return None
            return offer_put(after, stored.version, matters=after.buffer != before.buffer, since=before.said_at)

        if self._wanted(offer, count) == offer.held_back:
            return offer
        rewrite_offer(self.storage, offer_key(offer.sku, self.supplier), held, offer_busy, self.correlation)
        return self._held(offer, count)

    def _held(self, offer: Offer, count: int) -> Offer:
        stamp = Stamp(self.clock.now(), "poll_stock", self.correlation)
        return offer.held(self._wanted(offer, count), self._settings.buffer, stamp)

    # --- what runs low ------------------------------------------------------------------------------------------------

    def _low(self, mine: Offer, others: Iterable[Offer]) -> StockWarning | None:
        """Of an own warehouse: its own stock. Of another supplier: only where all suppliers together run low.

        More is there after the shortest time that is known of one of them.
        """
        suppliers, named = self.config.suppliers, [self.supplier]
        usable = {
            one.supplier: max(0, one.sellable)
            for one in (mine, *others)
            if not one.retired and source_gone(one, self.config) is None
        }
        own, more = usable.get(self.supplier, 0), sum(many for name, many in usable.items() if name != self.supplier)
        if self._settings.own_stock:
            a_day, stock, code = self._sold[self.supplier].get(mine.sku, Fraction()), own, REORDER
        else:
            a_day, stock, code = of_all(self._sold, mine.sku), own + more, RUNS_OUT
            named = sorted(name for name in usable if not suppliers[name].own_stock)
        if self.supplier not in usable or self.supplier != named[0]:  # one speaks for all: one cause, one warning
            return None
        leads = [(name, refill_time(name, suppliers, self._cards, usable)) for name in named]
        known = [lead if name == self.supplier else lead._replace(of=name) for name, lead in leads if lead is not None]
        if not known:
            return None
        lead = min(known, key=lambda one: one.days)
        found = outlook(stock, a_day, lead.days, self._today)
        if not found.low:
            return None
        name, why = self.config.name_of(self.supplier), lead_in_words(lead, self.config)
        told = f"{own} pieces of SKU {mine.sku} are left at {name}; other suppliers have {more}; about {shown(a_day)} a day are"
        told += f" sold: enough for about {found.days} days, and more takes {why}"
        return StockWarning(
            supplier=self.supplier, sku=mine.sku, code=code, message=told, fix=advice(found, own=self._settings.own_stock),
            since=self.clock.now(),
        )  # fmt: skip

    def _warn(self, sku: str, known: Stored[StockWarning] | None, low: StockWarning | None, *, tell: bool) -> int:
        """Write it down where something differs; 1 where it is new. One alert for each SKU and cause (promise P14)."""
        if low is None and (known is None or not known.model.open):
            return 0
        key = stock_warning_key(self.supplier, sku)
        after = known.model.seen(low) if known else low
        assert after is not None
        is_new = after.open and not (known and known.model.open and known.model.code == after.code)
        told = alert(after.code, self.supplier, pk=sku_pk(sku), resource=sku, message=f"{after.fix}: {after.message}")
        facts = (told,) if is_new and tell else ()
        if known is None or after != known.model:
            put = Put(key, after, known.version if known else 0, facts, state=LOW if after.open else "")
            with suppress(Conflict):  # another worker has the same look in hand, and has written it
                self.storage.commit([put], correlation=self.correlation)
        return int(is_new)


def lead_in_words(lead: Lead, config: Config) -> str:
    """How long it takes to have more, and why."""
    return f"{lead.days} days ({f'{config.name_of(lead.of)}: ' if lead.of else ''}{lead.why})"


def advice(found: Outlook, *, own: bool) -> str:
    """What to do about a stock that runs low."""
    if own:
        return f"order {found.quantity} pieces by {found.order_by}"
    return (
        f"find another supplier for it, or order {found.quantity} pieces for a warehouse of yours by {found.order_by}"
    )


def shown(a_day: Fraction) -> str:
    """A velocity for people, in tenths."""
    tenths = round(a_day * 10)
    if not tenths:
        return "less than 0.1" if a_day else "0"
    return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)
