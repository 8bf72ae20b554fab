"""SKUs as an operator sees them: who supplies them at what cost, where they are sold at what price."""

from __future__ import annotations

from collections.abc import Iterator

from orderwright.records import CATALOGUE, SkuFile, sku_pk
from orderwright.storage import Storage
from orderwright.usecases.operator.desk import Refused


def sku_names(storage: Storage, limit: int) -> list[str]:
    """The SKUs that are known, oldest change first."""
    return [key.pk.removeprefix(sku_pk("")) for key in storage.in_state(CATALOGUE, "SKU", limit)]


def sku_files(storage: Storage, limit: int) -> Iterator[SkuFile]:
    """Each with its offers and listings."""
    for sku in sku_names(storage, limit):
        yield storage.load_sku(sku)


def one_sku(storage: Storage, sku: str) -> SkuFile:
    """One SKU. Raises Refused when nothing is known of it."""
    file = storage.load_sku(sku)
    if file.record is None and not file.offers and not file.listings:
        raise Refused("NOT_FOUND", f"there is no SKU {sku!r}", "orderwright catalogue list")
    return file
