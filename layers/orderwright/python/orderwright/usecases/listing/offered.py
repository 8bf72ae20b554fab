"""What a supplier asks for a SKU, as prices need it: with the freight to each destination that is known."""

from __future__ import annotations

from datetime import date

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.freight import freight_to
from orderwright.domain.pricing import Offered
from orderwright.domain.unit_cost import UnitCost
from orderwright.records import SkuFile


def offered_by(offer: Offer, file: SkuFile, config: Config, today: date) -> Offered:
    """The offer's cost, what customs ask of the goods, and freight: as quoted by destination, and the reference freight."""
    settings = config.connections.get(offer.supplier)
    ships_from, freight = "", dict[str, UnitCost]()
    if isinstance(settings, SupplierSettings):
        ships_from = settings.from_country
        freight[settings.freight_country] = offer.freight
    held = file.freights.get(offer.supplier)
    for country in held.model.quotes if held else ():
        quote = freight_to(held.model if held else None, country, today)
        if quote is not None and quote.price is not None:
            freight[country] = quote.price
    record = file.record.model if file.record else None
    if record is None:
        return Offered(offer.cost, offer.freight, ships_from, freight)
    return Offered(offer.cost, offer.freight, ships_from, freight, record.heading, record.made_in)
