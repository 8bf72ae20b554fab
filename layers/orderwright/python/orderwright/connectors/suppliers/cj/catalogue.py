"""CJ's goods as SKUs with cost and reference freight (SupplierCatalogue): 50 points a page, 10 an article, 10 a variant."""

from __future__ import annotations

import json
import logging
import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from orderwright.connectors.suppliers.cj.client import CjPart
from orderwright.connectors.suppliers.cj.fields import count, mapping, rows, text, unit_usd
from orderwright.connectors.suppliers.cj.freight import choose, quotes
from orderwright.domain.catalogue import BATTERY, YES, Article, SkuRecord, SupplierGoods
from orderwright.domain.connection_settings import Goods
from orderwright.errors import NotFound, Retryable

# At one call a second a page has to fit into one run of the import.
PAGE = 10
# Of the reads only this is believed: which other numbers they give is not documented.
ON_SALE = "3"
MOST_OPTIONS = 3
_PATH_MARK = re.compile(r"\s*[/>]\s*")
_logger = logging.getLogger(__name__)


class CjCatalogue(CjPart):
    """SupplierCatalogue. The cursor is the page's number. Where the merchant names the goods, only those are asked for."""

    def list_goods(self, cursor: str) -> tuple[list[SupplierGoods], str]:
        """One page. Variants without SKU, cost or a way to the reference country are left out, with a line in the log.

        Raises Retryable or Misconfigured; then nothing of the page was given.
        """
        page = int(cursor or "1")
        if self._client.settings.goods:
            return self._named(page)
        data = mapping(
            self._client.read("productList", "product/list", [("pageNum", str(page)), ("pageSize", str(PAGE))])
        )
        listed, total = rows(data.get("list")), count(data.get("total"))
        if total is None:
            raise Retryable(f"{self._client.name} productList: the answer has no total", code="UNREADABLE")
        goods = [one for row in listed for one in self._variants_of(row)]
        return goods, str(page + 1) if listed and page * PAGE < total else ""

    def _named(self, page: int) -> tuple[list[SupplierGoods], str]:
        wanted = sorted(self._client.settings.goods)
        goods = []
        for sku in wanted[(page - 1) * PAGE : page * PAGE]:
            observed_at = self._client.clock.now()
            try:
                article = mapping(self._client.read("productQuery", "product/query", [("variantSku", sku)]))
            except NotFound:
                _logger.warning("%s: there is no variant with SKU %s: left out", self._client.name, sku)
                continue
            variants = rows(article.get("variants"))
            found = (
                self._goods(article, variant, len(variants), observed_at)
                for variant in variants
                if text(variant, "variantSku") == sku
            )
            goods += [one for one in found if one is not None]
        return goods, str(page + 1) if page * PAGE < len(wanted) else ""

    def _variants_of(self, row: dict[str, Any]) -> list[SupplierGoods]:
        pid = text(row, "pid")
        observed_at = self._client.clock.now()
        try:
            data = mapping(self._client.read("productQuery", "product/query", [("pid", pid)]))
        except NotFound:
            _logger.warning("%s: article %r is listed, but not found: left out", self._client.name, pid)
            return []
        article, variants = {**row, **data}, rows(data.get("variants"))
        found = (self._goods(article, variant, len(variants), observed_at) for variant in variants)
        return [one for one in found if one is not None]

    def _goods(
        self, article: dict[str, Any], variant: dict[str, Any], variants: int, observed_at: datetime
    ) -> SupplierGoods | None:
        vid, sku, cost = text(variant, "vid"), text(variant, "variantSku"), unit_usd(variant.get("variantSellPrice"))
        if not vid or not sku or cost is None or not cost.is_positive:
            _logger.warning("%s: variant %r has no id, SKU or cost: left out", self._client.name, vid or "?")
            return None
        settings = self._client.settings
        freight = choose(quotes(self._client, settings.freight_country, [(vid, 1)]), settings.shipping_method)
        if freight is None:
            _logger.warning("%s: no way for %r to %s: left out", self._client.name, vid, settings.freight_country)
            return None
        return SupplierGoods(
            supplier_sku=sku,
            supplier_ref=vid,
            sku=_record(article, variant, settings.own_goods(sku), variants),
            cost=cost,
            freight=freight.price,
            observed_at=observed_at,
            article=text(article, "pid"),
            on_sale=text(article, "status", "saleStatus") == ON_SALE,
        )


