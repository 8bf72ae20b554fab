"""What was measured of suppliers, as it stands in Control. Two calls a hundred days; nothing is counted here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from orderwright.domain.scoring.day import SupplierDay
from orderwright.domain.scoring.scorecard import Scorecard
from orderwright.records import score_day_key, scorecard_key
from orderwright.storage import Storage


def scorecards(storage: Storage, suppliers: Iterable[str]) -> dict[str, Scorecard]:
    """By supplier; those that have one. Raises Retryable."""
    keys = [scorecard_key(supplier) for supplier in suppliers]
    return {held.model.supplier: held.model for held in storage.get_many(keys, Scorecard).values()}


def days_of(storage: Storage, supplier: str, first: date, last: date, *, skus: bool = True) -> list[SupplierDay]:
    """What was counted from `first` to `last`, oldest first; a day on which nothing happened is not there. Raises Retryable.

    Without `skus`: not the further items of days with many SKUs. All `counts`, and the breaches, are in the first.
    """
    wanted = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = storage.get_many([score_day_key(supplier, day) for day in wanted], SupplierDay)
    days = [held.model for held in found.values()]
    more = [score_day_key(supplier, one.day, part) for one in days for part in range(1, one.parts)] if skus else []
    rest = [held.model for held in storage.get_many(more, SupplierDay).values()]
    return [one.joined(part for part in rest if part.day == one.day) for one in days]
