"""A supplier's daily points (Control CURSOR): claimed before the calls, so that a crash can waste but never overspend."""

from __future__ import annotations

from datetime import datetime

from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.operations import Cursor
from orderwright.errors import Conflict
from orderwright.records import poll_key
from orderwright.storage import Fact, Put, Storage, held_or
from orderwright.usecases.alerts import alert

DAY_SECONDS = 86_400
# Of the day's points: what may be used ahead of the hour, so that a day can start with a round over everything.
BURST_PERCENT = 5
# What a supplier without a budget allows: the vendor's pace and the worker's time are the limits then.
NOT_COUNTED = 1_000_000_000
TRIES = 8


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
    for _ in range(TRIES):
        held = held_or(storage, poll_key(supplier), Cursor(name=f"{supplier} stock"))
        before = held.model
        used = before.points_used if before.points_day == day else 0
        quoted = before.quote_points if before.points_day == day else 0
        most = allowance(settings, used - quoted, now, paced=paced, quoted=quoted)
        granted = min(wanted, most // max(1, points))
        if granted <= 0 and (paced or before.position == day):
            return 0
        facts: list[Fact] = []
        # `position` holds the day on which the operator was told that news came without points left to follow it.
        told = before.position
        if granted < wanted and not paced and told != day:
            told = day
            facts.append(alert("POINTS_USED_UP", supplier, message=f"no points are left for stock news of {day} (UTC)"))
        after = before.model_copy(
            update={
                "points_day": day,
                "points_used": used + granted * points,
                "quote_points": quoted,
                # When the poll came round: news of one offer, or a quote, is no poll.
                "at": now if paced else before.at,
                "position": told,
            }
        )
        try:
            storage.commit([Put(poll_key(supplier), after, held.version, facts=tuple(facts))])
            return granted
        except Conflict:
            continue
    return 0


def claim_quotes(
    storage: Storage, supplier: str, settings: SupplierSettings, wanted: int, points: int, now: datetime
) -> int:
    """How many of `wanted` quotes of freight may be asked; they are counted already.

    Quotes get at most half of the day's points that nobody else has used.
    """
    day = now.date().isoformat()
    for _ in range(TRIES):
        held = held_or(storage, poll_key(supplier), Cursor(name=f"{supplier} stock"))
        before = held.model
        used, quoted = (before.points_used, before.quote_points) if before.points_day == day else (0, 0)
        daily = NOT_COUNTED if settings.points_per_day is None else settings.points_per_day
        most = (daily - settings.points_reserve - (used - quoted)) // 2 - quoted
        granted = min(wanted, max(0, most) // max(1, points))
        if granted <= 0:
            return 0
        spent = granted * points
        after = before.model_copy(
            update={"points_day": day, "points_used": used + spent, "quote_points": quoted + spent}
        )
        try:
            storage.commit([Put(poll_key(supplier), after, held.version)])
            return granted
        except Conflict:
            continue
    return 0
