"""What suppliers said that goods will cost (rules.announced_costs): a rise counts from its day on, before any report says so.

Only a rise: a fall counts once it is reported. A report that is newer than the day counts for itself (promise P13).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from decimal import ROUND_CEILING, Decimal

from orderwright.domain.catalogue import Offer
from orderwright.domain.repricing.campaigns import instant
from orderwright.domain.repricing_rules import AnnouncedCost
from orderwright.domain.rules import Rules
from orderwright.domain.unit_cost import MOST_DECIMALS, UnitCost

_DIGITS = Decimal(1).scaleb(-MOST_DECIMALS)


def cost_at(offer: Offer, rules: Rules, zone: str, now: datetime) -> tuple[UnitCost, str]:
    """The cost of one piece that counts at `now`; and in words which announcement made it, "" for none."""
    cost, words = offer.cost, ""
    for since, one in sorted(_awaited(offer, rules, zone), key=lambda entry: entry[0]):
        raised = _announced(one, cost)
        if since <= now and (raised.currency != cost.currency or raised.exact > cost.exact):
            cost = raised
            words = f"goods {cost}: announced for {one.since}, while the last report says {offer.cost}"
    return cost, words


def next_announced(offer: Offer, rules: Rules, zone: str, now: datetime) -> datetime | None:
    """The next time that one counts from."""
    return min((since for since, _ in _awaited(offer, rules, zone) if since > now), default=None)


def _awaited(offer: Offer, rules: Rules, zone: str) -> Iterator[tuple[datetime, AnnouncedCost]]:
    """All for this offer of which no newer report is known."""
    for one in rules.announced_costs:
        since = instant(datetime.combine(one.since, time()), zone)
        known = offer.cost_observed_at is not None and offer.cost_observed_at > since
        if one.supplier == offer.supplier and (not one.skus or offer.sku in one.skus) and not known:
            yield since, one


def _announced(one: AnnouncedCost, cost: UnitCost) -> UnitCost:
    if one.cost is not None:
        return UnitCost(amount=one.cost.amount, currency=one.cost.currency)
    assert one.percent is not None
    raised = cost.exact * (100 + one.percent) / 100
    return UnitCost(amount=raised.quantize(_DIGITS, ROUND_CEILING), currency=cost.currency)
