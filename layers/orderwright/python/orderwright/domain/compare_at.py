"""The price shown struck through beside the real one, pure; and the published prices that it may be held against.

In the EU it must be at most the lowest price of the 30 days before the price it stands beside (Directive 98/6/EC, article
6a). What is not known is not claimed: without those 30 days it is left out, and the reason says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from orderwright.domain.money import Money
from orderwright.domain.price_ending import round_up_to_ending
from orderwright.domain.rules import PriceRule
from orderwright.domain.shown_price import CampaignStart, PublishedPrice, lowest_before
from orderwright.domain.territories import EUROPEAN_UNION, country_of


class CompareAt(NamedTuple):
    """What is to be shown struck through, None for nothing. `note` says how, or why not; "" where no rule wants one."""

    price: Money | None
    note: str


def sells_to_the_eu(sell_to: Sequence[str]) -> bool:
    """Also where nobody said where the store sells."""
    return not sell_to or any(country_of(destination) in EUROPEAN_UNION for destination in sell_to)


def compare_at(
    price: Money,
    rule: PriceRule | None,
    msrp: Money | None,
    history: Sequence[PublishedPrice],
    *,
    in_eu: bool,
    now: datetime,
) -> CompareAt:
    """For a price that is shown, or will be from now on. `msrp` is in the price's currency."""
    if rule is None or rule.compare_at is None:
        return CompareAt(None, "")
    if rule.compare_at == "msrp":
        wanted, origin = msrp, "the MSRP"
    else:
        wanted = round_up_to_ending(price.decimal * rule.compare_at, price.currency, rule.ending)
        origin = f"the price x {rule.compare_at}"
    if wanted is None:
        return CompareAt(None, f"rule {rule.name!r} compares with the MSRP, and there is none")
    if wanted <= price:
        return CompareAt(None, f"{wanted} ({origin}) is not above the price")
    fault = _fault_in_the_eu(wanted, price, history, now) if in_eu else ""
    return CompareAt(None, f"{wanted} ({origin}) is left out: {fault}") if fault else CompareAt(wanted, origin)


def compare_at_in_campaign(price: Money, start: CampaignStart, *, in_eu: bool) -> CompareAt:
    """The price before the campaign; in the EU the lowest one of the 30 days before it began."""
    wanted = start.lowest if in_eu else start.price
    if wanted is None:
        return CompareAt(
            None, f"left out in campaign {start.name!r}: the prices of the 30 days before it are not known (EU)"
        )
    origin = (
        f"the lowest price of the 30 days before campaign {start.name!r}"
        if in_eu
        else f"before campaign {start.name!r}"
    )
    if wanted.currency != price.currency or wanted <= price:
        return CompareAt(None, f"{wanted} ({origin}) is not above the price")
    return CompareAt(wanted, origin)


def _fault_in_the_eu(wanted: Money, price: Money, history: Sequence[PublishedPrice], now: datetime) -> str:
    """Why it may not be shown; "" where it may."""
    if not history or history[-1].price.currency != price.currency:
        return "the prices of the last 30 days are not known"
    lowest = lowest_before(history, history[-1].at if history[-1].price == price else now)
    if lowest is None:
        return f"prices are known since {history[0].at.date()}, and the EU asks for the 30 days before this price"
    if wanted > lowest:
        return f"it is above {lowest}, the lowest price of the 30 days before this one (EU)"
    return ""
