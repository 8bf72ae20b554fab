"""What one parcel costs at the buyer's door (promise P13): goods, freight, and by the merchant's rules duty, tax, handling.

Amounts that are converted, and shares of a value, are rounded up: a cost is never made smaller. What the rules or the SKU do
not say raises NotKnown, by the codes that docs/reasons.md lists. Rounding and order of the steps: docs/decisions.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from orderwright.domain.config_values import UNCONFIRMED
from orderwright.domain.fx import convert, exact_amount
from orderwright.domain.money import Money
from orderwright.domain.money_rules import DestinationRule, DutyTerms, HandlingTerms, Remitter, TaxTerms
from orderwright.domain.not_known import NotKnown
from orderwright.domain.rules import Rules
from orderwright.domain.territories import EUROPEAN_UNION, country_of, destination_name

_APPLY = "apply the file, then retry"


class BoughtLine(NamedTuple):
    """Pieces of one SKU, and what customs ask of them. `cost`: of all pieces, without freight, in the supplier's currency."""

    line_id: str
    sku: str
    quantity: int
    cost: Money
    hs6: str = ""
    origin: str = ""
    mpn: str = ""


class Bought(NamedTuple):
    """One parcel: all that one supplier sends for one order. `bill` is the supplier's total, once it is known.

    `duty_in_freight`: does the freight that was quoted include duty and handling? None: the quote does not say.
    """

    store: str
    destination: str
    ships_from: str
    day: date
    lines: tuple[BoughtLine, ...]
    freight: Money
    bill: Money | None = None
    tax_in_bill: Money | None = None
    duty_in_freight: bool | None = None


class Terms(NamedTuple):
    """What of a rule counts for one parcel, by the value of its goods."""

    tax: TaxTerms
    duty: DutyTerms | None
    handling: HandlingTerms | None
    above: bool


class Landed(NamedTuple):
    """In shop currency. `total` is what counts: of the bill once there is one, else of the parts."""

    goods: Money
    freight: Money
    duty: Money
    handling: Money
    tax_in_bill: Money
    billed: Money | None
    total: Money
    estimates: tuple[str, ...]


def rule_for(rules: Rules, store: str, destination: str, ships_from: str, day: date) -> DestinationRule:
    """The one rule that fits. Raises NotKnown: DESTINATION_WITHOUT_RULE, RULE_NOT_VALID, RULE_UNCONFIRMED."""
    fitting = [
        rule
        for rule in rules.destinations
        if destination in rule.to
        and (not rule.stores or store in rule.stores)
        and (not rule.ships_from or ships_from in rule.ships_from)
    ]
    where = f"parcels to {destination_name(destination)} from {ships_from or 'an unknown country'}"
    if not fitting:
        raise NotKnown(
            "DESTINATION_WITHOUT_RULE",
            f"no rule says what tax and duty {where} cost",
            f"add a rule with to: [{destination}] under rules.destinations, {_APPLY}",
            "rules.destinations",
        )
    valid = [rule for rule in fitting if rule.is_valid(day)]
    if not valid:
        raise NotKnown(
            "RULE_NOT_VALID",
            f"the rule {fitting[-1].called!r} for {where} does not count on {day}: it counts from {fitting[-1].valid_from}"
            f" until {fitting[-1].valid_until or 'further notice'}",
            f"add a rule that counts today under rules.destinations, {_APPLY}",
            "rules.destinations",
        )
    if valid[0].confirmed_by.strip().lower() in UNCONFIRMED:
        raise NotKnown(
            "RULE_UNCONFIRMED",
            f"nobody has confirmed the rule {valid[0].called!r} for {where}",
            f"check its figures and put your name into its confirmed_by, {_APPLY}",
            "rules.destinations.confirmed_by",
        )
    return valid[0]


