"""Raise what sells faster than before, or will be sold out soon. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from orderwright.domain.repricing.signals import Demand, Signals
from orderwright.domain.repricing_rules import DemandMove

WEEK, BEFORE = 7, 28


def raised(move: DemandMove, signals: Signals, store: str, today: date, steps: list[str]) -> Decimal:
    """By how many percent. What is not known raises nothing."""
    demand = signals.demand
    if demand is None:
        steps.append("demand: no sale is known, nothing is raised")
        return Decimal(0)
    days = sold_a_day(demand, store, today)
    now = sum(days[:WEEK])
    sold = f"demand: {now} sold in 7 days"
    if now < move.at_least:
        steps.append(f"{sold}, {move.at_least} are needed to say something")
        return Decimal(0)
    causes = []
    if move.faster_percent is not None:
        if len(days) < WEEK + BEFORE:
            steps.append(f"{sold}, and those of the 4 weeks before are not known")
            return Decimal(0)
        past = sum(days[WEEK : WEEK + BEFORE])
        if now * 4 * 100 <= past * (100 + move.faster_percent):
            steps.append(f"{sold} and {past} in the 4 weeks before: not {move.faster_percent} % faster")
            return Decimal(0)
        causes.append(f"{past} in the 4 weeks before")
    if move.days_of_stock is not None:
        pace = sum(sum(sold_a_day(demand, one, today)[:WEEK]) for one in demand.sold)
        if signals.stock * WEEK >= move.days_of_stock * pace:
            steps.append(f"{sold}: {signals.stock} in stock last for {move.days_of_stock} days")
            return Decimal(0)
        causes.append(f"{signals.stock} in stock last for less than {move.days_of_stock} days")
    steps.append(f"{sold} to {demand.day}, {', '.join(causes)}: {move.raise_percent} % more")
    return move.raise_percent


def sold_a_day(demand: Demand, store: str, today: date) -> tuple[int, ...]:
    """Pieces sold in a store a day, yesterday first. Since the last day that has a count nothing was sold."""
    since = (today - demand.day).days - 1
    return (*[0] * since, *demand.of(store)) if since > 0 else demand.of(store)
