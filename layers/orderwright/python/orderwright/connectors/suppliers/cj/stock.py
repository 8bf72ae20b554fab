"""Stock and cost of one variant (SupplierStock): two counted calls, 10 points each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orderwright.connectors.suppliers.cj.client import CjPart
from orderwright.connectors.suppliers.cj.envelope import VARIANT_OFF_SHELF
from orderwright.connectors.suppliers.cj.fields import mapping, rows, stock_count, text, unit_usd
from orderwright.domain.catalogue import OfferReport
from orderwright.domain.unit_cost import UnitCost
from orderwright.errors import NotFound, Rejected


class CjStock(CjPart):
    """SupplierStock."""

    points_per_read = 20

    def read_offer(self, supplier_sku: str, supplier_ref: str) -> OfferReport:
        """Stock in the connection's country and cost now. `supplier_ref` is the vid; without it 10 points more find it.

        Raises NotFound when the SKU has no vid at CJ, Retryable, Misconfigured.
        """
        observed_at = self._client.clock.now()
        vid = supplier_ref or self._vid_of(supplier_sku)
        # What is said of another variant than the one that was asked for is not said of ours.
        listed = rows(self._client.read("stockQueryByVid", "product/stock/queryByVid", [("vid", vid)]))
        places = stock_in([row for row in listed if text(row, "vid") in ("", vid)], self._client.settings.from_country)
        stock = None if places is None else sum(places.values())
        cost: UnitCost | None = None  # unknown, which is not zero
        article = ""
        try:
            variant = mapping(self._client.read("variantQueryByVid", "product/variant/queryByVid", [("vid", vid)]))
            if text(variant, "vid") in ("", vid):
                cost, article = unit_usd(variant.get("variantSellPrice")), text(variant, "pid")
        except NotFound:
            pass  # the stock call has said what there is to buy
        except Rejected as error:
            if error.code != f"CJ_{VARIANT_OFF_SHELF}":
                raise
            stock = 0
        # A cost of nothing is a gap in CJ's data, not a gift.
        known = cost if cost and cost.is_positive else None
        return OfferReport(supplier_sku, vid, stock, known, observed_at, article, places=places or {})

    def _vid_of(self, supplier_sku: str) -> str:
        data = mapping(self._client.read("productQuery", "product/query", [("variantSku", supplier_sku)]))
        for variant in rows(data.get("variants")):
            if text(variant, "variantSku") == supplier_sku and text(variant, "vid"):
                return text(variant, "vid")
        raise NotFound(f"{self._client.name} productQuery: the SKU is not among the variants", code="VARIANT_NOT_FOUND")


def stock_in(warehouses: Sequence[dict[str, Any]], country: str) -> dict[str, int] | None:
    """Units by warehouse in one country. None = unknown: no rows at all, or one of ours without a readable number."""
    if not warehouses:
        return None
    found: dict[str, int] = {}
    for row in warehouses:
        if text(row, "countryCode").upper() != country.upper():
            continue
        units = stock_count(row.get("totalInventoryNum", row.get("storageNum")))
        if units is None:
            return None
        name = text(row, "areaEn", "areaId") or country.upper()
        found[name] = found.get(name, 0) + units
    return found
