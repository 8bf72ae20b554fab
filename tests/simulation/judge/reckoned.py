"""What a purchase leaves (promise P13), reckoned a second time from figures, bills and the merchant's rules.

Nothing of the product's own reckoning is used: the formulas are written down anew, in exact fractions, rounded where the
documents say so. Kinds of rules that no world here has are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from orderwright.domain.config import Config
from orderwright.domain.config_values import Dated, MoneyText
from orderwright.domain.money_rules import DestinationRule, DutyTerms, HandlingTerms
from tests.simulation.judge.figures import Figures

CURRENCY = "USD"
UNION = ("AT", "DE", "FI")
"""Of the countries that people here live in."""


class Customs(NamedTuple):
    """What customs ask of an article."""

    hs6: str = ""
    mpn: str = ""


class Purchase(NamedTuple):
    """One purchase: units by the store's line, its SKUs, and what the supplier took. `customs` is by SKU."""

    store: str
    units: Mapping[str, int]
    skus: tuple[str, ...]
    took: Fraction
    ships_from: str
    customs: Mapping[str, Customs]


class Left(NamedTuple):
    """What it leaves: `net` and `margin` in dollars. `unknown`: the terms that nobody can say; then the two say nothing."""

    net: Fraction
    margin: Fraction
    unknown: frozenset[str]

    def is_low(self, config: Config, day: date) -> bool:
        """Is the margin below what the merchant wants?"""
        limits = config.limits
        low = self.margin * 100 < Fraction(limits.minimum_order_margin_percent) * self.net
        least = limits.minimum_order_margin
        return low or (least is not None and self.margin < _up(_dollars(least, config, day)))


def left_of(figures: Figures, bought: Purchase, config: Config, day: date) -> Left:
    """By this configuration, on this day."""
    unknown: set[str] = set()
    whole = sum((Fraction(line.net) for line in figures.lines), Fraction())
    part = {line.number: _part(bought.units.get(line.number, 0), line.units) for line in figures.lines}
    goods = sum((Fraction(line.net) * part[line.number] for line in figures.lines), Fraction())
    share = goods / whole if whole else Fraction(1)
    shipped = [line for line in figures.lines if line.shipped]
    weight = sum((Fraction(line.net) for line in shipped), Fraction())
    of_parcel = sum((Fraction(line.net) * part[line.number] for line in shipped), Fraction()) / weight if weight else 0
    back = Fraction(figures.given_back)
    if back > whole + Fraction(figures.shipping):
        unknown.add("REFUND_UNALLOCATED")
    net = goods + Fraction(figures.shipping) * of_parcel - back * share
    tax = sum((Fraction(line.tax) * part[line.number] for line in figures.lines), Fraction())
    tax += Fraction(figures.shipping_tax) * of_parcel
    cost = bought.took
    if config.rules.destinations or config.rules.fees:
        cost += _at_the_door(figures, bought, config, day, goods, tax, unknown)
        cost += _fee(figures, bought.store, config, day, share, unknown)
    return Left(net, net - cost, frozenset(unknown))


def _part(units: int, of: int) -> Fraction:
    return Fraction(min(units, of), of) if of else Fraction()


def _at_the_door(
    figures: Figures,
    bought: Purchase,
    config: Config,
    day: date,
    goods: Fraction,
    tax: Fraction,
    unknown: set[str],
) -> Fraction:
    """What is paid beside the bill: duty and handling that a carrier asks for later."""
    if figures.business:
        unknown.add("BUSINESS_BUYER")
    if figures.country in UNION and bought.ships_from not in UNION:
        unknown.update("IDENTIFIER_MISSING" for sku in bought.skus if not bought.customs.get(sku, Customs()).mpn)
    rule = _rule(figures.country, bought, config, day, unknown)
    if rule is None:
        return Fraction()
    terms, duty, handling = rule.tax, rule.duty, rule.handling
    if duty != "none" and duty.up_to is not None and goods > _dollars(duty.up_to, config, day):
        if rule.above is None:
            unknown.add("ABOVE_THRESHOLD")
            return Fraction()
        terms, duty, handling = rule.above.tax or terms, rule.above.duty, rule.above.handling or handling
    assert terms.remitter in ("merchant", "customer"), f"no world has a tax that the {terms.remitter} remits"
    if terms.rate is None:
        unknown.add("TAX_RATE_MISSING")
    elif (terms.remitter == "merchant" and terms.rate and not tax and goods) or (terms.remitter == "customer" and tax):
        unknown.add("REMITTER_UNKNOWN")
    if figures.promised and rule.incoterm and figures.promised != rule.incoterm:
        unknown.add("INCOTERM_UNKNOWN")
    headings = [bought.customs.get(sku, Customs()).hs6 for sku in bought.skus]
    beside = Fraction()
    if duty != "none" and rule.incoterm != "DAP":
        if rule.incoterm is None:
            unknown.add("INCOTERM_UNKNOWN")
        beside += _up(_duty(duty, headings, goods, config, day, unknown))
    if handling is not None:
        beside += _up(_handling(handling, headings, config, day, unknown))
    if beside and rule.duty_in is None:
        unknown.add("DUTY_IN_FREIGHT_UNKNOWN")
    return beside if rule.duty_in == "carrier" else Fraction()


