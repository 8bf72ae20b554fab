"""Where competitors, demand and slow sales move the price that a rule aims at by cost; pure, with its steps in words.

What comes out is no price yet: bounds.py ends it, holds it within floor, MAP and MSRP, and within what a day may change.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from orderwright.domain.fx import RateUnknown, shown
from orderwright.domain.money_rules import TaxTerms
from orderwright.domain.order import Reason
from orderwright.domain.price_ending import round_up_to_ending
from orderwright.domain.price_inputs import Shop
from orderwright.domain.repricing.bounds import day_before
from orderwright.domain.repricing.comparing import Compared, compare
from orderwright.domain.repricing.competing import followed
from orderwright.domain.repricing.demand import is_stale, raised
from orderwright.domain.repricing.moved import Moved
from orderwright.domain.repricing.notes import uncounted
from orderwright.domain.repricing.signals import Signals
from orderwright.domain.repricing.slow import lowered
from orderwright.domain.repricing_rules import CompetitorMove
from orderwright.domain.rules import PriceRule, Rules


def moved(
    aim: Decimal, rule: PriceRule, signals: Signals, shop: Shop, rules: Rules, today: date, steps: list[str],
    tax: TaxTerms | None = None,
) -> Moved:  # fmt: skip
    """`aim`: the price by cost. `tax`: how the store's prices hold tax, None where no rule says it. Adds to `steps`."""
    follow, store = rule.competitors, shop.store
    reviews: list[datetime | None] = []
    notes: tuple[Reason, ...] = ()
    amount, round_down, compared, target = aim, False, Compared(), None
    try:
        compared = compare(aim, follow or CompetitorMove(), signals, shop, rules, today, tax)
        if follow is not None:
            target, notes = followed(compared, follow, shop, rules, today, steps)
            reviews += [one.stale_at for one in compared.counted]
    except RateUnknown as unknown:
        steps.append(unknown.message)
        notes = (unknown.reason,)
    if not rule.moves:
        return Moved(aim, compared=compared)
    old = is_stale(signals.demand, today) and bool(rule.demand or rule.slow_movers)
    if old and signals.demand is not None:
        notes += (uncounted(signals.demand.day),)
    if old or (follow is not None and target is None):
        stays = _stays(aim, notes, signals, shop, steps)._replace(compared=compared)
        return _bounded(stays, aim, rule, signals, shop, steps)
    if target is not None:
        amount, round_down = target, True
    if rule.demand is not None and (percent := raised(rule.demand, signals, store, today, steps)):
        amount, round_down = amount + amount * percent / 100, False
    if rule.slow_movers is not None:
        percent, due = lowered(rule.slow_movers, signals, store, today, steps)
        amount -= aim * percent / 100
        reviews.append(due)
    review_at = min((at for at in reviews if at is not None and at > signals.now), default=None)
    return _bounded(Moved(amount, notes, review_at, round_down, compared=compared), aim, rule, signals, shop, steps)


def _stays(aim: Decimal, notes: tuple[Reason, ...], signals: Signals, shop: Shop, steps: list[str]) -> Moved:
    """The price shown, whatever else would move it; without one the price by cost."""
    price = signals.price_now
    if price is None or price.currency != shop.currency:
        steps.append("no price is shown yet, so the price by cost counts")
        return Moved(aim, notes)
    steps.append(f"the price shown, {price}, stays")
    return Moved(price.decimal, notes, held=True)


def _bounded(to: Moved, aim: Decimal, rule: PriceRule, signals: Signals, shop: Shop, steps: list[str]) -> Moved:
    """Within the bounds in all, and with the price of a day before."""
    bounds, currency = rule.bounds, shop.currency
    off = aim * bounds.percent / 100
    # With its ending the price by cost itself may lie above that.
    least, most = aim - off, max(aim + off, round_up_to_ending(aim, currency, rule.ending).decimal)
    amount = min(max(to.amount, least), most)
    if amount != to.amount:
        steps.append(f"at most {bounds.percent} % from the price by cost: {shown(amount, currency)}")
    day, frees_at = day_before(signals.shown, signals.now, currency, signals.campaign)
    return to._replace(
        amount=amount,
        held=to.held and amount == to.amount,
        least=least,
        most=most,
        day=day,
        per_day_percent=bounds.per_day_percent,
        frees_at=frees_at,
    )
