"""Which of our SKUs a competitor's row is of: by GTIN, else by MPN, else by SKU. What fits several is named, never guessed.

The ids of all SKUs are kept for each file as one part of Snapshots, whose generation is the second at which they were read. They
are read again after a day, and once a SKU was written since: a new one is found at the next poll.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.check_digits import is_gtin
from orderwright.domain.sku_matching import normal_form
from orderwright.ports.feed import Snapshots
from orderwright.ports.signals import PriceRow
from orderwright.records import CATALOGUE, sku_key, sku_pk
from orderwright.storage import Storage
from orderwright.usecases.listing.records import SKU_STATE

MOST_SKUS = 1_000_000
READ_AT_ONCE = 1000
IDS = "-sku-ids-"
_SHOWN = 5
DAY = timedelta(days=1)
INDEX_LAG = timedelta(minutes=1)
"""The index of SKUs may lag so much, and more."""


class Unmatched(Exception):
    """None of our SKUs has any of a row's ids."""


class Ambiguous(Exception):
    """An id fits several of our SKUs."""

    def __init__(self, field: str, skus: Iterable[str]) -> None:
        first = sorted(skus)
        more = f" and {len(first) - _SHOWN} more" if len(first) > _SHOWN else ""
        super().__init__(f"fits several of your SKUs: {', '.join(first[:_SHOWN])}{more}")
        self.field = field


class SkuIds:
    """The ids of our SKUs: (SKU, GTIN, MPN) each."""

    def __init__(self, ids: Iterable[tuple[str, str, str]]) -> None:
        # A text for one SKU, a set only where there are several: nearly all ids are of one.
        self._skus: dict[str, str | set[str]] = {}
        self._gtins: dict[str, str | set[str]] = {}
        self._mpns: dict[str, str | set[str]] = {}
        self._gtin_of = dict[str, str]()
        for sku, text, mpn in ids:
            self._gtin_of[sku] = gtin = text.zfill(14) if is_gtin(text) else ""
            _add(self._skus, normal_form(sku), sku)
            _add(self._gtins, gtin, sku)
            _add(self._mpns, normal_form(mpn), sku)

    def match(self, row: PriceRow) -> tuple[str, str]:
        """Our SKU, and by which id it was found: never one that has another GTIN than the row. Raises Unmatched, Ambiguous."""
        unclear: Ambiguous | None = None
        ways = (("gtin", row.gtin, self._gtins), ("mpn", row.mpn, self._mpns), ("sku", row.sku, self._skus))
        for field, text, known in ways:
            found = known.get(text if field == "gtin" else normal_form(text)) if text else None
            if field == "sku" and text in self._gtin_of:
                found = text
            if isinstance(found, str):
                if not row.gtin or self._gtin_of[found] in ("", row.gtin):
                    return found, field
            elif found:
                unclear = unclear or Ambiguous(field, found)
        raise unclear or Unmatched


def _add(known: dict[str, str | set[str]], text: str, sku: str) -> None:
    if text:
        before = known.get(text)
        known[text] = sku if before is None else {sku, *([before] if isinstance(before, str) else before)}


def ids_of(storage: Storage, before: int, now: datetime) -> int:
    """Which ids count now: those that were read at `before` (seconds; 0: none were), or those of now."""
    since = datetime.fromtimestamp(before, UTC) - INDEX_LAG
    fresh = before and now < since + DAY and not storage.in_state(CATALOGUE, SKU_STATE, 1, since=since)
    return before if fresh else int(now.timestamp())


def sku_ids(storage: Storage, snapshots: Snapshots, feed: str, generation: int) -> SkuIds:
    """The ids of this generation; where they are not kept for this file, read now and kept as such."""
    kept = snapshots.get(IDS + feed, 0, generation)
    if kept is None:
        ids = sorted(_read(storage))
        snapshots.put(IDS + feed, 0, generation, gzip.compress(json.dumps(ids).encode(), 5))
    else:
        ids = json.loads(gzip.decompress(kept))
    return SkuIds((sku, gtin, mpn) for sku, gtin, mpn in ids)


def read_ids(storage: Storage) -> SkuIds:
    """The same as of now, with nothing kept."""
    return SkuIds(_read(storage))


def _read(storage: Storage) -> Iterator[tuple[str, str, str]]:
    keys = (sku_key(key.pk.removeprefix(sku_pk(""))) for key in storage.in_state(CATALOGUE, SKU_STATE, MOST_SKUS))
    while chunk := list(islice(keys, READ_AT_ONCE)):
        for held in storage.get_many(chunk, SkuRecord).values():
            yield held.model.sku, held.model.gtin, held.model.maker_number