def _rule(country: str, bought: Purchase, config: Config, day: date, unknown: set[str]) -> DestinationRule | None:
    """The one that fits; or why there is none."""
    fitting = [
        rule
        for rule in config.rules.destinations
        if country in rule.to
        and (not rule.stores or bought.store in rule.stores)
        and (not rule.ships_from or bought.ships_from in rule.ships_from)
    ]
    counting = [rule for rule in fitting if _counts(rule, day)]
    if not counting:
        unknown.add("RULE_NOT_VALID" if fitting else "DESTINATION_WITHOUT_RULE")
        return None
    if counting[0].confirmed_by.strip().lower() in ("", "confirm"):
        unknown.add("RULE_UNCONFIRMED")
    return counting[0]


def _counts(rule: Dated, day: date) -> bool:
    begun = rule.valid_from is None or rule.valid_from <= day
    return begun and (rule.valid_until is None or day <= rule.valid_until)


def _duty(
    duty: DutyTerms, headings: list[str], goods: Fraction, config: Config, day: date, unknown: set[str]
) -> Fraction:
    assert not duty.percent_by_heading, "no world has a duty in percent by heading"
    assert not duty.percent_by_origin, "no world has a duty in percent by origin"
    due = _each(duty.per_heading, headings, config, day, unknown)
    if duty.percent is not None:
        if duty.value is None:
            unknown.add("VALUE_BASIS_MISSING")
        assert duty.value != "cost", "no world has a duty on the cost"
        due += Fraction(duty.percent) / 100 * goods
    return due


def _handling(handling: HandlingTerms, headings: list[str], config: Config, day: date, unknown: set[str]) -> Fraction:
    whole = _dollars(handling.per_parcel, config, day) if handling.per_parcel else Fraction()
    return whole + _each(handling.per_heading, headings, config, day, unknown)


def _each(amount: MoneyText | None, headings: list[str], config: Config, day: date, unknown: set[str]) -> Fraction:
    """An amount for each different heading."""
    if amount is None:
        return Fraction()
    if not all(headings):
        unknown.add("HEADING_MISSING")
    return _dollars(amount, config, day) * len({heading[:6] for heading in headings})


def _fee(figures: Figures, store: str, config: Config, day: date, share: Fraction, unknown: set[str]) -> Fraction:
    if figures.took is not None:
        return _up(Fraction(figures.took) * share)
    found = [fee for name, fee in sorted(config.rules.fees.items()) if name.lower() == figures.gateway.lower()]
    if not found or (found[0].stores and store not in found[0].stores):
        unknown.add("FEE_MISSING")
        return Fraction()
    fee = found[0]
    if not _counts(fee, day):
        unknown.add("RULE_NOT_VALID")
    if fee.confirmed_by.strip().lower() == "confirm":
        unknown.add("RULE_UNCONFIRMED")
    base = figures.paid if fee.base == "gross" else figures.paid - figures.paid_tax
    fixed = _dollars(fee.fixed, config, day) if fee.fixed else Fraction()
    return _up((Fraction(fee.percent) / 100 * Fraction(base) + fixed) * share)


def _dollars(amount: MoneyText, config: Config, day: date) -> Fraction:
    """In the shop's currency, by the newest rate of that day."""
    if amount.currency == CURRENCY:
        return Fraction(amount.amount)
    assert config.rules.base_currency == CURRENCY
    rates = [rate for rate in config.rules.fx if rate.currency == amount.currency and rate.dated <= day]
    assert rates, f"the world has no rate of {amount.currency}"
    return Fraction(amount.amount) * Fraction(max(rates, key=lambda rate: rate.dated).rate)


def _up(amount: Fraction) -> Fraction:
    """A cost to the whole cent above."""
    return Fraction(ceil(amount * 100), 100)
