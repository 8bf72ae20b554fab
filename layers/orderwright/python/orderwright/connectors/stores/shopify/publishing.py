"""Putting goods on sale at Shopify, as an article of their own or as one variant of an article with options; and taking them off.

Shopify shows or hides an article as a whole. A retired variant that has siblings on sale stays: it gets a mark of ours (a
metafield), is never sold beyond its stock, and its listing sets that to none. When the last one is retired, the article
becomes a draft. A variant that comes back loses its mark; if that brings the article back, the marked ones hold no stock.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from orderwright.connectors.stores.shopify import documents
from orderwright.connectors.stores.shopify.articles import (
    OPTION,
    article_input,
    available_of,
    handle_of,
    is_retired,
    options_input,
    options_of,
    retired_input,
    variant_input,
)
from orderwright.connectors.stores.shopify.catalogue import ShopifyCatalogue, search_term
from orderwright.connectors.stores.shopify.client import UserProblem, problems_of
from orderwright.connectors.stores.shopify.ids import gid, number_of
from orderwright.connectors.stores.shopify.quantities import QUANTITY_BATCH, push_quantities
from orderwright.domain.catalogue import Article, SkuRecord
from orderwright.domain.money import Money
from orderwright.domain.shown_price import AS_IS, Struck
from orderwright.errors import NotFound, Rejected, Retryable
from orderwright.ports.store import QuantityChange, VariantView

_Node = dict[str, Any]


class _Goods(NamedTuple):
    """What is to be shown."""

    sku: SkuRecord
    price: Money
    quantity: int
    location: str
    compare_at: Struck

    @property
    def variant(self) -> _Node:
        """Its fields, as all ways of making a variant take them."""
        return variant_input(self.sku, self.price, self.compare_at)


class ShopifyPublishing(ShopifyCatalogue):
    """The rest of StoreCatalogue."""

    def publish_goods(
        self, sku: SkuRecord, price: Money, quantity: int, location_id: str, compare_at: Struck = AS_IS
    ) -> VariantView:
        """See ports.StoreCatalogue. Raises Rejected (HANDLE_TAKEN where the handle belongs to something else, OPTIONS_TAKEN
        where its article has other options, or has this choice with another SKU), Retryable where something moved meanwhile.

        One that was published as an article of its own stays so. Pictures are sent while the article has none: Shopify would
        keep a copy of each at every repeat.
        """
        self._check_currency([price], compare_at)
        goods, own = _Goods(sku, price, quantity, location_id, compare_at), handle_of(sku.sku)
        found = self._client.execute(
            documents.LISTED_ARTICLE,
            handle=handle_of(sku.article.key) if sku.article else own,
            sku=search_term(sku.sku),
            location=gid("Location", location_id),
            publication=self._publication(),
        )
        page = found.get("productByIdentifier")
        if sku.article is None and page is not None and _holds_alone(page, sku.sku):
            return self._publish_alone(page, goods)
        for node in found["productVariants"]["nodes"]:
            alone = sku.article is not None and node["product"]["handle"] == own
            if node["sku"] == sku.sku and (alone or is_retired(node)):
                return self._put_back(node, goods)
        if sku.article is None:
            return self._publish_alone(page, goods)
        return self._add(page, goods, sku.article) if page is not None else self._create(goods)

    def _publish_alone(self, page: _Node | None, goods: _Goods) -> VariantView:
        """As an article of its own, under the handle made of the SKU."""
        handle = handle_of(goods.sku.sku)
        if page is not None and not _holds_alone(page, goods.sku.sku):
            raise Rejected(
                f"shopify: the handle {handle} belongs to an article with other SKUs: change its handle in the store",
                code="HANDLE_TAKEN",
            )
        variant = page["variants"]["nodes"][0] if page is not None else None
        known = available_of(variant["inventoryItem"]) if variant else None
        article = article_input(
            goods.sku,
            goods.price,
            goods.compare_at,
            variant_id=variant["id"] if variant else "",
            stock=(goods.location, goods.quantity) if known is None else None,
            with_images=page is None or not page["media"]["nodes"],
        )
        payload = self._client.change(
            documents.SET_ARTICLE, "productSet", handle=handle, input=article, publication=self._publication()
        )
        view = self._shown(payload.get("product"))
        if known is not None and known != goods.quantity:
            self._set_stock([QuantityChange(view.stock_id, goods.location, goods.quantity, known)])
        return view

    # --- one variant of several ---------------------------------------------------------------------------------------

    def _create(self, goods: _Goods) -> VariantView:
        """The article, with this variant. Only ever made new: productSet on one that exists deletes its other variants."""
        article = article_input(
            goods.sku, goods.price, goods.compare_at, stock=(goods.location, goods.quantity), with_images=True
        )
        payload = self._client.mutate(
            documents.CREATE_ARTICLE, "productSet", input=article, publication=self._publication()
        )
        self._refuse(problems_of(payload), "CreateArticle", "HANDLE_NOT_UNIQUE")
        return self._shown(payload.get("product"))

    def _add(self, page: _Node, goods: _Goods, article: Article) -> VariantView:
        """One more variant of an article that exists; or its own one, which is there already."""
        siblings = list(self._variants_of(page["id"], goods.location))
        for node in siblings:
            if node["sku"] == goods.sku.sku:
                return self._put_back(node, goods)
        for options in map(options_of, siblings):
            if (
                OPTION in options
                or options.keys() != article.choices.keys()
                or _folded(options) == _folded(article.choices)
            ):
                raise Rejected(
                    f"shopify: the article with the handle {handle_of(article.key)} has other options "
                    f"({', '.join(options)}) or this choice with another SKU: correct it in the store",
                    code="OPTIONS_TAKEN",
                )
        variant = {**goods.variant, "optionValues": options_input(article.choices)}
        variant["inventoryQuantities"] = [
            {"locationId": gid("Location", goods.location), "availableQuantity": goods.quantity}
        ]
        media = [
            {"originalSource": url, "alt": goods.sku.title, "mediaContentType": "IMAGE"} for url in goods.sku.images[:1]
        ]
        if media:
            variant["mediaSrc"] = [goods.sku.images[0]]
        payload = self._client.mutate(
            documents.ADD_VARIANT, "productVariantsBulkCreate",
            product=page["id"], variants=[variant], media=media, publication=self._publication(),
        )  # fmt: skip
        self._refuse(
            problems_of(payload), "AddVariant", "VARIANT_ALREADY_EXISTS", "VARIANT_ALREADY_EXISTS_CHANGE_OPTION_VALUE"
        )
        made = payload.get("productVariants")
        if not made:
            raise Retryable("shopify AddVariant: the answer holds no variant", code="UNAVAILABLE")
        self._show(page, goods.location)
        return self._view(made[0])._replace(published=True)

    def _put_back(self, node: _Node, goods: _Goods) -> VariantView:
        """A variant that the store has, wherever it is: its fields, its stock, and its article on sale."""
        mark = {"metafields": retired_input(retired=False)} if is_retired(node) else {}
        self._set_variant(node["product"]["id"], {**goods.variant, "id": node["id"], **mark})
        view, known = self._view(node), available_of(node["inventoryItem"])
        if known != goods.quantity:
            self._set_stock([QuantityChange(view.stock_id, goods.location, goods.quantity, known or 0)])
        self._show(node["product"], goods.location)
        return view._replace(price=goods.price, tracked=True, published=True)

    def _show(self, article: _Node, location: str) -> None:
        """On sale, where it is not yet. Retired variants of a draft come back with it: without stock."""
        if article["status"] != "ACTIVE":
            marked = [node for node in self._variants_of(article["id"], location) if is_retired(node)]
            stocked = [(number_of(node["inventoryItem"]["id"]), available_of(node["inventoryItem"])) for node in marked]
            self._set_stock([QuantityChange(item, location, 0, left) for item, left in stocked if left])
            self._set_status(article["id"], "ACTIVE")
        if not article["publishedOnPublication"]:
            self._publish(article["id"])

    def unpublish_goods(self, listed_id: str, variant_id: str) -> None:
        """See ports.StoreCatalogue. The article becomes a draft: no channel shows it, its record and links stay.

        But where it has other variants that are not retired (all those without our mark, a merchant's own too), it stays on
        sale, and this variant with it: marked, and never sold beyond its stock. Of several that are retired at the same time
        each marks its own before it looks at the others, so that one of them sees all.
        """
        article = gid("Product", listed_id)
        if self._siblings(article, variant_id):
            retired = {"inventoryPolicy": "DENY", "metafields": retired_input(retired=True)}
            self._set_variant(article, {"id": gid("ProductVariant", variant_id), **retired})
            if not all(map(is_retired, self._siblings(article, variant_id))):
                return
        self._set_status(article, "DRAFT")

    def _siblings(self, article: str, variant_id: str) -> list[_Node]:
        """None of an article that is gone: the next call is refused then."""
        try:
            nodes = list(self._client.pages(documents.SIBLINGS, "product", "variants", id=article))
        except NotFound:
            return []
        return [node for node in nodes if number_of(node["id"]) != variant_id]

    # --- calls --------------------------------------------------------------------------------------------------------

    def _variants_of(self, article: str, location: str) -> Iterator[_Node]:
        return self._client.pages(
            documents.ARTICLE_VARIANTS, "product", "variants",
            id=article, location=gid("Location", location), publication=self._publication(),
        )  # fmt: skip

    def _shown(self, article: object) -> VariantView:
        """The one variant of an article that was just set, and the article on sale."""
        if not isinstance(article, dict):
            raise Retryable("shopify: the answer holds no article", code="UNAVAILABLE")
        view = self._view(article["variants"]["nodes"][0])
        if not view.published:
            self._publish(article["id"])
        return view._replace(published=True)

    def _refuse(self, problems: list[UserProblem], operation: str, *meanwhile: str) -> None:
        """Raises for the first problem: Retryable where somebody made the same `meanwhile`, else Rejected."""
        for problem in problems:
            if problem.code in meanwhile:
                raise Retryable(f"shopify {operation}: somebody made the same meanwhile", code="ARTICLE_CHANGED")
            where = ".".join(problem.path) or "the whole request"
            raise Rejected(f"shopify {operation}: {where}: {problem.message}", code=problem.code)

    def _set_variant(self, article: str, variant: _Node) -> None:
        self._client.change(documents.SET_PRICES, "productVariantsBulkUpdate", product=article, variants=[variant])

    def _set_status(self, article: str, status: str) -> None:
        given = {"id": article, "status": status}
        self._client.change(documents.SET_ARTICLE_STATUS, "productUpdate", product=given)

    def _publish(self, article: str) -> None:
        self._client.change(documents.PUBLISH, "publishablePublish", id=article, publication=self._publication())

    def _set_stock(self, changes: list[QuantityChange]) -> None:
        # A key of this moment: the same change made again next week must not be taken for a repeat of this one.
        key = f"publish|{self._client.clock.now().isoformat()}"
        for start in range(0, len(changes), QUANTITY_BATCH):
            for problem in push_quantities(self._client, changes[start : start + QUANTITY_BATCH], key):
                if problem.stale:
                    raise Retryable("shopify: the stock moved while the article was published", code=problem.code)
                raise Rejected(f"shopify: the stock of the article cannot be set: {problem.message}", code=problem.code)


def _holds_alone(page: _Node, sku: str) -> bool:
    """Whether an article is this SKU and nothing else."""
    variants = page["variants"]["nodes"]
    return len(variants) == 1 and variants[0]["sku"] == sku


def _folded(choices: dict[str, str]) -> dict[str, str]:
    return {name: value.casefold() for name, value in choices.items()}
