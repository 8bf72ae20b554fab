"""One view of a SKU's stock over all suppliers, warehouses and stores, and why a store shows what it shows (R23, R25)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.listing import Listing
from orderwright.domain.source_gone import source_gone
from orderwright.domain.sources import connection_of
from orderwright.domain.stock_days import Lead, Outlook, StockWarning, outlook, refill_time
from orderwright.records import CONTROL, SkuFile, stock_warning_key
from orderwright.storage import Storage
from orderwright.usecases.listing.bundles import most_of
from orderwright.usecases.listing.offered import units_for_sale
from orderwright.usecases.operator.office import Office
from orderwright.usecases.scoring.read import scorecards
from orderwright.usecases.stock.advice import LOW, MOST_LOW, lead_in_words, shown
from orderwright.usecases.stock.velocity import of_all, velocities

TOGETHER = 1000


class OfferStock(NamedTuple):
    """One supplier's part. `a_day`: pieces that it sells; `note`: why it does not count, "" where it does."""

    offer: Offer
    a_day: Fraction
    until: Outlook
    lead: Lead | None
    note: str


class SkuStock(NamedTuple):
    """A SKU with all its offers. `until`: how long the sellable pieces of those that count last, at the sales of all."""

    file: SkuFile
    offers: tuple[OfferStock, ...]
    sellable: int
    a_day: Fraction
    until: Outlook
    low: tuple[StockWarning, ...]


Sold = Mapping[str, Mapping[str, Fraction]]
"""Pieces a day, by supplier and SKU."""


def sold_a_day(office: Office) -> Sold:
    """As the last four weeks went."""
    return velocities(office.storage, office.config.suppliers, office.desk.now().date())


def stock_of(office: Office, files: Sequence[SkuFile], sold: Sold) -> Iterator[SkuStock]:
    """Of these SKUs; some hundred are read at once."""
    for start in range(0, len(files), TOGETHER):
        yield from _stock_of(office, files[start : start + TOGETHER], sold)


def _stock_of(office: Office, files: Sequence[SkuFile], sold: Sold) -> Iterator[SkuStock]:
    config, today = office.config, office.desk.now().date()
    cards = scorecards(office.storage, config.suppliers)
    keys = [stock_warning_key(name, file.sku) for file in files for name in file.offers]
    warned = office.storage.get_many(keys, StockWarning)
    for file in files:
        found = []
        noted = {name: _note(held.model, config) for name, held in sorted(file.offers.items())}
        usable = [name for name, note in noted.items() if not note]
        for name, note in noted.items():
            offer, a_day = file.offers[name].model, sold.get(name, {}).get(file.sku, Fraction())
            lead = refill_time(name, config.suppliers, cards, usable) if name in config.suppliers else None
            until = outlook(offer.sellable, a_day, lead.days if lead else None, today)
            found.append(OfferStock(offer, a_day, until, lead, note))
        sellable = sum(max(0, one.offer.sellable) for one in found if not one.note)
        if file.parts:
            sellable = max((most_of(file, store, config) for store in config.stores), default=0)
        all_of_it = of_all(sold, file.sku)
        leads = [one.lead.days for one in found if one.lead and not one.note]
        until = outlook(sellable, all_of_it, min(leads, default=None), today)
        keys = [stock_warning_key(name, file.sku) for name in file.offers if name in config.suppliers]
        low = tuple(warned[key].model for key in keys if key in warned and warned[key].model.open)
        yield SkuStock(file, tuple(found), sellable, all_of_it, until, low)


def count_low(storage: Storage, config: Config) -> int:
    """How many SKUs run low."""
    return len(low_skus(storage, config))


def low_skus(storage: Storage, config: Config) -> list[str]:
    """The SKUs that run low at suppliers that are in the file, the one whose warning is oldest first; at most 10,000 warnings."""
    pks = {stock_warning_key(name, "").pk for name in config.suppliers}
    return list(dict.fromkeys(key.sk for key in storage.in_state(CONTROL, LOW, MOST_LOW) if key.pk in pks))


