"""Freight by destination: how long a quote counts, and which articles share one."""

from __future__ import annotations

from datetime import date, timedelta

from orderwright.domain.catalogue import FreightQuoteRecord, FreightTable, SkuRecord
from orderwright.domain.territories import country_of

KNOWN_FOR = timedelta(days=30)
RENEWED_AFTER = timedelta(days=25)
_STEPS = (100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000)
_BEYOND = 1000


def freight_to(table: FreightTable | None, destination: str, today: date) -> FreightQuoteRecord | None:
    """The quote for a destination (a country, or a territory of it). None: never asked, older than 30 days, or no way there."""
    quote = table.quotes.get(country_of(destination)) if table else None
    if quote is None or quote.price is None or today - quote.quoted_at.date() > KNOWN_FOR:
        return None
    return quote


def differs_to(destination: str, before: FreightTable, after: FreightTable, today: date) -> bool:
    """Whether prices there depend on what differs between two tables."""
    old, new = freight_to(before, destination, today), freight_to(after, destination, today)
    return (old and (old.price, old.carries_duty)) != (new and (new.price, new.carries_duty))


def weight_step(grams: int | None) -> int | None:
    """The weight up to which articles share a quote: 78 g and 100 g are 100, 101 g is 200, above 5 kg each kilogram. None stays.

    Suppliers publish no steps of their own; these are no finer than the steps of postal tariffs.
    """
    if grams is None:
        return None
    return next((step for step in _STEPS if grams <= step), -(-grams // _BEYOND) * _BEYOND)


def freight_group(record: SkuRecord, warehouse: str, method: str) -> str:
    """What makes two articles' parcels cost the same. One without a known weight is alone."""
    step = weight_step(record.weight_grams)
    weight = f"{step} g" if step is not None else f"SKU {record.sku}"
    return "|".join((warehouse, method, weight, record.attributes.get("Transport", "")))


def counts_for(quote: FreightQuoteRecord | None, group: str, grams: int | None, today: date) -> bool:
    """May this quote go on counting for an article: not yet to be renewed, of its group, asked for one at least as heavy?"""
    if quote is None or quote.group != group or today - quote.quoted_at.date() > RENEWED_AFTER:
        return False
    return grams is None or (quote.grams is not None and grams <= quote.grams)
