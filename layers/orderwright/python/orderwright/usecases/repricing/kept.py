"""All that prices were made of on one day, packed: what `price simulate` replays. One object a day and shard, kept 60 days."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol, Self

from orderwright.domain.base import Model, from_iso, iso
from orderwright.domain.catalogue import FreightTable, Offer, SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.listing import Listing
from orderwright.domain.repricing.signals import CompetitorPrices, Demand
from orderwright.domain.rules import FxRate
from orderwright.records import M, SkuFile, Stored

SHARDS = 32
"""A SKU's shard is stock_diff.shard_of(sku, SHARDS)."""
DAYS_KEPT = 60
_NOT_KEPT = {
    "log", "description_html", "images", "title", "tags", "open", "price_history", "reasons", "notes", "article",
}  # fmt: skip


class KeptInputs(Protocol):
    """Where these objects lie."""

    def put(self, day: date, shard: int, data: bytes) -> None:
        """Keep one, over the same of before."""

    def get(self, day: date, shard: int) -> bytes | None:
        """One, None where there is none."""


class KeptSetting(NamedTuple):
    """What else prices were made of that day: exchange rates to `base`, and when each file of competitors' prices was read well

    last.
    """

    rates: tuple[FxRate, ...] = ()
    heard: Mapping[str, datetime] = {}
    base: str = ""

    @classmethod
    def of(cls, config: Config) -> Self:
        """As a configuration has them now."""
        return cls(config.rules.fx, config.heard, config.rules.base_currency)


_NOTHING = KeptSetting()


def pack_files(files: Iterable[SkuFile], setting: KeptSetting = _NOTHING) -> bytes:
    """SKUs with all that their prices are made of; no texts, no orders."""
    rates = [rate.model_dump(mode="json", include=set(FxRate.model_fields)) for rate in setting.rates]
    heard = {feed: iso(at) for feed, at in setting.heard.items()}
    first = {"rates": rates, "heard": heard, "base": setting.base}
    lines = (json.dumps(line, separators=(",", ":")) + "\n" for line in (first, *map(_plain, files)))
    return gzip.compress("".join(lines).encode(), 6, mtime=0)


def unpack_setting(data: bytes) -> KeptSetting:
    """What was packed beside the SKUs."""
    first = json.loads(gzip.decompress(data).partition(b"\n")[0])
    heard = {feed: from_iso(at) for feed, at in first["heard"].items()}
    return KeptSetting(tuple(map(FxRate.model_validate, first["rates"])), heard, first["base"])


def unpack_files(data: bytes) -> Iterator[SkuFile]:
    """The same SKUs; their versions are 0."""
    for line in gzip.decompress(data).decode().splitlines()[1:]:
        kept = json.loads(line)
        record, demand = _read(kept["record"], SkuRecord), _read(kept["demand"], Demand)
        yield SkuFile(
            kept["sku"], record, _all(kept["offers"], Offer), _all(kept["listings"], Listing),
            _all(kept["freights"], FreightTable), competitors=_all(kept["competitors"], CompetitorPrices), demand=demand,
        )  # fmt: skip


def _plain(file: SkuFile) -> dict[str, Any]:
    groups: dict[str, Mapping[str, Stored[Any]]] = {
        "offers": file.offers,
        "listings": file.listings,
        "freights": file.freights,
        "competitors": file.competitors,
    }
    whole = {name: {key: _dumped(held) for key, held in group.items()} for name, group in groups.items()}
    return {"sku": file.sku, "record": _dumped(file.record), "demand": _dumped(file.demand), **whole}


def _dumped(held: Stored[Any] | None) -> dict[str, Any] | None:
    if held is None:
        return None
    model: Model = held.model
    kept: dict[str, Any] = model.model_dump(mode="json", exclude=_NOT_KEPT, exclude_defaults=True)
    return {**kept, "title": ""} if isinstance(model, SkuRecord) else kept


def _read(data: Mapping[str, Any] | None, model: type[M]) -> Stored[M] | None:
    return None if data is None else Stored(model.model_validate(data), 0)


def _all(data: Mapping[str, Mapping[str, Any]], model: type[M]) -> dict[str, Stored[M]]:
    return {key: Stored(model.model_validate(one), 0) for key, one in data.items()}
