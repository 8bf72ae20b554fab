"""The lowest listed price at which the sale of one piece passes the gate (promise P13), for one destination.

Solved exactly, then held against the gate itself, and lifted by a minor unit until it passes: rounding costs a step or two.
With n = net price, L = landed cost that does not depend on it, d = duty on revenue, f and F = fee, m and A = the least margin:

    n x (1 - d - f x b - m x w) >= L + F     and     n x (1 - d - f x b) >= L + F + A

b is 1 + rate where the fee is on what was charged, else 1. w is 1 + rate where the supplier remits the tax, which the merchant
then keeps as revenue, else 1. The listed price is n x (1 + rate inside it). One piece is the worst case: fixed parts do not grow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from orderwright.domain.base import changed
from orderwright.domain.fx import exact_amount
from orderwright.domain.landed_cost import Bought, BoughtLine, Terms, duty_rate, landed_cost, rule_for, terms_for
from orderwright.domain.money import Money, minor_digits
from orderwright.domain.money_rules import DestinationRule, DutyTerms, Remitter, TaxTerms
from orderwright.domain.net_revenue import Revenue
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order_money import LineMoney, OrderMoney
from orderwright.domain.reckoning import Reckoning, fee_rule, margin_fault, reckon
from orderwright.domain.rules import Rules

LINE = "1"
MOST_STEPS = 1_000


class Between(NotKnown):
    """A price at which two parts of a rule both say that the other one counts. No price is made there."""


class Minimum(NamedTuple):
    """The margin that must be left: percent of net revenue, and an amount in the store's currency."""

    percent: Decimal
    least: Money | None = None


class Piece(NamedTuple):
    """One piece of a SKU from one supplier to one destination, or the `quantity` of it that is in one bundle.

    `cost` and `freight`, in the supplier's currency, are of all of them.
    """

    store: str
    destination: str
    ships_from: str
    sku: str
    cost: Money
    freight: Money
    hs6: str = ""
    origin: str = ""
    quantity: int = 1


