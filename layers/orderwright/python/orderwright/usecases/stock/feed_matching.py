"""SKUs of a stock file that are ours but for their spelling (domain/sku_matching.py). Looked up only for what is not found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from orderwright.domain.sku_matching import match_skus, normal_form
from orderwright.domain.stock_diff import decode_shard
from orderwright.records import CATALOGUE
from orderwright.storage import Storage
from orderwright.usecases.stock.offers import offer_state

MOST_OFFERS = 1_000_000


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
        ours = self._ours.get(form, set())
        found = match_skus(ours, self._rows.get(form, set()) | {sku}) if ours else None
        if found is not None and sku in found.unclear:
            self.unclear[sku] = found.unclear[sku]
        return found.same.get(sku, "") if found else ""

    def still_there(self, sku: str) -> bool:
        """Whether a SKU that left the file is in it under another spelling, which is matched to it."""
        form = normal_form(sku)
        return form in self._ours and sku in match_skus(self._ours[form], self._rows.get(form, set())).same.values()

    @cached_property
    def _ours(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for key in self.storage.in_state(CATALOGUE, offer_state(self.supplier), MOST_OFFERS):
            sku = key.pk.removeprefix("SKU#")
            found.setdefault(normal_form(sku), set()).add(sku)
        return found

    @cached_property
    def _rows(self) -> dict[str, set[str]]:
        """All spellings in the file of what we have: no more than our catalogue, however long the file is."""
        found: dict[str, set[str]] = {}
        for part in self.parts:
            for sku, *_ in decode_shard(part):
                if (form := normal_form(sku)) in self._ours:
                    found.setdefault(form, set()).add(sku)
        return found
