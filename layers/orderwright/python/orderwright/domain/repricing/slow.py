"""Lower what nobody buys, step by step; the first sale ends it. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from orderwright.domain.repricing.signals import DEMAND_DAYS, Signals
from orderwright.domain.repricing_rules import SlowMove


def lowered(
    move: SlowMove, signals: Signals, store: str, today: date, steps: list[str]
) -> tuple[Decimal, datetime | None]:
    """By how many percent of the price by cost, and when the next step is due."""
    since = unsold_since(signals, store)
    if since is None:
        steps.append("slow movers: since when it is in the store is not known, nothing is lowered")
        return Decimal(0), None
    beyond = (today - since).days - move.after_days
    taken = 0 if beyond < 0 else 1 + beyond // move.every_days
    percent = min(taken * move.lower_percent, move.most_percent)
    more = percent < move.most_percent
    due = since + timedelta(days=move.after_days + taken * move.every_days) if more else None
    if taken:
        steps.append(f"no sale since {since}, step {taken}: {percent} % of the price by cost less")
    return percent, datetime.combine(due, time(), UTC) if due else None


def unsold_since(signals: Signals, store: str) -> date | None:
    """The day of the last sale in this store; without one since when it is there. None: not known."""
    listed, demand = signals.listed_at.date() if signals.listed_at else None, signals.demand
    if demand is not None:
        days = (demand.day - timedelta(days=back) for back, sold in enumerate(demand.of(store)) if sold)
        last = next(days, None)
        if last is not None:
            return last if listed is None else max(last, listed)
        if listed is not None and demand.last_sold is not None:
            # Of this store it is known only that it was before those days, and not after the last sale in any store.
            return max(listed, min(demand.last_sold, demand.day - timedelta(days=DEMAND_DAYS)))
    return listed
