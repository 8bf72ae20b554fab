"""All that prices are made of is kept once a night, for 60 days: what `price simulate` replays.

inputs.keep_due    when demand is counted (usecases/repricing/demand.py); by its due time, where it took longer than a worker may

The whole catalogue, one object a shard (usecases/repricing/kept.py). A shard that is kept again is written over the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from orderwright.domain.config import Config
from orderwright.domain.stock_diff import shard_of
from orderwright.records import CATALOGUE, KEEPING_WORK, SkuFile, sku_pk
from orderwright.storage import Storage
from orderwright.usecases.listing.many import TOGETHER, read_many
from orderwright.usecases.listing.records import SKU_STATE
from orderwright.usecases.repricing.kept import SHARDS, KeptInputs, KeptSetting, pack_files
from orderwright.usecases.repricing.pieces import Night

WAKE = "inputs.keep_due"
MOST_SKUS = 1_000_000


def keep_inputs(night: Night, config: Config, kept: KeptInputs) -> None:
    """All shards, or some of them."""

    def parts(position: str, day: date) -> Iterator[str]:
        setting = KeptSetting.of(config)
        shards: list[list[str]] = [[] for _ in range(SHARDS)]
        found = {key.pk.removeprefix(sku_pk("")) for key in night.storage.in_state(CATALOGUE, SKU_STATE, MOST_SKUS)}
        for sku in sorted(found):
            shards[shard_of(sku, SHARDS)].append(sku)
        for shard, skus in enumerate(shards):
            if (name := f"{shard:02d}") > position:
                kept.put(day, shard, pack_files(_files(night.storage, config, skus), setting))
                yield name

    night.run(KEEPING_WORK, WAKE, parts)


def _files(storage: Storage, config: Config, skus: Sequence[str]) -> Iterator[SkuFile]:
    for start in range(0, len(skus), TOGETHER):
        yield from read_many(
            storage, skus[start : start + TOGETHER], list(config.suppliers), list(config.stores),
            freights=bool(config.rules.destinations), competitors=list(config.signals), demand=True,
        ).values()  # fmt: skip
