"""What each store sold of a SKU, day by day, is kept with the SKU, where prices are made of it (R26).

demand.due    when a day is counted (usecases/scoring/nightly.py); by its due time, where it took longer than a worker may

Each SKU that was sold in the last 56 days, and each whose item still says so, a hundred at a time: one conditional write where
the item differs. Only a SKU of which a price rule looks at its sales is priced again. Done again, it comes out the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta

from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.pricing import Shop, find_rule
from orderwright.domain.repricing.signals import DEMAND_DAYS, Demand
from orderwright.errors import Conflict
from orderwright.records import CATALOGUE, DEMAND, DEMAND_WORK, Key, Stored, demand_key, sku_key, sku_pk
from orderwright.storage import Fact, Put, Storage
from orderwright.usecases.repricing.pieces import Night
from orderwright.usecases.scoring.read import days_of
from orderwright.usecases.stock.offers import changed_fact

WAKE, THEN = "demand.due", "inputs.keep_due"
TOGETHER, MOST_SKUS = 100, 1_000_000
Sold = dict[str, dict[str, list[int]]]
"""By SKU and store: pieces a day, the newest first."""


def count_demand(night: Night, config: Config) -> None:
    """All SKUs, or a piece of them; then the inputs of prices are kept."""

    def parts(position: str, day: date) -> Iterator[str]:
        sold = sold_by_store(night.storage, list(config.suppliers), day)
        # The index may lag: an item that it does not show yet was written moments ago.
        shown = (key.pk.removeprefix(sku_pk("")) for key in night.storage.in_state(CATALOGUE, DEMAND, MOST_SKUS))
        skus = sorted(sku for sku in {*sold, *shown} if sku > position)
        for start in range(0, len(skus), TOGETHER):
            some = skus[start : start + TOGETHER]
            _write(night, config, some, sold, day)
            yield some[-1]

    night.run(DEMAND_WORK, WAKE, parts, Fact(THEN))


def sold_by_store(storage: Storage, suppliers: Sequence[str], last: date) -> Sold:
    """In the 56 days up to `last`, as far back as sales were counted by store. Pieces that were refused are taken off the day

    on which they were sold last, so that no day is negative. Bundles count as well, beside their components.
    """
    first, found, days = last - timedelta(days=DEMAND_DAYS - 1), Sold(), 0
    for supplier in suppliers:
        for one in days_of(storage, supplier, first, last):
            back = (last - one.day).days
            days = max(days, back + 1) if one.stores else days
            for store, pieces in one.stores.items():
                for sku, units in pieces.items():
                    found.setdefault(sku, {}).setdefault(store, [0] * DEMAND_DAYS)[back] += units
    settled = {sku: {store: _settled(sold)[:days] for store, sold in stores.items()} for sku, stores in found.items()}
    kept = {sku: {store: sold for store, sold in stores.items() if any(sold)} for sku, stores in settled.items()}
    return {sku: stores for sku, stores in kept.items() if stores}


def _settled(sold: Sequence[int]) -> list[int]:
    days, owed = list[int](), 0
    for units in sold:
        days.append(max(0, units - owed))
        owed = max(0, owed - units)
    return days


def _write(night: Night, config: Config, skus: Sequence[str], sold: Sold, day: date) -> None:
    held = night.storage.get_many([demand_key(sku) for sku in skus], Demand)
    after = {sku: _demand(sku, sold.get(sku, {}), day, held.get(demand_key(sku))) for sku in skus}
    differ = [sku for sku in skus if (before := held.get(demand_key(sku))) is None or before.model != after[sku]]
    watched = _watched(night.storage, config, differ)
    for sku in differ:
        key, facts = demand_key(sku), (changed_fact(sku),) if sku in watched else ()
        version = held[key].version if key in held else 0
        put = Put(key, after[sku], version, facts, state=DEMAND if after[sku].sold else "")
        with suppress(Conflict):  # another worker has the same night in hand, and has written it
            night.storage.commit([put], correlation=night.correlation)


def _demand(sku: str, sold: dict[str, list[int]], day: date, before: Stored[Demand] | None) -> Demand:
    newest = [back for days in sold.values() for back, units in enumerate(days) if units]
    last = day - timedelta(days=min(newest)) if newest else before.model.last_sold if before else None
    return Demand(sku=sku, day=day, sold={store: tuple(days) for store, days in sorted(sold.items())}, last_sold=last)


def _watched(storage: Storage, config: Config, skus: Sequence[str]) -> set[str]:
    """Those of which some store's price rule looks at what was sold."""
    rules = config.rules
    if not any(rule.demand or rule.slow_movers for rule in rules.prices):
        return set()
    keys: list[Key] = [sku_key(sku) for sku in skus]
    records = storage.get_many(keys, SkuRecord)
    shops = [Shop(name, one.currency) for name, one in config.stores.items()]
    found = set[str]()
    for sku, key in zip(skus, keys, strict=True):
        category = records[key].model.category if key in records else ""
        chosen = (find_rule(rules, sku, category, shop) for shop in shops)
        if any(rule.demand or rule.slow_movers for rule in chosen if rule):
            found.add(sku)
    return found
