"""CJ's catalogue calls: products, variants, stock per warehouse and freight, in CJ's shapes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from local.sandbox.cj.bodies import FreightCalculate
from local.sandbox.cj.config import CjConfig
from local.sandbox.cj.envelope import PARAM_ERROR, PRODUCT_NOT_FOUND, VARIANT_NOT_FOUND, CjError, number
from local.sandbox.goods import GOODS, Good
from local.sandbox.inventory import Inventory

LOGISTICS: Mapping[str, tuple[str, Decimal]] = {
    "CJPacket Ordinary": ("7-12", Decimal(1)),
    "CJPacket Sensitive": ("8-14", Decimal(1)),
    "DHL Official": ("3-7", Decimal(3)),
}
_CNY_PER_USD = Decimal("7.10")
# Portable electric lamps in the Chinese tariff; CJ documents no format of this field.
_ENTRY_CODE = "8513101000"
_CHINA = {"areaId": "1", "areaEn": "China Warehouse", "countryCode": "CN"}


def good_by_vid(vid: str) -> Good | None:
    """The torch with this variant id."""
    return next((good for good in GOODS if good.supplier.vid == vid), None)


def good_by_line(vid: str, sku: str) -> Good:
    """The torch that an order line names; raises CjError when there is none or both name different ones."""
    found = [g for g in GOODS if vid in ("", g.supplier.vid) and sku in ("", variant_sku(g))]
    if not found:
        raise CjError(VARIANT_NOT_FOUND, "Variant not found")
    return found[0]


def freight_of(goods: Iterable[tuple[Good, int]], logistic_name: str) -> Decimal:
    """What one parcel with these goods costs, USD."""
    factor = LOGISTICS[logistic_name][1]
    return sum((good.freight * quantity * factor for good, quantity in goods), Decimal(0))


def variant_sku(good: Good) -> str:
    return f"{good.supplier.supplier_sku}-Black"


class Catalogue:
    """Read-only views of the goods with the warehouse's live stock and cost."""

    def __init__(self, inventory: Inventory, config: CjConfig) -> None:
        self._inventory = inventory
        self._config = config
        self.sale_status: dict[str, int] = {}

    def listing(self, query: Mapping[str, str]) -> dict[str, Any]:
        """product/list: one page, filtered by pid or productSku."""
        page, size = _whole(query, "pageNum", 1), _whole(query, "pageSize", 20)
        if page < 1 or not 1 <= size <= 200:
            raise CjError(PARAM_ERROR, "Param error: pageNum from 1, pageSize 1 to 200")
        pid, sku = query.get("pid", ""), query.get("productSku", "")
        goods = [g for g in GOODS if pid in ("", g.supplier.pid) and sku in ("", g.supplier.supplier_sku)]
        start = (page - 1) * size
        rows = [self._summary(good) for good in goods[start : start + size]]
        return {"pageNum": page, "pageSize": size, "total": len(goods), "list": rows}

    def product(self, query: Mapping[str, str]) -> dict[str, Any]:
        """product/query by pid, productSku or variantSku."""
        good = self._one(query)
        return {
            **self._summary(good),
            "productWeight": str(good.attributes.weight_grams),
            "productImageSet": [good.image_url],
            "description": good.description_html,
            "entryCode": _ENTRY_CODE,
            "entryName": "Portable electric lamps",
            "productKeyEn": "Color",
            "productProEnSet": ["BATTERY"] if good.attributes.hazmat else ["COMMON"],
            "status": str(self.sale_status.get(good.sku, 3)),
            "supplierName": good.vendor,
            "variants": [self.variant(good)],
        }

    def variant_by_vid(self, query: Mapping[str, str]) -> dict[str, Any]:
        """product/variant/queryByVid."""
        good = good_by_vid(query["vid"])
        if good is None:
            raise CjError(VARIANT_NOT_FOUND, "Variant not found")
        return self.variant(good)

    def stock(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """product/stock/queryByVid; an unknown vid is an empty list, not an error."""
        good = good_by_vid(query["vid"])
        return [] if good is None else [self.stock_row(good)]

    def stock_row(self, good: Good) -> dict[str, Any]:
        """One warehouse's stock of one variant. `storageNum` is the vendor's old name of the total."""
        count = self._inventory[good.sku].stock
        totals = {"storageNum": count, "totalInventoryNum": count, "cjInventoryNum": count, "factoryInventoryNum": 0}
        return {"vid": good.supplier.vid, **_CHINA, **totals}

    def freight(self, body: FreightCalculate) -> list[dict[str, Any]]:
        """logistic/freightCalculate; lithium cells go by the sensitive line only."""
        goods: list[tuple[Good, int]] = []
        for row in body.products:
            good = good_by_vid(row.vid)
            if good is None:
                raise CjError(VARIANT_NOT_FOUND, "Variant not found")
            goods.append((good, row.quantity))
        sensitive = any(good.attributes.hazmat for good, _ in goods)
        barred = "CJPacket Ordinary" if sensitive else "CJPacket Sensitive"
        parts = self._config.freight_parts
        return [_quote(name, freight_of(goods, name), parts) for name in LOGISTICS if name != barred]

    def variant(self, good: Good) -> dict[str, Any]:
        """One variant; prices are USD, lengths millimetres, weights grams."""
        return {
            "vid": good.supplier.vid,
            "pid": good.supplier.pid,
            "variantName": None,
            "variantNameEn": f"{good.title} Black",
            "variantSku": variant_sku(good),
            "variantImage": good.image_url,
            "variantStandard": "long=90,width=70,height=60",
            "variantUnit": None,
            "variantProperty": None,
            "variantKey": "Black",
            "variantLength": 90,
            "variantWidth": 70,
            "variantHeight": 60,
            "variantVolume": 378000,
            "variantWeight": float(good.attributes.weight_grams),
            "variantSellPrice": number(self._inventory[good.sku].cost),
            "variantSugSellPrice": None,
            "createTime": None,
        }

    def _summary(self, good: Good) -> dict[str, Any]:
        return {
            "pid": good.supplier.pid,
            "productName": json.dumps([good.title]),
            "productNameEn": good.title,
            "productSku": good.supplier.supplier_sku,
            "productImage": good.image_url,
            "productWeight": good.attributes.weight_grams,
            "productType": "ORDINARY_PRODUCT",
            "productUnit": "unit(s)",
            "sellPrice": number(self._inventory[good.sku].cost),
            "categoryId": "5E656DFB-0000-4000-8000-00000000C0DE",
            "categoryName": good.category,
            "remark": "",
            "createTime": None,
        }

    def _one(self, query: Mapping[str, str]) -> Good:
        pid, sku, variant = query.get("pid", ""), query.get("productSku", ""), query.get("variantSku", "")
        if not (pid or sku or variant):
            raise CjError(PARAM_ERROR, "Param error: pid, productSku or variantSku is needed")
        for good in GOODS:
            names = good.supplier
            if pid in ("", names.pid) and sku in ("", names.supplier_sku) and variant in ("", variant_sku(good)):
                return good
        raise CjError(PRODUCT_NOT_FOUND, "Product not found")


def _quote(name: str, price: Decimal, parts: tuple[Decimal, Decimal] | None) -> dict[str, Any]:
    quote = {
        "logisticName": name,
        "logisticPrice": number(price),
        "logisticPriceCn": number((price * _CNY_PER_USD).quantize(Decimal("0.01"))),
        "logisticAging": LOGISTICS[name][0],
    }
    if parts is None:
        return quote
    taxes, clearance = parts
    return {
        **quote,
        "taxesFee": number(taxes),
        "clearanceOperationFee": number(clearance),
        "totalPostageFee": number(price + taxes + clearance),
    }


def _whole(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal():
        raise CjError(PARAM_ERROR, f"Param error: {name} must be a whole number")
    return int(text)
