"""Raise what sells faster than before, or will be sold out soon. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from orderwright.domain.repricing.signals import Demand, Signals
from orderwright.domain.repricing_rules import DemandMove

WEEK, BEFORE = 7, 28
_COUNTED_DAILY = 3


def is_stale(demand: Demand | None, today: date) -> bool:
    """What sells is counted each night: an older count says nothing, unless nothing was sold in it."""
    return demand is not None and (today - demand.day).days > _COUNTED_DAILY and any(map(any, demand.sold.values()))


def raised(move: DemandMove, signals: Signals, store: str, today: date, steps: list[str]) -> Decimal:
    """By how many percent. What is not known raises nothing."""
    demand = signals.demand
    if demand is None:
        steps.append("demand: no sale is known, nothing is raised")
        return Decimal(0)
    days = sold_a_day(demand, store, today)
    now, past = sum(days[:WEEK]), sum(days[WEEK : WEEK + BEFORE])
    pace = sum(sum(sold_a_day(demand, one, today)[:WEEK]) for one in demand.sold)
    against = []
    if now < move.at_least:
        against.append(f"{move.at_least} are needed to say something")
    if move.faster_percent is not None and len(days) < WEEK + BEFORE:
        against.append("those of the 4 weeks before are not known")
    elif move.faster_percent is not None and now * 4 * 100 <= past * (100 + move.faster_percent):
        against.append(f"{past} in the 4 weeks before, so not {move.faster_percent} % faster")
    if move.days_of_stock is not None and signals.stock * WEEK >= move.days_of_stock * pace:
        against.append(f"{signals.stock} in stock last for {move.days_of_stock} days")
    if against:
        steps.append(f"demand: {now} sold in 7 days; {'; '.join(against)}")
        return Decimal(0)
    steps.append(
        f"demand: {now} sold in 7 days to {demand.day}, {past} in the 4 weeks before; {signals.stock} in stock:"
        f" {move.raise_percent} % more"
    )
    return move.raise_percent


def sold_a_day(demand: Demand, store: str, today: date) -> tuple[int, ...]:
    """Pieces sold in a store a day, yesterday first. Since the last day that has a count nothing was sold."""
    since = max(0, (today - demand.day).days - 1)
    return (*[0] * since, *demand.of(store))
