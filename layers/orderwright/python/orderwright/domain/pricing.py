"""The price of a SKU in one store (R26), pure, with its explanation (R40) and the guard before publishing (promise P4).

landed cost -> what the rule aims at -> what moves it, or a campaign (repricing/) -> margin floor -> ending, upwards -> MAP
lifts -> MSRP caps

Held always: max(margin floor, MAP) <= price <= MSRP. Where that range is empty there is no price but a problem. With rules of
destinations and fees the floor is the highest of all destinations that the store sells to (price_floor.py); without any, it
knows goods and freight only, and not the tax in the price.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.bundle_price import BundleSale
from orderwright.domain.config_values import MoneyText
from orderwright.domain.fx import RateUnknown, convert, exact_amount, shown
from orderwright.domain.money import Money, minor_digits
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import Reason
from orderwright.domain.price_ending import Held, round_up_to_ending, within
from orderwright.domain.price_floor import Minimum, Piece, Sale
from orderwright.domain.price_inputs import Offered as Offered
from orderwright.domain.price_inputs import OfferedPart as OfferedPart
from orderwright.domain.price_inputs import Shop as Shop
from orderwright.domain.price_problems import cost_missing, no_rule, range_empty, sells_nowhere
from orderwright.domain.repricing.signals import Signals
from orderwright.domain.rules import Limits, MapPrice, PriceRule, Rules
from orderwright.domain.shown_price import CampaignStart
from orderwright.domain.territories import country_of

if TYPE_CHECKING:
    from orderwright.domain.money_rules import TaxTerms
    from orderwright.domain.repricing.campaigns import CampaignAim
    from orderwright.domain.repricing.moved import Moved

GOODS_AND_FREIGHT_ONLY = "goods and freight only"


class PriceDecision(Model):
    """A price, or the problem why there is none. `floor` is max(margin floor, MAP); `ceiling` is MSRP or None.

    `notes`: what the operator should know of it; `review_at`: when it may be another one without any event.
    """

    price: Money | None = None
    floor: Money | None = None
    ceiling: Money | None = None
    steps: tuple[str, ...] = ()
    problem: Reason | None = None
    notes: tuple[Reason, ...] = ()
    review_at: Instant | None = None
    compared: Any = Field(
        default=None, description="competitors' prices (repricing.comparing.Compared), where it looks at them"
    )
    campaign: CampaignStart | None = None

    def by_then(self, at: datetime | None) -> Self:
        """It may be another one then as well."""
        return self if at is None else changed(self, review_at=min(at, self.review_at or at))


class _For(NamedTuple):
    """What a price is made for."""

    rules: Rules
    shop: Shop
    sku: str
    category: str
    today: date
    signals: Signals | None


class _Aimed(NamedTuple):
    """What is aimed at. `moved`: by what is not cost, None where nothing is; `campaign`: None where none fits.

    While a campaign runs its price takes the place of all that, and ends as it is written.
    """

    amount: Decimal
    rule: PriceRule
    moved: Moved | None
    campaign: CampaignAim | None

    @property
    def in_campaign(self) -> bool:
        """Does one run?"""
        return self.campaign is not None and self.campaign.amount is not None


def find_rule(rules: Rules, sku: str, category: str, shop: Shop) -> PriceRule | None:
    """The first price rule that fits. An empty list in a rule fits all; categories match in any letter case."""
    for rule in rules.prices:
        if rule.skus and sku not in rule.skus:
            continue
        if rule.categories and category.casefold() not in {name.casefold() for name in rule.categories}:
            continue
        if rule.stores and shop.store not in rule.stores:
            continue
        if rule.currencies and shop.currency not in rule.currencies:
            continue
        return rule
    return None


def price_for(
    offered: Offered, rules: Rules, limits: Limits, shop: Shop, *, sku: str, category: str, today: date,
    signals: Signals | None = None,
) -> PriceDecision:  # fmt: skip
    """The price of one piece in the store's currency. Without `signals` nothing but cost makes it.

    Problem codes: COST_MISSING, NO_PRICE_RULE, RATE_MISSING, RATE_STALE, PRICE_RANGE_EMPTY, and with rules of destinations and
    fees those of reckoning.py where no destination has a price (unpublish and park).
    """
    parts = offered.parts or (OfferedPart(sku, 1, offered),)
    for part in parts:
        cost, freight = part.offered.cost, part.offered.freight
        if cost is None or freight is None or not cost.is_positive or freight.exact < 0:
            return PriceDecision(problem=cost_missing(part.sku))
    rule = find_rule(rules, sku, category, shop)
    if rule is None:
        return PriceDecision(problem=no_rule(sku))
    case = _For(rules, shop, sku, category, today, signals)
    try:
        decision = (
            _for_destinations(offered, rule, limits, case) if rules.know_true_cost else _decide(parts, rule, case)
        )
    except RateUnknown as unknown:
        return PriceDecision(steps=(unknown.message,), problem=unknown.reason)
    announced = [f"{part.sku}: {part.offered.announced}" for part in parts if part.offered.announced]
    return changed(decision, steps=(*announced, *decision.steps)) if announced else decision


def _decide(parts: Sequence[OfferedPart], rule: PriceRule, case: _For) -> PriceDecision:
    """Without rules of destinations and fees."""
    rules, currency, today = case.rules, case.shop.currency, case.today
    costs = [_landed(part, currency, rules, today) for part in parts]
    landed = sum(costs, Decimal())
    words = " + ".join(_cost_words(part, len(parts)) for part in parts)
    steps = [f"landed cost {shown(landed, currency)} = {words} ({GOODS_AND_FREIGHT_ONLY})"]
    if rule.target_margin_percent is None:
        markup = markup_of(rule, landed, currency, rules, today)
        amount, how = landed * markup, f"x {markup}"
    else:
        amount = landed * 100 / (100 - rule.target_margin_percent)
        how = f"margin of {rule.target_margin_percent} %"
    steps.append(f"rule {rule.name!r}: {how} = {shown(amount, currency)}")
    if rule.fixed_add is not None:
        amount += exact_amount(rule.fixed_add.money, currency, rules, today)
        steps.append(f"+ {rule.fixed_add.money} = {shown(amount, currency)}")
    # Of a bundle each component must leave the margin with its own part of the money.
    total = sum(part.weight for part in parts)
    covered = max(cost * total / part.weight for cost, part in zip(costs, parts, strict=True))
    margin = covered * 100 / (100 - rule.minimum_margin_percent)
    if rule.minimum_margin is not None:
        margin = max(margin, landed + exact_amount(rule.minimum_margin.money, currency, rules, today))
    bounds = _bounds(margin, rule, rules, case.sku, currency, today)
    aimed = _aimed(amount, rule, case, steps)
    return _noted(_bounded(aimed, bounds, currency, steps), aimed, rules)


def _landed(part: OfferedPart, currency: str, rules: Rules, today: date) -> Decimal:
    """Goods and freight of all pieces of one component."""
    costs = filter(None, (part.offered.cost, part.offered.freight))
    return part.pieces * sum((exact_amount(cost, currency, rules, today) for cost in costs), Decimal())


def landed_of(offered: Offered, sku: str, currency: str, rules: Rules, today: date) -> Money:
    """Goods and freight of one piece, of a bundle of all that is in it. Raises RateUnknown."""
    parts = offered.parts or (OfferedPart(sku, 1, offered),)
    return Money.of(sum((_landed(part, currency, rules, today) for part in parts), Decimal()), currency, up=True)


def _cost_words(part: OfferedPart, of: int) -> str:
    words = f"goods {part.offered.cost} + freight {part.offered.freight}"
    return words if of == 1 else f"{part.pieces} {part.sku} ({words})"


def markup_of(rule: PriceRule, landed: Decimal, currency: str, rules: Rules, today: date) -> Decimal:
    """The rule's markup for this landed cost."""
    for tier in rule.tiers:
        if tier.up_to is None or landed <= exact_amount(tier.up_to.money, currency, rules, today):
            return tier.markup
    return rule.markup or Decimal(1)


