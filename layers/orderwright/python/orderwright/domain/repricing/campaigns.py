"""Prices for some time (rules.campaigns): which campaign counts, what it asks for, and when that changes next. Pure.

Floor, MAP, MSRP and the step limit come after it. The first campaign that fits counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from orderwright.domain.base import changed
from orderwright.domain.config import Config
from orderwright.domain.fx import RateUnknown, exact_amount, shown
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.repricing.signals import Signals
from orderwright.domain.repricing_rules import Campaign
from orderwright.domain.rules import Rules
from orderwright.domain.shown_price import CampaignStart, PublishedPrice, lowest_before, shown_at

DAY = timedelta(days=1)


class Span(NamedTuple):
    """A campaign and its two edges (UTC)."""

    name: str
    campaign: Campaign
    begins: datetime
    ends: datetime


class CampaignAim(NamedTuple):
    """`amount`: what it asks for in major units of the store's currency, without the rule's ending; None while none runs.

    `start` is to be kept with the listing. `review_at`: the next time that a campaign which fits begins or ends.
    """

    amount: Decimal | None
    review_at: datetime | None
    start: CampaignStart | None
    notes: tuple[Reason, ...] = ()


def campaign_aim(
    spans: Sequence[Span], rules: Rules, currency: str, signals: Signals, aim: Money, steps: list[str]
) -> CampaignAim:
    """`spans`: those that fit; `aim`: the price that the rule and its moves ask for, in `currency`. Adds to `steps`."""
    now, before = signals.now, signals.campaign
    edges = (edge for span in spans for edge in (span.begins, span.ends) if edge > now)
    review_at = min(edges, default=None)
    running = next((span for span in spans if span.begins <= now < span.ends), None)
    if running is None:
        return CampaignAim(None, review_at, ended(before, now))
    start = _started(running, currency, signals, aim)
    try:
        amount = asked(running.campaign, start, currency, rules, now)
    except RateUnknown as unknown:
        steps.append(f"campaign {running.name!r} does not count, and the price stays: {unknown.message}")
        held = signals.price_now if signals.price_now and signals.price_now.currency == currency else aim
        return CampaignAim(held.decimal, review_at, start, (unknown.reason,))
    percent = running.campaign.percent
    how = f"{percent} % off {start.price}, the price when it began" if percent is not None else "its price"
    until = running.ends.astimezone(ZoneInfo(signals.zone))
    steps.append(
        f"campaign {running.name!r} until {until:%Y-%m-%d %H:%M} ({signals.zone}): {how} = {shown(amount, currency)}"
    )
    return CampaignAim(amount, review_at, start)


def asked(campaign: Campaign, start: CampaignStart, currency: str, rules: Rules, now: datetime) -> Decimal:
    """The price of a campaign in major units, not rounded. Raises RateUnknown."""
    if campaign.price is not None:
        return exact_amount(campaign.price.money, currency, rules, now.date())
    return start.price.decimal * (100 - (campaign.percent or Decimal(0))) / 100


def ended(start: CampaignStart | None, now: datetime) -> CampaignStart | None:
    """It runs no more, also where it was taken out of the rules before its end."""
    return start if start is None or start.over else changed(start, over=True, until=min(start.until, now))


def as_of(start: CampaignStart, spans: Iterable[Span], now: datetime) -> CampaignStart | None:
    """The same while it runs, else as ended. `spans`: those that fit."""
    runs = any(span.name == start.name and span.begins <= now < span.ends for span in spans)
    return start if runs else ended(start, now)


def spans_of(rules: Rules, sku: str, category: str, store: str, currency: str, zone: str) -> Iterator[Span]:
    """All that fit, in the order of the file."""
    for name, one in rules.campaigns.items():
        if one.skus and sku not in one.skus:
            continue
        if one.categories and category.casefold() not in {known.casefold() for known in one.categories}:
            continue
        if (one.stores and store not in one.stores) or (one.currencies and currency not in one.currencies):
            continue
        yield span_of(name, one, zone)


def span_of(name: str, campaign: Campaign, zone: str) -> Span:
    """Of an hour that the clock shows twice, the first one begins and the second one ends a campaign."""
    return Span(name, campaign, instant(campaign.begins, zone), instant(campaign.ends, zone, later=True))


def instant(at: datetime, zone: str, *, later: bool = False) -> datetime:
    """When the clock of the zone shows `at`, in UTC; `later`: the second time, where it shows it twice.

    Of a time that the clock leaves out (summer time begins): when it leaves it out.
    """
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    place = ZoneInfo(zone)
    first, second = (at.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if second >= first:
        return second if later else first
    low, high = int(second.timestamp()), int(first.timestamp())
    old = second.astimezone(place).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, place).utcoffset() == old:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def as_if_begun(config: Config, name: str, now: datetime) -> Config:
    """The same with this campaign alone, which begins now: what will it do?"""
    one = changed(config.rules.campaigns[name], begins=now, ends=now + DAY)
    return changed(config, rules=changed(config.rules, campaigns={name: one}))


def _started(running: Span, currency: str, signals: Signals, aim: Money) -> CampaignStart:
    """What was shown when it began: decided once, so that its price is the same while it lasts.

    Prices are lowered now, maybe later than it began, or once more after its end: what may be struck through goes by that.
    """
    before, lowest = signals.campaign, lowest_before(signals.shown, signals.now)
    goes_on = before is not None and before.name == running.name and before.until > running.begins
    if before is not None and goes_on and before.began < running.ends and before.price.currency == currency:
        known = changed(before, lowest=lowest) if before.over else before
        return changed(known, began=running.begins, until=running.ends, over=False)
    entry = shown_at(signals.shown, running.begins)
    if entry is None or entry.price.currency != currency:
        entry = PublishedPrice(price=aim, at=running.begins)
        lowest = None
    follows = before is not None and before.showed(entry) and before.regular.currency == currency
    return CampaignStart(
        name=running.name, began=running.begins, until=running.ends, price=entry.price,
        regular=before.regular if before is not None and follows else entry.price, lowest=lowest,
    )  # fmt: skip