@dataclass(frozen=True)
class Sale:
    """The sale of one piece to one destination at any price. Making it raises NotKnown for what the rules do not say."""

    piece: Piece
    rules: Rules
    currency: str
    day: date
    rule: DestinationRule = field(init=False)
    gateways: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        piece = self.piece
        rule = rule_for(self.rules, piece.store, piece.destination, piece.ships_from, self.day)
        # Where duty is paid changes no price as long as it is paid: unsaid, it counts beside the freight.
        object.__setattr__(self, "rule", changed(rule, duty_in=rule.duty_in or "carrier"))
        names = tuple(name for name, fee in self.rules.fees.items() if not fee.stores or piece.store in fee.stores)
        for name in names or ("any payment gateway",):
            fee_rule(name, piece.store, self.day, self.rules)
        object.__setattr__(self, "gateways", names)

    @property
    def bought(self) -> Bought:
        """The parcel."""
        piece = self.piece
        line = BoughtLine(LINE, piece.sku, piece.quantity, piece.cost, piece.hs6, piece.origin)
        return Bought(
            piece.store, piece.destination, piece.ships_from, self.day, (line,), piece.freight, duty_in_freight=True
        )

    def at(self, listed: Money) -> list[Reckoning]:
        """What it leaves at this listed price, by each payment gateway of the store."""
        tax, terms = self.rule.tax, self.terms(listed)
        net, paid = self._paid(listed, terms.tax if terms.above else tax)
        if terms.above and not terms_for(self.rule, net, self.rules, self.day).above:
            raise Between(
                "ABOVE_THRESHOLD",
                f"at {listed} one tax of rule {self.rule.called!r} puts the goods above its limit, the other one below",
                "choose another price, or give both parts of the rule the same tax",
                "rules.destinations.above.tax",
            )
        nothing = Money.zero(self.currency)
        revenue = Revenue(net, nothing, nothing, nothing, paid, Fraction(1))
        channel = terms.tax.remitter is Remitter.MARKETPLACE
        line = LineMoney(line_id=LINE, net=net, tax=paid, by_channel=channel)
        found = []
        for name in self.gateways:
            money = OrderMoney(
                lines=(line,), shipping=nothing, shipping_tax=nothing, duty=nothing, given_back=nothing,
                charged=net + paid, charged_tax=paid, gateways=(name,),
            )  # fmt: skip
            found.append(reckon(self.bought, revenue, money, self.rules, self.rule))
        return found

    def terms(self, listed: Money) -> Terms:
        """What counts for the parcel when it is sold at this listed price."""
        return terms_for(self.rule, self._paid(listed, self.rule.tax)[0], self.rules, self.day)

    def passes(self, listed: Money, minimum: Minimum) -> bool:
        """Would the gate let it pass, whichever way the buyer pays?"""
        try:
            found = self.at(listed)
        except Between:
            return False
        return not any(margin_fault(one, minimum.percent, minimum.least) for one in found)

    def lowest(self, minimum: Minimum) -> Money:
        """The floor. Raises NotKnown (PRICE_IMPOSSIBLE where no price is enough, ABOVE_THRESHOLD) and RateUnknown."""
        return self.lowest_from(self._whole(self.solved(self.terms(Money.zero(self.currency)), minimum)), minimum)

    def lowest_from(self, listed: Money, minimum: Minimum) -> Money:
        """The lowest price that passes, at or above `listed`. Raises as `lowest`."""
        above = False
        for _ in range(MOST_STEPS):
            terms = self.terms(listed)
            if terms.above and not above:
                above, listed = True, max(listed, self._whole(self.solved(terms, minimum)), self._beyond(terms))
            if self.passes(listed, minimum):
                return listed
            listed = Money(minor=listed.minor + 1, currency=self.currency)
        raise self.impossible()

    def solved(self, terms: Terms, minimum: Minimum) -> Fraction:
        """The listed price in major units, not rounded, that leaves just the minimum margin under these terms."""
        return max(self._solved(terms, minimum, name) for name in self.gateways)

    def fixed_cost(self, terms: Terms) -> Money:
        """The landed cost, less what depends on the price."""
        nothing = Money.zero(self.currency)
        return landed_cost(self.bought, self.rule, terms, nothing, nothing, self.rules).total

    def listed_for(self, net: Fraction) -> Fraction:
        """The listed price of a net price, both in major units."""
        return net * (1 + _inside(self.rule.tax))

    def _solved(self, terms: Terms, minimum: Minimum, gateway: str) -> Fraction:
        fee = fee_rule(gateway, self.piece.store, self.day, self.rules)
        rate = _charged_rate(terms.tax)
        part = Fraction(fee.percent) / 100 * (1 + rate if fee.base == "gross" else 1) + self._duty_on_revenue(terms)
        least = Fraction(minimum.percent) / 100 * (1 + rate if terms.tax.remitter is Remitter.SUPPLIER else 1)
        fixed = Fraction(self.fixed_cost(terms).decimal)
        if fee.fixed is not None:
            fixed += Fraction(exact_amount(fee.fixed.money, self.currency, self.rules, self.day))
        if 1 - part - least <= 0 or 1 - part <= 0:
            raise self.impossible()
        net = fixed / (1 - part - least)
        if minimum.least is not None:
            net = max(net, (fixed + Fraction(minimum.least.decimal)) / (1 - part))
        return net * (1 + _inside(terms.tax))

    def _beyond(self, terms: Terms) -> Money:
        """The listed price of goods of just the limit, by the tax that counts above it."""
        limit = self.rule.duty.up_to if isinstance(self.rule.duty, DutyTerms) else None
        net = exact_amount(limit.money, self.currency, self.rules, self.day) if limit else Decimal(0)
        return self._whole(Fraction(net) * (1 + _inside(terms.tax)))

    def _duty_on_revenue(self, terms: Terms) -> Fraction:
        duty = terms.duty
        if duty is None or duty.value != "revenue" or self.rule.incoterm == "DAP" or self.rule.duty_in == "freight":
            return Fraction()
        return Fraction(duty_rate(self.bought.lines[0], duty)) / 100

    def _paid(self, listed: Money, tax: TaxTerms) -> tuple[Money, Money]:
        """Net and tax of one piece as the store charges it. Tax is rounded half up."""
        rate, price = _charged_rate(tax), Fraction(listed.decimal)
        if tax.in_price == "excluded":
            return listed, self._rounded(price * rate, _half_up)
        gross = listed
        if tax.in_price == "by_country":
            gross = self._rounded(price / (1 + _inside(tax)) * (1 + rate), _half_up)
        paid = self._rounded(Fraction(gross.decimal) * rate / (1 + rate), _half_up)
        return gross - paid, paid

    def _whole(self, amount: Fraction) -> Money:
        return self._rounded(amount, ceil)

    def _rounded(self, amount: Fraction, how: Callable[[Fraction], int]) -> Money:
        return Money(minor=how(amount * 10 ** minor_digits(self.currency)), currency=self.currency)

    def impossible(self) -> NotKnown:
        """No price is enough."""
        return NotKnown(
            "PRICE_IMPOSSIBLE",
            f"no price of SKU {self.piece.sku} to {self.piece.destination} is enough: tax, duty, fees and margin take all of it",
            "lower the minimum margin, or do not sell it there (sell_to)",
            "rules.prices",
        )


def _half_up(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))


def _charged_rate(tax: TaxTerms) -> Fraction:
    """The rate on the order. Where the customer pays the tax at the door, the order has none."""
    return Fraction() if tax.remitter is Remitter.CUSTOMER else Fraction(tax.rate or 0) / 100


def _inside(tax: TaxTerms) -> Fraction:
    """The rate inside the listed price."""
    if tax.in_price == "by_country":
        return Fraction(tax.home_rate or 0) / 100
    return _charged_rate(tax) if tax.in_price == "included" else Fraction()