def _aimed(aim: Decimal, rule: PriceRule, case: _For, steps: list[str], tax: TaxTerms | None = None) -> _Aimed:
    """Where all that is not cost moves the price by cost; in whose place a campaign asks for its own."""
    signals, moved = case.signals, None
    if signals is None:
        return _Aimed(aim, rule, None, None)
    if rule.moves or signals.competitors:
        from orderwright.domain.repricing.moves import moved as move

        moved = move(aim, rule, signals, case.shop, case.rules, case.today, steps, tax)
    if not case.rules.campaigns and signals.campaign is None:
        return _Aimed(aim, rule, moved, None)
    from orderwright.domain.repricing.campaigns import campaign_aim, spans_of

    now = round_up_to_ending(moved.amount if moved else aim, case.shop.currency, rule.ending)
    shop = case.shop
    spans = [*spans_of(case.rules, case.sku, case.category, shop.store, shop.currency, signals.zone)]
    campaign = campaign_aim(spans, case.rules, shop.currency, signals, now, steps)
    if campaign.amount is None:
        return _Aimed(aim, rule, moved, campaign)
    return _Aimed(campaign.amount, changed(rule, ending=""), moved, campaign)


def _noted(decision: PriceDecision, aimed: _Aimed, rules: Rules) -> PriceDecision:
    if decision.price is None or decision.floor is None:
        return decision
    if aimed.moved is not None:
        from orderwright.domain.repricing.notes import notes_of

        notes = notes_of(aimed.moved, decision.price, decision.floor, rules)
        decision = changed(decision, notes=notes, compared=aimed.moved.compared)
    campaign = aimed.campaign
    if campaign is None:
        return decision
    start = changed(campaign.start, asked=decision.price) if aimed.in_campaign and campaign.start else campaign.start
    told = changed(decision, notes=(*decision.notes, *campaign.notes), campaign=start)
    return told.by_then(campaign.review_at)


