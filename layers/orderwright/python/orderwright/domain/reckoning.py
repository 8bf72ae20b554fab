"""What one purchase order leaves (promise P13): net revenue, less landed cost, less fees. The one place that adds them up.

The gate before an order is bought and the floor of a price both use it: a price is allowed when the sale of one piece at that
price would pass the gate. What the rules of orderwright.yaml do not say raises NotKnown, and stops the order by that name.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from pydantic import Field, model_serializer, model_validator

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.config_values import UNCONFIRMED
from orderwright.domain.fx import RateUnknown, convert, exact_amount
from orderwright.domain.landed_cost import Bought, Terms, landed_cost, rule_for, terms_for
from orderwright.domain.money import Money, minor_digits
from orderwright.domain.money_rules import DestinationRule, FeeRule, Remitter
from orderwright.domain.net_revenue import Revenue, channel_remits
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import Reason
from orderwright.domain.order_money import OrderMoney
from orderwright.domain.rules import Limits, Rules

GIFT_CARD = "gift_card"
"""Paying with one costs nothing: its fee was paid when it was sold."""


AMOUNTS = (
    "lines", "shipping", "given_back", "duty_collected", "tax", "tax_kept", "net", "goods", "freight", "duty", "handling",
    "tax_billed", "billed", "landed", "fee", "margin",
)  # fmt: skip


class Reckoning(Model):
    """The money of one purchase order, every term in shop currency, with the rules that it comes from.

    net = lines + shipping + duty_collected - given_back (+ tax_kept, where the supplier remits the tax and bills it)
    landed = the supplier's bill, or goods + freight + duty + handling + tax_billed; what a carrier bills later is added to a bill
    margin = net - landed - fee
    """

    destination: str = ""
    day: date
    lines: Money
    shipping: Money
    given_back: Money
    duty_collected: Money
    tax: Money
    tax_kept: Money
    net: Money
    goods: Money
    freight: Money
    duty: Money
    handling: Money
    tax_billed: Money
    billed: Money | None = None
    landed: Money
    fee: Money
    margin: Money
    rule: str = ""
    rule_from: date | None = None
    rule_source: str = ""
    rule_confirmed_by: str = ""
    fee_rule: str = ""
    estimates: tuple[str, ...] = ()
    goods_and_freight_only: bool = False
    as_of: Instant | None = Field(
        default=None, description="the store's own time of the order that was read for it; none: the order as held here"
    )
    stale: str = Field(default="", description="why the store's later figures could not be reckoned: a reason's code")

    def seen_at(self, as_of: datetime | None) -> Reckoning:
        """Reckoned with the order as the store showed it at that time of its own."""
        return changed(self, as_of=as_of)

    def outdated(self, code: str) -> Reckoning:
        """The store shows other figures by now, and they cannot be reckoned."""
        return changed(self, stale=code)

    @model_serializer(mode="plain")
    def _in_short(self) -> dict[str, Any]:
        """As it is stored: one currency, and no amounts of nothing. It rides in each write of a purchase order."""
        amounts = {name: getattr(self, name) for name in AMOUNTS}
        rest = {name: getattr(self, name) for name in type(self).model_fields if name not in AMOUNTS}
        return {
            "currency": self.net.currency,
            "amounts": {name: money.minor for name, money in amounts.items() if money is not None and money.minor},
            **{name: value.isoformat() if isinstance(value, date) else value for name, value in rest.items() if value},
        }

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "amounts" not in data:
            return data
        whole = {name: value for name, value in data.items() if name not in ("amounts", "currency")}
        for name in AMOUNTS:
            if name in data["amounts"] or name != "billed":
                whole[name] = Money(minor=int(data["amounts"].get(name, 0)), currency=data["currency"])
        return whole

    @property
    def percent(self) -> Decimal | None:
        """The margin in percent of net revenue, two digits, for people; None without revenue."""
        if self.net.minor <= 0:
            return None
        return (Decimal(self.margin.minor * 100) / self.net.minor).quantize(Decimal("0.01"), ROUND_HALF_UP)


def reckon(
    bought: Bought, revenue: Revenue, money: OrderMoney, rules: Rules, rule: DestinationRule | None = None
) -> Reckoning:
    """By `rule`, or the one of `rules` that fits. Raises NotKnown and RateUnknown: their `reason` names what is missing."""
    if not rules.know_true_cost:
        return _sum(bought, revenue, None, None, money, rules)
    if money.business:
        raise NotKnown(
            "BUSINESS_BUYER",
            "the buyer is a business or pays no tax: the rules are for consumers",
            "see what tax and duty are due; buy it by hand, or cancel it in the store",
            "order.buyer",
        )
    rule = rule or rule_for(rules, bought.store, bought.destination, bought.ships_from, bought.day)
    terms = terms_for(rule, revenue.lines, rules, bought.day)
    _check_remitter(bought, revenue, money, rule, terms)
    promised = money.delivery_terms.upper()
    if promised and rule.incoterm and promised != rule.incoterm:
        raise NotKnown(
            "INCOTERM_UNKNOWN",
            f"the store promised the customer {promised}, the rule {rule.called!r} says {rule.incoterm}",
            "make both say the same: set the rule's incoterm, apply the file, then retry",
            "rules.destinations.incoterm",
        )
    return _sum(bought, revenue, rule, terms, money, rules)


def _sum(
    bought: Bought,
    revenue: Revenue,
    rule: DestinationRule | None,
    terms: Terms | None,
    money: OrderMoney,
    rules: Rules,
) -> Reckoning:
    landed = landed_cost(bought, rule, terms, revenue.lines, revenue.tax, rules)
    nothing = Money.zero(money.currency)
    kept = revenue.tax if terms is not None and terms.tax.remitter is Remitter.SUPPLIER else nothing
    name, fee = _fee(bought, revenue, money, rules) if rule is not None else ("", nothing)
    net = revenue.net + kept
    return Reckoning(
        destination=bought.destination,
        day=bought.day,
        lines=revenue.lines,
        shipping=revenue.shipping,
        given_back=revenue.given_back,
        duty_collected=revenue.duty,
        tax=revenue.tax,
        tax_kept=kept,
        net=net,
        goods=landed.goods,
        freight=landed.freight,
        duty=landed.duty,
        handling=landed.handling,
        tax_billed=landed.tax_in_bill,
        billed=landed.billed,
        landed=landed.total,
        fee=fee,
        margin=net - landed.total - fee,
        rule=rule.called if rule else "",
        rule_from=rule.valid_from if rule else None,
        rule_source=rule.source if rule else "",
        rule_confirmed_by=rule.confirmed_by if rule else "",
        fee_rule=name,
        estimates=landed.estimates,
        goods_and_freight_only=rule is None,
    )


def _check_remitter(bought: Bought, revenue: Revenue, money: OrderMoney, rule: DestinationRule, terms: Terms) -> None:
    """Tax is borne exactly once: rule, order and bill must agree on who remits it."""
    tax, says = terms.tax, f"the rule {rule.called!r} says that the {terms.tax.remitter.value} remits the tax"
    if tax.rate is None:
        raise NotKnown(
            "TAX_RATE_MISSING",
            f"the rule {rule.called!r} has no tax rate",
            "set tax.rate, 0 where none is due, apply the file, then retry",
            "rules.destinations.tax.rate",
        )
    by_channel = channel_remits(money, (line.line_id for line in bought.lines))
    against = ""
    if tax.remitter is Remitter.CUSTOMER and revenue.tax.minor:
        against = f"the order shows {revenue.tax} of tax"
    elif tax.remitter is Remitter.MERCHANT and not revenue.tax.minor and tax.rate * revenue.lines.minor >= 100:
        against = "the order shows no tax"
    elif tax.remitter in (Remitter.MERCHANT, Remitter.SUPPLIER) and by_channel:
        against = "the store says that a marketplace does"
    elif tax.remitter is Remitter.MARKETPLACE and by_channel is False and revenue.tax.minor:
        against = "the store says that you do"
    elif by_channel is None and money.channel:
        against = "the store does not say whether the marketplace does"
    elif (
        tax.remitter is Remitter.SUPPLIER
        and revenue.tax.minor
        and bought.tax_in_bill is not None
        and not bought.tax_in_bill.minor
    ):
        against = "there is none in the supplier's bill"
    if against:
        raise NotKnown(
            "REMITTER_UNKNOWN",
            f"{says}, but {against}",
            "set tax.remitter of the rule to who really does, or correct the taxes in the store",
            "rules.destinations.tax.remitter",
        )
    if tax.remitter is Remitter.MERCHANT and bought.tax_in_bill is not None and bought.tax_in_bill.minor:
        raise NotKnown(
            "TAX_TWICE",
            f"{says}, but the supplier's bill has {bought.tax_in_bill} of tax in it",
            "set tax.remitter to supplier, or the supplier's ioss_type to own or none",
            "rules.destinations.tax.remitter",
        )


def _fee(bought: Bought, revenue: Revenue, money: OrderMoney, rules: Rules) -> tuple[str, Money]:
    """These lines' part of the order's fees, rounded up."""
    names, fee = order_fee(money, bought.store, bought.day, rules)
    return names, _up(fee * revenue.share, money.currency)


def order_fee(money: OrderMoney, store: str, day: date, rules: Rules) -> tuple[str, Fraction]:
    """All fees of an order in major units, not rounded, and by which rules: what the provider says it took, else by rule.

    Raises NotKnown: FEE_MISSING, RULE_NOT_VALID, RULE_UNCONFIRMED.
    """
    paying = [name for name in dict.fromkeys(money.gateways) if name not in (GIFT_CARD, money.channel)]
    if money.fees is None and not (money.gateways or money.channel):
        raise _fee_missing("the store names no payment gateway of this order")
    # What a provider says is its own fee: of an order paid in two ways it is not all.
    asked = paying if money.fees is None or len(paying) > 1 else []
    found = [(name, _fee_of(name, store, day, money, rules)) for name in asked]
    if money.fees is not None:
        found.append(("as the payment provider says", _exact(money.fees)))
    # Which gateway took how much is not known: the dearest counts for all. A marketplace's own fee comes on top.
    dearest = max(found, key=lambda entry: entry[1], default=("", Fraction()))
    channel = _fee_of(money.channel, store, day, money, rules) if money.channel else Fraction()
    return ", ".join(name for name in (dearest[0], money.channel) if name), dearest[1] + channel


def _fee_of(name: str, store: str, day: date, money: OrderMoney, rules: Rules) -> Fraction:
    """In major units, of the whole order, not rounded."""
    fee = fee_rule(name, store, day, rules)
    base = money.charged if fee.base == "gross" else money.charged - money.charged_tax
    fixed = Fraction(exact_amount(fee.fixed.money, money.currency, rules, day)) if fee.fixed else Fraction()
    return Fraction(fee.percent) / 100 * _exact(base) + fixed


def fee_rule(name: str, store: str, day: date, rules: Rules) -> FeeRule:
    """The fees of one gateway or marketplace. Raises NotKnown: FEE_MISSING, RULE_NOT_VALID, RULE_UNCONFIRMED."""
    known = {key.casefold(): fee for key, fee in rules.fees.items()}
    fee = known.get(name.casefold())
    if fee is None or (fee.stores and store not in fee.stores):
        raise _fee_missing(f"no rule says what {name} costs")
    if not fee.is_valid(day):
        raise NotKnown(
            "RULE_NOT_VALID",
            f"the fee of {name} does not count on {day}",
            f"renew rules.fees.{name}, apply the file, then retry",
            f"rules.fees.{name}",
        )
    # A fee comes from the merchant's own contract: only a starter value that says so itself waits to be confirmed.
    if fee.confirmed_by.strip().lower() in UNCONFIRMED - {""}:
        raise NotKnown(
            "RULE_UNCONFIRMED",
            f"nobody has confirmed the fee of {name}",
            f"check it and put your name into rules.fees.{name}.confirmed_by, apply the file, then retry",
            f"rules.fees.{name}.confirmed_by",
        )
    return fee


def _fee_missing(what: str) -> NotKnown:
    return NotKnown(
        "FEE_MISSING",
        what,
        "add it under rules.fees, with percent 0 where it costs nothing, apply the file, then retry",
        "rules.fees",
    )


def _exact(money: Money) -> Fraction:
    return Fraction(money.minor, 10 ** minor_digits(money.currency))


def _up(amount: Fraction, currency: str) -> Money:
    return Money(minor=ceil(amount * 10 ** minor_digits(currency)), currency=currency)


def margin_fault(reckoning: Reckoning, percent: Decimal, least: Money | None) -> bool:
    """Is the margin below `percent` of net revenue, or below the least amount (in the same currency)?"""
    margin = reckoning.margin
    return margin.minor * 100 < percent * reckoning.net.minor or (least is not None and margin < least)


def in_words(one: Reckoning) -> str:
    """Net revenue, tax, duty, fees, landed cost and margin in one sentence, with the rule and its date."""
    tax = f" (without {one.tax} of tax)" if one.tax.minor and not one.tax_kept.minor else ""
    parts = [f"{name} {money}" for name, money in (("duty", one.duty), ("handling", one.handling)) if money.minor]
    parts += [f"by rule {one.rule!r} from {one.rule_from}"] if one.rule else ["goods and freight only"]
    fee = f"{one.fee} ({one.fee_rule})" if one.fee_rule else str(one.fee)
    return f"net revenue {one.net}{tax}, landed cost {one.landed} ({', '.join(parts)}), fees {fee}: a margin of {one.margin}"


def margin_reason(reckoning: Reckoning, limits: Limits, rules: Rules) -> Reason | None:
    """MARGIN_TOO_LOW, or RATE_MISSING, RATE_STALE for a minimum in a currency without rate; None when the margin is enough."""
    least = limits.minimum_order_margin
    try:
        amount = convert(least.money, reckoning.net.currency, rules, reckoning.day, up=True) if least else None
    except RateUnknown as unknown:
        return unknown.reason
    if not margin_fault(reckoning, limits.minimum_order_margin_percent, amount):
        return None
    needed = f"{limits.minimum_order_margin_percent} %" + (f" and {amount}" if amount else "")
    return Reason(
        code="MARGIN_TOO_LOW",
        message=f"{in_words(reckoning)}, below the minimum of {needed}",
        fix="buy it all the same, cancel it in the store, or lower limits.minimum_order_margin_percent",
        field="limits.minimum_order_margin_percent",
        measure=-reckoning.margin.minor,
        unit=reckoning.margin.currency,
    )
