"""Campaigns and announced costs that cannot be meant, refused by name; and those that may be, with what they lead to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import combinations

from orderwright.domain.config import Config
from orderwright.domain.connection_settings import ConfigFault, Path
from orderwright.domain.repricing.campaigns import Span, span_of
from orderwright.domain.repricing_rules import Campaign
from orderwright.domain.shown_price import ARRIVES_WITHIN

WHERE = "rules.campaigns"


def calendar_faults(config: Config) -> Iterator[ConfigFault]:
    """All that no price can be made of."""
    rules, stores, suppliers = config.rules, config.stores, config.suppliers
    sold_in = sorted({one.currency for one in stores.values()})
    for name, campaign in rules.campaigns.items():
        path: Path = ("rules", "campaigns", name)
        for place, store in enumerate(campaign.stores):
            if store not in stores:
                said = f"there is no store connection called {store!r}"
                yield ConfigFault((*path, "stores", place), said, f"stores here: {', '.join(stores)}")
        for place, code in enumerate(campaign.currencies):
            if code not in sold_in:
                said = f"no store sells in {code}"
                yield ConfigFault((*path, "currencies", place), said, f"stores sell in: {', '.join(sold_in)}")
        if campaign.price is not None and campaign.price.amount == 0:
            yield ConfigFault((*path, "price"), "must be above zero", "write the price of one piece")
        span = span_of(name, campaign, config.merchant.time_zone)
        if span.ends <= span.begins:
            said = f"is not after begins by the clock of {config.merchant.time_zone}"
            yield ConfigFault((*path, "ends"), said, "write a later time")
    for number, one in enumerate(rules.announced_costs):
        path = ("rules", "announced_costs", number)
        supplier = suppliers.get(one.supplier)
        if supplier is None:
            said = f"there is no supplier connection called {one.supplier!r}"
            yield ConfigFault((*path, "supplier"), said, f"suppliers here: {', '.join(suppliers)}")
        elif one.cost is not None and one.cost.currency != supplier.currency:
            said = f"is in {one.cost.currency}, but {one.supplier} charges {supplier.currency}"
            yield ConfigFault((*path, "cost"), said, f"write the cost in {supplier.currency}")
        if one.cost is not None and one.cost.amount == 0:
            yield ConfigFault((*path, "cost"), "must be above zero", "write the cost of one piece")
        if one.cost is not None and not one.skus:
            said = f"would count for each SKU of {one.supplier}"
            yield ConfigFault((*path, "cost"), said, "name the SKUs that cost it, as skus: [LAMP-1]; or use percent")


def calendar_warnings(config: Config, now: datetime) -> list[str]:
    """What may be meant and has consequences."""
    spans = [span_of(name, one, config.merchant.time_zone) for name, one in config.rules.campaigns.items()]
    told = [f"{WHERE}.{span.name}: is over since {span.ends:%Y-%m-%d %H:%M} UTC" for span in spans if span.ends <= now]
    ahead = [span for span in spans if span.ends > now]
    for one, two in combinations(ahead, 2):
        if not _may_meet(one.campaign, two.campaign):
            continue
        if one.begins < two.ends and two.begins < one.ends:
            told.append(f"{WHERE}.{one.name} and {two.name} run at the same time: for a SKU of both {one.name} counts")
        else:
            told += _right_after(*sorted((one, two), key=lambda span: span.begins))
    return told


def _right_after(first: Span, second: Span) -> list[str]:
    if second.campaign.percent is None or second.begins > first.ends + ARRIVES_WITHIN:
        return []
    return [
        f"{WHERE}.{second.name} begins when {first.name} ends: its {second.campaign.percent} % count from that price"
    ]


def _may_meet(one: Campaign, two: Campaign) -> bool:
    """Can both fit the same SKU in the same store?"""

    def meet(mine: Collection[str], others: Collection[str]) -> bool:
        folded = {name.casefold() for name in others}
        return not mine or not others or any(name.casefold() in folded for name in mine)

    sets = ("skus", "categories", "stores", "currencies")
    return all(meet(getattr(one, name), getattr(two, name)) for name in sets)
