"""Offers of a warehouse of the merchant's own follow its settings: nobody sends a catalogue that would bring them along."""

from __future__ import annotations

from orderwright.domain.catalogue import Offer
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.time_line import Stamp
from orderwright.ports.connection import Clock
from orderwright.records import Stored, offer_key
from orderwright.storage import Put, Storage
from orderwright.usecases.stock.offers import offer_busy, offer_put, offered_skus, rewrite_offer

FUNCTION = "import_catalogue"


def keep_offers_up(supplier: str, settings: SupplierSettings, storage: Storage, clock: Clock, correlation: str) -> None:
    """Buffer and freight as the settings say now. Stock and cost are nobody's here: they are counted and received."""

    def kept(stored: Stored[Offer]) -> Put | None:
        stamp = Stamp(clock.now(), FUNCTION, correlation)
        after = stored.model.kept_with(settings.buffer, settings.piece_freight, stamp)
        return None if after == stored.model else offer_put(after, stored.version, matters=True)

    for sku in offered_skus(storage, supplier):
        rewrite_offer(storage, offer_key(sku, supplier), kept, offer_busy, correlation)