def _bounded(aimed: _Aimed, bounds: Held, currency: str, steps: list[str]) -> PriceDecision:
    if bounds.ceiling is not None and bounds.floor > bounds.ceiling:
        problem = range_empty(bounds.floor, bounds.ceiling)
        return PriceDecision(
            floor=bounds.floor, ceiling=bounds.ceiling, steps=(*steps, problem.message), problem=problem
        )
    review_at: datetime | None = None
    if aimed.moved is None or aimed.in_campaign:
        price = within(aimed.amount, bounds, aimed.rule, currency, steps)
    else:
        from orderwright.domain.repricing.bounds import settled

        price, review_at = settled(aimed.moved, bounds, aimed.rule, currency, steps)
    return PriceDecision(
        price=price, floor=bounds.floor, ceiling=bounds.ceiling, steps=tuple(steps), review_at=review_at
    )


def _bounds(margin: Decimal, rule: PriceRule, rules: Rules, sku: str, currency: str, today: date) -> Held:
    own = rules.sku_prices.get(sku, MapPrice())
    map_price = _bound(own.map_price or rule.map_price, currency, rules, today, ROUND_CEILING)
    ceiling = _bound(own.msrp or rule.msrp, currency, rules, today, ROUND_FLOOR)
    floor = Money.of(margin, currency, up=True)
    if map_price is not None and map_price > floor:
        floor = map_price
    return Held(margin, floor, map_price, ceiling)


def _bound(text: MoneyText | None, currency: str, rules: Rules, today: date, rounding: str) -> Money | None:
    """A bound in the store's currency, rounded so that it is never loosened."""
    if text is None:
        return None
    scaled = exact_amount(text.money, currency, rules, today).scaleb(minor_digits(currency))
    return Money(minor=int(scaled.to_integral_value(rounding=rounding)), currency=currency)


# --- with rules of destinations and fees ------------------------------------------------------------------------------


def _for_destinations(offered: Offered, rule: PriceRule, limits: Limits, case: _For) -> PriceDecision:
    """The highest floor of all destinations that can be reckoned; the others are named, and their orders wait."""
    rules, shop, sku, today = case.rules, case.shop, case.sku, case.today
    minimum = minimum_of(rule, limits, rules, shop.currency, today)
    sales: list[tuple[Sale | BundleSale, Money]] = []
    left_out: list[tuple[str, Reason]] = []
    for destination in shop.sell_to:
        try:
            sale = sale_to(destination, offered, rules, shop, sku, today)
            sales.append((sale, sale.lowest(minimum)))
        except (NotKnown, RateUnknown) as unknown:
            left_out.append((destination, unknown.reason))
    without = [_left_out(name, reason) for name, reason in left_out]
    if not sales:
        problem = left_out[0][1] if left_out else sells_nowhere()
        return PriceDecision(steps=tuple(without), problem=problem)
    first, highest = sales[0][0], max(sales, key=lambda entry: entry[1].minor)
    steps = [_landed_words(first), *([_floor_words(*highest)] if highest[0] is not first else [])]
    amount = _aim(first, rule, rules, steps)
    bounds = _bounds(highest[1].decimal, rule, rules, sku, shop.currency, today)
    aimed = _aimed(amount, rule, case, steps, first.rule.tax)
    decision = _bounded(aimed, bounds, shop.currency, steps)
    if decision.price is not None:
        decision = _across_limits(decision, decision.price, [sale for sale, _ in sales], minimum, bounds, aimed.rule)
    return _noted(changed(decision, steps=(*decision.steps, *without)), aimed, rules)


def minimum_of(rule: PriceRule, limits: Limits, rules: Rules, currency: str, today: date) -> Minimum:
    """The stricter of the price rule's minimum and the gate's, so that what is priced can be bought."""
    texts = [text for text in (rule.minimum_margin, limits.minimum_order_margin) if text is not None]
    amounts = [convert(text.money, currency, rules, today, up=True) for text in texts]
    percent = max(rule.minimum_margin_percent, limits.minimum_order_margin_percent)
    return Minimum(percent, max(amounts, key=lambda money: money.minor, default=None))