def terms_for(rule: DestinationRule, goods: Money, rules: Rules, day: date) -> Terms:
    """What counts for goods of this net value. Raises NotKnown (ABOVE_THRESHOLD) and RateUnknown."""
    duty = None if rule.duty == "none" else rule.duty
    limit = duty.up_to if duty else None
    if limit is None or exact_amount(goods, limit.currency, rules, day) <= limit.amount:
        return Terms(rule.tax, duty, rule.handling, False)
    if rule.above is None:
        raise NotKnown(
            "ABOVE_THRESHOLD",
            f"goods of {goods} net are above the {limit.money} of rule {rule.called!r}, which does not say what counts then",
            f"add above: to that rule, {_APPLY}; or send the goods in two orders",
            "rules.destinations.above",
        )
    above = rule.above
    return Terms(
        above.tax or rule.tax, None if above.duty == "none" else above.duty, above.handling or rule.handling, True
    )


def landed_cost(
    bought: Bought, rule: DestinationRule | None, terms: Terms | None, goods_net: Money, tax: Money, rules: Rules
) -> Landed:
    """The cost in the currency of `goods_net` (what the buyer pays for the goods); `tax` is what the order shows as tax.

    Without a rule: goods and freight only. Raises NotKnown and RateUnknown.
    """
    currency, day = goods_net.currency, bought.day

    def up(money: Money) -> Money:
        return convert(money, currency, rules, day, up=True)

    nothing = Money.zero(currency)
    goods, freight = up(total_cost(bought.lines)), up(bought.freight)
    billed = None if bought.bill is None else up(bought.bill)
    if billed is not None and billed.minor <= 0:
        raise NotKnown(
            "COST_MISSING",
            f"the supplier's bill is {billed}, so the margin is not known",
            "look at the order in the supplier's account, then retry",
            "purchase_order.payable",
        )
    if rule is None or terms is None:
        total = goods + freight if billed is None else billed
        return Landed(goods, freight, nothing, nothing, nothing, billed, total, ())
    duty = duty_of(bought, rule, terms, goods_net, rules)
    handling = _handling(bought, terms, currency, rules)
    in_bill = tax if terms.tax.remitter is Remitter.SUPPLIER else nothing
    beside = duty + handling
    if beside.minor and rule.duty_in is None:
        raise NotKnown(
            "DUTY_IN_FREIGHT_UNKNOWN",
            f"the rule {rule.called!r} does not say where duty and handling of {beside} are paid",
            f"set its duty_in to bill, freight or carrier, as the supplier does it, {_APPLY}",
            "rules.destinations.duty_in",
        )
    if rule.duty_in == "freight":
        if beside.minor and billed is None and bought.duty_in_freight is False:
            raise NotKnown(
                "DUTY_IN_FREIGHT_UNKNOWN",
                f"by the rule {rule.called!r} the freight includes duty, but the supplier's quote does not show it",
                f"ask the supplier, and set duty_in to bill or carrier if it does not, {_APPLY}",
                "rules.destinations.duty_in",
            )
        duty = handling = beside = nothing
    # The bill's total decides, never the sum of its parts; what a carrier bills later stays an estimate.
    later = beside if billed is None or rule.duty_in == "carrier" else nothing
    total = goods + freight + in_bill if billed is None else billed
    estimates = ("duty and handling",) if later.minor else ()
    return Landed(goods, freight, duty, handling, in_bill, billed, total + later, estimates)


def total_cost(lines: Iterable[BoughtLine]) -> Money:
    """What the goods cost. Raises NotKnown (COST_MISSING): a cost of nothing is a mistake."""
    found: Money | None = None
    for line in lines:
        if line.cost.minor <= 0:
            raise NotKnown(
                "COST_MISSING",
                f"the supplier's cost of SKU {line.sku} is not above zero, so the margin is not known",
                "check the cost at the supplier, then retry",
                "cost",
                line.line_id,
            )
        found = line.cost if found is None else found + line.cost
    assert found is not None
    return found


def duty_of(bought: Bought, rule: DestinationRule, terms: Terms, goods_net: Money, rules: Rules) -> Money:
    """Duty that the merchant bears, in the currency of `goods_net`, rounded up. Nothing where the customer pays it (DAP)."""
    if terms.duty is None or rule.incoterm == "DAP":
        return Money.zero(goods_net.currency)
    if rule.incoterm is None:
        raise NotKnown(
            "INCOTERM_UNKNOWN",
            f"the rule {rule.called!r} does not say who pays the duty",
            f"set its incoterm to DDP (you or the supplier) or DAP (the customer at the door), {_APPLY}",
            "rules.destinations.incoterm",
        )
    currency, duty = goods_net.currency, terms.duty
    exact = Decimal(0)
    if duty.per_heading is not None:
        headings = len({_heading(line)[:6] for line in bought.lines})
        exact += exact_amount(duty.per_heading.money, currency, rules, bought.day) * headings
    if duty.by_percent:
        exact += _by_percent(bought, duty, rule, goods_net, rules)
    return Money.of(exact, currency, up=True)


