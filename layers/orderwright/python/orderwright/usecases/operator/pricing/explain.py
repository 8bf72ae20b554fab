"""How the price of a SKU is made in a store: what the code that decides made of it just now, and each input with its time. Pure.

Nothing is calculated a second time: the steps, the price and what competitors count for come from the decision itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.fx import newest_rate
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.pricing import Shop, find_rule
from orderwright.domain.repricing.demand import BEFORE, WEEK, sold_a_day
from orderwright.domain.repricing.slow import unsold_since
from orderwright.domain.rules import FxRate, MapPrice, PriceRule
from orderwright.records import SkuFile
from orderwright.usecases.listing.decide import Made, decide, made


class CostSeen(NamedTuple):
    """One offer. `who` said the cost at `at`. `counts`: it makes the price."""

    sku: str
    offer: Offer
    who: str
    at: datetime | None
    counts: bool


class CompetitorSeen(NamedTuple):
    """A competitor's price. `listed`: what our price would have to be to cost the buyer the same; else `left_out` says why."""

    seller: str
    listed: Money | None
    words: str
    left_out: str = ""


class DemandSeen(NamedTuple):
    """Pieces sold in the store in 7 days and in the 28 before them, counted to `day`; the stock of all offers.

    `lasts_days`: for how many days it lasts at what all stores sold in 7 days; None where nothing was sold.
    """

    day: date | None
    week: int
    before: int
    stock: int
    lasts_days: int | None
    unsold_since: date | None


class Explained(NamedTuple):
    """`now` is the listing as it is, `wanted` as it is decided at this moment; `problem`: why no price is asked for at all."""

    now: Listing
    wanted: Listing
    rule: PriceRule | None
    bounds: MapPrice
    steps: Sequence[str]
    costs: Sequence[CostSeen]
    rates: Sequence[FxRate]
    competitors: Sequence[CompetitorSeen]
    demand: DemandSeen | None
    problem: Reason | None


def explain_listing(file: SkuFile, listing: Listing, config: Config, now: datetime) -> Explained:
    """One SKU in one store of `config`."""
    settings, today = config.stores[listing.store], now.date()
    found, wanted = made(file, listing, config, now), decide(file, listing, config, now)
    shop = Shop(listing.store, settings.currency, config.sell_to(settings))
    category = file.record.model.category if file.record else ""
    rule, own = find_rule(config.rules, file.sku, category, shop), config.rules.sku_prices.get(file.sku, MapPrice())
    bounds = MapPrice(
        map_price=own.map_price or (rule.map_price if rule else None), msrp=own.msrp or (rule.msrp if rule else None)
    )
    who = found.who if isinstance(found, Made) else ""
    decision = found.decision if isinstance(found, Made) else None
    return Explained(
        listing,
        wanted,
        rule,
        bounds,
        decision.steps if decision else (),
        _costs(file, who),
        _rates(file, rule, bounds, settings.currency, config, today),
        _competitors(decision.compared if decision else None, settings.currency),
        _demand(found, listing.store, today) if isinstance(found, Made) else None,
        found if isinstance(found, Reason) else found.decision.problem,
    )


def _costs(file: SkuFile, who: str) -> list[CostSeen]:
    """All offers; of a bundle those of its components."""
    parts = file.parts or {file.sku: file}
    return [
        CostSeen(
            sku,
            held.model,
            held.model.cost_from or supplier,
            held.model.cost_observed_at or held.model.said_at,
            supplier == who or f"{sku} of {supplier}" in who,
        )
        for sku, part in parts.items()
        for supplier, held in sorted(part.offers.items())
        if not held.model.retired
    ]


def _rates(
    file: SkuFile, rule: PriceRule | None, bounds: MapPrice, currency: str, config: Config, today: date
) -> list[FxRate]:
    """Those of all currencies that meet in this price."""
    offers = [seen.offer for seen in _costs(file, "")]
    met = {currency, *(one.cost.currency for one in offers), *(one.freight.currency for one in offers)}
    met |= {quote.price.currency for held in file.competitors.values() for quote in held.model.quotes}
    amounts = (rule.fixed_add, rule.minimum_margin) if rule else ()
    met |= {text.currency for text in (*amounts, bounds.map_price, bounds.msrp) if text is not None}
    if len(met) == 1:
        return []
    found = (newest_rate(one, config.rules.fx, today) for one in sorted(met))
    return [rate for rate in found if rate is not None]


def _competitors(compared: Any, currency: str) -> list[CompetitorSeen]:
    if compared is None:
        return []
    counted = [CompetitorSeen(one.seller, Money.of(one.listed, currency), one.words) for one in compared.counted]
    return counted + [CompetitorSeen(one.seller, None, "", one.words) for one in compared.left_out]


def _demand(found: Made, store: str, today: date) -> DemandSeen:
    signals = found.signals
    demand, since = signals.demand, unsold_since(signals, store)
    if demand is None:
        return DemandSeen(None, 0, 0, signals.stock, None, since)
    days = sold_a_day(demand, store, today)
    pace = sum(sum(sold_a_day(demand, one, today)[:WEEK]) for one in demand.sold)
    lasts = signals.stock * WEEK // pace if pace else None
    day = max(demand.day, today - timedelta(days=1))
    return DemandSeen(day, sum(days[:WEEK]), sum(days[WEEK : WEEK + BEFORE]), signals.stock, lasts, since)


def rule_words(rule: PriceRule) -> str:
    """What a rule says, in one line."""
    says = [f"margin of {rule.target_margin_percent} %" if rule.target_margin_percent is not None else ""]
    says.append(f"cost x {rule.markup}" if rule.markup is not None else "")
    says.append("cost x a markup by tier" if rule.tiers else "")
    says.append(f"+ {rule.fixed_add.money}" if rule.fixed_add else "")
    says.append(f"at least {rule.minimum_margin_percent} % margin")
    if follow := rule.competitors:
        undercut = f"{follow.undercut_by.money}" if follow.undercut_by else f"{follow.undercut_percent} %"
        below = f", {undercut} below" if follow.undercut_by or follow.undercut_percent else ""
        says.append(f"follow the {follow.to} competitor{below}")
    if demand := rule.demand:
        says.append(f"raise by {demand.raise_percent} % what sells faster or runs low")
    if slow := rule.slow_movers:
        says.append(
            f"lower by {slow.lower_percent} % every {slow.every_days} days what nobody buys for {slow.after_days}"
        )
    if rule.moves:
        says.append(f"at most {rule.bounds.per_day_percent} % a day and {rule.bounds.percent} % from the price by cost")
    return "; ".join(filter(None, says))
