"""How far a moved price may go: in all, and in a day; and how it ends. Floor, MAP and MSRP hold always. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from orderwright.domain.money import Money
from orderwright.domain.price_ending import Held, capped, round_down_to_ending, round_up_to_ending, within
from orderwright.domain.repricing.moved import Moved
from orderwright.domain.rules import PriceRule
from orderwright.domain.shown_price import CampaignStart, PublishedPrice

DAY = timedelta(days=1)
_PUSHED = timedelta(minutes=15)
"""By then a price of now is in the store."""


def day_before(
    shown: Sequence[PublishedPrice], now: datetime, currency: str, campaign: CampaignStart | None = None
) -> tuple[Money | None, datetime | None]:
    """The price that the store showed a day ago, else the first known one; and when the next one takes its place.

    None where that is a price of this campaign: back from it a price goes at once.
    """
    known = [one for one in shown if one.price.currency == currency]
    if not known:
        return None, None
    base = next((one for one in reversed(known) if one.at <= now - DAY), known[0])
    if campaign is not None and campaign.showed(base):
        return None, None
    later = next((one.at for one in known if one.at > now - DAY and one is not base), now + _PUSHED)
    return base.price, later + DAY


def settled(
    moved: Moved, held: Held, rule: PriceRule, currency: str, steps: list[str]
) -> tuple[Money, datetime | None]:
    """The price, and when it may be another one without any event. Adds to `steps`."""
    target = _target(moved, held, rule, currency, steps)
    day, kept = moved.day, moved.held and target.decimal == moved.amount
    price = target if day is None or kept else _in_a_day(target, day, moved, held, rule)
    if price == target:
        return price, moved.review_at
    steps.append(f"at most {moved.per_day_percent} % a day from {day}: {price}")
    due = [at for at in (moved.review_at, moved.frees_at if price != day else None) if at is not None]
    return price, min(due, default=None)


def _target(moved: Moved, held: Held, rule: PriceRule, currency: str, steps: list[str]) -> Money:
    """Where the price goes, however many days that takes."""
    if moved.amount < held.margin:
        return within(moved.amount, held, rule, currency, steps)
    price = _ended(moved, currency, rule.ending)
    if price.decimal < held.margin:
        steps.append(f"{price} would be below the minimum margin")
        return within(held.margin, held, rule, currency, steps)
    if price.decimal != moved.amount:
        steps.append(f"rounded {'up' if price.decimal > moved.amount else 'down'} to {price}")
    return capped(price, held, steps)


def _ended(moved: Moved, currency: str, ending: str) -> Money:
    """With the ending where one lies within the bounds, else to the minor unit. The price shown is kept as it is."""
    amount = moved.amount
    plain = round_up_to_ending(amount, currency, "")
    if moved.held and plain.decimal == amount:
        return plain
    ways = (round_up_to_ending(amount, currency, ending), round_down_to_ending(amount, currency, ending))
    for price in reversed(ways) if moved.round_down else ways:
        least, most = moved.least, moved.most
        if (least is None or least <= price.decimal) and (most is None or price.decimal <= most):
            return price
    return plain if moved.most is None or plain.decimal <= moved.most else round_down_to_ending(amount, currency, "")


def _in_a_day(target: Money, day: Money, moved: Moved, held: Held, rule: PriceRule) -> Money:
    """As near to it as one day allows. Promise P4: a floor lifts at once, and a ceiling caps at once."""
    step, currency = day.decimal * moved.per_day_percent / 100, day.currency
    low, high = day.decimal - step, day.decimal + step
    if target.decimal < low:
        price = round_up_to_ending(low, currency, rule.ending)
        price = price if price < day else round_up_to_ending(low, currency, "")
        return price if held.ceiling is None else min(price, held.ceiling)
    high = max(high, moved.least or high)
    if target.decimal > high:
        price = round_down_to_ending(high, currency, rule.ending)
        price = price if price > day else round_down_to_ending(high, currency, "")
        if price >= held.floor and (moved.least is None or price.decimal >= moved.least):
            return price
        needed = max(held.margin, moved.least or held.margin)
        return min(target, capped(round_up_to_ending(needed, currency, rule.ending), held, []))
    return target