def duty_rate(line: BoughtLine, duty: DutyTerms) -> Decimal:
    """The percentage of one line's value. Raises NotKnown: HEADING_MISSING, ORIGIN_MISSING."""
    rate = duty.percent or Decimal(0)
    if duty.percent_by_heading:
        heading = _heading(line)
        found = [code for code in duty.percent_by_heading if heading.startswith(code)]
        if not found:
            raise NotKnown(
                "HEADING_MISSING",
                f"the rules have no duty rate for HS code {heading} of SKU {line.sku}",
                f"add it to percent_by_heading, {_APPLY}",
                "rules.destinations.duty.percent_by_heading",
                line.line_id,
            )
        rate += duty.percent_by_heading[max(found, key=len)]
    if duty.percent_by_origin:
        if line.origin not in duty.percent_by_origin:
            known = f"no duty rate for goods made in {line.origin}" if line.origin else "no country of origin"
            raise NotKnown(
                "ORIGIN_MISSING",
                f"SKU {line.sku}: there is {known}",
                "import it with `orderwright catalogue attributes import FILE`, or add the origin to percent_by_origin",
                "sku.origin",
                line.line_id,
            )
        rate += duty.percent_by_origin[line.origin]
    return rate


def _by_percent(bought: Bought, duty: DutyTerms, rule: DestinationRule, goods_net: Money, rules: Rules) -> Decimal:
    if duty.value is None:
        raise NotKnown(
            "VALUE_BASIS_MISSING",
            f"the rule {rule.called!r} has a duty in percent and does not say of what",
            f"set duty.value to cost (what you pay for the goods) or revenue (what the buyer pays), {_APPLY}",
            "rules.destinations.duty.value",
        )
    costs = [exact_amount(line.cost, goods_net.currency, rules, bought.day) for line in bought.lines]
    due = sum((duty_rate(line, duty) * cost for line, cost in zip(bought.lines, costs, strict=True)), Decimal(0)) / 100
    if duty.value == "cost":
        return due
    # What the buyer pays is known for the parcel; each line's part of it goes by its cost.
    return due * goods_net.decimal / sum(costs, Decimal(0))


def _handling(bought: Bought, terms: Terms, currency: str, rules: Rules) -> Money:
    exact = Decimal(0)
    if terms.handling is not None and terms.handling.per_parcel is not None:
        exact += exact_amount(terms.handling.per_parcel.money, currency, rules, bought.day)
    if terms.handling is not None and terms.handling.per_heading is not None:
        headings = len({_heading(line)[:6] for line in bought.lines})
        exact += exact_amount(terms.handling.per_heading.money, currency, rules, bought.day) * headings
    return Money.of(exact, currency, up=True)


def _heading(line: BoughtLine) -> str:
    if line.hs6:
        return line.hs6
    raise NotKnown(
        "HEADING_MISSING",
        f"SKU {line.sku} has no HS code, by which duty is due",
        "import it with `orderwright catalogue attributes import FILE`, then retry",
        "sku.hs6",
        line.line_id,
    )


def identifier_missing(bought: Bought) -> NotKnown | None:
    """Regulation (EU) 2026/1022: parcels from outside need the manufacturer's number of each line, or they may be held."""
    into_eu = country_of(bought.destination) in EUROPEAN_UNION and country_of(bought.ships_from) not in EUROPEAN_UNION
    for line in bought.lines if into_eu else ():
        if not line.mpn:
            return NotKnown(
                "IDENTIFIER_MISSING",
                f"SKU {line.sku} has no manufacturer's number, which parcels to the EU must show",
                "import it as mpn with `orderwright catalogue attributes import FILE`, then retry",
                "sku.mpn",
                line.line_id,
            )
    return None
