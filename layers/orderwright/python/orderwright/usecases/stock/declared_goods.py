"""Goods that orderwright.yaml describes whole, as a catalogue (R1): a supplier with a handful of articles needs no file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from orderwright.domain.catalogue import NEVER, SkuRecord, SupplierGoods
from orderwright.domain.connection_settings import Counted, SupplierSettings
from orderwright.domain.unit_cost import UnitCost
from orderwright.ports.connection import Clock

ALWAYS = 1000
"""Units of what is always there: as many as an order may take at once."""
SINCE_EVER = NEVER + timedelta(seconds=1)
"""From when on that holds: any count and any feed is newer."""


@dataclass(frozen=True)
class DeclaredGoods:
    """SupplierCatalogue."""

    settings: SupplierSettings
    clock: Clock

    def list_goods(self, cursor: str) -> tuple[list[SupplierGoods], str]:
        """All of them: they are few."""
        now, found = self.clock.now(), []
        for theirs, goods in self.settings.declared_goods.items():
            if goods.cost is None or goods.freight is None:
                continue  # refused when it was applied
            units, since = (ALWAYS, SINCE_EVER) if goods.stock == "always" else (None, NEVER)
            if isinstance(goods.stock, Counted):
                units, since = goods.stock.units, datetime.combine(goods.stock.as_of, time(), UTC)
            found.append(SupplierGoods(
                supplier_sku=theirs, supplier_ref="",
                sku=SkuRecord(
                    sku=goods.sku, title=goods.title, description_html=goods.description, images=goods.images,
                    mpn=goods.mpn, hs6=goods.hs6 or "", origin=goods.origin or "",
                ),
                cost=UnitCost.parse(goods.cost.amount, goods.cost.currency),
                freight=UnitCost.parse(goods.freight.amount, goods.freight.currency),
                stock=units, stock_at=since, observed_at=now,
            ))  # fmt: skip
        return found, ""
