"""What a supplier asks for a SKU, as prices need it: with the freight to each destination that is known."""

from __future__ import annotations

from datetime import date

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import CjConnection, Config
from orderwright.domain.pricing import Offered
from orderwright.records import SkuFile


def offered_by(offer: Offer, file: SkuFile, config: Config, today: date) -> Offered:
    """The offer's cost, freight, and what customs ask of the goods."""
    settings = config.connections.get(offer.supplier)
    ships_from, freight_to = "", {}
    if isinstance(settings, CjConnection):
        ships_from = settings.from_country
        freight_to = {settings.freight_country: offer.freight}
    return Offered(offer.cost, offer.freight, ships_from, freight_to)
