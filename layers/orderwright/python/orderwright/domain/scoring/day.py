"""What happened at one supplier on one UTC day, counted from the time stamps of its purchase orders and parcels.

A day can be counted again, and comes out the same: nothing is added up while things happen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain
from typing import NamedTuple

from pydantic import Field

from orderwright.domain.base import Model, changed

MOST_BYTES = 250_000
"""Of SKUs and breaches in one item. DynamoDB takes 400 KB."""


class SkuDay(Model):
    """Pieces of one SKU. Counted on the day of the event, so that the sums of many days are right."""

    sold: int = Field(default=0, description="in purchase orders that were made for it on that day, refused ones too")
    accepted: int = 0
    refused: int = Field(default=0, description="refused, for whatever reason; another supplier may have sold them")
    out_of_stock: int = Field(default=0, description="of these: the supplier had none, though its last report said so")
    shipped: int = 0
    returned: int = 0

    def plus(self, more: SkuDay) -> SkuDay:
        """Both together."""
        return changed(self, **{name: getattr(self, name) + getattr(more, name) for name in type(self).model_fields})


class Breach(Model):
    """An agreed term that was broken. `term`: its field in `terms`. `hours`: how late it was by the end of that day.

    `open`: it was still to come then. Another Breach, on the day when it came, says how late it was in the end.
    """

    reference: str
    term: str
    hours: int
    open: bool = False


class SupplierDay(Model):
    """All of a supplier. The names in `counts` and `hours` are explained in domain/scoring/counting.py.

    A day with many SKUs is kept in several items, of which the first has all counts and the breaches. It says how many `parts`
    there are.
    """

    supplier: str
    day: date
    counts: dict[str, int] = Field(default_factory=dict)
    hours: dict[str, dict[int, int]] = Field(
        default_factory=dict,
        description="by name, such as to_ship or to_deliver DE: how many took at most so many hours",
    )
    skus: dict[str, SkuDay] = Field(default_factory=dict)
    stores: dict[str, dict[str, int]] = Field(
        default_factory=dict,
        description="by store and SKU: pieces sold less refused ones; of a bundle also the bundles. Not there: not counted then",
    )
    breaches: tuple[Breach, ...] = ()
    parts: int = 1
    counted_to: str = Field(default="", description="orders up to this one are in it")

    def in_parts(self) -> tuple[SupplierDay, ...]:
        """As it is stored."""
        pages = [_Page({}, [], {})]
        size = 0
        entries: Iterable[tuple[str, SkuDay | Breach | _Sold]] = chain(
            ((one.reference, one) for one in self.breaches),
            self.skus.items(),
            ((sku, _Sold(store, units)) for store, sold in self.stores.items() for sku, units in sold.items()),
        )
        for name, one in entries:
            size += len(name.encode()) + (20 if isinstance(one, _Sold) else 120)
            if size > MOST_BYTES:
                pages.append(_Page({}, [], {}))
                size = 0
            if isinstance(one, SkuDay):
                pages[-1].skus[name] = one
            elif isinstance(one, _Sold):
                pages[-1].stores.setdefault(one.store, {})[name] = one.units
            else:
                pages[-1].broken.append(one)
        first, *rest = (
            changed(self, skus=page.skus, breaches=tuple(page.broken), stores=page.stores) for page in pages
        )
        bare = (changed(one, counts={}, hours={}, counted_to="") for one in rest)
        return (changed(first, parts=len(pages)), *bare)

    def joined(self, rest: Iterable[SupplierDay]) -> SupplierDay:
        """The first item with the others: whole again."""
        found = tuple(rest)
        return changed(
            self,
            skus=dict(chain(self.skus.items(), *(one.skus.items() for one in found))),
            stores=_stores((self, *found)),
            breaches=(*self.breaches, *_breaches(found)),
        )


class _Sold(NamedTuple):
    store: str
    units: int


class _Page(NamedTuple):
    skus: dict[str, SkuDay]
    broken: list[Breach]
    stores: dict[str, dict[str, int]]


def _stores(parts: Iterable[SupplierDay]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for part in parts:
        for store, sold in part.stores.items():
            found.setdefault(store, {}).update(sold)
    return found


def _breaches(days: Iterable[SupplierDay]) -> Iterator[Breach]:
    for day in days:
        yield from day.breaches
