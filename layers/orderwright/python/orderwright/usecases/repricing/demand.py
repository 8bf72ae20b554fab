"""What each store sold of a SKU, day by day, is kept with the SKU, where prices are made of it (R26).

demand.due    when a day is counted (usecases/scoring/nightly.py); by its due time, where it took longer than a worker may

Each SKU that was sold in the last 56 days, and each whose item still says so, a hundred at a time: one conditional write where
the item differs. Only a SKU of which a price rule looks at its sales is priced again. Done again, it comes out the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

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

WAKE = "demand.due"
TOGETHER, MOST_SKUS = 100, 1_000_000
READ_TOGETHER = 14
# A day's items of all SKUs are read whole: so many days of one supplier are in memory at once.


class Sold(NamedTuple):
    """What was sold in the 56 days up to `last`, by SKU and store, as it was counted: the newest day first. Refused pieces are

    negative. `days`: for how many days sales were counted by store.
    """

    last: date
    counted: dict[str, dict[str, list[int]]]
    days: int

    def of(self, sku: str) -> dict[str, tuple[int, ...]]:
        """By store; stores that sold none are not there. Never negative: see `settled`."""
        stores = sorted(self.counted.get(sku, {}).items())
        found = {store: settled(sold)[: self.days] for store, sold in stores}
        return {store: sold for store, sold in found.items() if any(sold)}


def count_demand(night: Night, config: Config) -> None:
    """All SKUs, or a piece of them; then the inputs of prices are kept."""

    def parts(position: str, day: date) -> Iterator[str]:
        sold = sold_by_store(night.storage, list(config.suppliers), day)
        # The index may lag: an item that it does not show yet was written moments ago.
        shown = (key.pk.removeprefix(sku_pk("")) for key in night.storage.in_state(CATALOGUE, DEMAND, MOST_SKUS))
        skus = sorted(sku for sku in {*sold.counted, *shown} if sku > position)
        for start in range(0, len(skus), TOGETHER):
            some = skus[start : start + TOGETHER]
            _write(night, config, some, sold)
            yield some[-1]

    night.run(DEMAND_WORK, WAKE, parts, Fact("inputs.keep_due"))


def sold_by_store(storage: Storage, suppliers: Sequence[str], last: date) -> Sold:
    """In the 56 days up to `last`, as far back as sales were counted by store. Bundles count as well, beside their components."""
    counted, days = dict[str, dict[str, list[int]]](), 0
    for supplier, back in product(suppliers, range(0, DEMAND_DAYS, READ_TOGETHER)):
        to = last - timedelta(days=back)
        for one in days_of(storage, supplier, to - timedelta(days=READ_TOGETHER - 1), to):
            ago = (last - one.day).days
            days = max(days, ago + 1) if one.stores else days
            for store, pieces in one.stores.items():
                for sku, units in pieces.items():
                    counted.setdefault(sku, {}).setdefault(store, [0] * DEMAND_DAYS)[ago] += units
    return Sold(last, counted, days)


def settled(sold: Sequence[int]) -> tuple[int, ...]:
    """Pieces a day, the newest first: what was refused is taken off the day on which it was sold last, so none is negative."""
    days, owed = list[int](), 0
    for units in sold:
        days.append(max(0, units - owed))
        owed = max(0, owed - units)
    return tuple(days)


def _write(night: Night, config: Config, skus: Sequence[str], sold: Sold) -> None:
    held = night.storage.get_many([demand_key(sku) for sku in skus], Demand)
    after = {sku: _demand(sku, sold, held.get(demand_key(sku))) for sku in skus}
    differ = [sku for sku in skus if _differs(after[sku], held.get(demand_key(sku)))]
    watched = _watched(night.storage, config, differ)
    for sku in differ:
        key, facts = demand_key(sku), (changed_fact(sku),) if sku in watched else ()
        version = held[key].version if key in held else 0
        put = Put(key, after[sku], version, facts, state=DEMAND if after[sku].sold else "")
        with suppress(Conflict):  # another worker has the same night in hand, and has written it
            night.storage.commit([put], correlation=night.correlation)


def _demand(sku: str, sold: Sold, before: Stored[Demand] | None) -> Demand:
    stores, day = sold.of(sku), sold.last
    newest = [back for days in stores.values() for back, units in enumerate(days) if units]
    last = day - timedelta(days=min(newest)) if newest else before.model.last_sold if before else None
    return Demand(sku=sku, day=day, sold=stores, last_sold=last)


def _differs(after: Demand, before: Stored[Demand] | None) -> bool:
    """Where no store sold any, and none was said to have, nothing is new."""
    if before is None or not before.model.sold:
        return bool(after.sold)
    return after != before.model


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
