"""How fast SKUs sell: pieces in purchase orders less refused ones, as counted by day (usecases/scoring/read.py).

What is refused later than it was sold is taken off on the day of the refusal: the next supplier has sold it by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction

from orderwright.domain.stock_buffer import WINDOW, velocity
from orderwright.storage import Storage
from orderwright.usecases.scoring.read import days_of


def velocities(storage: Storage, suppliers: Iterable[str], today: date) -> dict[str, dict[str, Fraction]]:
    """By supplier, pieces a day of each SKU that it sold in the 28 days before today (UTC)."""
    first, last = today - timedelta(days=WINDOW), today - timedelta(days=1)
    found: dict[str, dict[str, Fraction]] = {}
    for supplier in suppliers:
        sold: dict[str, list[int]] = {}
        for day in days_of(storage, supplier, first, last):
            for sku, one in day.skus.items():
                sold.setdefault(sku, [0] * WINDOW)[(last - day.day).days] += one.sold - one.refused
        found[supplier] = {sku: a_day for sku, days in sold.items() if (a_day := velocity(days))}
    return found


def of_all(found: Mapping[str, Mapping[str, Fraction]], sku: str) -> Fraction:
    """Of one SKU at all suppliers together."""
    return sum((one.get(sku, Fraction()) for one in found.values()), Fraction())
