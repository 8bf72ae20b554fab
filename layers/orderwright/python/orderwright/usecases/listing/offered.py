"""What suppliers ask for a SKU, as prices need it: with the freight to each destination that is known; and which one counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.freight import freight_to
from orderwright.domain.pricing import Offered
from orderwright.domain.routing.lines import comparable_cost
from orderwright.domain.routing_rules import allowed_suppliers, may_split
from orderwright.domain.rules import Rules
from orderwright.domain.unit_cost import UnitCost
from orderwright.records import SkuFile


def offered_by(offer: Offer, file: SkuFile, config: Config, now: datetime) -> Offered:
    """The offer's cost, what customs ask of the goods, and freight: as quoted by destination, and the reference freight.

    A dearer cost that was announced and has come counts, until a report is newer.
    """
    cost, announced = offer.cost, ""
    if config.rules.announced_costs:
        from orderwright.domain.repricing.announced import cost_at

        cost, announced = cost_at(offer, config.rules, config.merchant.time_zone, now)
    settings = config.connections.get(offer.supplier)
    ships_from, freight = "", dict[str, UnitCost]()
    if isinstance(settings, SupplierSettings):
        ships_from = settings.from_country
        freight[settings.freight_country] = offer.freight
    held = file.freights.get(offer.supplier)
    for country in held.model.quotes if held else ():
        quote = freight_to(held.model if held else None, country, now.date())
        if quote is not None and quote.price is not None:
            freight[country] = quote.price
    record = file.record.model if file.record else None
    codes = (record.heading, record.made_in) if record else ("", "")
    return Offered(cost, offer.freight, ships_from, freight, *codes, announced=announced)


def announced_for(offers: Iterable[Offer], config: Config, now: datetime) -> datetime | None:
    """When the next announced cost of any of these counts."""
    if not config.rules.announced_costs:
        return None
    from orderwright.domain.repricing.announced import next_announced

    times = (next_announced(offer, config.rules, config.merchant.time_zone, now) for offer in offers)
    return min((at for at in times if at is not None), default=None)


def choose_offer(offers: Sequence[Offer], rules: Rules, today: date) -> Offer:
    """The offer that makes the price: one in stock, then by the rules' order for its SKU, then landed cost. Never of none."""
    order = allowed_suppliers(rules.routing, offers[0].sku) or rules.supplier_priority
    places = {supplier: place for place, supplier in enumerate(order)}

    def rank(offer: Offer) -> tuple[bool, int, bool, Decimal, str]:
        landed = comparable_cost(offer, rules, today)
        place = places.get(offer.supplier, len(places))
        return offer.sellable <= 0, place, landed is None, landed or Decimal(0), offer.supplier

    return min(offers, key=rank)


def units_for_sale(offers: Iterable[Offer], rules: Rules, sku: str) -> int:
    """What may be sold of a SKU from these offers: their sum where a line may be split over them, else the most that one has."""
    units = [max(0, offer.sellable) for offer in offers]
    return sum(units) if may_split(rules.routing, sku) else max(units, default=0)
