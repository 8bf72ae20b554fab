"""Rules tried on the past: kept inputs, day by day, priced by the rules in force and by other ones. Pure but for the reading.

Both begin with the prices of the first kept day. From then on each follows its own prices, by the code that decides: the step
limit holds, and what asks for approval gets none. A day's inputs are looked at once, at its end. What was sold stays as it was:
nothing is foretold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from orderwright.domain.config import Config
from orderwright.domain.fx import RateUnknown
from orderwright.domain.listing import Listing, Place
from orderwright.domain.money import Money
from orderwright.domain.not_known import NotKnown
from orderwright.domain.pricing import Shop, landed_of, sale_to
from orderwright.domain.repricing.signals import Demand
from orderwright.domain.stock_diff import shard_of
from orderwright.records import SkuFile
from orderwright.usecases.listing.decide import Made, decide, made
from orderwright.usecases.repricing.kept import SHARDS, KeptInputs, KeptSetting, unpack_files, unpack_setting

Days = dict[date, dict[str, SkuFile]]


class DayPrice(NamedTuple):
    """What a listing showed at the end of a day by some rules. `left`: what a piece leaves, None where that is not known."""

    price: Money | None
    on_sale: bool
    waits: Money | None
    left: Money | None


class Replayed(NamedTuple):
    """A listing on a day, with the pieces that were really sold then."""

    day: date
    sku: str
    store: str
    sold: int
    now: DayPrice
    other: DayPrice

    @property
    def differs(self) -> bool:
        """Would the price, or whether it is sold, have been another one?"""
        return (self.now.price, self.now.on_sale) != (self.other.price, self.other.on_sale)


@dataclass
class Replay:
    """`skus` and `stores` (ids): only these; empty for all. `seen` are the days of which inputs are kept, once it has run."""

    kept: KeptInputs
    now: Config
    other: Config
    days: Sequence[date]
    skus: Collection[str] = ()
    stores: Collection[str] = ()
    seen: set[date] = field(default_factory=set)

    def run(self) -> Iterator[Replayed]:
        """Shard by shard, so that only one is in memory; in it day by day, the oldest first."""
        parts = self._parts()
        shards = {shard_of(sku, SHARDS) for sku in self.skus} or range(SHARDS)
        for shard in sorted(shards):
            sides = _Side(self.now), _Side(self.other)
            for day in self.days:
                setting, files = self._read(day, shard)
                for side in sides:
                    side.begin(day, setting)
                for file in files:
                    if not self.skus or file.sku in self.skus:
                        yield from self._listings(replace(file, parts=parts[day]), day, sides)

    def _read(self, day: date, shard: int) -> tuple[KeptSetting, Sequence[SkuFile]]:
        """What is kept of a shard; nothing where it is not, or where another version kept it so that this one cannot read it."""
        data = self.kept.get(day, shard)
        try:
            found = (unpack_setting(data), [*unpack_files(data)]) if data is not None else None
        except (ValueError, KeyError):
            found = None
        if found is None:
            return KeptSetting(), ()
        self.seen.add(day)
        return found

    def _listings(self, file: SkuFile, day: date, sides: tuple[_Side, _Side]) -> Iterator[Replayed]:
        for store, held in file.listings.items():
            wanted = not self.stores or store in self.stores
            known = all(store in side.config.stores for side in sides)
            if wanted and known and held.model.variant_id and not held.model.is_left_alone:
                sold = sold_on(file.demand.model if file.demand else None, store, day)
                yield Replayed(day, file.sku, store, sold, *(side.priced(file, held.model, sold) for side in sides))

    def _parts(self) -> Days:
        """The components of bundles, of each day: they lie in other shards than the bundles."""
        bundles = {**self.now.rules.bundles, **self.other.rules.bundles}
        wanted = {part for name, one in bundles.items() if not self.skus or name in self.skus for part in one.of}
        found: Days = {day: {sku: SkuFile(sku) for sku in wanted} for day in self.days}
        for shard in {shard_of(sku, SHARDS) for sku in wanted}:
            for day in self.days:
                for file in self._read(day, shard)[1]:
                    if file.sku in wanted:
                        found[day][file.sku] = file
        return found


class _Side:
    """One of the two sets of rules, with the listings as they became by it."""

    def __init__(self, config: Config) -> None:
        self.config, self._rules = config, config
        self._at = datetime.min.replace(tzinfo=UTC)
        self._listings: dict[tuple[str, str], Listing] = {}

    def begin(self, day: date, setting: KeptSetting) -> None:
        """The rates of that day count, and what was heard by then."""
        self._at = datetime.combine(day + timedelta(days=1), time(), UTC) - timedelta(seconds=1)
        rates = setting.rates if setting.base == self._rules.rules.base_currency else ()
        self.config = self._rules.as_on_a_day(rates, setting.heard)

    def priced(self, file: SkuFile, kept: Listing, sold: int) -> DayPrice:
        """The listing at the end of the day."""
        key, now = (file.sku, kept.store), self._at
        before = self._listings.get(key)
        if before is None:
            began = now - timedelta(days=1)
            before = _shown(kept, kept.published_price, began) if kept.published_price else kept
        after = decide(file, before, self.config, now)
        if after.wanted_price is not None and after.wanted_price != after.published_price:
            after = _shown(after, after.wanted_price, now)
        self._listings[key] = after
        price = after.published_price
        left = self._left(file, after, price) if sold and price is not None and after.on_sale else None
        return DayPrice(price, after.on_sale, after.pending_price if after.waits_for_approval else None, left)

    def _left(self, file: SkuFile, listing: Listing, price: Money) -> Money | None:
        found, today = made(file, listing, self.config, self._at), self._at.date()
        settings = self.config.stores[listing.store]
        shop = Shop(listing.store, settings.currency, self.config.sell_to(settings))
        return None if not isinstance(found, Made) else left_of(found, price, self.config, shop, file.sku, today)


def left_of(found: Made, price: Money, config: Config, shop: Shop, sku: str, today: date) -> Money | None:
    """What one piece leaves at a price, to the first destination of the store; None where that is not known."""
    try:
        if not config.rules.know_true_cost:
            return price - landed_of(found.offered(), sku, shop.currency, config.rules, today)
        sale = sale_to(shop.sell_to[0], found.offered(), config.rules, shop, sku, today)
        return min((one.margin for one in sale.at(price)), key=lambda margin: margin.minor)
    except (NotKnown, RateUnknown):
        return None


def sold_on(demand: Demand | None, store: str, day: date) -> int:
    """Pieces of a day, as counted by then."""
    ago = (demand.day - day).days if demand else -1
    sold = demand.of(store) if demand else ()
    return sold[ago] if 0 <= ago < len(sold) else 0


def _shown(listing: Listing, price: Money, at: datetime) -> Listing:
    place = Place(listing.variant_id, listing.listed_id, listing.stock_id, listing.location_id)
    return listing.put_on_sale(place, price, listing.desired_quantity, listing.desired_compare_at, at)
