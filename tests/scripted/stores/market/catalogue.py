"""Goods, prices and stock of a Market shop. A product has one variant as we make it; stock is counted by variant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from orderwright.connectors.reading import Node
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.money import Money
from orderwright.domain.shown_price import AS_IS, Struck
from orderwright.errors import Rejected, Retryable
from orderwright.ports.store import ListingView, PriceChange, PushProblem, QuantityChange, VariantView
from tests.scripted.stores.market.client import MarketClient

_T = TypeVar("_T")
ONE_STOCK = "the-stock"
"""What stands for the location: Market has none."""
AT_ONCE = 50


def _chunks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))


class MarketCatalogue:
    """StoreCatalogue of one shop."""

    quantity_batch = AT_ONCE
    price_batch: int | None = None

    def __init__(self, client: MarketClient) -> None:
        self._client = client

    def find_location(self, name: str) -> str:
        """See StoreCatalogue; no call."""
        return ONE_STOCK

    def list_variants(self, cursor: str) -> tuple[list[VariantView], str]:
        """See StoreCatalogue."""
        answer = self._client.call("listVariants", "GET", f"variants?after={quote(cursor)}")
        return [self._view(node) for node in _variants(answer)], Node(answer, "variants").text("next")

    def find_variants(self, skus: Sequence[str]) -> list[VariantView]:
        """See StoreCatalogue."""
        found = []
        for chunk in _chunks(sorted({sku for sku in skus if sku})):
            answer = self._client.call("findVariants", "POST", "variants/search", {"skus": list(chunk)})
            found += [view for view in map(self._view, _variants(answer)) if view.sku in chunk]
        return found

    def read_listings(self, variant_ids: Sequence[str], location_id: str) -> list[ListingView]:
        """See StoreCatalogue."""
        return [
            self._listing(node) for chunk in _chunks(list(dict.fromkeys(variant_ids))) for node in self._read(chunk)
        ]

    def _read(self, variant_ids: Sequence[str]) -> list[Node]:
        return _variants(self._client.call("readVariants", "GET", f"variants?ids={quote(','.join(variant_ids))}"))

    def publish_goods(
        self, sku: SkuRecord, price: Money, quantity: int, location_id: str, compare_at: Struck = AS_IS
    ) -> VariantView:
        """See StoreCatalogue. A new variant begins with no stock: it is set as always, against what is there."""
        body = {
            "title": sku.title, "description": sku.description_html, "brand": sku.brand, "images": list(sku.images),
            "needs_parcel": sku.requires_shipping, "visible": True, **self._prices(price, compare_at),
        }  # fmt: skip
        if sku.article:
            body |= {"title": sku.article.title, "article": sku.article.key, "options": sku.article.choices}
        path = f"products/by-sku/{quote(sku.sku, safe='')}"
        made = Node(self._client.call("putProduct", "PUT", path, body), "variant")
        view, there = self._view(made), self._listing(made).quantity or 0
        change = QuantityChange(view.stock_id, location_id, quantity, there)
        key = f"{view.variant_id}|{made.text('updated_at')}|{quantity}"
        if there != quantity and self.push_quantities([change], key):
            raise Retryable(f"{self._client.name}: the stock moved while {sku.sku} was published", code="STALE")
        return view

    def unpublish_goods(self, listed_id: str, variant_id: str) -> None:
        """See StoreCatalogue."""
        self._client.call("patchProduct", "PATCH", f"products/{listed_id}", {"hide": [int(variant_id)]})

    def push_quantities(self, changes: Sequence[QuantityChange], key: str) -> list[PushProblem]:
        """See StoreCatalogue."""
        rows = [
            {"variant_id": int(one.stock_id), "stock": one.quantity, "expected": one.change_from} for one in changes
        ]
        answer = Node(
            self._client.call("setStock", "POST", "stock", {"changes": rows}, has_effect=True, key=key), "stock"
        )
        return [
            PushProblem(
                row.text("variant_id"), row.text("result").upper(), row.text("result"), row.text("result") == "stale"
            )
            for row in answer.children("results")
            if row.text("result") != "set"
        ]

    def push_prices(self, changes: Sequence[PriceChange]) -> list[PushProblem]:
        """See StoreCatalogue."""
        rows = [{"id": int(one.variant_id), **self._prices(one.price, one.compare_at)} for one in changes]
        answer = self._client.call(
            "patchProduct", "PATCH", f"products/{changes[0].listed_id}", {"variants": rows}, has_effect=True
        )
        return [
            PushProblem(row.text("id"), row.text("code").upper(), row.text("code"), False)
            for row in Node(answer, "product").children("refused")
        ]

    def _prices(self, price: Money, compare_at: Struck) -> dict[str, Any]:
        for money in (price, compare_at):
            if isinstance(money, Money) and money.currency != self._client.settings.currency:
                raise Rejected(
                    f"{self._client.name}: a price in {money.currency} cannot be set: the shop sells in "
                    f"{self._client.settings.currency}",
                    code="WRONG_CURRENCY",
                )
        found: dict[str, Any] = {"price": f"{price.decimal:f}"}
        if compare_at != AS_IS:
            found["compare_at"] = f"{compare_at.decimal:f}" if compare_at is not None else None
        return found

    def _view(self, node: Node) -> VariantView:
        return VariantView(
            node.text("sku"),
            node.text("id"),
            node.text("product_id"),
            node.text("id"),
            node.money("price", self._client.settings.currency),
            node.has("stock"),
            node.flag("visible", default=False),
        )

    def _listing(self, node: Node) -> ListingView:
        currency = self._client.settings.currency
        return ListingView(
            node.text("id"),
            node.text("id"),
            node.money("price", currency),
            int(node.text("stock")) if node.has("stock") else None,  # below zero where more was sold
            node.flag("visible", default=False),
            node.money("compare_at", currency) if node.has("compare_at") else None,
        )


def _variants(answer: dict[str, Any]) -> list[Node]:
    return Node(answer, "answer").children("variants")