def _note(offer: Offer, config: Config) -> str:
    if offer.retired:
        return "retired"
    if offer.off_sale:
        return "not sold by the supplier now"
    return "source gone" if source_gone(offer, config) else ""


def stock_data(office: Office, one: SkuStock) -> dict[str, Any]:
    """With stable keys."""
    record = one.file.record
    return {
        "sku": one.file.sku,
        "title": record.model.title if record else "",
        "sellable": one.sellable,
        "sold_per_day": shown(one.a_day),
        "days_left": one.until.days,
        "low": [
            {"supplier": office.name(found.supplier), "since": found.since,
             **{name: getattr(found, name) for name in ("code", "message", "fix")}}
            for found in one.low
        ],
        "suppliers": [_offer_data(office, found) for found in one.offers],
        "stores": [
            {"store": office.name(name), "shown": held.model.published_quantity, "wanted": held.model.desired_quantity,
             "why": why_shown(office, one, held.model)}
            for name, held in one.file.listings.items()
        ],
    }  # fmt: skip


def _offer_data(office: Office, one: OfferStock) -> dict[str, Any]:
    offer = one.offer
    return {
        "supplier": office.name(offer.supplier),
        "stock": offer.stock,
        "source": source_of(office, offer),
        "reported_at": offer.said_at,
        "age": age_of(offer, office.desk.now()),
        "warehouses": offer.places,
        "buffer": offer.buffer,
        "buffer_by_target": offer.held_back,
        "reserved": sum(offer.open.values()),
        "sellable": offer.sellable,
        "sold_per_day": shown(one.a_day),
        "days_left": one.until.days,
        "lead_days": one.lead.days if one.lead else None,
        "lead": lead_in_words(one.lead, office.config) if one.lead else "",
        "reorder_point": one.until.point if one.until.order_by else None,
        "order_by": one.until.order_by,
        "note": one.note,
    }


def source_of(office: Office, offer: Offer) -> str:
    """Who said the stock."""
    return office.name(connection_of(offer.stock_from)) if offer.stock_from else ""


def age_of(offer: Offer, now: datetime) -> str:
    """How old its report is: "12 min", "5 h", "3 d"; "" where nobody has said it, or it is always there."""
    if offer.said_at is None:
        return ""
    minutes = max(timedelta(0), now - offer.said_at) // timedelta(minutes=1)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def why_shown(office: Office, one: SkuStock, listing: Listing) -> str:
    """Why the store is to show this number: a sum that can be added up, or what keeps it off sale; and what is on its way."""
    counted = [found.offer for found in one.offers if not found.note]
    best = max(counted, key=lambda offer: offer.sellable, default=None)
    if not listing.on_sale or listing.reasons:
        why = "; ".join(f"{reason.code}: {reason.message}" for reason in listing.reasons) or "no price yet"
    elif one.file.parts:
        parts = ", ".join(f"{count} {sku}" for sku, count in office.config.rules.bundles[one.file.sku].of.items())
        why = f"a bundle of {parts}: as many as can be put together"
    elif best is None:
        why = "no supplier's stock counts"
    elif listing.desired_quantity in (0, max(0, best.sellable)):
        why = f"{office.name(best.supplier)}: {best.stock} - buffer {best.buffer} - reserved {sum(best.open.values())}"
        why += f" = {best.sellable}" + (", the most that one supplier can ship" if len(counted) > 1 else "")
    elif listing.desired_quantity == units_for_sale(counted, office.config.rules, one.file.sku):
        why = "all suppliers together, as its lines may be split"
    else:
        why = "only suppliers count whose cost allows the price, and that may sell in this store"
    if listing.published_quantity != listing.desired_quantity:
        there = "not known" if listing.published_quantity is None else listing.published_quantity
        why += f"; there is {there}, {listing.desired_quantity} is on its way"
    return why