def _record(article: dict[str, Any], variant: dict[str, Any], own: Goods, variants: int) -> SkuRecord:
    """What the merchant's map says of customs wins over CJ's `entryCode`. No field of CJ's for origin or maker is known."""
    category, sku = text(article, "categoryName"), own.sku
    title = text(article, "productNameEn") or text(variant, "variantNameEn") or sku
    option = text(variant, "variantKey")
    return SkuRecord(
        sku=sku,
        title=f"{title}, {option}" if option and variants > 1 else title,
        description_html=text(article, "description"),
        images=_images(article, variant),
        category=category,
        tags=tuple(dict.fromkeys(part for part in _PATH_MARK.split(category) if part)),
        attributes=_attributes(article, variant),
        article=_article(article, variant, title) if variants > 1 else None,
        hs6=own.hs6 or text(article, "entryCode").replace(".", "").replace(" ", ""),
        origin=own.origin or "",
        mpn=own.mpn,
        weight_grams=_grams(variant.get("variantWeight")) or _grams(article.get("productWeight")),
    )


def _images(article: dict[str, Any], variant: dict[str, Any]) -> tuple[str, ...]:
    """The variant's picture first. CJ sends sets as a list, or as the JSON text of one."""
    found = [text(variant, "variantImage")]
    for name in ("productImageSet", "productImage"):
        value = article.get(name)
        if isinstance(value, str) and value.startswith("["):
            try:
                value = json.loads(value)
            except ValueError:
                value = None
        found += [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
    return tuple(dict.fromkeys(url for url in found if url))


def _attributes(article: dict[str, Any], variant: dict[str, Any]) -> dict[str, str]:
    """The variant's options by name ("Color-Size" and "Black-XL" belong together), and what the goods are in transport.

    CJ documents no list of the words for transport: each that names a battery says that there is one.
    """
    names, values = text(article, "productKeyEn"), text(variant, "variantKey")
    found: dict[str, str] = {}
    if values:
        keys, options = names.split("-"), values.split("-")
        if names and len(keys) == len(options):
            found.update(zip(keys, options, strict=True))
        else:
            found[names or "Option"] = values
    transport = article.get("productProEnSet")
    if isinstance(transport, list) and transport:
        found["Transport"] = ", ".join(str(one) for one in transport)
        if "BATTERY" in found["Transport"].upper():
            found[BATTERY] = YES
    return found


def _article(article: dict[str, Any], variant: dict[str, Any], title: str) -> Article | None:
    """What the variants are sold under together. None for one whose values do not fit the names: it is sold alone."""
    pid, names, values = text(article, "pid"), text(article, "productKeyEn"), text(variant, "variantKey")
    keys = [name.strip() for name in names.split("-")]
    # With one name all of the value is its own, "Dark-Blue" too.
    options = [value.strip() for value in (values.split("-") if len(keys) > 1 else [values])]
    fits = len(keys) == len(options) == len(set(keys)) <= MOST_OPTIONS and all(keys) and all(options)
    if not pid or not fits:
        return None
    return Article(key=f"cj-{pid}", title=title, choices=dict(zip(keys, options, strict=True)))


def _grams(value: object) -> int | None:
    """A weight: a number, a text, or a range of a whole article, which says nothing of one variant."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    if isinstance(value, str) and not value.replace(".", "", 1).isdecimal():
        return None
    grams = Decimal(value)
    return int(grams.to_integral_value()) if 0 < grams < 10**7 else None
