"""SKUs of a stock file that are ours but for their spelling (domain/sku_matching.py). Looked up only for what is not found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from orderwright.domain.sku_matching import match_skus, normal_form
from orderwright.domain.stock_diff import decode_shard
from orderwright.storage import Storage
from orderwright.usecases.stock.offers import offered_skus

MOST_SPELLINGS = 8  # of one SKU in one file; two are too many to match any


@dataclass
class AlikeSkus:
    """One file, by its shards' snapshots, beside one supplier's offers. `unclear`: what matched nothing for that reason."""

    supplier: str
    storage: Storage
    parts: Sequence[bytes]
    unclear: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def ours(self, sku: str) -> str:
        """Our SKU for one of the file; "" where there is none, or more than one on either side."""
        form = normal_form(sku)
        found = (
            match_skus(_set(self._ours[form]), _set(self._rows.get(form, sku)) | {sku}) if form in self._ours else None
        )
        if found is not None and sku in found.unclear:
            self.unclear[sku] = found.unclear[sku]
        return found.same.get(sku, "") if found else ""

    def still_there(self, sku: str) -> bool:
        """Whether a SKU that left the file is in it under another spelling, which is matched to it."""
        form = normal_form(sku)
        if form not in self._ours or form not in self._rows:
            return False
        return sku in match_skus(_set(self._ours[form]), _set(self._rows[form])).same.values()

    # One text for each form, its spellings line by line: a set for each would take three times the memory.

    @cached_property
    def _ours(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for sku in offered_skus(self.storage, self.supplier):
            form = normal_form(sku)
            found[form] = f"{found[form]}\n{sku}" if form in found else sku
        return found

    @cached_property
    def _rows(self) -> dict[str, str]:
        """All spellings in the file of what we have: no more than our catalogue, however long the file is."""
        found: dict[str, str] = {}
        for part in self.parts:
            for sku, *_ in decode_shard(part):
                ours = self._ours.get(form := normal_form(sku))
                if ours is not None and found.get(form, "").count("\n") < MOST_SPELLINGS:
                    found[form] = f"{found[form]}\n{sku}" if form in found else ours if ours == sku else sku
        return found


def _set(spellings: str) -> set[str]:
    return set(spellings.split("\n"))
