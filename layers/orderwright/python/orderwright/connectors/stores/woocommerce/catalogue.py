"""Goods and prices of a WooCommerce shop: read, published, taken off sale, priced. All of it absolute values.

Unconfirmed: that the route `variations` takes `include` (an answer with others is not believed), and that an empty text ends a
planned sale (the answer is read back).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from orderwright.connectors.stores.woocommerce.client import AT_ONCE
from orderwright.connectors.stores.woocommerce.goods import (
    FIELDS,
    NOT_SOLD_ITSELF,
    goods_body,
    is_counted,
    is_kept,
    is_variation,
    listing_view,
    own_body,
    parts_of,
    prices_body,
    takes,
    variant_view,
    with_options,
)
from orderwright.connectors.stores.woocommerce.nodes import WooNode
from orderwright.connectors.stores.woocommerce.stock import NOT_COUNTED, WooStock
from orderwright.domain.catalogue import Article, SkuRecord
from orderwright.domain.money import Money
from orderwright.domain.shown_price import AS_IS, Struck
from orderwright.errors import NotFound, Rejected, Retryable, VendorError
from orderwright.ports.store import ListingView, PriceChange, PushProblem, QuantityChange, VariantView

ONE_STOCK = "the-stock"
"""What stands for the location: WooCommerce has none."""
SKUS_PER_SEARCH = 50
UNSEEN_PICTURE = ("_IMAGE_UPLOAD_ERROR", "_INVALID_IMAGE_ID")
"""How the codes end by which the shop refuses a whole article for a picture that it cannot fetch."""
_logger = logging.getLogger(__name__)


class WooCatalogue(WooStock):
    """StoreCatalogue of one shop."""

    def find_location(self, name: str) -> str:
        """See StoreCatalogue; no call."""
        return ONE_STOCK

    def list_variants(self, cursor: str) -> tuple[list[VariantView], str]:
        """See StoreCatalogue: products by id, then variations by id. The cursor is "route page total".

        New goods come at the end. Where one was deleted meanwhile, those behind it moved up by one: Retryable.
        """
        route, page, before = (cursor or "products 1 0").split(" ")
        query = {"per_page": AT_ONCE, "page": page, "orderby": "id", "order": "asc", "_fields": FIELDS}
        reply = self._client.call("listProducts", "GET", route, query=query)
        if reply.total < int(before):
            raise self.error(Retryable, "listProducts: goods were deleted while they were read", code="UNAVAILABLE")
        rows = self._client.listed("listProducts", reply)
        views = self._views(rows)
        if not reply.is_last(int(page), len(rows)):
            return views, f"{route} {int(page) + 1} {reply.total}"
        return views, "variations 1 0" if route == "products" else ""

    def _views(self, rows: Sequence[WooNode]) -> list[VariantView]:
        ids = {row.ident("parent_id") for row in rows if is_variation(row)} - {""}
        parents = {row.text("id"): row for row in self._client.by_ids("products", ids, FIELDS)}
        sold = [row for row in rows if row.text("type") not in NOT_SOLD_ITSELF]
        currency = self._client.settings.currency
        return [variant_view(row, parents.get(row.ident("parent_id")), currency) for row in sold]

    def find_variants(self, skus: Sequence[str]) -> list[VariantView]:
        """See StoreCatalogue. The shop looks up in any case, and without a SKU it gives everything."""
        return self._views(self._find(skus))

    def _find(self, skus: Sequence[str]) -> list[WooNode]:
        wanted = sorted({sku for sku in skus if sku.strip()})
        found: list[WooNode] = []
        for start in range(0, len(wanted), SKUS_PER_SEARCH):
            part = wanted[start : start + SKUS_PER_SEARCH]
            query = {"sku": ",".join(part), "_fields": f"{FIELDS},attributes,images"}
            found += [row for row in self._client.rows("findProducts", "products", query) if row.words("sku") in part]
        return found

    def read_listings(self, variant_ids: Sequence[str], location_id: str) -> list[ListingView]:
        """See StoreCatalogue."""
        currency = self._client.settings.currency
        return [listing_view(node, parent, currency) for node, parent in self.read_variants(variant_ids).values()]

    # --- prices -------------------------------------------------------------------------------------------------------

    def push_prices(self, changes: Sequence[PriceChange]) -> list[PushProblem]:
        """See StoreCatalogue. Each answer is read back: the shop takes what it cannot use without a word."""
        self._check_currency([money for one in changes for money in (one.price, one.compare_at)])
        there = self.read_variants([one.variant_id for one in changes])
        bodies: dict[str, dict[str, Any]] = {}
        problems: list[PushProblem] = []
        for one in changes:
            node = there[one.variant_id][0] if one.variant_id in there else None
            pair = parts_of(one.variant_id)
            if node is None or pair is None or pair[0] != one.listed_id:
                problems.append(PushProblem(one.variant_id, "VARIANT_GONE", "the article has no such variant", False))
                continue
            bodies[one.variant_id] = prices_body(one.price, one.compare_at, node)
        prices = {one.variant_id: one.price for one in changes}
        for name, answer in self.batch(bodies).items():
            if isinstance(answer, PushProblem):
                problems.append(answer)
            elif not takes(answer, prices[name], bodies[name]):
                problems.append(PushProblem(name, "PRICE_NOT_TAKEN", "the shop answered with another price", False))
        return problems

    def _check_currency(self, amounts: Sequence[Struck]) -> None:
        ours = self._client.settings.currency
        wrong = {one.currency for one in amounts if isinstance(one, Money)} - {ours}
        if wrong:
            text = f"a price in {', '.join(sorted(wrong))} cannot be set: the shop sells in {ours}"
            raise self.error(Rejected, text, code="WRONG_CURRENCY")

    # --- articles -----------------------------------------------------------------------------------------------------

    def publish_goods(
        self, sku: SkuRecord, price: Money, quantity: int, location_id: str, compare_at: Struck = AS_IS
    ) -> VariantView:
        """See StoreCatalogue. Found again by its SKU, of which the shop has each only once.

        Raises Rejected (SKU_TAKEN) where the SKU is on something else, Retryable where the stock moved meanwhile.
        """
        self._check_currency([price, compare_at])
        skus = [sku.sku, *([sku.article.key] if sku.article else [])]
        options = [text for pair in (sku.article.choices.items() if sku.article else ()) for text in pair]
        if not all([is_kept(text, ",") for text in skus] + [is_kept(text, "|") for text in options]):
            text = f"SKU, key or an option of {sku.sku} has signs that the shop would take out or part"
            raise self.error(Rejected, text, code="PUSH_REFUSED")
        own = next(iter(self._find([sku.sku])), None)
        body = {**own_body(sku), **prices_body(price, compare_at, own)}
        if own is None or not own.is_true("manage_stock"):
            body["stock_quantity"] = quantity
        parent = self._article(sku, sku.article) if sku.article else None
        listed = parent.text("id") if parent else ""
        if own is not None and (own.text("type") in NOT_SOLD_ITSELF or own.ident("parent_id") != listed):
            raise self._taken(sku.sku)
        if parent is None or sku.article is None:
            body |= goods_body(sku, with_images=own is None or not own.children("images"))
            made = self._put("products", own, body)
        else:
            body |= {"status": "publish"} | ({"image": {"src": sku.images[0]}} if sku.images and own is None else {})
            body["attributes"] = [{"name": name, "option": value} for name, value in sku.article.choices.items()]
            made = self._put(f"products/{listed}/variations", own, body)
        if not takes(made, price, body):
            raise self.error(Rejected, f"another price came back for {sku.sku}", code="PRICE_NOT_TAKEN")
        view = variant_view(made, parent, self._client.settings.currency)
        if not is_counted(made):
            self.unpublish_goods(view.listed_id, view.variant_id)  # it would be sold without end
            raise Rejected(f"{self._client.name}: {sku.sku}: {NOT_COUNTED[1]}", code=NOT_COUNTED[0])
        there = made.whole("stock_quantity")
        if there != quantity:
            change = QuantityChange(view.stock_id, location_id, quantity, there)
            if self.push_quantities([change], ""):
                raise self.error(Retryable, f"the stock moved while {sku.sku} was published", code="UNAVAILABLE")
        return view

    def _article(self, sku: SkuRecord, article: Article) -> WooNode:
        """The product whose variations are an article's variants, with this one's choices among its options."""
        name = f"article-{article.key}"
        there = next(iter(self._find([name])), None)
        if there is not None and there.text("type") != "variable":
            raise self._taken(name)
        attributes = with_options(there.children("attributes") if there else [], article.choices)
        body = goods_body(sku, with_images=there is None or not there.children("images"), of_article=True)
        return self._put("products", there, {**body, "sku": name, "attributes": attributes}, "variable")

    def _taken(self, sku: str) -> VendorError:
        return self.error(Rejected, f"the SKU {sku} is on another product: change it there", code="SKU_TAKEN")

    def _put(self, route: str, there: WooNode | None, body: Mapping[str, Any], kind: str = "simple") -> WooNode:
        """Make it, or set what is there. A repeat after a lost answer finds it by its SKU."""
        method, path, operation = "POST", route, "createProduct"
        if there is not None:
            method, path, operation = "PUT", f"{route}/{there.text('id')}", "updateProduct"
        elif "variations" not in route:
            body = {"type": kind, **body}
        try:
            made = self._client.node(operation, method, path, body, has_effect=True)
        except Rejected as error:
            if not error.code.endswith(UNSEEN_PICTURE):
                raise
            _logger.warning("%s: %s is published without pictures: %s", self._client.name, body["sku"], error.code)
            body = {key: value for key, value in body.items() if key not in ("images", "image")}
            made = self._client.node(operation, method, path, body, has_effect=True)
        self.sure(made.ident("id"), operation)
        return made

    def unpublish_goods(self, listed_id: str, variant_id: str) -> None:
        """See StoreCatalogue. A variation is hidden alone while its product shows others."""
        pair = parts_of(variant_id)
        if pair is None or pair[0] != listed_id:
            raise self.error(NotFound, f"there is no variant {variant_id} of {listed_id}", code="VARIANT_GONE")
        product, variation = pair
        if variation:
            path = f"products/{product}/variations"
            self._client.node("hideVariation", "PUT", f"{path}/{variation}", {"status": "private"})
            shown = {"status": "publish", "per_page": 1, "_fields": "id"}
            if self._client.listed("listVariations", self._client.call("listVariations", "GET", path, query=shown)):
                return
        self._client.node("hideProduct", "PUT", f"products/{product}", {"status": "draft"})
