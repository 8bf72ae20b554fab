"""Many SKUs read at once, a hundred items a call: for workers that look at all of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from orderwright.domain.catalogue import FreightTable, Offer, SkuRecord
from orderwright.domain.listing import Listing
from orderwright.domain.repricing.signals import CompetitorPrices, Demand
from orderwright.records import (
    COMPETITORS,
    SkuFile,
    competitors_key,
    demand_key,
    freight_key,
    listing_key,
    offer_key,
    sku_key,
    sku_pk,
)
from orderwright.storage import Storage

TOGETHER = 100
"""SKUs that are read at once: some calls of a hundred items each, for as many suppliers and stores as there are."""


def read_many(
    storage: Storage,
    skus: Sequence[str],
    suppliers: Sequence[str],
    stores: Sequence[str],
    *,
    freights: bool = False,
    competitors: Sequence[str] = (),
    demand: bool = False,
) -> dict[str, SkuFile]:
    """These SKUs with offers and listings of these parties; where asked also with freight by destination, with what these files
    say of competitors' prices, and with what was sold. Of a bundle not its parts. Raises Retryable.
    """
    records = storage.get_many([sku_key(sku) for sku in skus], SkuRecord)
    sold = storage.get_many([demand_key(sku) for sku in skus if demand], Demand)
    files = {sku: SkuFile(sku, records.get(sku_key(sku)), demand=sold.get(demand_key(sku))) for sku in skus}
    by_pk = {sku_pk(sku): file for sku, file in files.items()}
    offered = list(product(skus, suppliers))
    for key, offer in storage.get_many([offer_key(*one) for one in offered], Offer).items():
        by_pk[key.pk].offers[key.sk.removeprefix("OFFER#")] = offer
    for key, listing in storage.get_many([listing_key(*one) for one in product(skus, stores)], Listing).items():
        by_pk[key.pk].listings[key.sk.removeprefix("LISTING#")] = listing
    for key, freight in storage.get_many([freight_key(*one) for one in offered if freights], FreightTable).items():
        by_pk[key.pk].freights[key.sk.removeprefix("FREIGHT#")] = freight
    asked = [competitors_key(*one) for one in product(skus, competitors)]
    for key, prices in storage.get_many(asked, CompetitorPrices).items():
        by_pk[key.pk].competitors[key.sk.removeprefix(COMPETITORS)] = prices
    return files
