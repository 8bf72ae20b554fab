"""A supplier's daily points (Control CURSOR): claimed before the calls, so that a crash can waste but never overspend."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.operations import Cursor
from orderwright.errors import Conflict
from orderwright.records import poll_key
from orderwright.storage import Fact, Put, Storage, held_or, retry_on_conflict
from orderwright.usecases.alerts import alert

DAY_SECONDS = 86_400
# Of the day's points: what may be used ahead of the hour, so that a day can start with a round over everything.
BURST_PERCENT = 5
# What a supplier without a budget allows: the vendor's pace and the worker's time are the limits then.
NOT_COUNTED = 1_000_000_000


def allowance(settings: SupplierSettings, used: int, now: datetime, *, paced: bool, quoted: int = 0) -> int:
    """Points that may be used now. The reserve for orders is never touched; a paced poll spreads the rest over the day.

    `quoted` points of the day went into quotes of freight: they are no part of what the poll spreads, so that it goes on.
    """
    if settings.points_per_day is None:
        return NOT_COUNTED
    daily = max(0, settings.points_per_day - settings.points_reserve - quoted)
    if not paced:
        return max(0, daily - used)
    elapsed = now.hour * 3600 + now.minute * 60 + now.second
    by_now = daily * elapsed // DAY_SECONDS + daily * BURST_PERCENT // 100
    return max(0, min(daily, by_now) - used)


def claim_reads(
    storage: Storage, supplier: str, settings: SupplierSettings, wanted: int, points: int, now: datetime, *, paced: bool
) -> int:
    """How many of `wanted` reads at `points` each may be made; they are counted already. Vendors' days are UTC days."""
    day = now.date().isoformat()

    def decide(before: Cursor) -> Claim | None:
        quoted = before.quote_points
        most = allowance(settings, before.points_used - quoted, now, paced=paced, quoted=quoted)
        granted = min(wanted, most // max(1, points))
        short = not paced and granted < wanted and before.position != day
        if granted <= 0 and not short:
            return None
        after = before.spent(granted * points)
        if not short:
            return Claim(granted, after.polled(now) if paced else after)
        told = alert("POINTS_USED_UP", supplier, message=f"no points are left for stock news of {day} (UTC)")
        return Claim(granted, after.told_on(day), (told,))

    return _claim(storage, supplier, day, decide)


def claim_quotes(
    storage: Storage, supplier: str, settings: SupplierSettings, wanted: int, points: int, now: datetime
) -> int:
    """How many of `wanted` quotes of freight may be asked; they are counted already.

    Quotes get at most half of the day's points that nobody else has used.
    """

    def decide(before: Cursor) -> Claim | None:
        daily = NOT_COUNTED if settings.points_per_day is None else settings.points_per_day
        others = before.points_used - before.quote_points
        most = (daily - settings.points_reserve - others) // 2 - before.quote_points
        granted = min(wanted, max(0, most) // max(1, points))
        return Claim(granted, before.spent(granted * points, on_quotes=True)) if granted > 0 else None

    return _claim(storage, supplier, now.date().isoformat(), decide)


class Claim(NamedTuple):
    """How many calls are granted, and what is written for it."""

    granted: int
    after: Cursor
    facts: tuple[Fact, ...] = ()


def _claim(storage: Storage, supplier: str, day: str, decide: Callable[[Cursor], Claim | None]) -> int:
    def claimed() -> int:
        held = held_or(storage, poll_key(supplier), Cursor(name=f"{supplier} stock"))
        claim = decide(held.model.on_day(day))
        if claim is None:
            return 0
        storage.commit([Put(poll_key(supplier), claim.after, held.version, facts=claim.facts)])
        return claim.granted

    with suppress(Conflict):  # others claim at the same moment: what is not granted now is asked for again
        return retry_on_conflict(claimed, "the day's points")
    return 0
