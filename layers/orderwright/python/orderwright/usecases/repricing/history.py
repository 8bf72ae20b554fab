"""Changes of prices, read."""

from __future__ import annotations

from orderwright.domain.repricing.history import PriceChange
from orderwright.records import CATALOGUE, price_history_pk
from orderwright.storage import Storage


def price_changes(storage: Storage, sku: str) -> list[PriceChange]:
    """All changes of a SKU's prices that are kept, the oldest first."""
    found = storage.list_raw(CATALOGUE, price_history_pk(sku))
    return [PriceChange.model_validate(data["body"]) for _, data in found]