def sale_to(destination: str, offered: Offered, rules: Rules, shop: Shop, sku: str, today: date) -> Sale | BundleSale:
    """The sale of one piece, or one bundle, there. Raises NotKnown (FREIGHT_MISSING, and what the rules do not say)."""
    if not offered.parts:
        return _sale_of(destination, OfferedPart(sku, 1, offered), rules, shop, today)
    total = sum(part.weight for part in offered.parts)
    return BundleSale(
        [(_sale_of(destination, part, rules, shop, today), Fraction(part.weight, total)) for part in offered.parts]
    )


def _sale_of(destination: str, part: OfferedPart, rules: Rules, shop: Shop, today: date) -> Sale:
    offered, sku = part.offered, part.sku
    freight = offered.freight_to.get(destination, offered.freight_to.get(country_of(destination)))
    if freight is None:
        raise NotKnown(
            "FREIGHT_MISSING",
            f"the supplier has not said what it costs to send SKU {sku} to {destination}",
            "nothing, where the supplier sends there: it is asked daily, the most sold goods first;"
            " else take the destination out of sell_to",
            "offer.freight",
        )
    assert offered.cost is not None
    costs = offered.cost.times(part.pieces), freight.times(part.pieces)
    piece = Piece(shop.store, destination, offered.ships_from, sku, *costs, offered.hs6, offered.origin, part.pieces)
    return Sale(piece, rules, shop.currency, today)


def _aim(sale: Sale | BundleSale, rule: PriceRule, rules: Rules, steps: list[str]) -> Decimal:
    """The listed price that the rule aims at, for the store's first destination."""
    currency, today = sale.currency, sale.day
    terms = sale.terms(Money.zero(currency))
    if rule.target_margin_percent is None:
        landed = sale.fixed_cost(terms).decimal
        markup = markup_of(rule, landed, currency, rules, today)
        listed, how = sale.listed_for(Fraction(landed * markup)), f"x {markup}"
    else:
        listed = sale.solved(terms, Minimum(rule.target_margin_percent))
        how = f"margin of {rule.target_margin_percent} %"
    if rule.fixed_add is not None:
        listed += sale.listed_for(Fraction(exact_amount(rule.fixed_add.money, currency, rules, today)))
        how += f" + {rule.fixed_add.money}"
    amount = Decimal(listed.numerator) / Decimal(listed.denominator)
    inside = "" if sale.rule.tax.in_price == "excluded" else ", with the tax in it"
    steps.append(f"rule {rule.name!r}: {how}{inside} = {shown(amount, currency)}")
    return amount


def _across_limits(
    decision: PriceDecision,
    price: Money,
    sales: Sequence[Sale | BundleSale],
    minimum: Minimum,
    bounds: Held,
    rule: PriceRule,
) -> PriceDecision:
    """A price that lies above a value of goods from which more is due may need to be higher still, or not be possible.

    A destination where none is possible there is named; the others are sold to, and its orders wait.
    """
    left, steps = list(sales), list(decision.steps)
    for _ in range(2 * len(sales) + 2):
        needed: list[Money] = []
        for sale in list(left):
            try:
                if not sale.passes(price, minimum):
                    needed.append(sale.lowest_from(price, minimum))
            except NotKnown as unknown:
                left.remove(sale)
                steps.append(_left_out(sale.piece.destination, unknown.reason))
                if not left:
                    return changed(decision, price=None, problem=unknown.reason)
        if not needed:
            return changed(decision, price=price, steps=tuple(steps))
        price = round_up_to_ending(max(one.decimal for one in needed), price.currency, rule.ending)
        if bounds.ceiling is not None and price > bounds.ceiling:
            break
    return changed(decision, price=None, problem=range_empty(bounds.floor, bounds.ceiling or price))


def _left_out(destination: str, reason: Reason) -> str:
    return f"{destination} is not in the price: {reason.message}"


def _landed_words(sale: Sale | BundleSale) -> str:
    one = sale.at(Money.zero(sale.currency))[0]
    parts = [f"goods {one.goods}", f"freight {one.freight}"]
    parts += [f"{name} {money}" for name, money in (("duty", one.duty), ("handling", one.handling)) if money.minor]
    return (
        f"landed cost to {sale.piece.destination} {one.landed} = {' + '.join(parts)}"
        f" (rule {sale.rule.called!r} from {sale.rule.valid_from})"
    )


def _floor_words(sale: Sale | BundleSale, lowest: Money) -> str:
    return f"the highest floor is that of {sale.piece.destination}, {lowest} (rule {sale.rule.called!r})"
