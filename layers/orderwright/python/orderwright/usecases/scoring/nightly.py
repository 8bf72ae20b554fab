"""At night each supplier's day is counted, and its scorecard written (R19, R50).

Read: the orders that changed since the day began; those that wait where a deadline is agreed; and those in which nothing has
happened for as long as makes a parcel silent (domain/scoring/counting.py). One strongly consistent read each. Nothing is
written to orders, so no order is slower for it.

Work is done in pieces. A piece writes each supplier's day with the last order that is in it, then how far it came. A worker that
is killed in between is followed by another one, which adds no order to a day twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from orderwright.domain.config import Config
from orderwright.domain.connection_state import ConnectionState
from orderwright.domain.order import OrderState
from orderwright.domain.scoring.counting import LOST_AFTER, UNSCANNED_AFTER, Counting, OrderSeen, in_order
from orderwright.domain.scoring.day import Breach, SupplierDay
from orderwright.domain.scoring.scorecard import Scorecard, first_day, scorecard_of
from orderwright.domain.scoring.work import ScoreWork
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict
from orderwright.ports.connection import Clock
from orderwright.records import (
    ORDERS,
    SCORE_WORK,
    connection_key,
    score_day_key,
    scorecard_key,
)
from orderwright.storage import Due, Fact, Put, Storage, held_or
from orderwright.usecases.alerts import alert
from orderwright.usecases.scoring.read import days_of
from orderwright.usecases.stating.books import MOST_KEYS, orders_changed

WAKE = "scores.due"
# Longer than the function may run.
CLAIM = timedelta(minutes=6)
WAITING = (OrderState.PLACING, OrderState.PLACED, OrderState.NEEDS_ATTENTION)
ON_THE_WAY = (OrderState.PLACED, OrderState.SHIPPED, OrderState.NEEDS_ATTENTION)
A_DAY = timedelta(days=1)


def count_scores(storage: Storage, config: Config, clock: Clock, timing: Timing, correlation: str) -> None:
    """All days up to yesterday (UTC), or a piece of them. Somebody else has it in hand: nothing is done."""
    with suppress(Conflict):
        _Night(storage, config, clock, timing, correlation).run()


class _Night:
    """One worker."""

    def __init__(self, storage: Storage, config: Config, clock: Clock, timing: Timing, correlation: str) -> None:
        self._storage, self._config, self._clock = storage, config, clock
        self._timing, self._correlation = timing, correlation

    def run(self) -> None:
        begin = self._clock.now()
        last = begin.date() - A_DAY
        held = held_or(self._storage, SCORE_WORK, ScoreWork(day=last, claimed_until=begin))
        if begin < held.model.claimed_until or held.model.day > last:
            return
        work = held.model.begun(last, begin + CLAIM)
        version = self._put(work, held.version)
        while work.day <= last:
            position = self._count(work)
            if position is not None:
                self._put(work.read(position, self._clock.now()), version)
                return
            for supplier in self._config.suppliers:
                self._score(supplier, work.day, newest=work.day == last)
            now, work = self._clock.now(), work.done()
            late = now - begin >= self._timing.function_timeout
            version = self._put(work.read("", now) if late else work, version, done=work.day > last)
            if late:
                return

    def _put(self, work: ScoreWork, version: int, *, done: bool = False) -> int:
        due, facts = (None, (Fact("demand.due"),)) if done else (Due(work.claimed_until, WAKE), ())
        self._storage.commit([Put(SCORE_WORK, work, version, facts, due)], correlation=self._correlation)
        return version + 1

    def _count(self, work: ScoreWork) -> str | None:
        """Count on; the order up to which it came, None: the day is complete.

        Its time begins when it knows the orders, so that each piece comes further, however long that took.
        """
        orders, begin = [*self._orders(work.day)], self._clock.now()
        before = partial(self._before, day=work.day) if work.position else None
        counting = Counting(work.day, self._config.suppliers, before)
        position = work.position
        for pk, quiet in orders:
            if pk <= work.position:
                continue
            if self._clock.now() - begin >= self._timing.function_timeout:
                self._keep(counting)
                return position
            seen = self._seen(pk, quiet)
            if seen is not None:
                counting.add(seen)
            position = pk
        for supplier, failures in self._failures(work.day).items():
            counting.tally(supplier).counts["failures"] = failures
        self._keep(counting)
        return None

    def _before(self, supplier: str, day: date) -> SupplierDay | None:
        return next(iter(days_of(self._storage, supplier, day, day)), None)

    def _orders(self, day: date) -> Iterator[tuple[str, int]]:
        """The orders that may have to do with the day, in the order of their keys, and for how many days each was quiet."""
        begin = datetime.combine(day, time(), UTC)
        found = dict.fromkeys(orders_changed(self._storage, begin), 0)
        for days in (UNSCANNED_AFTER, LOST_AFTER):
            since = begin - timedelta(days=days)
            for state in ON_THE_WAY:
                keys = self._storage.in_state(ORDERS, state.value, MOST_KEYS, since, since + A_DAY)
                found.update((key.pk, days) for key in keys if key.sk == "ORDER" and key.pk not in found)
        if any(
            one.terms.ship_within_hours or one.terms.confirm_within_hours for one in self._config.suppliers.values()
        ):
            for state in WAITING:
                keys = self._storage.in_state(ORDERS, state.value, MOST_KEYS)
                found.update((key.pk, 0) for key in keys if key.sk == "ORDER" and key.pk not in found)
        yield from sorted(found.items())

    def _seen(self, pk: str, quiet: int) -> OrderSeen | None:
        file = self._storage.load_order(pk)
        if file.record is None or file.record.model.test:
            return None
        where = file.details.model.destination if file.details else None
        return OrderSeen(
            pk,
            tuple(held.model for _, held in sorted(file.purchase_orders.items())),
            tuple(held.model for _, held in sorted(file.shipments.items())),
            where.country_code.strip().upper() if where else "",
            quiet,
            file.details.model.lines if file.details else (),
        )

    def _failures(self, day: date) -> dict[str, int]:
        """Failures of suppliers' connections that were written down on that day."""
        keys = [connection_key(supplier) for supplier in self._config.suppliers]
        states = (held.model for held in self._storage.get_many(keys, ConnectionState).values())
        return {one.connection: count for one in states if (count := one.failed_on.get(day.isoformat(), 0))}

    def _keep(self, counting: Counting) -> None:
        """Each supplier's day, all its items in one commit."""
        for supplier, tally in sorted(counting.tallies.items()):
            parts = tally.day().in_parts()
            keys = [score_day_key(supplier, parts[0].day, number) for number in range(len(parts))]
            versions = {key: held.version for key, held in self._storage.get_many(keys, SupplierDay).items()}
            puts = [Put(key, part, versions.get(key, 0)) for key, part in zip(keys, parts, strict=True)]
            self._storage.commit(puts, correlation=self._correlation)

    def _score(self, supplier: str, day: date, *, newest: bool) -> None:
        """Its scorecard, once a day. With the newest one its buffers and days of stock are looked at."""
        held = self._storage.get(scorecard_key(supplier), Scorecard)
        if held is not None and held.model.day >= day:
            return
        days = days_of(self._storage, supplier, first_day(day), day, skus=False)
        fresh = scorecard_of(supplier, days, day, self._config.rules.routing.evidence, self._clock.now())
        card, fell = fresh.after(held.model if held else None)
        broken = [one for began, one in in_order(days) if began == day]  # not one of before that is made good now
        facts = [Fact("stock.advice_due", connection=supplier)] if newest else []
        facts += [_fallen(card, held.model)] if fell and held else []
        facts += [_broken(supplier, day, broken)] if broken else []
        put = Put(scorecard_key(supplier), card, held.version if held else 0, tuple(facts))
        self._storage.commit([put], correlation=self._correlation)


def _fallen(card: Scorecard, before: Scorecard) -> Fact:
    worst = sorted(card.shares.items(), key=lambda pair: pair[1].exact)[:2]
    told = ", ".join(f"{name.replace('_', ' ')} {share.percent} of {share.of}" for name, share in worst)
    what = f"the score fell from {before.best} to {card.score}; worst: {told}"
    return alert("SCORE_FELL", card.supplier, resource=card.day.isoformat(), message=what)


def _broken(supplier: str, day: date, broken: list[Breach]) -> Fact:
    terms = ", ".join(sorted({one.term for one in broken}))
    what = f"agreed terms broken on {day}: {len(broken)} ({terms}); {broken[0].reference} by {broken[0].hours} h"
    return alert("TERMS_BROKEN", supplier, resource=day.isoformat(), message=what)
