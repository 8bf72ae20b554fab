"""What may stand as a price in a store: the guard before publishing, how far one step goes, and which prices stood there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from orderwright.domain.base import Instant, Model
from orderwright.domain.money import Money

REFERENCE = timedelta(days=30)
# A listing is written often. Where there were more changes, the oldest are kept as one, with the lowest of their prices.
MOST_KEPT = 12


# A store's own price struck through is left as it is.
AS_IS: Final = "as_is"
Struck = Money | Literal["as_is"] | None


class PublishedPrice(Model):
    """A price that a store shows from `at` on, until the next one."""

    price: Money
    at: Instant


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
