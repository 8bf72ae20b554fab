"""SKUs as an operator sees them: who supplies them at what cost, where they are sold at what price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from orderwright.domain.rules import Rules
from orderwright.records import CATALOGUE, SkuFile, sku_pk
from orderwright.storage import Storage
from orderwright.usecases.listing.bundles import load_whole
from orderwright.usecases.listing.many import TOGETHER, read_many
from orderwright.usecases.operator.applying import current_config
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.naming import known_identities


class Parties(NamedTuple):
    """Ids of all that may have an offer, and of all that may have a listing."""

    suppliers: list[str]
    stores: list[str]


def parties(storage: Storage) -> Parties:
    """All connections that ever were: what one that was taken out left behind is shown as well."""
    found = current_config(storage)
    settings = found.config.connections if found.config else {}
    known = known_identities(found.stored.identities if found.stored else (), found.config)
    roles = sorted((one.id, settings[one.name].role if one.name in settings else "") for one in known)
    suppliers, stores = ([one for one, role in roles if role in (wanted, "")] for wanted in ("supplier", "store"))
    return Parties(suppliers, stores)


def sku_names(storage: Storage, limit: int) -> list[str]:
    """The SKUs that are known, oldest change first."""
    return [key.pk.removeprefix(sku_pk("")) for key in storage.in_state(CATALOGUE, "SKU", limit)]


def sku_files(storage: Storage, limit: int) -> Iterator[SkuFile]:
    """Each with its offers and listings, without freight by destination."""
    names, who = sku_names(storage, limit), parties(storage)
    for start in range(0, len(names), TOGETHER):
        yield from read_skus(storage, names[start : start + TOGETHER], who).values()


def read_skus(storage: Storage, skus: Sequence[str], who: Parties, *, freights: bool = False) -> dict[str, SkuFile]:
    """These SKUs with their offers and listings, and where asked with freight by destination; a hundred items a call."""
    return read_many(storage, skus, who.suppliers, who.stores, freights=freights)


def one_sku(storage: Storage, sku: str, rules: Rules) -> SkuFile:
    """One SKU, of a bundle with its components. Raises Refused when nothing is known of it."""
    file = load_whole(storage, sku, rules)
    if file.record is None and not file.offers and not file.listings:
        raise Refused("NOT_FOUND", f"there is no SKU {sku!r}", "orderwright catalogue list")
    return file
