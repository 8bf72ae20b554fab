"""Stock of a warehouse of the merchant's own: counts, and what is there (R20, promise P3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from orderwright.declarations import Capability, Role
from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.shelf import CountTooOld
from orderwright.domain.time_line import Stamp
from orderwright.records import offer_key
from orderwright.registry import declarations
from orderwright.storage import Storage
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.stock.offers import offer_put, offered_skus

CLOCKS_DIFFER = timedelta(minutes=1)


def the_warehouse(config: Config, name: str) -> str:
    """The id of the warehouse that the file calls `name`; "": the only one. Raises Refused."""
    own = {config.name_of(one): one for one, settings in config.suppliers.items() if settings.own_stock}
    if name in own:
        return own[name]
    if not name and len(own) == 1:
        return next(iter(own.values()))
    if not own:
        kinds = [one.kind for one in declarations(Role.SUPPLIER) if Capability.OWN_STOCK in one.capabilities]
        fix = f"add a connection with `kind: {kinds[0]}` to orderwright.yaml, and apply it"
        raise Refused("NO_WAREHOUSE", "there is no warehouse of your own in the configuration", fix)
    what = f"there is no warehouse {name!r} of your own" if name else "there are several warehouses of your own"
    raise Refused("NOT_FOUND" if name else "AMBIGUOUS", what, f"name one: {', '.join(sorted(own))}")


class Counted(NamedTuple):
    """What a count changed: pieces on the shelf before and after, moves since the count included."""

    sku: str
    before: int
    after: int


def count(
    desk: Desk, config: Config, supplier: str, units: Mapping[str, int], as_of: datetime | None = None
) -> list[Counted]:
    """Set what lies on the shelf as it was at `as_of` (now), what was entered as moved since then on top. Raises Refused."""
    now = desk.now()
    at = as_of or now
    if at > now + CLOCKS_DIFFER:
        raise Refused("COUNT_LATER_THAN_NOW", f"{at:%Y-%m-%d %H:%M} UTC is not over yet", "give the time of the count")
    lacks = [sku for sku in units if desk.storage.get(offer_key(sku, supplier), Offer) is None]
    if lacks:
        fix = "its first pieces come by `orderwright warehouse receive`, with their cost"
        raise Refused("NOT_IN_WAREHOUSE", f"nothing of {', '.join(lacks[:5])} ever came to this warehouse", fix)
    settings = config.suppliers[supplier]
    at = min(at, now)  # else what moves until then would be thought to be in the count
    return [decided(partial(_counted, desk, supplier, settings, sku, many, at)) for sku, many in units.items()]


def _counted(desk: Desk, supplier: str, settings: SupplierSettings, sku: str, units: int, at: datetime) -> Counted:
    stored = desk.storage.get(offer_key(sku, supplier), Offer)
    assert stored is not None
    stamp = Stamp(desk.now(), desk.who, desk.correlation)
    before = stored.model.kept_with(settings.buffer, settings.piece_freight, stamp)
    try:
        after = before.counted(units, at, stamp)
    except CountTooOld as old:
        since = f"{old.since:%Y-%m-%d %H:%M:%S} UTC"
        told = f"SKU {sku}: a count must be newer than {since}, when it was counted or too much had moved"
        raise Refused("COUNT_TOO_OLD", told, "count it again") from None
    desk.storage.commit([offer_put(after, stored.version, matters=True)], correlation=desk.correlation)
    return Counted(sku, stored.model.stock, after.stock)


def shelves(storage: Storage, supplier: str) -> list[Offer]:
    """All that is kept in a warehouse, by SKU."""
    keys = [offer_key(sku, supplier) for sku in offered_skus(storage, supplier)]
    return sorted((held.model for held in storage.get_many(keys, Offer).values()), key=lambda offer: offer.sku)
