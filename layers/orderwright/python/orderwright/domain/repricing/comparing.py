"""Competitors' prices as our own store would list them: with shipping, in its currency, by its tax. Pure.

What cannot be compared is left out by name, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from orderwright.domain.fx import RateUnknown, exact_amount, shown
from orderwright.domain.money import minor_digits
from orderwright.domain.money_rules import Remitter, TaxTerms
from orderwright.domain.pricing import Shop
from orderwright.domain.repricing.signals import CompetitorPrices, CompetitorQuote, Signals
from orderwright.domain.repricing_rules import CompetitorMove
from orderwright.domain.rules import Rules

STALE, ABSURD = "stale", "absurd"
_MOST_NAMED = 3
_MORE_DIGITS = 6


class Comparable(NamedTuple):
    """One quote that counts. `listed`: the price at which our store would cost the buyer the same, in major units."""

    seller: str
    listed: Decimal
    words: str
    stale_at: datetime | None


class LeftOut(NamedTuple):
    """One that does not count. `why` is STALE, ABSURD or other words."""

    seller: str
    why: str
    words: str

    def __str__(self) -> str:
        return f"{self.seller} is left out: {self.words}"


class Compared(NamedTuple):
    """All quotes of a SKU: the lowest of each competitor that counts, the lowest first; and what is left out."""

    counted: tuple[Comparable, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def left(self, why: str) -> list[str]:
        """Who is left out for this reason."""
        return list(dict.fromkeys(one.seller for one in self.left_out if one.why == why))

    @property
    def words(self) -> list[str]:
        """The first of those left out, by name, and how many more there are."""
        more = len(self.left_out) - _MOST_NAMED
        named = [str(one) for one in self.left_out[:_MOST_NAMED]]
        return [*named, f"{more} more are left out"] if more > 0 else named


def compare(
    aim: Decimal, move: CompetitorMove, signals: Signals, shop: Shop, rules: Rules, today: date, tax: TaxTerms | None
) -> Compared:
    """`aim`: the price by cost, of which absurd ones are far off. `tax`: of our store's first destination; None: not known.

    Raises RateUnknown where `our_shipping` has no rate.
    """
    ours = exact_amount(move.our_shipping.money, shop.currency, rules, today) if move.our_shipping else Decimal(0)
    best: dict[str, Comparable] = {}
    left_out: list[LeftOut] = []
    for prices, quote in _asked_for(move, signals):
        found = _one(quote, prices, aim, ours, move, signals, shop, rules, today, tax)
        if isinstance(found, LeftOut):
            left_out.append(found)
            continue
        other = best.get(quote.seller.casefold())
        if other is None or found.listed < other.listed:
            best[quote.seller.casefold()] = found
    counted = sorted(best.values(), key=lambda one: (one.listed, one.seller))
    return Compared(tuple(counted), tuple(left_out))


def _asked_for(move: CompetitorMove, signals: Signals) -> Iterator[tuple[CompetitorPrices, CompetitorQuote]]:
    sellers = {name.casefold() for name in move.sellers}
    for prices in sorted(signals.competitors, key=lambda one: one.feed):
        for quote in prices.quotes if not move.feeds or prices.feed in move.feeds else ():
            if not sellers or quote.seller.casefold() in sellers:
                yield prices, quote


def _one(
    quote: CompetitorQuote, prices: CompetitorPrices, aim: Decimal, ours: Decimal, move: CompetitorMove, signals: Signals,
    shop: Shop, rules: Rules, today: date, tax: TaxTerms | None,
) -> Comparable | LeftOut:  # fmt: skip
    def out(words: str, why: str = "") -> LeftOut:
        return LeftOut(quote.seller, why, words)

    if quote.seller.casefold() in {name.casefold() for name in move.leave_out}:
        return out("leave_out names it")
    if quote.condition.casefold() not in {name.casefold() for name in move.conditions}:
        return out(f"its condition is {quote.condition!r}")
    told = quote.seen_at or prices.at
    known = quote.seen_at or max(prices.at, signals.heard.get(prices.feed, prices.at))
    said = f"{prices.feed}, {told:%Y-%m-%d %H:%M}"
    if known - signals.now > timedelta(days=1):
        return out(f"its time has not come yet ({said})")
    stale_at = known + timedelta(hours=move.stale_after_hours)
    if stale_at <= signals.now:
        return out(f"older than {move.stale_after_hours} h ({said})", STALE)
    try:
        total = sum(
            (exact_amount(part, shop.currency, rules, today) for part in (quote.price, quote.shipping) if part),
            Decimal(),
        )
    except RateUnknown as unknown:
        return out(unknown.message)
    taxed = _as_ours(quote, tax)
    if taxed is None:
        return out("whether its tax is as in our prices is not known")
    total = _decimal(Fraction(total) * taxed, shop.currency)
    words = f"{quote.price} + shipping {quote.shipping}" if quote.shipping else f"{quote.price}, shipping not told"
    if not move.lowest_percent * (aim + ours) <= total * 100 <= move.highest_percent * (aim + ours):
        return out(f"{words} is absurd beside {shown(aim, shop.currency)} by cost ({said})", ABSURD)
    if taxed != 1:
        words += f" = {shown(total, shop.currency)} by our tax"
    return Comparable(quote.seller, total - ours, f"{words} ({said})", stale_at if quote.seen_at else None)


def _as_ours(quote: CompetitorQuote, tax: TaxTerms | None) -> Fraction | None:
    """By what its price is multiplied, so that it has the tax in it that ours has; None where that is not known."""
    if quote.tax_in_price is None:
        return Fraction(1)
    if tax is None:
        return None
    home = tax.in_price == "by_country"
    rate = tax.home_rate if home else tax.rate
    inside = tax.in_price != "excluded" and (home or tax.remitter is not Remitter.CUSTOMER)
    theirs = rate if quote.tax_percent is None else quote.tax_percent
    if quote.tax_in_price == inside and theirs == rate:
        return Fraction(1)
    if (quote.tax_in_price and theirs is None) or (inside and rate is None):
        return None
    net = 1 / (1 + Fraction(theirs or 0) / 100) if quote.tax_in_price else Fraction(1)
    return net * (1 + Fraction(rate or 0) / 100) if inside else net


def _decimal(amount: Fraction, currency: str) -> Decimal:
    """So exact that rounding never changes which price it is."""
    digits = minor_digits(currency) + _MORE_DIGITS
    return Decimal(round(amount * 10**digits)).scaleb(-digits)
