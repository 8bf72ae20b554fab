"""Competitors' prices as our own store would list them: with shipping, in its currency, by its tax. Pure.

What cannot be compared is left out by name, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from orderwright.domain.fx import RateUnknown, exact_amount, shown
from orderwright.domain.money import minor_digits
from orderwright.domain.money_rules import Remitter, TaxTerms
from orderwright.domain.price_inputs import Shop
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
    stale_at: datetime | None
    quote: CompetitorQuote
    said: str
    as_ours: str

    @property
    def words(self) -> str:
        """What it says, where and when."""
        return f"{_words(self.quote)}{self.as_ours} ({self.said})"


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
    comparison = _Comparison(aim, move, signals, shop, rules, today, tax)
    best: dict[str, Comparable] = {}
    left_out: list[LeftOut] = []
    for prices, quote in comparison.asked_for():
        found = comparison.of(prices, quote)
        if isinstance(found, LeftOut):
            left_out.append(found)
            continue
        other = best.get(quote.seller.casefold())
        if other is None or found.listed < other.listed:
            best[quote.seller.casefold()] = found
    counted = sorted(best.values(), key=lambda one: (one.listed, one.seller))
    return Compared(tuple(counted), tuple(left_out))


class _Comparison:
    """With what quotes are compared."""

    def __init__(
        self,
        aim: Decimal,
        move: CompetitorMove,
        signals: Signals,
        shop: Shop,
        rules: Rules,
        today: date,
        tax: TaxTerms | None,
    ) -> None:
        self.move, self.signals, self.currency, self.rules, self.today, self.tax = (
            move, signals, shop.currency, rules, today, tax,
        )  # fmt: skip
        self.sellers, self.leave_out, self.conditions = map(_folded, (move.sellers, move.leave_out, move.conditions))
        self.ours = (
            exact_amount(move.our_shipping.money, shop.currency, rules, today) if move.our_shipping else Decimal(0)
        )
        self.by_cost, whole = aim, aim + self.ours
        self.least, self.most = whole * move.lowest_percent / 100, whole * move.highest_percent / 100

    def asked_for(self) -> Iterator[tuple[CompetitorPrices, CompetitorQuote]]:
        """Of the files and competitors that the rule names."""
        for prices in sorted(self.signals.competitors, key=lambda one: one.feed):
            for quote in prices.quotes if not self.move.feeds or prices.feed in self.move.feeds else ():
                if not self.sellers or quote.seller.casefold() in self.sellers:
                    yield prices, quote

    def of(self, prices: CompetitorPrices, quote: CompetitorQuote) -> Comparable | LeftOut:
        """One quote of a file."""
        said = f"{prices.feed}, {(quote.seen_at or prices.at).isoformat(' ', 'minutes')[:16]}"

        def out(words: str, why: str = "") -> LeftOut:
            return LeftOut(quote.seller, why, words)

        if quote.seller.casefold() in self.leave_out:
            return out("leave_out names it")
        if quote.condition.casefold() not in self.conditions:
            return out(f"its condition is {quote.condition!r}")
        now, hours = self.signals.now, self.move.stale_after_hours
        known = quote.seen_at or max(prices.at, self.signals.heard.get(prices.feed, prices.at))
        if known - now > timedelta(days=1):
            return out(f"its time has not come yet ({said})")
        stale_at = known + timedelta(hours=hours)
        if stale_at <= now:
            return out(f"older than {hours} h ({said})", STALE)
        try:
            total = exact_amount(quote.price, self.currency, self.rules, self.today)
            if quote.shipping is not None:
                total += exact_amount(quote.shipping, self.currency, self.rules, self.today)
        except RateUnknown as unknown:
            return out(unknown.message)
        taxed, as_ours = _as_ours(quote, self.tax), ""
        if taxed is None:
            return out("whether its tax is as in our prices is not known")
        if taxed != 1 or quote.price.currency != self.currency:
            total = _decimal(Fraction(total) * taxed, self.currency)
            as_ours = f" = {shown(total, self.currency)} as ours"
        if not self.least <= total <= self.most:
            return out(
                f"{_words(quote)} is absurd beside {shown(self.by_cost, self.currency)} by cost ({said})", ABSURD
            )
        return Comparable(quote.seller, total - self.ours, stale_at if quote.seen_at else None, quote, said, as_ours)


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def _words(quote: CompetitorQuote) -> str:
    return f"{quote.price}{f' + shipping {quote.shipping}' if quote.shipping else ', shipping not told'}"


def _as_ours(quote: CompetitorQuote, tax: TaxTerms | None) -> Fraction | int | None:
    """By what its price is multiplied, so that it has the tax in it that ours has; None where that is not known."""
    if quote.tax_in_price is None:
        return 1
    if tax is None:
        return None
    home = tax.in_price == "by_country"
    rate = tax.home_rate if home else tax.rate
    inside = tax.in_price != "excluded" and (home or tax.remitter is not Remitter.CUSTOMER)
    theirs = rate if quote.tax_percent is None else quote.tax_percent
    if quote.tax_in_price == inside and theirs == rate:
        return 1
    if (quote.tax_in_price and theirs is None) or (inside and rate is None):
        return None
    net = 1 / (1 + Fraction(theirs or 0) / 100) if quote.tax_in_price else Fraction(1)
    return net * (1 + Fraction(rate or 0) / 100) if inside else net


def _decimal(amount: Fraction, currency: str) -> Decimal:
    """So exact that rounding never changes which price it is."""
    digits = minor_digits(currency) + _MORE_DIGITS
    return Decimal(round(amount * 10**digits)).scaleb(-digits)
