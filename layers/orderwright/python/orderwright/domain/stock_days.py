"""For how many days a stock lasts, against the days until more could be there, and what to do about it (R25). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, isqrt
from typing import NamedTuple, Self

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.scoring.scorecard import Scorecard

REORDER, RUNS_OUT = "REORDER", "STOCK_RUNS_OUT"
COVER = 28
"""Days for which a reorder is to last, beyond the days until it is there."""


class Lead(NamedTuple):
    """Days from ordering more until it is there, and what they are made of; `of`: the other supplier whose they are."""

    days: int
    why: str
    of: str = ""


def lead_time(settings: SupplierSettings, card: Scorecard | None, to: str = "") -> Lead | None:
    """Making and transport of a supplier: as measured often enough, else as its settings say; None: nobody says it.

    `to`: a country, such as that of the merchant's warehouse; empty or unknown: the longest of all countries.
    """
    making = card.making_days if card and card.making_days is not None else settings.making_days
    ways = {**settings.transport_days, **(card.transport_days if card else {})}
    transport = ways.get(to, max(ways.values(), default=None))
    if making is None and transport is None:
        return None
    return Lead((making or 0) + (transport or 0), f"making {_days(making)} + transport {_days(transport)}")


def refill_time(
    supplier: str, suppliers: Mapping[str, SupplierSettings], cards: Mapping[str, Scorecard], offered_by: Iterable[str]
) -> Lead | None:
    """Until this supplier has more of a SKU: its refill_days; of an own warehouse the lead time of the quickest other one of

    `offered_by` to its country; else its own lead time.
    """
    mine = suppliers[supplier]
    if mine.refill_days is not None:
        return Lead(mine.refill_days, "refill_days")
    others = [
        (found.days, other, found.why)
        for other in offered_by
        if mine.own_stock and other in suppliers and not suppliers[other].own_stock
        if (found := lead_time(suppliers[other], cards.get(other), mine.from_country)) is not None
    ]
    if others:
        days, other, why = min(others)
        return Lead(days, why, other)
    return lead_time(mine, cards.get(supplier))


class Outlook(NamedTuple):
    """`days`: the stock lasts so long, None where nothing is sold. `point`: with so many pieces or fewer, more is to be ordered:

    what is sold until it comes, and 2 x the root of that for safety. `order_by`: the last day on which an order comes in time.
    `quantity`: what to order, for the lead time and four weeks more.
    """

    days: int | None
    point: int = 0
    order_by: date | None = None
    quantity: int = 0
    low: bool = False


def outlook(stock: int, a_day: Fraction, lead: int | None, today: date) -> Outlook:
    """Of so many pieces that can be sold."""
    if a_day <= 0:
        return Outlook(None)
    stock = max(0, stock)
    days = int(stock / a_day)
    if lead is None:
        return Outlook(days)
    until = a_day * lead
    safety = isqrt(4 * ceil(until)) + (isqrt(4 * ceil(until)) ** 2 < 4 * ceil(until))
    point = ceil(until) + safety
    quantity = max(0, ceil(a_day * (lead + COVER)) + safety - stock)
    return Outlook(days, point, today + timedelta(days=max(0, days - lead)), quantity, stock <= point)


class StockWarning(Model):
    """That a SKU runs low at a supplier (Control STOCK). It stays, closed, when the cause has gone. `code`: why."""

    supplier: str
    sku: str
    code: str
    message: str = ""
    fix: str = ""
    since: Instant
    open: bool = True

    def seen(self, now: StockWarning | None) -> Self:
        """As it is tonight: the same cause keeps its time; None: it has gone."""
        if now is None:
            return changed(self, open=False)
        same = self.open and self.code == now.code
        since = self.since if same else now.since
        return changed(self, code=now.code, message=now.message, fix=now.fix, since=since, open=True)


class AdviceWork(Model):
    """How far a night's look at a supplier's stock has come (Control CURSOR): behind `position`; `new` warnings so far."""

    supplier: str
    position: str = ""
    new: int = Field(default=0, description="warnings that began in this round")

    def came_to(self, sku: str, new: int) -> Self:
        """All up to this SKU were looked at."""
        return changed(self, position=sku, new=new)


def _days(days: int | None) -> str:
    return "not known" if days is None else "1 day" if days == 1 else f"{days} days"
