"""Many variants of one product page in one call: prices above all."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from local.sandbox.shopify.catalogue import Catalogue
from local.sandbox.shopify.inventory import check_size
from local.sandbox.shopify.refused import Refused
from local.sandbox.shopify.state import ImageState, ProductState, VariantState, number_of


@dataclass
class BulkUpdate:
    """productVariantsBulkUpdate over one catalogue."""

    catalogue: Catalogue

    def run(
        self, page: ProductState, rows: list[Mapping[str, Any]], partial: bool
    ) -> tuple[list[VariantState], list[dict[str, Any]]]:
        """Change variants of one page: all or none, unless `partial`. Answers the changed ones and the user errors."""
        check_size("variants", rows)
        before = deepcopy(page)
        done: list[VariantState] = []
        errors: list[dict[str, Any]] = []
        for index, row in enumerate(rows):
            path = ["variants", str(index)]
            try:
                variant = self._wanted(page, row, path)
                self.catalogue.update_variant(variant, row, path, "GREATER_THAN_OR_EQUAL_TO")
                done.append(variant)
            except Refused as refusal:
                errors.append(refusal.error)
        if errors and not partial:
            self.catalogue.shop.products[page.number] = before
            return [], errors
        if done:
            self.catalogue.note_prices(before, page)
            self.catalogue.changed(page, "products/update")
        return done, errors

    def create(
        self, page: ProductState, rows: list[Mapping[str, Any]], media: list[Mapping[str, Any]], strategy: str
    ) -> tuple[list[VariantState], list[dict[str, Any]]]:
        """productVariantsBulkCreate: all or none. A lone variant without choices goes, unless the strategy keeps it."""
        check_size("variants", rows)
        before, made, errors = deepcopy(page), list[VariantState](), list[dict[str, Any]]()
        lone = page.variants[0] if len(page.variants) == 1 else None
        for index, row in enumerate(rows):
            try:
                made.append(self.catalogue.add_variant(page, row, ["variants", str(index)]))
            except Refused as refusal:
                errors.append(refusal.error)
        if errors:
            self.catalogue.shop.products[page.number] = before
            return [], errors
        goes = {"DEFAULT": lone is not None and lone.title == "Default Title", "REMOVE_STANDALONE_VARIANT": True}
        if lone is not None and goes.get(strategy, False):
            page.variants.remove(lone)
        page.images += [
            ImageState(self.catalogue.shop.new_id(), row["originalSource"], row.get("alt")) for row in media
        ]
        self.catalogue.note_prices(before, page)
        self.catalogue.note_published(page, made)
        self.catalogue.changed(page, "products/update")
        return made, []

    def _wanted(self, page: ProductState, row: Mapping[str, Any], path: list[str]) -> VariantState:
        if not row.get("id"):
            raise Refused([*path, "id"], "Product variant is missing ID attribute", "PRODUCT_VARIANT_ID_MISSING")
        number = number_of(row["id"], "ProductVariant")
        variant = next((v for v in page.variants if v.number == number), None)
        if variant is None:
            raise Refused([*path, "id"], "Product variant does not exist", "PRODUCT_VARIANT_DOES_NOT_EXIST")
        if "inventoryQuantities" in row:
            raise Refused(
                [*path, "inventoryQuantities"],
                "Inventory quantities can only be provided during create.",
                "NO_INVENTORY_QUANTITIES_ON_VARIANTS_UPDATE",
            )
        if row.get("price") is not None and Decimal(row["price"]) < 0:
            raise Refused([*path, "price"], "Price must be greater than or equal to 0", "GREATER_THAN_OR_EQUAL_TO")
        return variant
