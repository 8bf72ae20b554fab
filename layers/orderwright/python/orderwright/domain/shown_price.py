"""What may stand as a price in a store: the guard before publishing, how far one step goes, and which prices stood there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from pydantic import Field

from orderwright.domain.base import Instant, Model
from orderwright.domain.money import Money

REFERENCE = timedelta(days=30)
# A listing is written often. Where there were more changes, the oldest are kept as one, with the lowest of their prices.
MOST_KEPT = 12
ARRIVES_WITHIN = timedelta(hours=1)
"""A price is in the store, and seen there, within this after it was decided."""


# A store's own price struck through is left as it is.
AS_IS: Final = "as_is"
Struck = Money | Literal["as_is"] | None


class PublishedPrice(Model):
    """A price that a store shows from `at` on, until the next one."""

    price: Money
    at: Instant


class CampaignStart(Model):
    """What a store showed when a campaign began, kept with the listing: its prices of before are forgotten after a while.

    `until`: when it ends, or ended. `regular`: the price outside campaigns, where another one ran right before.
    """

    name: str
    began: Instant
    until: Instant
    price: Money = Field(description="shown when it began; where that is not known, what the rule aimed at")
    regular: Money
    lowest: Money | None = Field(default=None, description="of the 30 days before it began; None: not known")
    asked: Money | None = Field(default=None, description="the price that was decided in it last")
    over: bool = False

    def ran_at(self, at: datetime) -> bool:
        """Did it run then?"""
        return self.began <= at < self.until

    def showed(self, entry: PublishedPrice) -> bool:
        """Is this a price of it? What it asked for last may reach the store a little after its end."""
        late = entry.at <= self.until + ARRIVES_WITHIN and self.asked in (None, entry.price)
        return self.began <= entry.at and (entry.at <= self.until or late)


def shown_at(history: Sequence[PublishedPrice], at: datetime) -> PublishedPrice | None:
    """What a store showed then; None where that is not known."""
    return max((entry for entry in history if entry.at <= at), key=lambda entry: entry.at, default=None)


def lowest_before(history: Sequence[PublishedPrice], at: datetime) -> Money | None:
    """The lowest price of the 30 days before `at`; None where they are not all known."""
    before = [entry for entry in history if entry.at < at]
    if not before or before[0].at > at - REFERENCE:
        return None
    ends = [*(entry.at for entry in before[1:]), at]
    return min(entry.price for entry, end in zip(before, ends, strict=True) if end > at - REFERENCE)


def guard(price: Money, floor: Money, ceiling: Money | None) -> bool:
    """The last check, right before publishing: above zero and floor <= price <= ceiling, all in one currency."""
    bounds = (floor,) if ceiling is None else (floor, ceiling)
    if price.minor <= 0 or any(bound.currency != price.currency for bound in bounds):
        return False
    return floor <= price and (ceiling is None or price <= ceiling)


def step_allowed(old: Money | None, new: Money, percent: Decimal) -> bool:
    """May the price change without approval? A first price may; a change above `percent` of the old one may not."""
    if old is None:
        return True
    if old.currency != new.currency or old.minor <= 0:
        return False
    return abs(new.minor - old.minor) * 100 <= percent * old.minor


def with_shown(history: Sequence[PublishedPrice], price: Money | None, now: datetime) -> tuple[PublishedPrice, ...]:
    """The history when this price is in the store now. Only changes are kept, and only what can still count."""
    if price is None or (history and history[-1].price == price):
        return tuple(history)
    if history and history[-1].price.currency != price.currency:
        history = ()
    kept = [*history, PublishedPrice(price=price, at=now)]
    while len(kept) > 1 and kept[1].at <= now - REFERENCE:
        kept = kept[1:]
    while len(kept) > MOST_KEPT:
        first, second, *others = kept
        kept = [PublishedPrice(price=min(first.price, second.price), at=first.at), *others]
    return tuple(kept)
